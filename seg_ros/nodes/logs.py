# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the rooms below log, and Python warns, goes to rosout with the node's name."""

from __future__ import annotations

import logging

from rclpy.impl.rcutils_logger import RcutilsLogger

WORDS = {logging.DEBUG: 'debug', logging.INFO: 'info', logging.WARNING: 'warning', logging.ERROR: 'error',
         logging.CRITICAL: 'fatal'}


class RosoutHandler(logging.Handler):
    """Forwards records of the package's loggers to a node's logger."""

    def __init__(self, logger: RcutilsLogger) -> None:
        super().__init__()
        # A logger refuses a line of code that logs with another severity than before: each severity has one of its own.
        self._forward = {level: getattr(RcutilsLogger(logger.name), word) for level, word in WORDS.items()}

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record, with its traceback if it carries one."""
        try:
            self._forward.get(record.levelno, self._forward[logging.INFO])(self.format(record))
        except Exception:  # noqa: BLE001 - as logging.Handler asks: a log line never raises
            self.handleError(record)


def forward_logs(logger: RcutilsLogger) -> RosoutHandler:
    """Send the package's log records to a node's logger, and return the handler to remove in the end."""
    handler = RosoutHandler(logger)
    package = logging.getLogger('seg_ros')
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    package.propagate = False
    return handler


def stop_forwarding(handler: RosoutHandler) -> None:
    """Undo :func:`forward_logs`; with the last node the records go where they went before the first."""
    package = logging.getLogger('seg_ros')
    package.removeHandler(handler)
    if not any(isinstance(one, RosoutHandler) for one in package.handlers):
        package.setLevel(logging.NOTSET)
        package.propagate = True
