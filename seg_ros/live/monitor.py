# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a node says of itself, for a program that waits for it."""

from __future__ import annotations

import threading

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from vision_msgs.msg import LabelInfo

from seg_ros.errors import SegRosError
from seg_ros.live.observer import Observer
from seg_ros.nodes.outputs import LATCHED_QOS


class Monitor(Observer):
    """
    Follows the diagnostics of one node. Use it in a ``with`` statement.

    :param watched: full name of the node to watch, ``/segmentation`` say. :param domain: the ROS domain to watch in.
    :ivar ready: set once its models are loaded. :ivar refused: why they cannot be, and what to do, once it says so.
    :ivar values: of its newest diagnostics, by key.
    """

    def __init__(self, watched: str, domain: int) -> None:
        super().__init__('seg_ros_monitor', domain)
        self._watched = watched
        self.ready = threading.Event()
        self.refused = ''
        self.values: dict[str, str] = {}
        self.node.create_subscription(LabelInfo, f'{watched}/label_info', lambda _: self.ready.set(), LATCHED_QOS)
        self.node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.startswith(self._watched):
                self.values = {item.key: item.value for item in status.values}
                if status.level == DiagnosticStatus.ERROR and self.values.get('model') == 'none':
                    self.refused = str(SegRosError(status.message, self.values.get('remedy', '')))
