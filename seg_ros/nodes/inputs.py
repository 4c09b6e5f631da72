# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What one camera is heard on: images while they are wanted, depth and camera_info while something in space is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from seg_ros.geometry.spaces import IN_SPACE
from seg_ros.nodes.streams import Stream, camera_topic

REST_S = 3.0  # so long after the last listener has gone images are still received


class CameraInputs:
    """
    The topics that one camera sends on.

    :param name: prefix of the topics; empty for none. :param on_image: told each message, as the other two are.
    :ivar since_s: when depth began, or ended, to be listened to, in steady time.
    """

    def __init__(self, node: Node, name: str, on_image: Callable[[Any], None], on_depth: Callable[[Any], None],
                 on_camera_info: Callable[[Any], None]) -> None:
        self._node, self._name, self._on_image = node, name, on_image
        self.image = Stream(node, camera_topic(name, 'image'), on_image)
        self.depth = Stream(node, camera_topic(name, 'depth'), on_depth, ('raw', 'compressedDepth'))
        self.camera_info = Stream(node, camera_topic(name, 'camera_info'), on_camera_info, ('camera_info',))
        self.is_active = self.is_wanted = False
        self._wanted_s = 0.0  # when somebody last wanted an output, or no camera was there
        self.since_s = 0.0

    def activate(self, transport: str) -> None:
        """Listen to the images in a transport, as long as they are wanted."""
        self.image = Stream(self._node, camera_topic(self._name, 'image'), self._on_image, (transport,))
        self.is_active, self._wanted_s = True, time.monotonic()
        self.image.open()

    def deactivate(self) -> None:
        """Receive no more."""
        self.is_active = self.is_wanted = False
        for stream in (self.image, self.depth, self.camera_info):
            stream.close()

    def follow(self, wanted: frozenset[str]) -> bool:
        """Receive what outputs need and no more; return whether depth began or ended with that."""
        self.is_wanted = bool(wanted)
        if wanted:
            self._wanted_s = time.monotonic()
            if not self.image.is_open:
                self.image.open()
        in_space = bool(wanted & IN_SPACE)
        if in_space == self.depth.is_open:
            return False
        for stream in (self.depth, self.camera_info):
            stream.open() if in_space else stream.close()
        self.since_s = time.monotonic()
        return True

    def look_around(self) -> None:
        """Follow the publishers; call it once a second."""
        if not self.is_wanted and self.is_active:
            self._rest()
        for stream in (self.image, self.depth, self.camera_info):
            if stream.is_open:
                stream.keep_up()

    def candidates(self) -> tuple[str, ...]:
        """Return the topics of others on which images of the kind listened to are published."""
        own = f'{self._node.get_fully_qualified_name()}/'
        kind = 'sensor_msgs/msg/Image' if self.image.transport == 'raw' else 'sensor_msgs/msg/CompressedImage'
        return tuple(sorted(topic for topic, kinds in self._node.get_topic_names_and_types()
                            if kind in kinds and not topic.startswith(own) and self._node.count_publishers(topic)))

    def _rest(self) -> None:
        """Receive no images while nobody wants them; a subscription to a camera that is not there costs nothing."""
        if not self.image.publishers:
            self._wanted_s = time.monotonic()
            if not self.image.is_open:
                self.image.open()
        elif self.image.is_open and time.monotonic() - self._wanted_s > REST_S:
            self.image.close()
