# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One camera of a map: the answers about its images, where it stood, and the view that these make."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from seg_ros.bridge.answers import class_names_of, ids_of, labels_of, listed_instances, organised_points_of
from seg_ros.bridge.cameras import intrinsics_of
from seg_ros.bridge.images import decode_depth, stamp_ns_of
from seg_ros.errors import ImageError
from seg_ros.geometry.ground import measured_floor
from seg_ros.geometry.lens import with_lens
from seg_ros.geometry.pinhole import Optics, camera_of_points
from seg_ros.geometry.surface import NEAREST_M, Surface, surface_of
from seg_ros.health.causes import Situation
from seg_ros.health.numbers import CameraHealth, HealthRecorder
from seg_ros.health.verdict import Level, Verdict
from seg_ros.mapping.settings import MappingSettings
from seg_ros.mapping.view import View
from seg_ros.nodes.gathering import DEPTH, Gathering, Parts
from seg_ros.nodes.streams import Stream, camera_topic
from seg_ros.nodes.transforms import Transforms
from seg_ros.records import Frame, Instances, Intrinsics, Mode

log = logging.getLogger(__name__)

QUEUE = 5  # messages of a topic that wait while others are received
OFTEN = 5  # images in a row whose floor is elsewhere: in one of them it may be a table
LEAP_M, LEAP_MPS = 0.3, 10.0  # a camera that moves farther and faster than this was moved by its transforms

Pose = NDArray[np.float64]
Image = NDArray[np.uint8]


