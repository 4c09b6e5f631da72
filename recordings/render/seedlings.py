# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Young plants of a field, crops and weeds, each a metre across, about the foot of its stem, to be scaled."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from mathutils import Matrix, Vector
from plants import Leaves

Colour = tuple[float, float, float]
GOLDEN = 2.4  # radians from leaf to leaf about the stem


def seedling(kind: str, seed: int) -> Any:
    """Return a plant of a kind; the same seed gives the same."""
    dice = random.Random(f'{kind} {seed}')
    grow, (red, green, blue) = _GROWN[kind]
    bright = dice.uniform(0.75, 1.3)
    leaves = Leaves((red * bright * dice.uniform(0.8, 1.25), green * bright, blue * bright * dice.uniform(0.8, 1.25)))
    grow(leaves, dice)
    return leaves.mesh(across=1.0)


def _way(turn: float, rise: float) -> Vector:
    """Return a direction by its angle about the vertical and above the ground (radians)."""
    return Vector((math.cos(turn) * math.cos(rise), math.sin(turn) * math.cos(rise), math.sin(rise)))


def _feather(leaves: Leaves, dice: random.Random, turn: float, rise: float, *, length: float, pairs: int, wide: float,
             lobe: float, forks: int) -> None:
    """Add a leaf made of lobes on both sides of its rib, ``wide`` from side to side, each lobe forked some times."""
    place, way, bend = Vector((0, 0, 0)), _way(turn, rise), rise * dice.uniform(0.6, 1.5)
    across = way.cross(Vector((0, 0, 1))).normalized()
    leaves.grow(place, way, length * 1.05, lobe * 1.2, bend=bend, widest=0.3)
    steps = pairs + pairs // 3 + 1  # the foot of the rib is bare
    for k in range(steps):
        if k >= steps - pairs:
            size = wide / 2 * (1.15 - k / steps) * dice.uniform(0.75, 1.15)
            for side in (-1, 1):
                out = (way * dice.uniform(0.5, 0.9) + across * side).normalized()
                leaves.grow(place, out, size, lobe, bend=0.4)
                for number in range(forks):
                    fork = place + out * size * (0.35 + 0.3 * number)
                    for aside in (-0.8, 0.8):
                        leaves.grow(fork, out + way.cross(out).cross(out).normalized() * aside, size * 0.5, lobe * 0.9,
                                    bend=0.3)
        place = place + way * (length / steps)
        way = Matrix.Rotation(-bend / steps, 3, across) @ way


def _stalked(leaves: Leaves, foot: Vector, way: Vector, stalk: float, *, length: float, width: float, bend: float,
             widest: float = 0.45) -> None:
    """Add a leaf on a stalk."""
    leaves.grow(foot, way, stalk * 1.2, min(0.03, width * 0.4), bend=0.0)
    leaves.grow(foot + way.normalized() * stalk, way, length, width, bend=bend, widest=widest)


def _carrot(leaves: Leaves, dice: random.Random) -> None:
    first = dice.uniform(0, math.tau)
    for number in range(dice.randint(2, 6)):
        _feather(leaves, dice, first + GOLDEN * number, dice.uniform(0.3, 1.2), length=dice.uniform(0.35, 0.55),
                 pairs=dice.randint(5, 7), wide=dice.uniform(0.28, 0.4), lobe=0.022, forks=2)
    for side in range(2 if dice.random() < 0.7 else 0):  # the seed's own leaves are straps
        leaves.grow(Vector((0, 0, 0)), _way(first + 1 + math.pi * side, 0.3), 0.45, 0.045, bend=0.6, widest=0.55)


def _chamomile(leaves: Leaves, dice: random.Random) -> None:
    first, lobe, wide = dice.uniform(0, math.tau), dice.uniform(0.028, 0.05), dice.uniform(0.2, 0.34)
    for number in range(dice.randint(4, 9)):
        _feather(leaves, dice, first + 2.1 * number, dice.uniform(0.1, 0.5), length=dice.uniform(0.25, 0.55),
                 pairs=dice.randint(3, 5), wide=wide, lobe=lobe, forks=1)


