"""What the node does for clouds, boxes and scan: depth and camera_info in, transforms, and one warning per cause."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from rclpy.node import Node

from seg_ros.bridge.cameras import stamp_ns_of
from seg_ros.errors import ImageError
from seg_ros.geometry.spaces import OUTPUTS
from seg_ros.nodes.frames import frame_of
from seg_ros.nodes.intake import Arrival, Intake
from seg_ros.nodes.streams import ImageStream, camera_topic
from seg_ros.nodes.transforms import LevelFrames, Transforms
from seg_ros.records import Frame, Result
from seg_ros.settings import Settings

GRACE_S = 1.0  # how long nothing is said after a subscription: what is missing may be on its way


class Surroundings:
    """
    Depth, camera_info and frames of every camera of a node.

    Depth and camera_info are subscribed to while somebody listens to an output that needs them. A problem with
    them is logged once per cause and camera; the outputs in the image go on.

    :param wanted: the names of a camera's outputs that somebody listens to.
    """

    def __init__(self, node: Node, cameras: Sequence[str], intake: Intake,
                 wanted: Callable[[str], frozenset[str]]) -> None:
        self._node, self._intake, self._wanted = node, intake, wanted
        self._streams = {camera: _streams_of(node, camera, intake) for camera in cameras}
        self._open: dict[str, float] = {}  # since when
        self._transforms, self._levels = Transforms(node), LevelFrames(node)
        self._told: set[tuple[str, str]] = set()

    def prepare(self, settings: Settings) -> None:
        """
        Get ready for other settings.

        :raises SettingError: when they need a library that is not installed.
        """
        self._transforms.prepare(settings)

    def adopt(self, settings: Settings) -> None:
        """Use other settings from the next image on."""
        self._intake.slop_s, self._intake.wait_s = settings.depth_slop_s, settings.depth_wait_s

    def listen(self, camera: str) -> None:
        """Subscribe to depth and camera_info of a camera, if somebody wants what needs them."""
        if camera not in self._open and self._wanted(camera) & OUTPUTS:
            self._open[camera] = time.monotonic()
            for stream in self._streams[camera]:
                stream.open()

    def keep_up(self, cameras: Sequence[str]) -> None:
        """Subscribe where it is wanted, end it where it no longer is, and follow the publishers."""
        for camera in cameras:
            self.listen(camera)
            if camera in self._open and not self._wanted(camera) & OUTPUTS:
                self._close(camera)
        for camera in self._open:
            for stream in self._streams[camera]:
                stream.keep_up()

    def close(self) -> None:
        """Receive no more."""
        for camera in tuple(self._open):
            self._close(camera)

    def decoded(self, arrival: Arrival, settings: Settings) -> Frame:
        """
        Return the frame of an arrival, with what is wanted beside the image.

        :raises ImageError: when the image cannot be used.
        """
        in_space = bool(self._wanted(arrival.camera) & OUTPUTS)
        return frame_of(arrival, settings, self._transforms, in_space=in_space)

    def placed(self, result: Result, settings: Settings) -> Result:
        """Return a result with its objects in the frame asked for, and say what could not be made."""
        try:
            space = self._transforms.placed(result, settings)
        except ImageError as error:
            space = replace(result.space, objects=None, problem=result.space.problem or str(error))
        if space.problem:
            self._say(result.frame.camera, space.problem)
        self._levels.publish(result)
        return replace(result, space=space)

    def _close(self, camera: str) -> None:
        self._open.pop(camera, None)
        for stream in self._streams[camera]:
            stream.close()
        self._intake.forget_depth(camera)
        self._intake.put_camera_info(camera, None)

    def _say(self, camera: str, problem: str) -> None:
        if time.monotonic() - self._open.get(camera, math.inf) < GRACE_S:
            return
        cause = camera, re.sub(r'[\d.]+', '#', problem)
        if cause not in self._told:
            self._told.add(cause)
            topic = self._node.resolve_topic_name(camera_topic(camera, 'image'))
            self._node.get_logger().warning(f'{topic}: {problem}')


def _streams_of(node: Node, camera: str, intake: Intake) -> tuple[ImageStream, ImageStream]:
    def on_depth(message: Any) -> None:
        intake.put_depth(camera, stamp_ns_of(message.header), message)

    def on_camera_info(message: Any) -> None:
        intake.put_camera_info(camera, message)

    return (ImageStream(node, camera_topic(camera, 'depth'), on_depth),
            ImageStream(node, camera_topic(camera, 'camera_info'), on_camera_info, transport='camera_info'))
