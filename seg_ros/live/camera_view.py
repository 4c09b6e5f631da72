# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What one camera of a running node shows, subscribed to only while somebody looks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage
from vision_msgs.msg import Detection2DArray, LabelInfo

from seg_ros.bridge.images import stamp_ns_of
from seg_ros.bridge.reports import SeenObject, seen_objects_of
from seg_ros.nodes.outputs import LATCHED_QOS
from seg_ros.nodes.streams import camera_topic

NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
GLANCE_S = 3.0
"""For how long who asked for a picture is taken to look on: a browser asks again as soon as it has shown one."""


@dataclass(frozen=True)
class OverlayImage:
    """An overlay as JPEG: which one it is, counted from 1, and the stamp of its image."""

    number: int
    stamp_ns: int
    jpeg: bytes


class CameraView:
    """
    The overlay, the objects and the class names of one camera.

    ``keep_up`` and the callbacks belong to the thread that spins ``node``; the rest may be used from any thread.

    :param watched: full name of the node that is watched. :param on_names: told when class names have come.
    """

    def __init__(self, node: Node, watched: str, camera: str, on_names: Callable[[], None]) -> None:
        self._node, self._watched, self._camera, self._on_names = node, watched, camera, on_names
        self._subscriptions: list[Subscription] = []
        self._news = threading.Condition()
        self._looked_at_s = float('-inf')
        self._number, self._ended = 0, False
        self._picture: OverlayImage | None = None
        self.objects: tuple[SeenObject, ...] | None = None
        self.class_ids: dict[str, int] = {}

    def look(self, after: int, patience_s: float) -> OverlayImage | None:
        """Return the newest picture once its number is another than ``after``; None when none comes in time."""
        with self._news:
            self._looked_at_s = time.monotonic() + patience_s
            self._news.wait_for(lambda: self._ended or self._newer(after), patience_s)
            self._looked_at_s = time.monotonic()
            return self._newer(after)

    def keep_up(self) -> None:
        """Subscribe if somebody looks, unsubscribe and forget if nobody does."""
        looking = not self._ended and time.monotonic() - self._looked_at_s < GLANCE_S
        if looking and not self._subscriptions:
            self._subscriptions = [
                self._node.create_subscription(CompressedImage, self._topic('overlay/compressed'), self._on_overlay,
                                               NEWEST),
                self._node.create_subscription(Detection2DArray, self._topic('instances'), self._on_instances, NEWEST),
                self._node.create_subscription(LabelInfo, self._topic('label_info'), self._on_label_info,
                                               LATCHED_QOS)]
        elif not looking and self._subscriptions:
            for subscription in self._subscriptions:
                self._node.destroy_subscription(subscription)
            self._subscriptions = []
            with self._news:
                self._picture, self.objects = None, None

    def dismiss(self) -> None:
        """Let all who wait for a picture go; nobody waits from now on."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _newer(self, after: int) -> OverlayImage | None:
        return self._picture if self._picture is not None and self._picture.number != after else None

    def _topic(self, name: str) -> str:
        return f'{self._watched}/{camera_topic(self._camera, name)}'

    def _on_overlay(self, message: CompressedImage) -> None:
        with self._news:
            self._number += 1
            self._picture = OverlayImage(self._number, stamp_ns_of(message.header), bytes(message.data))
            self._news.notify_all()

    def _on_instances(self, message: Detection2DArray) -> None:
        self.objects = tuple(seen_objects_of(message))

    def _on_label_info(self, message: LabelInfo) -> None:
        self.class_ids = {one.class_name: one.class_id for one in message.class_map}
        self._on_names()
