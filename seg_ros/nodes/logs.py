# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the rooms below log, and Python warns, goes to rosout with the node's name; levels that were typed in vain."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise

from rclpy.impl.rcutils_logger import RcutilsLogger

WORDS = {logging.DEBUG: 'debug', logging.INFO: 'info', logging.WARNING: 'warning', logging.ERROR: 'error',
         logging.CRITICAL: 'fatal'}
LOGGERS = ('rcl', 'rmw_fastrtps_cpp', 'rmw_cyclonedds_cpp')


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


def levels_of_nothing(arguments: Sequence[str], logger: str) -> Iterator[str]:
    """
    Yield a sentence for each level that was set of what is nearly a logger, and is none.

    :param arguments: of the process. :param logger: the name of a node's.
    """
    for word, rule in pairwise(arguments):
        name = rule.partition(':=')[0]
        near = get_close_matches(name.strip('/').replace('/', '.'), (logger, *LOGGERS), n=1, cutoff=0.8)
        if word == '--log-level' and ':=' in rule and near and near[0] != name:
            yield f"--log-level {rule} changes nothing: there is no logger '{name}'; the nearest known is '{near[0]}'"
