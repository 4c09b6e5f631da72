# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where a camera stands in an interior: as low as a vacuum cleaner's or as high as a tall robot's."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
from layout import Layout, Rect, Stairs, footprint, overlap, rotated
from numpy.typing import NDArray

WIDTH, HEIGHT = 384, 288
PERSON = 7
ROOM = 0.22  # metres between the camera and what stands on the floor


@dataclass(frozen=True)
class View:
    """A camera: place (m), heading and pitch (down is positive), roll and horizontal field of view (degrees)."""

    x: float
    y: float
    z: float
    heading: float
    pitch: float
    roll: float
    wide: float

    @property
    def focal_length(self) -> float:
        """In pixels, of a picture that is WIDTH wide."""
        return WIDTH / 2 / math.tan(math.radians(self.wide) / 2)

    def room_from_camera(self) -> NDArray[np.float64]:
        """Return the pose, (4, 4): z of the camera forward, y down."""
        h, p, r = (math.radians(angle) for angle in (self.heading, self.pitch, self.roll))
        forward = np.array([math.cos(h) * math.cos(p), math.sin(h) * math.cos(p), -math.sin(p)])
        level = np.array([math.sin(h), -math.cos(h), 0.0])
        down = np.cross(forward, level)
        pose = np.eye(4)
        pose[:3, 0] = level * math.cos(r) + down * math.sin(r)
        pose[:3, 1] = down * math.cos(r) - level * math.sin(r)
        pose[:3, 2], pose[:3, 3] = forward, (self.x, self.y, self.z)
        return pose

    def rays(self, columns: int, rows: int) -> NDArray[np.float64]:
        """Return directions in the room through a grid of the picture, (rows * columns, 3), one metre deep each."""
        u = ((np.arange(columns) + 0.5) / columns - 0.5) * WIDTH / self.focal_length
        v = ((np.arange(rows) + 0.5) / rows - 0.5) * HEIGHT / self.focal_length
        grid = np.stack([*np.meshgrid(u, v), np.ones((rows, columns))], -1).reshape(-1, 3)
        return grid @ self.room_from_camera()[:3, :3].T


@dataclass(frozen=True)
class Target:
    """Something to look at: where it is, from which way one sees it (degrees, None any), whether it lies lower."""

    x: float
    y: float
    towards: float | None
    lower: bool = False


def guess(layout: Layout, dice: random.Random) -> View | None:
    """Return a camera in a free place, perhaps looking at stairs or a person, or None if the place is taken."""
    x, y = dice.uniform(0.25, layout.length - 0.25), dice.uniform(0.25, layout.width - 0.25)
    target = _target(layout, dice)
    if target and dice.random() < 0.75:
        x, y = _before(target, dice)
    floor = floor_at(layout, x, y)
    if floor is None:
        return None
    z = floor + dice.choice((dice.uniform(0.15, 0.5), dice.uniform(0.2, 0.9), dice.uniform(0.8, 1.6)))
    heading = dice.uniform(0, 360)
    if target:
        heading = math.degrees(math.atan2(target.y - y, target.x - x)) + dice.gauss(0, 14)
    elif dice.random() < 0.6:  # into the room
        heading = math.degrees(math.atan2(layout.width / 2 - y, layout.length / 2 - x)) + dice.gauss(0, 35)
    pitch = dice.choice((0.0, dice.gauss(6, 5), dice.gauss(14, 9))) + (dice.random() < 0.3) * max(0.0, z - 0.7) * 22
    if target and target.lower and dice.random() < 0.7:
        pitch = dice.uniform(8, 35)
    return View(x, y, z, heading, max(-12.0, min(pitch, 50.0)), dice.gauss(0, 1.2), dice.uniform(50, 110))


def _before(target: Target, dice: random.Random) -> tuple[float, float]:
    """Return a place near a target; above steps that lead down one must be near to see them."""
    far = dice.uniform(0.4, 2.0) if target.lower else dice.uniform(0.9, 4.5)
    way = dice.uniform(0, 360) if target.towards is None else target.towards + 180 + dice.gauss(0, 22)
    return target.x + far * math.cos(math.radians(way)), target.y + far * math.sin(math.radians(way))


def floor_at(layout: Layout, x: float, y: float) -> float | None:
    """Return how high the floor is where nothing stands, or None."""
    here: Rect = (x - ROOM, y - ROOM, x + ROOM, y + ROOM)
    if layout.free((x - 0.1, y - 0.1, x + 0.1, y + 0.1)) and not any(overlap(here, one) for one in layout.taken):
        return 0.0
    return _higher(layout, x, y) or None


def _higher(layout: Layout, x: float, y: float) -> float:
    """Return how high the floor of a podium is here, or 0."""
    for one in layout.stairs:
        top = footprint(one.x, one.y, one.turn, -one.width / 2, one.width / 2, one.length + 0.3, one.length + 20)
        inside = 0.3 < x < layout.length - 0.3 and 0.3 < y < layout.width - 0.3
        if one.kind == 'podium' and inside and top[0] < x < top[2] and top[1] < y < top[3]:
            return one.steps * one.rise
    return 0.0


def _target(layout: Layout, dice: random.Random) -> Target | None:
    """Return a stair or a person to look at, or None."""
    stairs = [_foot(one) for one in layout.stairs]
    for opening in layout.openings:
        if opening.kind.startswith('alcove'):
            x, y, turn = layout.on_wall(opening.wall, opening.at)
            stairs.append(Target(x, y, turn + 90, opening.kind == 'alcove down'))
    if stairs and dice.random() < 0.6:
        return dice.choice(stairs)
    persons = [Target(one.x, one.y, None) for one in layout.pieces if one.kind == 'person']
    return dice.choice(persons) if persons and dice.random() < 0.12 else None


def _foot(one: Stairs) -> Target:
    """Return where a stair begins; a flight up is seen from the side too."""
    if one.kind == 'podium':
        return Target(one.x, one.y, one.turn + 90)
    if one.kind == 'well':
        return Target(one.x, one.y, one.turn + 90, lower=True)
    dx, dy = rotated(0, one.length * 0.4, one.turn)
    return Target(one.x + dx, one.y + dy, None)


def worth(classes: NDArray[np.int64], depth_m: NDArray[np.float64]) -> bool:
    """Whether a view shows enough, from the class (-1 nothing) and depth of a few rays."""
    shares = np.bincount(classes[classes >= 0], minlength=10) / len(classes)
    seen = int(np.count_nonzero(shares > 0.01))
    far, near = float(np.median(depth_m)), float(np.quantile(depth_m, 0.1))
    return seen >= 3 and shares.max() < 0.75 and shares[PERSON] < 0.3 and far > 0.9 and near > 0.3
