"""Watches a running segmentation node from outside, as any other node would."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from numpy.typing import NDArray
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from vision_msgs.msg import LabelInfo

from seg_ros.bridge.cameras import stamp_ns_of
from seg_ros.bridge.images import decode_image

_LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
_STREAM = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)


@dataclass(frozen=True)
class Picture:
    """An overlay as it was received: the stamp of its image and (H, W, 3) uint8 rgb."""

    stamp_ns: int
    rgb: NDArray[np.uint8]


class Monitor:
    """
    Subscribes to overlay, class names and diagnostics of one node, in a thread and ROS context of its own.

    Use it in a ``with`` statement.

    :param node: full name of the node to watch, ``/segmentation`` say.
    :param domain: the ROS domain to watch in.
    """

    def __init__(self, node: str, domain: int) -> None:
        self._name = node
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        self._node = rclpy.create_node('seg_ros_monitor', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._pictures: deque[Picture] = deque(maxlen=32)
        self._lock = threading.Lock()
        self.ready = threading.Event()
        self.values: dict[str, str] = {}
        self.verdict = ''
        self._node.create_subscription(LabelInfo, f'{node}/label_info', lambda _: self.ready.set(), _LATCHED)
        self._node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)
        self._thread = threading.Thread(target=self._spin, name='monitor', daemon=True)

    def __enter__(self) -> Monitor:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._executor.shutdown(timeout_sec=2.0)
        rclpy.try_shutdown(context=self._context)
        self._thread.join(timeout=2.0)

    def watch(self) -> None:
        """Subscribe to the overlay; from now on the node has work to do."""
        self._node.create_subscription(Image, f'{self._name}/overlay', self._on_overlay, _STREAM)

    def pictures(self) -> list[Picture]:
        """Return the overlays received since the last call, oldest first."""
        with self._lock:
            taken = list(self._pictures)
            self._pictures.clear()
        return taken

    def _on_overlay(self, message: Image) -> None:
        picture = Picture(stamp_ns_of(message.header), decode_image(message).copy())
        with self._lock:
            self._pictures.append(picture)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.startswith(self._name):
                self.values = {item.key: item.value for item in status.values}
                self.verdict = status.message

    def _spin(self) -> None:
        with suppress(ExternalShutdownException):
            self._executor.spin()
