# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is doubtful about the messages and the views that a map is made of."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.bridge.header_doubts import doubts_of_geometry
from seg_ros.errors import Doubt
from seg_ros.geometry.doubts import STRIDE, doubt_of_lens, doubt_of_optical_axis, doubts_of_depth
from seg_ros.health.verdict import Level, Verdict, doubted
from seg_ros.mapping.settings import MappingSettings
from seg_ros.mapping.view import View
from seg_ros.nodes.mailbox import said_of_camera
from seg_ros.records import UNLABELLED, Depth, Intrinsics, Mode

OFTEN = 5  # images in a row whose floor is elsewhere: in one of them it may be a table
LEAP_M, LEAP_MPS = 0.3, 10.0  # a camera that moves farther and faster than this was moved by its transforms


class MapDoubts:
    """Judges what comes of one camera, image after image."""

    def __init__(self) -> None:
        self._said: tuple[Any, ...] = ()
        self.of_headers: tuple[Verdict, ...] = ()
        self._of_depth: tuple[Doubt, ...] = ()
        self._unnamed: tuple[int, ...] = ()
        self._lens: tuple[Intrinsics, Doubt | None] | None = None
        self._frame_id = ''
        self._last: tuple[int, NDArray[np.float64]] | None = None  # stamp and place of the last view
        self._level = self._unlevel = 0  # how many views had the map's floor, how many in a row had it elsewhere

    def begin_again(self) -> None:
        """Note that time went back: where the camera was says nothing of where it is."""
        self._last = None

    def look_at_headers(self, frame_id: str, depth_frame: str, info: Any, settings: MappingSettings) -> None:
        """
        Judge what the messages of an image say of themselves, where that is not what they said before.

        :param depth_frame: empty where there is none. :param info: the camera_info, None where there is none.
        """
        said = frame_id, depth_frame, settings.rectified, None if info is None else said_of_camera(info)
        if said != self._said:
            self._said, self._frame_id = said, frame_id
            found = doubts_of_geometry(frame_id, depth_frame, info, rectified=settings.rectified)
            self.of_headers = tuple(map(doubted, found))

    def look_at_depth(self, depth: Depth, settings: MappingSettings) -> None:
        """Judge the depth of an image, as it came."""
        self._of_depth = doubts_of_depth(depth, nearest_m=settings.min_range_m, farthest_m=settings.max_range_m)

    def look_at_labels(self, labels: NDArray[np.uint8], names: Collection[int]) -> None:
        """Judge whether the labels of an image have names."""
        self._unnamed = tuple(sorted({*np.unique(labels[::STRIDE, ::STRIDE]).tolist()} - {*names, UNLABELLED}))

    def of_view(self, view: View, settings: MappingSettings, coming: Collection[str], *,
                is_level: bool) -> Iterator[Verdict]:
        """
        Yield what is doubtful about a view, and what it lacks.

        :param coming: the parts that come of other images. :param is_level: whether its floor can be that of the map.
        """
        lens, axis = self._doubt_of_lens(view), doubt_of_optical_axis(view.map_from_camera[:3, :3], self._frame_id)
        yield from (doubted(doubt) for doubt in (lens, *self._of_depth, axis) if doubt is not None)
        yield from _absences(view, settings, coming)
        if self._unnamed:
            numbers = ', '.join(map(str, self._unnamed[:9]))
            yield Verdict(Level.WARN, 'unnamed', f'labels without a name come: {numbers}; nothing of them is mapped',
                          'see whether ~/label_info is of the node that publishes ~/mask')
        yield from self._doubts_of_floor(view, settings.map_frame, is_level)
        if self._last is not None:
            yield from _leap(*self._last, view, settings.map_frame)
        self._last = view.stamp_ns, view.place

    def _doubts_of_floor(self, view: View, map_frame: str, is_level: bool) -> Iterator[Verdict]:
        if view.floor is None:
            return
        self._level, self._unlevel = self._level + is_level, 0 if is_level else self._unlevel + 1
        if self._unlevel < OFTEN:
            return
        floor_m = view.place[2] - view.floor.camera_height_m
        if self._level < OFTEN:
            yield Verdict(Level.WARN, 'floor', f'the floor in view lies at z = {floor_m:.2f} m of {map_frame}, or '
                          'leans; the map takes z = 0 for it',
                          'publish odometry whose z = 0 is the floor, or name another map_frame')
        else:
            yield Verdict(Level.WARN, 'floor', f'what is labelled floor now lies at z = {floor_m:.2f} m of '
                          f'{map_frame}, or leans, and lay at 0 before: it is not taken for the floor',
                          'see whether the model takes something else for floor, a table say, or odometry drifts')

    def _doubt_of_lens(self, view: View) -> Doubt | None:
        if self._lens is None or self._lens[0] != view.camera:
            self._lens = view.camera, doubt_of_lens(view.camera, view.surface.rays)
        return self._lens[1]


def _absences(view: View, settings: MappingSettings, coming: Collection[str]) -> Iterator[Verdict]:
    mode = Mode(settings.mode)
    for word, part, is_missing in (('labels', 'mask', mode.has_labels and view.labels is None),
                                   ('objects', 'instances', mode.has_instances and view.instances is None)):
        if is_missing and part in coming:
            yield Verdict(Level.WARN, f'without {word}', f'{word} of some images do not come, or too late',
                          f'raise wait_s ({settings.wait_s:g}), or set the Fast DDS profile on both sides '
                          '(docs/transport.md)')
        elif is_missing:
            yield Verdict(Level.WARN, f'without {word}', f'{word} of the images do not come',
                          'set the mode of segmentation to panoptic, or that of mapping to what it gives')


def _leap(last_ns: int, last_place: NDArray[np.float64], view: View, map_frame: str) -> Iterator[Verdict]:
    """Yield that the camera was moved rather than that it moved."""
    elapsed_s, moved_m = (view.stamp_ns - last_ns) / 1e9, math.dist(view.place, last_place)
    if elapsed_s > 0 and moved_m > LEAP_M + LEAP_MPS * elapsed_s:
        yield Verdict(Level.WARN, 'leapt', f'the camera leapt {moved_m:.1f} m in {map_frame} within {elapsed_s:.2f} s',
                      'what is seen now lies beside what was seen before: see to odometry and localisation, then call '
                      '~/clear')
