# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Exact scenes: boxes and upright cylinders on a floor, met by one ray per pixel, with every answer known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seg_ros.records import Frame, Instances, Intrinsics

FLOOR, WALL, OBJECT, NOTHING = 0, 1, 9, 255  # ids of the indoor taxonomy; NOTHING is behind the world's end
IS_OBSTACLE = np.isin(np.arange(256), [WALL, OBJECT])
IS_GROUND = np.arange(256) == FLOOR

CAMERA = Intrinsics(640, 480, 520.0, 521.0, 318.5, 242.5)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Solid:
    """A box, or with ``is_round`` a cylinder, in the world: x ahead, y left, z up, origin on the floor."""

    x: float
    y: float
    size: tuple[float, float, float]
    yaw_rad: float = 0.0
    bottom: float = 0.0
    is_round: bool = False
    label: int = OBJECT

    @property
    def centre(self) -> Floats:
        """(3,) middle of the solid in the world."""
        return np.array([self.x, self.y, self.bottom + self.size[2] / 2])

    def distances(self, origin: Floats, rays: Floats) -> Floats:
        """Return (...,) how many (..., 3) rays lie between the origin and the solid; inf where they miss."""
        cos, sin = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        into_solid = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
        start, ways = into_solid @ (origin - self.centre), rays @ into_solid.T
        half = np.array(self.size) / 2
        with np.errstate(divide='ignore', invalid='ignore'):
            near, far = np.sort(np.stack([(-half - start) / ways, (half - start) / ways]), axis=0)
        if self.is_round:
            side_near, side_far = _circle(start, ways, half[0])
            near = np.stack([side_near, near[..., 2]], -1)
            far = np.stack([side_far, far[..., 2]], -1)
        enters, leaves = near.max(axis=-1), far.min(axis=-1)
        return np.where((enters <= leaves) & (enters > 0), enters, np.inf)


@dataclass(frozen=True)
class Scene:
    """A camera above a floor with solids on it."""

    solids: tuple[Solid, ...]
    camera_height_m: float = 1.0
    pitch_rad: float = 0.0
    roll_rad: float = 0.0
    camera: Intrinsics = CAMERA
    reach_m: float = 12.0  # floor farther away has no depth

    @property
    def world_from_optical(self) -> Floats:
        """(3, 3) rotation: the optical axes in the world, where the camera's heading is x."""
        cp, sp, cr, sr = (f(a) for a in (self.pitch_rad, self.roll_rad) for f in (math.cos, math.sin))
        pitch = np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
        roll = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])
        body_from_optical = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])
        return pitch @ roll @ body_from_optical

    def optical(self, points: Floats) -> Floats:
        """Return (..., 3) world points in the optical frame."""
        return (points - [0, 0, self.camera_height_m]) @ self.world_from_optical

    def world(self, points: Floats) -> Floats:
        """Return (..., 3) points of the optical frame in the world."""
        return points @ self.world_from_optical.T + [0, 0, self.camera_height_m]

    def free_distances(self, bearings: Floats) -> Floats:
        """Return the horizontal distance to the nearest solid for bearings counted to the left; inf if free."""
        rays = np.stack([np.cos(bearings), np.sin(bearings), np.zeros_like(bearings)], -1)
        flat = [replace(s, bottom=-1e3, size=(*s.size[:2], 2e3)) for s in self.solids]
        return np.min([s.distances(np.zeros(3), rays) for s in flat], axis=0, initial=np.inf)


