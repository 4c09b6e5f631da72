"""The node ``player``: pictures become a camera, so that everything else can be tried without one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.exceptions import ParameterException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from seg_ros.bridge.cameras import camera_info_message, header_of
from seg_ros.bridge.images import compressed_message, image_message
from seg_ros.errors import SegRosError, SettingError
from seg_ros.nodes.logs import forward_logs, stop_forwarding
from seg_ros.nodes.parameters import declare
from seg_ros.nodes.shots import Shot, played
from seg_ros.nodes.sources import SOURCES, open_source
from seg_ros.settings import knob, parse_size

ACKNOWLEDGED_WITHIN_S = 0.5  # Fast DDS asks its readers only every 3 s; what is on its way arrives sooner
HOW_TO_WRITE = 'Write a rate with a point (rate:=10.0), and a webcam as /dev/video0 or in quotes'
QUEUE = 5  # messages kept for a reliable subscriber that is slow to fetch them


@dataclass(frozen=True)
class PlayerSettings:
    """
    What is played, and how; fixed for the life of the player.

    :raises SettingError: when a value is none of its choices, or size is malformed.
    """

    source: str = knob('', f'what is played: {SOURCES}', live=False)
    rate: float = knob(10.0, 'images per second', unit='Hz', bounds=(0.01, 1000.0), live=False)
    loop: bool = knob(False, 'begin again after the last image, instead of ending', live=False)
    count: int = knob(0, 'end after this many images; 0 plays all', bounds=(0, 2**31 - 1), live=False)
    size: str = knob('', 'size of the images as WIDTHxHEIGHT, 640x480 say; empty leaves it alone', live=False)
    frame_id: str = knob('camera_optical_frame', 'the frame the images are taken in', live=False)
    image_transport: str = knob('raw', 'publish image, or the JPEG topic image/compressed instead',
                                choices=('raw', 'compressed'), live=False)
    quality: int = knob(90, 'JPEG quality of image/compressed', bounds=(1, 100), live=False)
    reliability: str = knob('reliable', 'what the publishers offer; many cameras offer best_effort only',
                            choices=('reliable', 'best_effort'), live=False)
    wait_for_subscriber: bool = knob(False, 'begin when somebody subscribes to the images', live=False)

    def __post_init__(self) -> None:
        for item in fields(self):
            value, choices = getattr(self, item.name), item.metadata['knob'].choices
            if choices and value not in choices:
                raise SettingError(f"{item.name} is '{value}'", f'use {" or ".join(choices)}')
        self.parsed_size()

    def parsed_size(self) -> tuple[int, int] | None:
        """Return (width, height), or None for the size of the source."""
        try:
            return parse_size(self.size)
        except SettingError as error:
            raise SettingError(f"size is '{self.size}'", error.remedy) from error


class Player(Node):
    """
    Publishes one shot per tick of a steady timer, stamped with the node's clock at that moment.

    :raises SegRosError: when a parameter or the source is refused.
    """

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__('player', **node_arguments)
        self._log_handler = forward_logs(self.get_logger())
        self._settings = settings = declare(self, PlayerSettings())
        self._source = open_source(settings.source)
        self._shots = played(self._source, loop=settings.loop, count=settings.count,
                             size=settings.parsed_size())
        # Files are decoded ahead, so that each appears on time; a live camera must be asked at its time.
        self._next = None if self._source.live else next(self._shots, None)
        self._images = self._image_publisher()
        self._depths = self._publisher(Image, 'depth')
        self._infos = self._publisher(CameraInfo, 'camera_info')
        self._stamp_ns = 0
        self.number = 0
        self.ended = False
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0 / settings.rate, self._tick, clock=steady)
        self.get_logger().info(f'Playing {self._source.words} at {settings.rate:g} Hz as '
                               f'{self._images.topic_name}')

    def finish(self) -> None:
        """Wait until reliable subscribers have what was published, and say how much that was."""
        for publisher in (self._images, self._depths, self._infos):
            publisher.wait_for_all_acked(Duration(seconds=ACKNOWLEDGED_WITHIN_S))
        self.get_logger().info(f'Published {self.number} images')

    def destroy_node(self) -> None:
        """Close the source, then the node."""
        self._shots.close()
        stop_forwarding(self._log_handler)
        super().destroy_node()

    def _tick(self) -> None:
        if self.ended or (self._settings.wait_for_subscriber and self._images.get_subscription_count() == 0
                          and self.number == 0):
            return
        shot = next(self._shots, None) if self._source.live else self._next
        if shot is not None:
            self._publish(shot)
            self.number += 1
        if not self._source.live:
            self._next = next(self._shots, None)
        self.ended = shot is None or (self._next is None and not self._source.live)

    def _publish(self, shot: Shot) -> None:
        self._stamp_ns = max(self._stamp_ns + 1, self.get_clock().now().nanoseconds)
        header = header_of(self._stamp_ns, self._settings.frame_id)
        self._images.publish(self._image_message(shot, header))
        if shot.depth is not None:
            self._depths.publish(image_message(shot.depth, '16UC1', header))
        if shot.intrinsics is not None:
            self._infos.publish(camera_info_message(shot.intrinsics, header))

    def _image_message(self, shot: Shot, header: Header) -> Image | CompressedImage:
        if self._settings.image_transport == 'compressed':
            return compressed_message(shot.rgb, header, self._settings.quality)
        return image_message(shot.rgb, 'rgb8', header)

    def _image_publisher(self) -> Publisher:
        if self._settings.image_transport == 'raw':
            return self._publisher(Image, 'image')
        # As image_transport does it: remapping image moves image/compressed along.
        return self._publisher(CompressedImage, f'{self.resolve_topic_name("image")}/compressed')

    def _publisher(self, kind: type, topic: str) -> Publisher:
        reliability = ReliabilityPolicy[self._settings.reliability.upper()]
        return self.create_publisher(kind, topic, QoSProfile(depth=QUEUE, reliability=reliability))


def run(arguments: list[str] | None = None) -> int:
    """Play until the source ends or somebody interrupts; return the exit status."""
    interrupted: list[int] = []
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, _: interrupted.append(number))
    # Without rclpy's own handlers a message is always published whole before the node ends.
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    try:
        return _play(interrupted)
    except SegRosError as error:
        rclpy.logging.get_logger('player').fatal(str(error))
        return 1
    except ParameterException as error:
        rclpy.logging.get_logger('player').fatal(f'{error}. {HOW_TO_WRITE}.')
        return 1
    finally:
        rclpy.try_shutdown()


def _play(interrupted: Sequence[int]) -> int:
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
    return 0


def main() -> None:
    """Run the node; ``ros2 run seg_ros player``."""
    sys.exit(run())


if __name__ == '__main__':
    main()
