"""The camera streams a node listens to, with the quality of service of the publishers they meet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from seg_ros.nodes.compatibility import SubscriptionEventCallbacks, meeting, same, unheard_publishers, words_of

TYPES = {'raw': ('sensor_msgs/msg/Image', Image), 'compressed': ('sensor_msgs/msg/CompressedImage', CompressedImage),
         'camera_info': ('sensor_msgs/msg/CameraInfo', CameraInfo)}
"""What each image_transport sends, and what comes beside the images: the name of the type, and the type."""


class ImageStream:
    """
    A subscription to the images of one camera that keeps up with its publishers.

    :meth:`keep_up` looks again which reliability and durability they offer, for cameras come and go.

    :param topic: of the raw images; the compressed ones lie below it, and a remapping moves both.
    :param transport: ``raw`` or ``compressed``; ``camera_info`` for the descriptions that come beside them.
    """

    def __init__(self, node: Node, topic: str, on_message: Callable[[Any], None], *, transport: str = 'raw') -> None:
        self._node, self._on_message, self._transport = node, on_message, transport
        self._asked = topic if transport != 'compressed' else f'{node.resolve_topic_name(topic)}/{transport}'
        self._subscription: Subscription | None = None
        self._former: Subscription | None = None
        self._generation, self._took_over, self._stamp = 0, True, (0, 0)
        self._profile = meeting(())
        self._unmet = False

    @property
    def topic(self) -> str:
        """The resolved topic name."""
        return str(self._node.resolve_topic_name(self._asked))

    @property
    def transport(self) -> str:
        """What is listened to, ``raw`` or ``compressed``."""
        return self._transport

    @property
    def publishers(self) -> list[TopicEndpointInfo]:
        """Those who publish images of the type listened to."""
        return [info for info in self._endpoints() if info.topic_type == TYPES[self._transport][0]]

    @property
    def foreign_types(self) -> list[str]:
        """The types, by name, of those who publish something else under this name."""
        return sorted({info.topic_type for info in self._endpoints()} - {TYPES[self._transport][0]})

    def open(self) -> None:
        """Start to receive."""
        offered = [info.qos_profile for info in self.publishers]
        self._profile = meeting(offered) if offered else self._profile
        events = SubscriptionEventCallbacks(incompatible_qos=self._on_incompatible)
        self._generation += 1
        self._took_over = self._former is None
        self._subscription = self._node.create_subscription(
            TYPES[self._transport][1], self._asked, partial(self._receive, self._generation), self._profile,
            event_callbacks=events)

    def close(self) -> None:
        """Receive no more."""
        self._leave_former()
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def keep_up(self) -> None:
        """Subscribe anew if what the publishers offer has changed, and name those who were not heard."""
        publishers = self.publishers
        self._leave_former()
        if self._subscription is None or not publishers:
            return
        if self._unmet:
            self._unmet = False
            for sentence in unheard_publishers(self.topic, publishers, self._profile):
                self._node.get_logger().warning(sentence)
        if not same(meeting([info.qos_profile for info in publishers]), self._profile):
            self._former = self._subscription
            self.open()
            self._node.get_logger().info(f'{self.topic} is now received {words_of(self._profile)}')

    def _receive(self, generation: int, message: Any) -> None:
        """Pass a message on; while two subscriptions overlap, none is lost and none passes twice."""
        stamp = message.header.stamp.sec, message.header.stamp.nanosec
        if generation != self._generation and self._took_over:
            return
        if generation == self._generation and not self._took_over:
            self._took_over = True
            if stamp == self._stamp:
                return
        self._stamp = stamp
        self._on_message(message)

    def _leave_former(self) -> None:
        if self._former is not None:
            self._node.destroy_subscription(self._former)
            self._former = None

    def _on_incompatible(self, event: Any) -> None:
        self._unmet = True  # said in keep_up, when the graph knows the other side's name

    def _endpoints(self) -> list[TopicEndpointInfo]:
        return list(self._node.get_publishers_info_by_topic(self.topic))


def camera_topic(camera: str, name: str) -> str:
    """Return the topic of a camera: ``front/image``, or ``image`` for the camera without a name."""
    return f'{camera}/{name}' if camera else name
