"""The camera streams a node listens to, with the reliability of the publishers they meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image


class ImageStream:
    """
    A subscription to one image topic that keeps up with its publishers.

    Best effort meets every publisher but loses large images in fragments; so when all publishers offer
    reliable, the stream asks for it. :meth:`keep_up` looks again, for cameras come and go.
    """

    def __init__(self, node: Node, topic: str, on_message: Callable[[Any], None]) -> None:
        self._node, self._topic, self._on_message = node, topic, on_message
        self._subscription: Subscription | None = None
        self._reliability = ReliabilityPolicy.BEST_EFFORT

    @property
    def topic(self) -> str:
        """The resolved topic name."""
        return str(self._node.resolve_topic_name(self._topic))

    @property
    def publishers(self) -> int:
        """How many publishers there are."""
        return int(self._node.count_publishers(self.topic))

    def open(self) -> None:
        """Start to receive."""
        self._reliability = self._reliability_met()
        profile = QoSProfile(depth=1, history=HistoryPolicy.KEEP_LAST, reliability=self._reliability,
                             durability=DurabilityPolicy.VOLATILE)
        self._subscription = self._node.create_subscription(Image, self._topic, self._on_message, profile)

    def close(self) -> None:
        """Receive no more."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def keep_up(self) -> None:
        """Subscribe anew if the publishers' reliability has changed."""
        if self._subscription is not None and self._reliability_met() != self._reliability:
            self.close()
            self.open()
            self._node.get_logger().info(f'{self.topic} is now received {self._reliability.name.lower()}')

    def _reliability_met(self) -> ReliabilityPolicy:
        met = {info.qos_profile.reliability for info in self._node.get_publishers_info_by_topic(self.topic)}
        if not met:
            return self._reliability
        return ReliabilityPolicy.RELIABLE if met == {ReliabilityPolicy.RELIABLE} else ReliabilityPolicy.BEST_EFFORT


def camera_topic(camera: str, name: str) -> str:
    """Return the topic of a camera: ``front/image``, or ``image`` for the camera without a name."""
    return f'{camera}/{name}' if camera else name
