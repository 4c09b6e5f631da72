# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The topics a node listens to, with the quality of service of the publishers they meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from vision_msgs.msg import Detection2DArray, LabelInfo

from seg_ros.nodes.compatibility import NO_EVENTS, meeting, qos_words, same, unheard_publishers
from seg_ros.nodes.remapped import transported

TYPES = {'raw': ('sensor_msgs/msg/Image', Image), 'compressed': ('sensor_msgs/msg/CompressedImage', CompressedImage),
         'compressedDepth': ('sensor_msgs/msg/CompressedImage', CompressedImage),
         'camera_info': ('sensor_msgs/msg/CameraInfo', CameraInfo),
         'label_info': ('vision_msgs/msg/LabelInfo', LabelInfo),
         'instances': ('vision_msgs/msg/Detection2DArray', Detection2DArray),
         'points': ('sensor_msgs/msg/PointCloud2', PointCloud2)}
"""What each image_transport sends, and what comes beside the images: the name of the type, and the type."""

GRACE_S = 1.0  # what was just asked for may be on its way: so long nothing is said of it
MEETING_S = 6.0  # so long a publisher that is there may take to meet a new subscription, on a busy computer


class Stream:
    """
    A subscription that keeps up with its publishers.

    :meth:`keep_up` looks again which reliability and durability they offer, for cameras come and go.

    :param topic: of the raw images; the compressed ones lie below it, unless it is remapped to theirs.
    :param transports: words of ``TYPES``; of several the first that somebody publishes is listened to.
    :param depth: how many messages wait while others are received.
    :ivar silence: why nothing can come, as of the last :meth:`keep_up`; empty where somebody publishes.
    """

    def __init__(self, node: Node, topic: str, on_message: Callable[[Any], None],
                 transports: Sequence[str] = ('raw',), depth: int = 1) -> None:
        self._node, self._topic, self._on_message, self._transports = node, topic, on_message, transports
        self.transport = transports[0]
        self._subscription: Subscription | None = None
        self._former: Subscription | None = None
        self._generation, self._took_over, self._stamp = 0, True, (0, 0)
        self._profile, self._depth = meeting(()), depth
        self.silence = ''  # why nothing can come, when it was last looked at
        self._since_s = 0.0  # when it was opened, or publishers came after that, in steady time

    @property
    def topic(self) -> str:
        """The resolved name of the topic listened to."""
        return self._topic_of(self.transport)

    @property
    def name(self) -> str:
        """The name of the topic before it is remapped."""
        return self._topic

    @property
    def is_open(self) -> bool:
        """Whether messages are received."""
        return self._subscription is not None

    @property
    def is_new(self) -> bool:
        """Whether what does not come may still be on its way."""
        return time.monotonic() - self._since_s < (GRACE_S if self.silence else MEETING_S)

    @property
    def publishers(self) -> list[TopicEndpointInfo]:
        """Those who publish the type listened to."""
        return self._publishers_of(self.transport)

    @property
    def foreign_types(self) -> list[str]:
        """The types, by name, of those who publish something else under this name."""
        found = {info.topic_type for info in self._node.get_publishers_info_by_topic(self.topic)}
        return sorted(found - {TYPES[self.transport][0]})

    @property
    def other_transport(self) -> str:
        """The image_transport in which the images are there, where it is not the one listened to; else empty."""
        return next((one for one in ('raw', 'compressed') if one != self.transport and self._publishers_of(one)), '')

    def open(self) -> None:
        """Start to receive."""
        self.transport = next((one for one in self._transports if self._publishers_of(one)), self.transport)
        self.silence, self._since_s = '', time.monotonic()
        offered = [info.qos_profile for info in self.publishers]
        self._subscribe(meeting(offered) if offered else self._profile)

    def close(self) -> None:
        """Receive no more."""
        for one in (self._former, self._subscription):
            if one is not None:
                self._node.destroy_subscription(one)
        self._former = self._subscription = None

    def keep_up(self) -> None:
        """Subscribe anew if what the publishers offer has changed, and name those who were not heard."""
        self._leave_former()
        publishers = self.publishers
        if not publishers and any(self._publishers_of(one) for one in self._transports):
            self.close()
            self.open()
            return
        if publishers and self.silence:
            self._since_s = time.monotonic()
        self.silence = '' if publishers else self._silence()
        asked = meeting([info.qos_profile for info in publishers])
        if publishers and not same(asked, self._profile):
            for sentence in unheard_publishers(self.topic, publishers, self._profile):
                self._node.get_logger().warning(sentence)
            self._former, former = self._subscription, self._generation
            if self._former is not None:
                self._former.callback = partial(self._receive, former)
            self._subscribe(asked)
            self._node.get_logger().info(f'{self.topic} is now received {qos_words(asked)}')

    def _silence(self) -> str:
        if foreign := self.foreign_types:
            return f'{self.topic} carries {" and ".join(foreign)}'
        others = self.others()
        there = f'; {" and ".join(others[:3])} may be it' if others else ''
        return f'nobody publishes {self.topic}{there}'

    def others(self) -> tuple[str, ...]:
        """Return the topics of the same type whose names end like this one, or have its last word in them."""
        known, word = self._node.get_topic_names_and_types(), self._topic.rpartition('/')[2]
        kinds = {TYPES[one][0] for one in self._transports}
        found = sorted(topic for topic, types in known if word in topic and kinds & {*types} and topic != self.topic
                       and self._node.count_publishers(topic))
        return tuple([one for one in found if one.endswith(f'/{word}')] or found)

    def _subscribe(self, profile: QoSProfile) -> None:
        self._profile = profile
        profile.depth = self._depth
        self._generation += 1
        self._took_over = self._former is None
        self._subscription = self._node.create_subscription(
            TYPES[self.transport][1], self.topic,
            self._on_message if self._former is None else partial(self._receive, self._generation), profile,
            event_callbacks=NO_EVENTS['subscription'])

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
            if self._subscription is not None:
                self._subscription.callback = self._on_message

    def _topic_of(self, transport: str) -> str:
        return transported(str(self._node.resolve_topic_name(self._topic)), transport)

    def _publishers_of(self, transport: str) -> list[TopicEndpointInfo]:
        found = self._node.get_publishers_info_by_topic(self._topic_of(transport))
        return [info for info in found if info.topic_type == TYPES[transport][0]]


def first_cause(fact: str, stream: Stream) -> tuple[str, str]:
    """Return a fact that follows from the silence of a topic with the reason of that, and the remedy."""
    if stream.silence:
        return f'{fact}: {stream.silence}', f'start what publishes it, or remap {stream.name} to the topic it comes on'
    return (f'{fact}, though {stream.topic} has a publisher', 'see whether ros2 topic hz shows messages there; if not, '
            f'check what publishes it, or remap {stream.name}; if it does, see docs/transport.md')


def camera_topic(camera: str, name: str) -> str:
    """Return the topic of a camera: ``front/image``, or ``image`` for the camera without a name."""
    return f'{camera}/{name}' if camera else name
