# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A colour and depth camera that looks at drawn scenes, and a node that sees them exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from numpy.typing import NDArray
from scenes.graph import Graph, until
from scenes.raycast import View
from scenes.scripted import THINGS, ScriptedInstances, ScriptedSegmenter, drawn
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Header

from seg_ros.bridge.cameras import camera_info_message
from seg_ros.bridge.images import header_of, image_message
from seg_ros.models.segmenter import Segmenter
from seg_ros.pipeline.loaded import OpenModel
from seg_ros.records import Frame, Segmentation
from seg_ros.settings import Settings

HAMMER = THINGS[0]


class TrueInstances(ScriptedInstances):
    """Finds the solids of a view, all of them hammers, in frames whose stamp is an even second."""

    def __init__(self, view: View, name: str = 'everyday') -> None:
        super().__init__({}, name)
        found = view.instances
        self.found = replace(found, class_ids=np.full(len(found), HAMMER.id, np.uint8),
                             track_ids=np.zeros(len(found), np.int64))

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Answer each frame with all solids, or none."""
        return [Segmentation(frame.size, instances=self.found if frame.size == self.found.size
                             and frame.stamp_ns // 1_000_000_000 % 2 == 0 else self.found.none(frame.size))
                for frame in frames]


def true_models(view: View) -> OpenModel:
    """Return what opens models that know the view."""
    def open_model(name: str, settings: Settings) -> Segmenter:
        return ScriptedSegmenter(name) if name == 'indoor' else TrueInstances(view, name)
    return open_model


class DepthCamera:
    """Publishes a view as image, depth and camera_info; publishers wait for the node to subscribe."""

    def __init__(self, graph: Graph, view: View) -> None:
        self.view, self._picture = view, drawn(view.labels)
        self._image = graph.tester.create_publisher(Image, 'image', 10)
        self._depth = graph.tester.create_publisher(Image, 'depth', 10)
        self._info = graph.tester.create_publisher(CameraInfo, 'camera_info', 10)
        for publisher in (self._image, self._depth, self._info):
            until(publisher.get_subscription_count, f'nobody subscribed to {publisher.topic_name}')

    def shoot(self, sec: int, *, depth: NDArray[Any] | None = None, depth_sec: int | None = None,
              with_depth: bool = True, info: CameraInfo | None = None, with_info: bool = True,
              encoding: str = '16UC1') -> None:
        """Publish one shot, stamped with a whole second; depth may have another."""
        header = header_of(sec * 1_000_000_000, 'camera')
        if with_info:
            described = info or camera_info_message(self.view.scene.camera, header)
            self._info.publish(described)
        if with_depth:
            taken = Header(stamp=Time(sec=sec if depth_sec is None else depth_sec), frame_id='camera')
            self._depth.publish(image_message(self.view.depth_mm if depth is None else depth, encoding, taken))
        self._image.publish(image_message(self._picture, 'rgb8', header))

    def until_answered(self, received: Sequence[Any], first_sec: int = 2, **shot: Any) -> Any:
        """Shoot until a topic answers one of these shots, and return the message."""
        sec = iter(range(first_sec, first_sec + 200, 2))

        def answers() -> list[Any]:
            return [one for one in received if one.header.stamp.sec >= first_sec]

        def answered() -> Any:
            if not answers():
                self.shoot(next(sec), **shot)
                patiently(answers, 0.3)
            return answers()[-1] if answers() else None
        return until(answered, 'no answer', 20.0)


def patiently(true: Callable[[], Any], timeout_s: float) -> None:
    """Wait for something to become true, but not longer than the timeout."""
    with suppress(AssertionError):
        until(true, '', timeout_s)


def points_of(message: PointCloud2) -> NDArray[np.void]:
    """Return the points of a message, read as its fields say."""
    kinds = {7: '<f4', 2: 'u1', 4: '<u2'}
    dtype = np.dtype({'names': [f.name for f in message.fields], 'formats': [kinds[f.datatype] for f in message.fields],
                      'offsets': [f.offset for f in message.fields], 'itemsize': message.point_step})
    assert len(message.data) == message.row_step * message.height
    return np.frombuffer(bytes(message.data), dtype).reshape(message.height, message.width)


def xyz_of(message: PointCloud2) -> NDArray[np.float64]:
    """Return the (H, W, 3) coordinates of a message."""
    points = points_of(message)
    return np.stack([points[axis] for axis in 'xyz'], -1).astype(np.float64)
