# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is known of the space around a camera: records in metres, frozen, validated when made."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import Doubt, ImageError

XYZ = np.dtype([('x', '<f4'), ('y', '<f4'), ('z', '<f4')])
"""One point of a plain cloud, 12 bytes."""

XYZ_LABELLED = np.dtype({'names': ['x', 'y', 'z', 'rgb', 'label', 'instance'],
                         'formats': ['<f4', '<f4', '<f4', '<u4', 'u1', '<u2'],
                         'offsets': [0, 4, 8, 12, 16, 18], 'itemsize': 20})
"""One point with colour (0x00RRGGBB, announced as float32), class id and 1-based instance, 20 bytes."""


@dataclass(frozen=True)
class Cloud:
    """
    Points in metres in the camera's optical frame (REP-103: x right, y down, z forward).

    :param points: C-contiguous array of XYZ or XYZ_LABELLED, whose bytes are PointCloud2 data; (N,)
        without NaN, or (H, W), pixel-aligned with the mask and NaN where nothing was measured.
    """

    points: NDArray[np.void]

    def __post_init__(self) -> None:
        if self.points.dtype not in (XYZ, XYZ_LABELLED) or self.points.ndim not in (1, 2):
            raise ImageError(f'a cloud needs (N,) or (H, W) points, not {self.points.shape} '
                             f'{self.points.dtype}')

    def __len__(self) -> int:
        return self.points.size

    @property
    def is_organised(self) -> bool:
        """Whether each point belongs to a pixel; only then some may be NaN."""
        return self.points.ndim == 2

    @property
    def xyz(self) -> NDArray[np.float32]:
        """The coordinates, (..., 3) float32, sharing the memory of ``points``."""
        columns = self.points.dtype.itemsize // 4
        return self.points.view(np.float32).reshape(*self.points.shape, columns)[..., :3]


@dataclass(frozen=True)
class Plane:
    """
    The floor in the camera's optical frame: a point p lies ``normal . p + camera_height_m`` above it.

    :param normal: unit vector pointing up, (0, -1, 0) for a level camera.
    :param camera_height_m: of the optical centre above the floor, positive.
    :param trust: 0..1; 1 for a plane that was given and not measured.
    """

    normal: tuple[float, float, float]
    camera_height_m: float
    trust: float = 1.0

    @property
    def pitch_rad(self) -> float:
        """How far the camera looks down, as REP-103 counts pitch; negative when it looks up."""
        return math.asin(min(1.0, max(-1.0, -self.normal[2])))

    @property
    def roll_rad(self) -> float:
        """How far the camera leans to its right, as REP-103 counts roll."""
        return math.atan2(-self.normal[0], -self.normal[1])


@dataclass(frozen=True)
class Boxes3D:
    """
    The upright box of each object of an Instances record, in its order; rows are NaN without depth.

    :param centres: (N, 3) float32 metres, in the frame of the record (the camera's optical frame at first).
    :param sizes: (N, 3) float32 metres along the box's own x, y and z; z is up.
    :param quaternions: (N, 4) float32 x, y, z, w: turns the box's axes into the frame's.
    """

    centres: NDArray[np.float32]
    sizes: NDArray[np.float32]
    quaternions: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.centres)
        shapes = self.centres.shape, self.sizes.shape, self.quaternions.shape
        if shapes != ((n, 3), (n, 3), (n, 4)):
            raise ImageError(f'3-D boxes came with arrays of shapes {shapes}')

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def known(self) -> NDArray[np.bool_]:
        """(N,), which objects have a box."""
        return np.isfinite(self.centres[:, 0])


@dataclass(frozen=True)
class Scan:
    """
    The nearest obstacle of each bearing, seen from the camera: x horizontally ahead, y left, z up.

    :param ranges: (B,) float32 metres (REP-117): +inf where the way was seen and is free, -inf where
        something is nearer than ``range_min_m``, NaN where nothing is known.
    :param angle_min_rad: bearing of the first range, counted to the left.
    """

    ranges: NDArray[np.float32]
    angle_min_rad: float
    angle_increment_rad: float
    range_min_m: float
    range_max_m: float

    @property
    def angle_max_rad(self) -> float:
        """Bearing of the last range."""
        return self.angle_min_rad + (len(self.ranges) - 1) * self.angle_increment_rad


@dataclass(frozen=True)
class Space:
    """
    What a frame says in metres; a part is None when nobody wanted it or it could not be made.

    :param doubts: of depth and lens, what can hardly be; each said with its likely cause.
    :param problem: why parts that were wanted could not be made; empty when all were.
    :param plane: the floor that heights were counted from; None when none was known.
    :param costmap_mask: (H, W) uint8, the labels, with the label of an obstacle where depth shows one that they miss.
    :param level: x, y, z, w: turns the level frame of the scan into the camera's optical frame.
    :param objects_frame: the frame of ``objects``; empty for the camera's optical frame.
    """

    problem: str = ''
    plane: Plane | None = None
    points: Cloud | None = None
    obstacles: Cloud | None = None
    ground: Cloud | None = None
    scan: Scan | None = None
    costmap_mask: NDArray[np.uint8] | None = None
    level: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    objects: Boxes3D | None = None
    objects_frame: str = ''
    target_points: Cloud | None = None
    scene_points: Cloud | None = None
    doubts: tuple[Doubt, ...] = ()