class MapCamera:
    """
    Receives what is needed for a map of one camera.

    The methods from :meth:`open` to :meth:`situation` belong to the executor, the others to the thread that maps.

    :param name: prefix of its topics; empty for none. :param bell: rung when something comes.
    """

    def __init__(self, node: Node, name: str, bell: threading.Condition, transforms: Transforms,
                 settings: MappingSettings) -> None:
        self._node, self.name, self._transforms, self.settings = node, name, transforms, settings
        self.health = HealthRecorder()
        self.gathering = Gathering(wanted_of(settings), bell, self._say_jump)
        self._info: Any = None
        self._came: set[str] = set()  # what was received once
        self.words: Mapping[int, str] | None = None  # the names of the labels, by id
        self._optics = Optics()
        self._fitted: Intrinsics | None = None  # the camera as its points tell it
        self._last: tuple[int, Pose] | None = None  # stamp and place of the last view
        self._unlevel = 0  # how many views in a row had their floor elsewhere
        self._streams = {part: self._stream(part) for part in (*wanted_of(settings), 'label_info', *(
            ('camera_info',) if settings.source == 'depth' else ()))}

    @property
    def topic(self) -> str:
        """The resolved name of the topic that the others go by."""
        return self._streams[wanted_of(self.settings)[0]].topic

    def open(self) -> None:
        """Receive from now on."""
        self.gathering.clear()
        for stream in self._streams.values():
            stream.open()

    def close(self) -> None:
        """Receive no more."""
        for stream in self._streams.values():
            stream.close()
        self.gathering.clear()

    def keep_up(self) -> None:
        """Follow the publishers; call it once a second."""
        for stream in self._streams.values():
            if stream.is_open:
                stream.keep_up()

    def adopt(self, settings: MappingSettings) -> None:
        """Use other settings from the next image on."""
        self.settings = settings
        self.gathering.slop_s, self.gathering.wait_s = settings.depth_slop_s, settings.wait_s

    def snapshot(self, now_ns: int) -> CameraHealth:
        """Return how the camera fares, in numbers."""
        return self.health.snapshot(now_ns, self.gathering.came())

    def situation(self, problems: Sequence[Verdict] = (), **facts: Any) -> Situation:
        """
        Return what is true around the camera.

        :param problems: of the whole map. :param facts: what only the node knows.
        """
        first = self._streams[wanted_of(self.settings)[0]]
        return Situation(first.topic, len(first.publishers), tuple(first.foreign_types),
                         problems=(*self._absences(), *problems), **facts)

    def lose(self, word: str, error: ImageError, level: Level = Level.WARN) -> None:
        """Count an image that is not mapped, and say why for as long as that lasts."""
        self.health.with_depth(word)
        self.health.found([Verdict(level, word, error.fact, error.remedy)])

    def placed(self, parts: Parts) -> Pose:
        """
        Return where the camera stood, (4, 4), its optical frame into the map.

        :raises ImageError: when TF does not know it at that moment, or what holds for all images did not come; or not
            yet.
        """
        if self.words is None:
            raise ImageError('the names of the labels do not come', 'see whether segmentation publishes ~/label_info')
        if self._info is None and self.settings.source == 'depth':
            raise ImageError('no camera_info comes', f'remap {camera_topic(self.name, "camera_info")} to that of the '
                                                     'image')
        header = next(iter(parts.messages.values())).header
        turn, place = self._transforms.between(self.settings.map_frame, header.frame_id, parts.stamp_ns, patience_s=0.0)
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = turn, place
        return pose

    def view(self, parts: Parts, pose: Pose, table: Image, ids: Mapping[str, int],
             is_ground: NDArray[np.bool_]) -> View:
        """
        Return what an image says, placed.

        :param table: (256,) from the labels of this camera to those of the map. :param ids: of the map, by name.
        :param is_ground: (256,), by label of the map.
        :raises ImageError: when a part is missing or cannot be used.
        """
        mode = Mode(self.settings.mode)
        surface, camera, labels, front = self._measured(parts)
        labels = cv2.LUT(labels, table) if labels is not None and mode.has_labels else None  # type: ignore[assignment]
        listed, confidence = parts.messages.get('instances'), parts.messages.get('confidence')
        instances: Instances | None = None
        if mode.has_instances and listed is not None and front is not None:
            instances = listed_instances(listed, front, ids)
        floor = None if labels is None else measured_floor(surface, labels, is_ground)
        return View(parts.stamp_ns, surface, camera, pose, labels, None if confidence is None or labels is None
                    else labels_of(confidence), instances, floor, self.name)

    def note(self, view: View, spent_s: float, *, is_level: bool) -> None:
        """
        Count a view that was mapped, and say what is doubtful about it.

        :param spent_s: what it took. :param is_level: whether its floor can be that of the map.
        """
        self.health.with_depth('mapped')
        self.health.published(view.stamp_ns, self._node.get_clock().now().nanoseconds, {'map': spent_s})
        self.health.found(self._doubts(view, is_level))
        self._last = view.stamp_ns, view.place

    def _doubts(self, view: View, is_level: bool) -> Iterator[Verdict]:
        """Yield what a view lacks, and whether the camera was moved rather than that it moved."""
        mode = Mode(self.settings.mode)
        for word, is_missing in (('labels', mode.has_labels and view.labels is None),
                                 ('objects', mode.has_instances and view.instances is None)):
            if is_missing:
                yield Verdict(Level.WARN, f'without {word}', f'{word} of the images do not come',
                              'set the mode of segmentation to panoptic, or that of mapping to what it gives')
        self._unlevel = 0 if is_level or view.floor is None else self._unlevel + 1
        if view.floor is not None and self._unlevel >= OFTEN:
            floor_m = view.place[2] - view.floor.camera_height_m
            yield Verdict(Level.WARN, 'floor', f'the floor in view lies at z = {floor_m:.2f} m of '
                          f'{self.settings.map_frame}, or leans; the map takes z = 0 for it',
                          'publish odometry whose z = 0 is the floor, or name another map_frame')
        if self._last is not None:
            elapsed_s, moved_m = (view.stamp_ns - self._last[0]) / 1e9, math.dist(view.place, self._last[1])
            if elapsed_s > 0 and moved_m > LEAP_M + LEAP_MPS * elapsed_s:
                yield Verdict(Level.WARN, 'leapt', f'the camera leapt {moved_m:.1f} m in {self.settings.map_frame} '
                              f'within {elapsed_s:.2f} s', 'what is seen now lies beside what was seen before: see to '
                              'odometry and localisation, then call ~/clear')

    def _measured(self, parts: Parts) -> tuple[Surface, Intrinsics, Image | None, NDArray[np.uint16] | None]:
        """Return surface, camera, labels, and who is in front."""
        messages = parts.messages
        if self.settings.source == 'points':
            if 'points' not in messages:
                raise ImageError('no points come with the objects', 'see what /diagnostics says of segmentation')
            points = organised_points_of(messages['points'])
            camera = self._camera_of(points.xyz)
            depth = np.ascontiguousarray(points.xyz[..., 2])
            return self._surface(depth, camera, parts, (camera.width, camera.height)), camera, points.labels, points.ids
        if DEPTH not in messages:
            raise ImageError('no depth comes with the answers', f'remap {camera_topic(self.name, DEPTH)} to the depth '
                             'registered to the image, or raise depth_slop_s')
        labels = labels_of(messages['mask']) if 'mask' in messages else None
        front = ids_of(messages['instance_ids']) if 'instance_ids' in messages else None
        if labels is None and front is None:
            raise ImageError('neither labels nor objects come', "set mode to what segmentation's mode gives")
        height, width = (front if labels is None else labels).shape  # type: ignore[union-attr]
        camera = intrinsics_of(self._info, None, rectified=self.settings.rectified or None)
        if not self.settings.rectified:
            camera = with_lens(camera, self._info.distortion_model, self._info.d)
        surface = self._surface(decode_depth(messages[DEPTH]), camera, parts, (width, height))
        return surface, camera if (camera.width, camera.height) == (width, height) else camera.scaled_to(
            width, height), labels, front

    def _surface(self, depth: Any, camera: Intrinsics, parts: Parts, size: tuple[int, int]) -> Surface:
        blank = np.broadcast_to(np.uint8(0), (camera.height, camera.width, 3))
        return surface_of(Frame(self.name, parts.stamp_ns, '', blank, depth, camera), size, optics=self._optics,
                          nearest_m=min(NEAREST_M, self.settings.min_range_m))

    def _camera_of(self, xyz: NDArray[np.float32]) -> Intrinsics:
        if self._fitted is None or (self._fitted.height, self._fitted.width) != xyz.shape[:2]:
            self._fitted = camera_of_points(xyz)
        return self._fitted

    def _stream(self, part: str) -> Stream:
        own = camera_topic(self.name, part)
        topic = own if part in (DEPTH, 'camera_info') else f'{self.settings.segmentation}/{own}'
        transports = {DEPTH: ('raw', 'compressedDepth')}.get(part, (part if part in (
            'camera_info', 'label_info', 'instances', 'points') else 'raw',))
        receive = {'camera_info': self._on_info, 'label_info': self._on_words}.get(part, partial(self._on_part, part))
        return Stream(self._node, topic, receive, transports, depth=QUEUE)

    def _on_part(self, part: str, message: Any) -> None:
        self._came.add(part)
        self.gathering.put(part, message, stamp_ns_of(message.header), self._node.get_clock().now().nanoseconds)

    def _on_info(self, message: Any) -> None:
        self._came.add('camera_info')
        self._info = message

    def _on_words(self, message: Any) -> None:
        self.words = class_names_of(message)

    def _absences(self) -> Iterator[Verdict]:
        """Yield which topics nobody publishes, of those beside the first."""
        for part in (DEPTH, 'camera_info'):
            stream = self._streams.get(part)
            if stream is not None and stream.is_open and not stream.publishers:
                is_gone = part in self._came
                yield Verdict(Level.WARN, f'absent {part}', f'nobody publishes {stream.topic}' +
                              (' any more' if is_gone else ''), 'start the camera again; this node goes on by itself'
                              if is_gone else f'remap {camera_topic(self.name, part)} to its topic')

    def _say_jump(self, words: str) -> None:
        self._last = None
        log.warning('The answers on %s %s', self.topic, words)


def wanted_of(settings: MappingSettings) -> tuple[str, ...]:
    """Return the parts of an image that a map is made of, the one that all others go by first."""
    mode = Mode(settings.mode)
    listed = ('instances',) if mode.has_instances else ()
    if settings.source == 'points':
        return ('points', *listed)
    return (*(('mask', 'confidence') if mode.has_labels else ()), *(('instance_ids', *listed) if listed else ()), DEPTH)