def _beet(leaves: Leaves, dice: random.Random) -> None:
    width = dice.uniform(0.14, 0.3)
    for number in range(dice.randint(4, 8)):
        size = dice.uniform(0.7, 1.1)
        _stalked(leaves, Vector((0, 0, 0)), _way(GOLDEN * number, dice.uniform(0.3, 1.1)), 0.16 * size,
                 length=0.38 * size, width=width * size, bend=dice.uniform(0.3, 1.0))


def _wheat(leaves: Leaves, dice: random.Random) -> None:
    for number in range(dice.randint(3, 6)):
        leaves.grow(Vector((0, 0, 0)), _way(dice.choice((0, math.pi)) + dice.gauss(0, 0.8), dice.uniform(0.7, 1.4)),
                    dice.uniform(0.5, 0.8) - 0.04 * number, dice.uniform(0.035, 0.06), bend=dice.uniform(0.6, 2.0))


def _grass(leaves: Leaves, dice: random.Random) -> None:
    for _ in range(dice.randint(3, 9)):
        leaves.grow(Vector((0, 0, 0)), _way(dice.uniform(0, math.tau), dice.uniform(0.2, 1.0)), dice.uniform(0.3, 0.6),
                    dice.uniform(0.025, 0.05), bend=dice.uniform(0.2, 1.0), widest=0.3)


def _goosefoot(leaves: Leaves, dice: random.Random) -> None:
    width, first = dice.uniform(0.16, 0.3), dice.uniform(0, math.tau)
    for number in range(2 * dice.randint(1, 4)):
        size = 1 - 0.12 * (number // 2)
        way = _way(first + math.pi * number + math.pi / 2 * (number // 2), 0.2 + 0.15 * (number // 2))
        _stalked(leaves, Vector((0, 0, 0.04 * number)), way, dice.uniform(0.08, 0.16) * size,
                 length=0.36 * size, width=width * size * dice.uniform(0.85, 1.15), bend=0.3, widest=0.5)


def _dock(leaves: Leaves, dice: random.Random) -> None:
    width, widest = dice.uniform(0.08, 0.17), dice.uniform(0.4, 0.7)
    for number in range(dice.randint(3, 8)):
        leaves.grow(Vector((0, 0, 0)), _way(GOLDEN * number, dice.uniform(0.15, 0.7)), dice.uniform(0.3, 0.55), width,
                    bend=dice.uniform(0.1, 0.7), widest=widest)


def _clover(leaves: Leaves, dice: random.Random) -> None:
    for number in range(dice.randint(2, 8)):
        way = _way(GOLDEN * number + dice.uniform(0, 0.6), dice.uniform(0.4, 1.0))
        foot = way * dice.uniform(0.12, 0.38)
        leaves.grow(Vector((0, 0, 0)), way, foot.length, 0.012, bend=0.0)
        for third in range(3):
            leaves.grow(foot, _way(GOLDEN * number + math.tau / 3 * third, 0.15), 0.15, 0.14, bend=0.2, widest=0.6)


def _knotgrass(leaves: Leaves, dice: random.Random) -> None:
    width = dice.uniform(0.05, 0.09)
    for runner in range(dice.randint(1, 4)):
        turn, place = GOLDEN * runner + dice.uniform(-0.4, 0.4), Vector((0, 0, 0.02))
        for k in range(dice.randint(3, 6)):
            way = _way(turn, 0.05)
            leaves.grow(place, way, 0.12, 0.016, bend=0.0)
            place = place + way * 0.1
            turn += dice.gauss(0, 0.3)
            for side in (-1, 1):
                leaves.grow(place, _way(turn + 1.2 * side, 0.4), 0.15 - 0.012 * k, width, bend=0.5)


_GROWN: dict[str, tuple[Callable[[Leaves, random.Random], None], Colour]] = {
    'carrot': (_carrot, (0.055, 0.19, 0.02)), 'beet': (_beet, (0.06, 0.2, 0.02)),
    'cabbage': (_beet, (0.12, 0.25, 0.16)), 'wheat': (_wheat, (0.065, 0.23, 0.025)),
    'chamomile': (_chamomile, (0.075, 0.21, 0.025)), 'goosefoot': (_goosefoot, (0.085, 0.22, 0.04)),
    'dock': (_dock, (0.06, 0.21, 0.02)), 'grass': (_grass, (0.07, 0.22, 0.025)),
    'clover': (_clover, (0.05, 0.19, 0.025)), 'knotgrass': (_knotgrass, (0.065, 0.19, 0.03))}
