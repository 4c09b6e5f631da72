# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One floor for a whole drive: planes of single frames agree, or are left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seg_ros.space import Plane

Floats = NDArray[np.float64]

NEAR_M = 0.1  # so near to each other, floors are one
NEAR_SHARE = 0.15  # of the height of the camera, where its poses are not known
TILT_RAD = math.radians(4.0)
SECOND_SHARE = 0.25  # of all floors, at another height: there are two


@dataclass(frozen=True)
class SteadyFloor:
    """
    What the floors of single frames have in common.

    :param agrees: of each plane, whether it is the floor of the drive.
    :param heights_m: of that floor, and of a second one that many frames show; as poses have it, or below the camera.
    """

    agrees: tuple[bool, ...]
    heights_m: tuple[float, ...]


def steady_floor(planes: Sequence[Plane], poses: Sequence[Floats] | None, up: Floats | None = None) -> SteadyFloor:
    """
    Return which planes are the one floor that most frames show.

    :param poses: (4, 4) world from camera, of each plane; None where they are not known: then the height of the camera
        over the floor decides.
    :param up: (3,) in the world of the poses; None for what most planes say.
    """
    if not planes:
        return SteadyFloor((), ())
    normals = np.array([plane.normal for plane in planes])
    heights = np.array([plane.camera_height_m for plane in planes])
    if poses is None:
        return _largest(-heights, NEAR_SHARE * heights, np.ones(len(planes), np.bool_))
    normals = np.einsum('nij,nj->ni', np.stack(poses)[:, :3, :3], normals)
    up = _commonest(normals) if up is None else up
    level = normals @ up > math.cos(TILT_RAD)
    return _largest(np.stack(poses)[:, :3, 3] @ up - heights, np.full(len(planes), NEAR_M), level)


def _commonest(normals: Floats) -> Floats:
    """Return the mean of the normals that are nearly one of them, that with most."""
    near = normals @ normals.T > math.cos(TILT_RAD)
    mean = normals[near[near.sum(axis=1).argmax()]].mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def _largest(levels: Floats, near: Floats, valid: NDArray[np.bool_]) -> SteadyFloor:
    """Return the level that most share, and the next one."""
    alike = (np.abs(levels - levels[:, None]) <= near) & valid & valid[:, None]
    chosen = alike[alike.sum(axis=1).argmax()]
    others = alike & ~chosen & ~chosen[:, None]
    second = others[others.sum(axis=1).argmax()]
    found = [float(np.median(levels[one])) for one in (chosen, second)
             if np.count_nonzero(one) > SECOND_SHARE * len(levels)]
    return SteadyFloor(tuple(bool(v) for v in chosen), tuple(found))
