# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The picture of a map that grows, subscribed to only while somebody looks."""

from __future__ import annotations

import time

from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.images import stamp_ns_of
from seg_ros.live.camera_view import GLANCE_S, OverlayImage
from seg_ros.nodes.outputs import LATCHED_QOS


class MapView:
    """
    The newest picture of a map; it is new once a second at most, so nobody waits for it.

    ``keep_up`` and the callback belong to the thread that spins ``node``; ``look`` may be called from any.

    :param mapping: full name of the node that makes the map.
    :ivar is_there: whether somebody publishes it.
    """

    def __init__(self, node: Node, mapping: str) -> None:
        self._node, self._topic = node, f'{mapping}/map_picture/compressed'
        self._subscription: Subscription | None = None
        self._looked_at_s = float('-inf')
        self._number = 0
        self._picture: OverlayImage | None = None
        self.is_there = False

    def look(self, after: int) -> OverlayImage | None:
        """Return the newest picture if its number is another than ``after``."""
        self._looked_at_s, picture = time.monotonic(), self._picture
        return None if picture is None or picture.number == after else picture

    def keep_up(self) -> None:
        """Subscribe if somebody looks, unsubscribe and forget if nobody does."""
        is_looked_at = time.monotonic() - self._looked_at_s < GLANCE_S
        if is_looked_at and self._subscription is None:
            self._subscription = self._node.create_subscription(CompressedImage, self._topic, self._on_picture,
                                                                LATCHED_QOS)
        elif not is_looked_at and self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._picture = None

    def look_around(self) -> None:
        """See whether there is a map."""
        self.is_there = self._node.count_publishers(self._topic) > 0

    def _on_picture(self, message: CompressedImage) -> None:
        self._number += 1
        self._picture = OverlayImage(self._number, stamp_ns_of(message.header), bytes(message.data))
