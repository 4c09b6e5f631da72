# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node ``player``: pictures and recordings become a camera, so that everything else can be tried without one."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, TimeReference
from std_msgs.msg import Header

from seg_ros.bridge.cameras import camera_info_message
from seg_ros.bridge.images import compressed_message, header_of, image_message, stamp_ns_of
from seg_ros.errors import SettingError
from seg_ros.nodes.logs import forward_logs, stop_forwarding
from seg_ros.nodes.parameters import declare
from seg_ros.nodes.remapped import transported
from seg_ros.nodes.running import status_of
from seg_ros.player.clock import PlaybackClock
from seg_ros.player.played_frames import PlayedFrame, played
from seg_ros.player.settings import PlayerSettings
from seg_ros.player.sources import open_source
from seg_ros.recordings import time_reference

ACKNOWLEDGED_WITHIN_S = 0.5  # Fast DDS asks its readers only every 3 s; what is on its way arrives sooner
ANSWER_PATIENCE_S = 10.0  # then the next image is played all the same
FRAME_ID = 'camera_optical_frame'
WAITS_UNSAID_S = 5.0  # for a subscriber
MET_WITHIN_S = 0.3  # a subscriber gets nothing that is published before it has noticed the publisher, too
QUEUE = 5  # messages kept for a reliable subscriber that is slow to fetch them


