# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One camera of a map: the answers about its images, where it stood, and the view that these make."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from seg_ros.bridge.answers import labels_of, listed_instances
from seg_ros.errors import ImageError
from seg_ros.geometry.ground import measured_floor
from seg_ros.health.causes import Situation
from seg_ros.health.numbers import CameraHealth, HealthRecorder
from seg_ros.health.verdict import Level, Verdict, without
from seg_ros.mapping.settings import MappingSettings
from seg_ros.mapping.view import View
from seg_ros.nodes.frames import remedy_of_gap
from seg_ros.nodes.gathering import DEPTH, Parts
from seg_ros.nodes.map_doubts import MapDoubts
from seg_ros.nodes.map_inputs import AbsentError, MapInputs
from seg_ros.nodes.map_measured import Measuring
from seg_ros.nodes.transforms import Transforms
from seg_ros.records import Instances, Mode

log = logging.getLogger(__name__)

PoseMatrix = NDArray[np.float64]
Image = NDArray[np.uint8]


class MapCamera:
    """
    Makes views of what comes of one camera, and knows how it fares.

    The methods from :meth:`adopt` to :meth:`situation` belong to the executor, the others to the thread that maps.

    :param name: prefix of its topics; empty for none. :param bell: rung when something comes.
    :ivar inputs: what it is made of.
    """

    def __init__(self, node: Node, name: str, bell: threading.Condition, transforms: Transforms,
                 settings: MappingSettings) -> None:
        self._node, self.name, self._transforms, self.settings = node, name, transforms, settings
        self.health = HealthRecorder()
        self.inputs = MapInputs(node, name, bell, settings, self._say_jump)
        self._doubts = MapDoubts()
        self._measuring = Measuring(name, self._doubts)

    @property
    def topic(self) -> str:
        """The resolved name of the topic that the others go by."""
        return self.inputs.first.topic

    def adopt(self, settings: MappingSettings) -> None:
        """Use other settings from the next image on."""
        self.settings = settings
        self.inputs.gathering.slop_s, self.inputs.gathering.wait_s = settings.depth_slop_s, settings.wait_s

    def snapshot(self, now_ns: int) -> CameraHealth:
        """Return how the camera fares, in numbers."""
        return self.health.snapshot(now_ns, self.inputs.gathering.came())

    def situation(self, problems: Sequence[Verdict] = (), **facts: Any) -> Situation:
        """
        Return what is true around the camera.

        :param problems: of the whole map. :param facts: what only the node knows.
        """
        first = self.inputs.first
        return Situation(first.topic, len(first.publishers), tuple(first.foreign_types),
                         candidates=() if first.publishers else first.others(),
                         problems=(*self.inputs.absences(), *self._doubts.of_headers, *problems), **facts)

    def lose(self, word: str, error: ImageError, level: Level = Level.WARN) -> None:
        """Count an image that is not mapped, and say why for as long as that lasts."""
        self.health.with_depth(word)
        if not (isinstance(error, AbsentError) and error.is_told):
            self.health.found([without(word, error, level)])

    def placed(self, parts: Parts) -> PoseMatrix:
        """
        Return where the camera stood, (4, 4), its optical frame into the map.

        :raises ImageError: when TF does not know it at that moment, or what holds for all images did not come; or not
            yet.
        """
        depth = parts.messages.get(DEPTH)
        header = next(message for part, message in parts.messages.items() if part != DEPTH).header
        self._doubts.look_at_headers(header.frame_id, '' if depth is None else depth.header.frame_id, self.inputs.info,
                                     self.settings)
        if self.inputs.words is None:
            raise self.inputs.absent('label_info', 'the names of the labels do not come')
        if self.inputs.info is None and self.settings.source == 'depth':
            raise self.inputs.absent('camera_info', 'no camera_info comes')
        turn, place = self._transforms.between(self.settings.map_frame, header.frame_id, parts.stamp_ns, patience_s=0.0)
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = turn, place
        return pose

    def view(self, parts: Parts, pose: PoseMatrix, table: Image, ids: Mapping[str, int],
             is_ground: NDArray[np.bool_]) -> View:
        """
        Return what an image says, placed.

        :param table: (256,) from the labels of this camera to those of the map. :param ids: of the map, by name.
        :param is_ground: (256,), by label of the map.
        :raises ImageError: when a part is missing or cannot be used.
        """
        mode = Mode(self.settings.mode)
        if self.settings.source == 'depth' and DEPTH not in parts.messages:
            raise self._without_depth(parts.stamp_ns)
        found = self._measuring.of(parts, self.inputs.info, self.settings)
        surface, labels = found.surface, None
        if found.labels is not None and mode.has_labels:
            self._doubts.look_at_labels(found.labels, self.inputs.words or {})
            labels = np.asarray(cv2.LUT(found.labels, table), np.uint8)
        listed, confidence = parts.messages.get('instances'), parts.messages.get('confidence')
        instances: Instances | None = None
        if mode.has_instances and listed is not None and found.front is not None:
            instances = listed_instances(listed, found.front, ids)
        floor = None if labels is None else measured_floor(surface, labels, is_ground)
        return View(parts.stamp_ns, surface, found.camera, pose, labels, None if confidence is None or labels is None
                    else labels_of(confidence), instances, floor, self.name)

    def note(self, view: View, spent_s: float, *, is_level: bool) -> None:
        """
        Count a view that was mapped, and say what is doubtful about it.

        :param spent_s: what it took. :param is_level: whether its floor can be that of the map.
        """
        self.health.with_depth('mapped')
        self.health.published(view.stamp_ns, self._node.get_clock().now().nanoseconds, {'map': spent_s})
        self.health.found(self._doubts.of_view(view, self.settings, self.inputs.coming(view.stamp_ns),
                                               is_level=is_level))

    def _without_depth(self, stamp_ns: int) -> ImageError:
        """Return why an image has no depth."""
        gap_s = self.inputs.gathering.depth_gap_s(stamp_ns)
        if gap_s is None:
            return self.inputs.absent(DEPTH, 'no depth comes with the answers')
        return ImageError('labels and depth are out of step: the nearest depth was taken '
                          f'{abs(gap_s):.3f} s {"after" if gap_s > 0 else "before"} the image',
                          remedy_of_gap(abs(gap_s), self.settings.depth_slop_s))

    def _say_jump(self, words: str) -> None:
        self._doubts.begin_again()
        log.warning('The answers on %s %s', self.topic, words)
