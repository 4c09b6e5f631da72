# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Frames that know where their camera was: of a recording by its transforms or odometry, of a folder by its poses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from seg_ros.bridge.cameras import intrinsics_of
from seg_ros.bridge.images import decode_depth, decode_image
from seg_ros.errors import DataError, ImageError
from seg_ros.geometry.lens import with_lens
from seg_ros.picture_files import read_picture, read_rgb
from seg_ros.recordings.bags import Bag, is_bag
from seg_ros.recordings.camera_of_bag import KINDS, Excerpt, Moment, camera_topics, moments
from seg_ros.recordings.recorded_transforms import transforms_of
from seg_ros.records import Frame, Intrinsics

FARTHEST_MM = 20_000  # what a folder holds beyond this was not measured
log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PosedFrame:
    """
    The ``number``-th image with its depth, and the (4, 4) pose that takes its optical frame into the map.

    Where no poses are known, that is none, and the camera stays at the origin.
    """

    number: int
    frame: Frame
    map_from_camera: NDArray[np.float64]


class PosedFrames(Protocol):
    """Where posed frames come from."""

    count: int
    """How many images there are, at most so many frames."""
    is_level: bool
    """Whether z of the map points up and is 0 on the floor; where it is not, the floor in view can tell."""
    is_posed: bool
    """Whether poses are known."""

    def frames(self, first: int = 0) -> Iterator[PosedFrame]:
        """Yield the frames from the image ``first`` on that have depth and a pose."""


def posed_frames(path: Path, *, map_frame: str = '', recording: Excerpt | None = None,
                 needs_poses: bool = True) -> PosedFrames:
    """
    Return the posed frames of a recording or a folder.

    :param map_frame: the frame of the map in a recording; empty for ``map``, or else ``odom``.
    :param needs_poses: false takes a recording without transforms, too.
    :raises DataError: when there is no such thing, or it lacks depth or poses.
    """
    if not path.exists():
        raise DataError(f'there is no {path}', 'give a recording, or a folder with .pose.txt files')
    if is_bag(path):
        return _BagFrames(path, map_frame, recording or Excerpt(), needs_poses=needs_poses)
    if path.is_dir() and any(path.glob('*.pose.txt')):
        return _FolderFrames(path)
    raise DataError(f'{path} is no recording, and no folder with .pose.txt files',
                    'a folder holds NAME.color.jpg, NAME.depth.png and NAME.pose.txt for each image')


class _BagFrames:
    """The frames of a recording."""

    is_level = True

    def __init__(self, path: Path, map_frame: str, chosen: Excerpt, *, needs_poses: bool) -> None:
        self._path = path
        with Bag(path) as bag:
            self._topics = camera_topics(bag, chosen)
            if not self._topics.depth:
                raise DataError(f'{path} has no depth image', 'record depth registered to the image')
            if not self._topics.camera_info:
                raise DataError(f'{path} has no camera_info of {self._topics.image}', 'record it with the images')
            self.count = int(bag.topics[self._topics.image].msgcount)
            first = bag.first(self._topics.image, KINDS[bag.kind(self._topics.image)])
            self._optical = first.header.frame_id
        self._tree = transforms_of(path)
        self.map_frame = map_frame or ('map' if self._tree.joins('map', self._optical) else 'odom')
        self.is_posed = self.is_level = self._tree.joins(self.map_frame, self._optical)
        if needs_poses and not self.is_posed:
            raise self._tree.unjoined(self.map_frame, self._optical)

    def frames(self, first: int = 0) -> Iterator[PosedFrame]:
        lost = 0
        with Bag(self._path) as bag:
            for number, moment in enumerate(moments(bag, self._topics)):
                if number < first:
                    continue
                pose = self._tree.pose(self.map_frame, self._optical, moment.stamp_ns) if self.is_posed else np.eye(4)
                frame = _frame_of(moment)
                if pose is not None and frame is not None:
                    yield PosedFrame(number, frame, pose)
                else:
                    lost += 1
        if lost:
            log.warning('%d of %d images of %s have no depth or no pose, and are left out', lost, self.count,
                        self._path)


