# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Potted plants, grown leaf by leaf, about the middle of the foot of their pot."""

from __future__ import annotations

import math
import random

from materials import leaf, plaster, plastic, wood
from mathutils import Matrix, Vector
from shapes import Parts, mesh, tube, turned

SOIL = plaster((0.035, 0.022, 0.014))
TWIG = wood((0.16, 0.11, 0.05), (0.08, 0.05, 0.02))


def pot(radius: float, height: float, colour: tuple[float, float, float]) -> Parts:
    """A pot with soil."""
    clay = plastic(colour, rough=0.6)
    wall = [(radius * 0.72, 0), (radius * 0.75, 0.005), (radius * 0.97, height * 0.85), (radius * 1.06, height * 0.85),
            (radius * 1.06, height), (radius * 0.95, height), (radius * 0.93, height * 0.8)]
    return [turned(wall, clay), turned([(radius * 0.94, height * 0.88), (0.001, height * 0.9)], SOIL)]


class Leaves:
    """The leaves of one plant, all in one mesh."""

    def __init__(self, colour: tuple[float, float, float]) -> None:
        self._vertices: list[Vector] = []
        self._faces: list[tuple[int, ...]] = []
        self._material = leaf(colour)

    def grow(self, start: Vector, way: Vector, length: float, width: float, *, bend: float,
             widest: float = 0.4) -> None:
        """Add a leaf from ``start`` towards ``way`` that hangs down by ``bend`` (radians) over its length."""
        steps, place, heading = 9, start.copy(), way.normalized()
        across = heading.cross(Vector((0, 0, 1)))
        across = across.normalized() if across.length > 0.05 else Vector((1, 0, 0))
        first = len(self._vertices)
        for k in range(steps + 1):
            t = k / steps
            shape = math.sin(math.pi * t ** (math.log(0.5) / math.log(widest))) ** 0.8 if 0 < t < 1 else 0.02
            up = across.cross(heading)
            half = across * (width / 2 * shape)
            rim = place + up * half.length * 0.35
            self._vertices += [rim - half, place, rim + half]
            place = place + heading * (length / steps)
            heading = Matrix.Rotation(-bend / steps, 3, across) @ heading
        for k in range(steps):
            a = first + 3 * k
            self._faces += [(a, a + 1, a + 4, a + 3), (a + 1, a + 2, a + 5, a + 4)]

    def mesh(self, *, across: float | None = None) -> object:
        """Return all leaves as one object, of its own size or so large ``across``, from above, about the origin."""
        scale = 1.0 if across is None else across / 2 / max(one.xy.length for one in self._vertices)
        return mesh([one * scale for one in self._vertices], self._faces, self._material)


def broad(seed: int, height: float, colour: tuple[float, float, float] = (0.13, 0.36, 0.07)) -> Parts:
    """A shrub such as a rubber fig: stems from one foot, broad leaves all the way up."""
    dice, leaves = random.Random(seed), Leaves(colour)
    parts, foot = pot(0.16, 0.27, (0.50, 0.20, 0.10)), 0.24
    for stem in range(5):
        turn = 2 * math.pi * stem / 5 + dice.uniform(-0.4, 0.4)
        lean, tall = dice.uniform(0.12, 0.34), (height - foot) * dice.uniform(0.65, 0.92)
        line = [Vector((0.03 + lean * t * t, 0, foot + tall * t)) for t in (0, 0.25, 0.5, 0.75, 1)]
        line = [Matrix.Rotation(turn, 3, 'Z') @ point for point in line]
        parts.append(tube(line, [0.011, 0.010, 0.008, 0.006, 0.004], TWIG, segments=8))
        for number in range(16):
            t = 0.15 + 0.85 * number / 15
            place = line[0].lerp(line[-1], t)
            side = turn + 2.4 * number + dice.uniform(-0.3, 0.3)
            way = Vector((math.cos(side), math.sin(side), dice.uniform(0.2, 0.9) + 0.5 * t))
            leaves.grow(place, way, dice.uniform(0.17, 0.25), dice.uniform(0.08, 0.115), bend=dice.uniform(0.5, 1.3))
    return [*parts, leaves.mesh()]


def swords(seed: int, height: float) -> Parts:
    """A snake plant: stiff leaves straight up."""
    dice, leaves = random.Random(seed), Leaves((0.07, 0.19, 0.06))
    for number in range(17):
        turn, off = 2.4 * number, 0.012 * math.sqrt(number) * 2.2
        start = Vector((off * math.cos(turn), off * math.sin(turn), 0.19))
        way = Vector((math.cos(turn) * 0.2, math.sin(turn) * 0.2, 1))
        leaves.grow(start, way, (height - 0.2) * dice.uniform(0.6, 1), 0.06, bend=dice.uniform(-0.1, 0.2), widest=0.45)
    return [*pot(0.13, 0.21, (0.75, 0.74, 0.70)), leaves.mesh()]


def fronds(seed: int, height: float, *, radius: float = 0.15, count: int = 22) -> Parts:
    """A palm or fern: fronds that arch over, with leaflets on both sides."""
    dice, leaves = random.Random(seed), Leaves((0.09, 0.24, 0.045))
    parts, foot = pot(radius, radius * 1.6, (0.16, 0.18, 0.2)), radius * 1.45
    for number in range(count):
        turn, rise = 2.4 * number, 1.5 - 0.95 * number / count
        line, way = [Vector((0, 0, foot))], Vector((math.cos(turn) * math.cos(rise), math.sin(turn) * math.cos(rise),
                                                   math.sin(rise)))
        across, step = way.cross(Vector((0, 0, 1))).normalized(), (height - foot) * dice.uniform(0.85, 1.15) / 10
        for k in range(10):
            line.append(line[-1] + way * step)
            way = Matrix.Rotation(-0.13, 3, across) @ way
            if k > 1:
                for side in (-1, 1):
                    size = step * 2.3 * (1.15 - 0.08 * k)
                    for between in (0.0, 0.5):
                        leaves.grow(line[-2].lerp(line[-1], between), way * 0.8 + across * side, size, size * 0.17,
                                    bend=0.5)
        parts.append(tube(line, [0.005 - 0.0004 * k for k in range(11)], leaf((0.09, 0.22, 0.04)), segments=6))
    return [*parts, leaves.mesh()]