@dataclass(frozen=True)
class View:
    """
    What the camera sees of a scene.

    :param depth_m: (H, W) float64 along the optical axis, NaN where nothing is.
    :param ids: (H, W) uint16, 0 for floor and nothing, k + 1 for solid k.
    :param labels: (H, W) uint8.
    """

    scene: Scene
    depth_m: Floats
    ids: NDArray[np.uint16]
    labels: NDArray[np.uint8]

    @property
    def points(self) -> Floats:
        """(H, W, 3) exact points in the optical frame."""
        return rays(self.scene.camera) * self.depth_m[..., None]

    @property
    def depth_mm(self) -> NDArray[np.uint16]:
        """The depth image a camera publishes: uint16 millimetres, 0 for nothing."""
        return np.nan_to_num(np.round(self.depth_m * 1000)).astype(np.uint16)

    @property
    def instances(self) -> Instances:
        """Every solid in view labelled OBJECT, in the order of the scene."""
        shown = [k for k, s in enumerate(self.scene.solids) if s.label == OBJECT and (self.ids == k + 1).any()]
        return instances_of([self.ids == k + 1 for k in shown], [k + 1 for k in shown])

    def frame(self, depth: NDArray[np.uint16] | NDArray[np.float32] | None = None) -> Frame:
        """Return the frame, grey, with this depth or the exact one in millimetres."""
        rgb = np.full((*self.labels.shape, 3), 100, np.uint8)
        return Frame('', 0, 'camera', rgb, self.depth_mm if depth is None else depth, self.scene.camera)


def seen(scene: Scene) -> View:
    """Return the exact view of a scene."""
    ways = rays(scene.camera) @ scene.world_from_optical.T
    origin = np.array([0, 0, scene.camera_height_m])
    with np.errstate(divide='ignore'):
        floor = np.where(ways[..., 2] < 0, -scene.camera_height_m / ways[..., 2], np.inf)
    floor[np.hypot(ways[..., 0], ways[..., 1]) * floor > scene.reach_m] = np.inf
    depths = np.stack([floor, *(s.distances(origin, ways) for s in scene.solids)])
    ids = depths.argmin(axis=0).astype(np.uint16)
    depth = depths.min(axis=0)
    labels = np.array([FLOOR, *(s.label for s in scene.solids)], np.uint8)[ids]
    labels[~np.isfinite(depth)] = NOTHING
    return View(scene, np.where(np.isfinite(depth), depth, np.nan), ids, labels)


def rays(camera: Intrinsics) -> Floats:
    """Return the (H, W, 3) rays (x, y, 1) of a camera without distortion."""
    columns, rows = np.meshgrid(np.arange(camera.width), np.arange(camera.height))
    return np.stack([(columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy,
                     np.ones(columns.shape)], -1)


def noisy(depth_m: Floats, rng: np.random.Generator, *, sigma_at_2m: float = 0.01) -> NDArray[np.uint16]:
    """Return uint16 millimetres with the noise of a stereo camera: its deviation grows with the square of z."""
    sigma = np.nan_to_num(sigma_at_2m * (depth_m / 2) ** 2)
    return np.nan_to_num(np.round((depth_m + rng.normal(0, 1, depth_m.shape) * sigma) * 1000)).astype(np.uint16)


def instances_of(masks: list[NDArray[np.bool_]], track_ids: list[int] | None = None) -> Instances:
    """Return the record of full masks, cut out."""
    size = (masks[0].shape[1], masks[0].shape[0]) if masks else (CAMERA.width, CAMERA.height)
    spans = [(np.flatnonzero(m.any(axis=0)), np.flatnonzero(m.any(axis=1))) for m in masks]
    boxes = [(c[0], r[0], c[-1] + 1, r[-1] + 1) for c, r in spans]
    crops = tuple(np.ascontiguousarray(m[t:b, lft:r]) for m, (lft, t, r, b) in zip(masks, boxes, strict=True))
    n = len(masks)
    return Instances(size, np.array(boxes, np.float32).reshape(n, 4), np.full(n, 0.9, np.float32),
                     np.full(n, OBJECT, np.uint8), np.array([b[:2] for b in boxes], np.int32).reshape(n, 2),
                     crops, np.array(track_ids or range(1, n + 1), np.int64)[:n])


def _circle(start: Floats, ways: Floats, radius: float) -> tuple[Floats, Floats]:
    """Return where rays enter and leave an upright circle of infinite height about the origin."""
    a = (ways[..., :2] ** 2).sum(-1)
    b = ways[..., :2] @ start[:2]
    c = start[:2] @ start[:2] - radius ** 2
    with np.errstate(divide='ignore', invalid='ignore'):
        root = np.sqrt(b * b - a * c)
        near, far = (-b - root) / a, (-b + root) / a
    return np.where(np.isnan(root), np.inf, near), np.where(np.isnan(root), -np.inf, far)