class Player(Node):
    """
    Publishes one frame per tick of a steady timer, stamped with the node's clock at that moment or as recorded.

    Beside each frame that has a time or a name of its own, ``~/time_reference`` says which it was: the time, or 0, and
    as source the name, or ``recording`` (sensor_msgs/TimeReference).

    :raises SegRosError: when a parameter or the source is refused.
    """

    def __init__(self, **node_arguments: Any) -> None:
        self._closing = ExitStack()  # rclpy of Kilted destroys a node whose making has failed
        super().__init__('player', **node_arguments)
        self._closing.callback(stop_forwarding, forward_logs(self.get_logger()))
        self._settings = settings = declare(self, PlayerSettings())
        self._source = open_source(settings.source, settings.recording)
        self._frames = self._closing.enter_context(closing(played(
            self._source, loop=settings.loop, count=settings.count, size=settings.parsed_size())))
        # Files are decoded ahead, so that each appears on time; a live camera must be asked at its time.
        self._next = None if self._source.live else next(self._frames, None)
        self._images = self._image_publisher()
        self._depths = self._publisher(Image, 'depth')
        self._infos = self._publisher(CameraInfo, 'camera_info')
        self._references = self.create_publisher(TimeReference, '~/time_reference', time_reference.QOS)
        self._beside: dict[str, Publisher] = {}
        self._waits_unsaid_until = time.monotonic() + WAITS_UNSAID_S
        self._heard_since: float | None = None
        self._unanswered: tuple[int, float] | None = None  # the stamp that is waited for, and until when
        if settings.answers:
            self.create_subscription(CompressedImage if settings.answers.endswith('compressed') else Image,
                                     settings.answers, self._on_answer, QUEUE)
        self._stamp_ns = 0
        self.number = 0
        self.ended = False
        self._playback = PlaybackClock(settings.rate)
        self._timer = self.create_timer(self._playback.period_s, self._tick,
                                        clock=Clock(clock_type=ClockType.STEADY_TIME))
        self.get_logger().info(f'Playing {self._source.words} {self._playback.words} as {self._images.topic_name}')

    def finish(self) -> None:
        """Wait until reliable subscribers have what was published, and say how much that was."""
        for publisher in (self._images, self._depths, self._infos):
            publisher.wait_for_all_acked(Duration(seconds=ACKNOWLEDGED_WITHIN_S))
        self.get_logger().info(f'Published {self.number} images')

    def destroy_node(self) -> None:
        """Close the source, then the node."""
        self._closing.close()
        super().destroy_node()

    def _tick(self) -> None:
        if self.ended:
            return
        if self._settings.wait_for_subscriber and self.number == 0 and not self._is_met():
            self._say_waiting()
            return
        if self._unanswered is not None and time.monotonic() < self._unanswered[1]:
            return
        frame = next(self._frames, None) if self._source.live else self._next
        if frame is not None:
            self._publish(frame)
            self.number += 1
            if self._settings.answers:
                self._unanswered = self._stamp_ns, time.monotonic() + ANSWER_PATIENCE_S
        if not self._source.live:
            self._next = next(self._frames, None)
            if frame is not None and self._next is not None:
                self._timer.timer_period_ns = self._playback.wait_ns(frame.stamp_ns, self._next.stamp_ns)
        self.ended = frame is None or (self._next is None and not self._source.live)

    def _on_answer(self, message: Any) -> None:
        if self._unanswered is not None and stamp_ns_of(message.header) >= self._unanswered[0]:
            self._unanswered = None

    def _is_met(self) -> bool:
        """Tell whether those who are waited for have had the time to notice the player."""
        if not self._is_heard():
            self._heard_since = None
            return False
        self._heard_since = self._heard_since or time.monotonic()
        return time.monotonic() - self._heard_since >= MET_WITHIN_S

    def _is_heard(self) -> bool:
        """Tell whether as many nodes as are waited for subscribe; one node may do so twice for a moment."""
        if self._images.get_subscription_count() < self._settings.subscribers:
            return False
        known = self.get_subscriptions_info_by_topic(self._images.topic_name)
        return len({(one.node_namespace, one.node_name) for one in known}) >= self._settings.subscribers

    def _say_waiting(self) -> None:
        """Say once, after a while, who is waited for."""
        if time.monotonic() > self._waits_unsaid_until:
            self._waits_unsaid_until = math.inf
            heard, wanted = self._images.get_subscription_count(), self._settings.subscribers
            self.get_logger().warning(
                f'{self._images.topic_name} has {heard} of {wanted} subscribers; playing begins when all are there. Is '
                'the node active, does somebody listen to what it makes, and does it read this topic?')

    def _publish(self, frame: PlayedFrame) -> None:
        header = header_of(self._stamped_ns(frame), self._settings.frame_id or frame.frame_id or FRAME_ID)
        for topic, message in frame.beside:
            self._publish_transforms(topic, message, self._stamp_ns - (frame.stamp_ns or 0))
        # What an image needs goes ahead of it.
        if frame.camera_info is not None:
            frame.camera_info.header = header
            self._infos.publish(frame.camera_info)
        elif frame.intrinsics is not None:
            self._infos.publish(camera_info_message(frame.intrinsics, header))
        if frame.depth is not None:
            encoding = '32FC1' if frame.depth.dtype.kind == 'f' else '16UC1'
            self._depths.publish(image_message(frame.depth, encoding, header))
        if frame.stamp_ns is not None or frame.name:
            recorded = header_of(frame.stamp_ns or 0, '').stamp
            self._references.publish(TimeReference(header=header, time_ref=recorded, source=frame.name or 'recording'))
        self._images.publish(self._image_message(frame, header))

    def _stamped_ns(self, frame: PlayedFrame) -> int:
        """Return the stamp a frame is published with; stamps of now never repeat or go back."""
        if self._settings.stamps == 'recorded':
            if frame.stamp_ns is None:
                raise SettingError(f"stamps is 'recorded', and {self._source.words} has no times of its own", 'use now')
            self._stamp_ns = frame.stamp_ns
        else:
            self._stamp_ns = max(self._stamp_ns + 1, self.get_clock().now().nanoseconds)
        return self._stamp_ns

    def _publish_transforms(self, topic: str, message: Any, shift_ns: int) -> None:
        """Publish recorded transforms, their stamps moved as far as that of the image they came with."""
        if topic not in self._beside:
            latched = DurabilityPolicy.TRANSIENT_LOCAL if topic.endswith('static') else DurabilityPolicy.VOLATILE
            self._beside[topic] = self.create_publisher(type(message), topic, QoSProfile(depth=100, durability=latched))
        for one in message.transforms:
            one.header.stamp = header_of(stamp_ns_of(one.header) + shift_ns, '').stamp
        self._beside[topic].publish(message)

    def _image_message(self, frame: PlayedFrame, header: Header) -> Image | CompressedImage:
        if self._settings.image_transport == 'compressed':
            return compressed_message(frame.rgb, header, self._settings.quality)
        return image_message(frame.rgb, 'rgb8', header)

    def _image_publisher(self) -> Publisher:
        if self._settings.image_transport == 'raw':
            return self._publisher(Image, 'image')
        return self._publisher(CompressedImage, transported(self.resolve_topic_name('image'), 'compressed'))

    def _publisher(self, kind: type, topic: str) -> Publisher:
        reliability = ReliabilityPolicy[self._settings.reliability.upper()]
        return self.create_publisher(kind, topic, QoSProfile(depth=QUEUE, reliability=reliability))


def run(arguments: list[str] | None = None) -> int:
    """Play until the source ends or somebody interrupts; return the exit status."""
    return status_of('player', arguments, _play)  # each message is published whole before the node ends


def _play(interrupted: Sequence[int]) -> None:
    player = Player()
    executor = SingleThreadedExecutor()
    executor.add_node(player)
    try:
        while not (player.ended or interrupted):
            executor.spin_once(timeout_sec=0.1)
        if not interrupted:
            player.finish()
    finally:
        executor.shutdown()
        player.destroy_node()


def main() -> None:
    """Run the node; ``ros2 run seg_ros player``. A second Ctrl-C while the interpreter ends changes nothing."""
    status = run()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_IGN)
    sys.exit(status)


if __name__ == '__main__':
    main()
