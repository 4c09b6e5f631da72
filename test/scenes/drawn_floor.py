# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A level floor with a box on it, or hanging over it, as a camera 0.4 m above sees it: exact depth and labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seg_ros.geometry.pinhole import rays_of
from seg_ros.geometry.surface import Surface
from seg_ros.labels.taxonomy import RobotClass, Role
from seg_ros.mapping.view import View
from seg_ros.records import UNLABELLED, Intrinsics

FLOOR, OBSTACLE, PERSON = 0, 6, 7
FAR_M = 7.0
CAMERA = Intrinsics(320, 240, 230.0, 230.0, 159.5, 119.5)
HEIGHT_M, HALF_WIDTH_M, TALL_M = 0.4, 0.3, 0.6


def drawn_classes() -> tuple[RobotClass, ...]:
    """Return floor, furniture and person."""
    return (RobotClass(FLOOR, 'floor', (0, 200, 0), Role.TRAVERSABLE),
            RobotClass(OBSTACLE, 'furniture', (200, 0, 0), Role.OBSTACLE),
            RobotClass(PERSON, 'person', (0, 0, 200), Role.OBSTACLE))


def before_a_wall(view: View) -> View:
    """Return a view whose depth, where there was none, is that of a wall beyond the range of a map."""
    return replace(view, surface=Surface(np.nan_to_num(view.surface.z, nan=FAR_M), view.surface.rays))


def drawn_view(*, box_at: float | None, box_from_m: float = 0.0, label: int = OBSTACLE, stamp_ns: int = 0,
               turned: bool = False) -> View:
    """
    Return a view from the origin along x.

    :param box_at: x of the box's front, 0.6 m wide and up to 0.6 m tall. :param box_from_m: how high it hangs.
    :param turned: whether the camera looks back.
    """
    rays = rays_of(CAMERA)
    with np.errstate(divide='ignore'):
        z = np.where(rays.y > 0, HEIGHT_M / rays.y, np.inf)
    labels = np.where(z < 8.0, FLOOR, UNLABELLED).astype(np.uint8)
    if box_at is not None:
        height = HEIGHT_M - rays.y * box_at
        hit = (np.abs(rays.x * box_at) <= HALF_WIDTH_M) & (height >= box_from_m) & (height <= TALL_M) & (z > box_at)
        z, labels = np.where(hit, box_at + 0.01, z), np.where(hit, label, labels).astype(np.uint8)
    pose = np.eye(4)
    pose[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    if turned:
        pose[:3, :3] = np.diag([-1.0, -1.0, 1.0]) @ pose[:3, :3]
    pose[2, 3] = HEIGHT_M
    return View(stamp_ns, Surface(np.where(z < 8.0, z, np.nan).astype(np.float32), rays), CAMERA, pose, labels)
