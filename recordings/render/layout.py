# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What an interior is before anything is built: its measures, openings, stairs and what stands where, by seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

HELD_OUT_EVERY = 10
Rect = tuple[float, float, float, float]

# length, width, height (m): from, to
MEASURES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    'living room': ((3.6, 7.5), (3.2, 6.0), (2.35, 3.0)),
    'bedroom': ((3.0, 5.5), (2.8, 4.6), (2.35, 2.9)),
    'kitchen': ((3.0, 6.0), (2.6, 4.5), (2.35, 2.9)),
    'office': ((4.0, 10.0), (3.2, 7.5), (2.5, 3.3)),
    'classroom': ((6.0, 10.0), (5.0, 8.0), (2.7, 3.6)),
    'cafe': ((5.0, 11.0), (4.5, 8.0), (2.6, 4.0)),
    'hall': ((7.0, 16.0), (6.0, 12.0), (3.0, 6.0)),
    'corridor': ((8.0, 26.0), (1.5, 3.2), (2.3, 3.3)),
    'store': ((8.0, 17.0), (6.0, 12.0), (2.8, 4.6)),
    'warehouse': ((13.0, 26.0), (9.0, 16.0), (4.2, 8.0)),
    'workshop': ((5.0, 10.0), (4.0, 8.0), (2.8, 4.5)),
    'stairwell': ((4.5, 8.0), (3.5, 6.0), (2.5, 3.2))}
KINDS = tuple(MEASURES)
LIGHTS = ('day', 'day', 'lamp', 'lamp', 'backlight', 'dim', 'mixed')
STAIRS = ('alcove up', 'alcove down', 'flight', 'well', 'podium')


@dataclass(frozen=True)
class Opening:
    """
    A hole in a wall.

    :param kind: door, open door, window, glass, passage, alcove up or alcove down.
    :param wall: 0 north, 1 east, 2 south, 3 west. :param at: of its middle, along the wall from the wall's middle.
    """

    kind: str
    wall: int
    at: float
    width: float
    low: float
    high: float


@dataclass(frozen=True)
class Piece:
    """A thing: its kind, where it stands (m), how it is turned (degrees), its size and the seed of its looks."""

    kind: str
    x: float
    y: float
    z: float
    turn: float
    size: tuple[float, float, float]
    seed: int


@dataclass(frozen=True)
class Stairs:
    """Stairs inside the room (flight, well, podium): the rectangle they take, in a frame turned about (x, y)."""

    kind: str
    x: float
    y: float
    turn: float
    width: float
    steps: int
    rise: float
    tread: float
    open_risers: bool

    @property
    def length(self) -> float:
        """How far the steps reach."""
        return self.steps * self.tread


@dataclass
class Layout:
    """An interior; ``taken`` are the rectangles of the floor on which something stands."""

    seed: int
    kind: str
    length: float
    width: float
    height: float
    light: str
    openings: list[Opening] = field(default_factory=list)
    stairs: list[Stairs] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    taken: list[Rect] = field(default_factory=list)
    clear: list[Rect] = field(default_factory=list)

    @property
    def has_stairs(self) -> bool:
        """Whether one sees stairs somewhere."""
        return bool(self.stairs) or any(one.kind.startswith('alcove') for one in self.openings)

    def wall_length(self, wall: int) -> float:
        """Return how long a wall is."""
        return self.length if wall % 2 == 0 else self.width

    def on_wall(self, wall: int, along: float, inwards: float = 0.0) -> tuple[float, float, float]:
        """Return (x, y, turn) of a place at a wall, its back to the wall."""
        turn = -90.0 * wall
        middle = ((self.length / 2, self.width), (self.length, self.width / 2), (self.length / 2, 0.0),
                  (0.0, self.width / 2))[wall]
        x, y = rotated(along, -inwards, turn)
        return middle[0] + x, middle[1] + y, turn

    def free(self, rect: Rect, margin: float = 0.0) -> bool:
        """Whether nothing stands in a rectangle, which lies inside of the room."""
        x0, y0, x1, y1 = rect
        inside = x0 >= -0.01 and y0 >= -0.01 and x1 <= self.length + 0.01 and y1 <= self.width + 0.01
        return inside and not any(overlap(rect, other, margin) for other in self.taken)


def split_of(seed: int) -> str:
    """Return 'dev' for every tenth seed, which is never trained on, else 'train'."""
    return 'dev' if seed % HELD_OUT_EVERY == 0 else 'train'


def rotated(x: float, y: float, turn: float) -> tuple[float, float]:
    """Return a vector turned by an angle in degrees."""
    angle = math.radians(turn)
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def footprint(x: float, y: float, turn: float, left: float, right: float, near: float, far: float) -> Rect:
    """Return the upright rectangle around one given in a turned frame."""
    corners = [rotated(u, v, turn) for u in (left, right) for v in (near, far)]
    xs, ys = [x + u for u, _ in corners], [y + v for _, v in corners]
    return min(xs), min(ys), max(xs), max(ys)


def overlap(a: Rect, b: Rect, margin: float = 0.0) -> bool:
    """Whether two rectangles are nearer to each other than a margin."""
    return a[0] < b[2] + margin and b[0] < a[2] + margin and a[1] < b[3] + margin and b[1] < a[3] + margin


def around(whole: Rect, holes: Sequence[Rect]) -> list[Rect]:
    """Return rectangles that together are a rectangle without its holes."""
    edges = sorted({whole[0], whole[2], *(min(max(x, whole[0]), whole[2]) for hole in holes for x in (hole[0],
                                                                                                      hole[2]))})
    parts: list[Rect] = []
    for left, right in pairwise(edges):
        middle, low = (left + right) / 2, whole[1]
        for hole in sorted((one for one in holes if one[0] < middle < one[2]), key=lambda one: one[1]):
            if hole[1] > low:
                parts.append((left, low, right, hole[1]))
            low = max(low, hole[3])
        if low < whole[3]:
            parts.append((left, low, right, whole[3]))
    return parts