class _FolderFrames:
    """The frames of a folder that brings a pose for each image."""

    is_level, is_posed = False, True

    def __init__(self, path: Path) -> None:
        self._names = sorted(one.name.removesuffix('.pose.txt') for one in path.glob('*.pose.txt'))
        self._path, self.count = path, len(self._names)
        self._matrix = camera_matrix(path / 'camera-intrinsics.txt')
        if not any((path / f'{name}.depth.png').is_file() for name in self._names):
            raise DataError(f'{path} has no depth images', 'put NAME.depth.png beside NAME.pose.txt')

    def frames(self, first: int = 0) -> Iterator[PosedFrame]:
        for number, name in enumerate(self._names[first:], first):
            pose = np.loadtxt(self._path / f'{name}.pose.txt')
            frame = self._frame(number, name)
            if frame is None or pose.shape != (4, 4) or not np.isfinite(pose).all():
                log.warning('%s of %s has no picture, no depth or no pose, and is left out', name, self._path)
            else:
                yield PosedFrame(number, frame, _rigid(pose))

    def _frame(self, number: int, name: str) -> Frame | None:
        colour = [self._path / f'{name}.color.{suffix}' for suffix in ('jpg', 'png')]
        try:
            rgb = read_rgb(next((path for path in colour if path.is_file()), colour[0]))
            depth = measured_depth(self._path / f'{name}.depth.png')
        except DataError:  # told with what else of the moment is missing
            return None
        camera = camera_of_matrix(self._matrix, rgb.shape[1], rgb.shape[0])
        return Frame('', number * 100_000_000, 'camera', rgb, depth, camera)


def camera_matrix(file: Path) -> NDArray[np.float64]:
    """
    Return the 3x3 matrix K that a text file holds.

    :raises DataError: when it holds something else.
    """
    try:
        return np.array(file.read_text(encoding='utf-8').split(), np.float64).reshape(3, 3)
    except (OSError, ValueError) as error:
        raise DataError(f'{file} is no 3x3 camera matrix ({error})', 'write K of the images into it') from error


def camera_of_matrix(matrix: NDArray[np.float64], width: int, height: int) -> Intrinsics:
    """Return the camera of images of a size, given its matrix K."""
    (fx, _, cx), (_, fy, cy), _ = matrix.tolist()
    return Intrinsics(width, height, fx, fy, cx, cy)


def measured_depth(path: Path) -> NDArray[np.uint16]:
    """
    Return the depth in a PNG file, (H, W) millimetres, 0 where nothing was measured.

    :raises DataError: when it cannot be read, or is no 16-bit image.
    """
    depth = read_picture(path, cv2.IMREAD_UNCHANGED)
    if depth.dtype != np.uint16 or depth.ndim != 2:
        raise DataError(f'{path} is of {depth.dtype}, {depth.shape}')
    return np.where(depth > FARTHEST_MM, np.uint16(0), depth)


def _rigid(pose: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a pose whose rotation is one to the last digit, as it was before it was written as text."""
    exact = np.eye(4)
    exact[:3, :3], exact[:3, 3] = Rotation.from_matrix(pose[:3, :3]).as_matrix(), pose[:3, 3]
    return exact


def _frame_of(moment: Moment) -> Frame | None:
    """Return the frame of a moment, or None where it has no depth or cannot be decoded."""
    if moment.depth is None or moment.camera_info is None:
        return None
    try:
        rgb = decode_image(moment.image)
        info = moment.camera_info
        camera = with_lens(intrinsics_of(info, (rgb.shape[1], rgb.shape[0])), info.distortion_model, info.d)
        return Frame('', moment.stamp_ns, moment.image.header.frame_id, rgb, decode_depth(moment.depth), camera)
    except ImageError as error:
        log.warning('The image of %.3f s cannot be used: %s', moment.stamp_ns / 1e9, error)
        return None
