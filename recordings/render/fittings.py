# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Makes what belongs to a building and hangs or stands at its walls."""

from __future__ import annotations

import math
import random
from typing import Any

import furniture as f
import plants
import surfaces
from finishes import body, painted, scaled
from materials import fabric, metal, pane, plastic
from shapes import Parts, arc, box, boxes, outline, placed, tube, turned
from stock_list import Size


def door_leaf(width: float, height: float, material: Any, dice: random.Random, *, glazed: bool, left: bool) -> Parts:
    """Return a door leaf, its lower middle at the origin, panelled, flat or with glass, and its handle."""
    parts: Parts = []
    if glazed:
        side = 0.11
        parts = [boxes([((side, 0.04, height), (s * (width - side) / 2, 0, height / 2)) for s in (-1, 1)]
                       + [((width, 0.04, side * (2 if z < 0.5 else 1)), (0, 0, z)) for z in (side, height - side / 2)],
                       material), box((width - side, 0.008, height - side), (0, 0, height / 2), pane(), bevel=0)]
    else:
        parts = [box((width, 0.04, height), (0, 0, height / 2), material, bevel=0.003)]
        rows = dice.choice((0, 0, 2, 3))
        for k in range(rows):
            tall = height / rows - 0.16
            parts += [box((width / 2 - 0.14, 0.02, tall), (s * width / 4, -0.02, (k + 0.5) * height / rows), material,
                          bevel=0.01) for s in (-1, 1)]
    x, s = (width / 2 - 0.07) * (-1 if left else 1), (1 if left else -1)
    for face in (-1, 1):
        y = face * 0.03
        parts.append(tube([(x, y, 1.03), (x, y * 2.2, 1.03), (x + s * 0.02, y * 2.4, 1.03), (x + s * 0.12, y * 2.3,
                                                                                             1.03)],
                          [0.01] * 4, f.STEEL, side=(0, 0, 1), segments=8))
    return parts


def radiator(size: Size, dice: random.Random) -> Parts:
    """A radiator."""
    ribs = int(size[0] / 0.05)
    return [boxes([((0.035, size[1], size[2] - 0.1), ((k + 0.5) * 0.05 - size[0] / 2, 0, size[2] / 2 + 0.05))
                   for k in range(ribs)], plastic((0.78, 0.77, 0.74), rough=0.3))]


def column(size: Size, dice: random.Random) -> Parts:
    """A column, round or square."""
    material = surfaces.wall(dice)
    if dice.random() < 0.5:
        return [turned([(size[0] / 2, 0), (size[0] / 2, size[2])], material)]
    return [boxes([(size, (0, 0, size[2] / 2))], material)]


def picture(size: Size, dice: random.Random) -> Parts:
    """A picture."""
    colours = tuple(surfaces.shade(dice, colourful=0.8) for _ in range(dice.randint(1, 4)))
    return placed(painted(f.picture(size[0], size[2], colours), dice), (0, 0, size[2] / 2))


def mirror(size: Size, dice: random.Random) -> Parts:
    """A mirror."""
    return [box((size[0], 0.02, size[2]), (0, 0, size[2] / 2), body(dice), bevel=0.003),
            box((size[0] - 0.06, 0.006, size[2] - 0.06), (0, -0.011, size[2] / 2), metal((0.9, 0.9, 0.9), rough=0.01),
                bevel=0)]


def board(size: Size, dice: random.Random) -> Parts:
    """A board to write on, or of cork."""
    face = dice.choice((plastic((0.85, 0.85, 0.85), rough=0.15), plastic((0.03, 0.09, 0.06), rough=0.7),
                        fabric((0.4, 0.25, 0.12))))
    return [box((size[0], 0.02, size[2]), (0, 0, size[2] / 2), body(dice), bevel=0.003),
            box((size[0] - 0.05, 0.006, size[2] - 0.05), (0, -0.009, size[2] / 2), face, bevel=0)]


def plant(size: Size, dice: random.Random) -> Parts:
    """A potted plant of one of three kinds."""
    high, seed = size[2], dice.randrange(1000)
    green = (dice.uniform(0.04, 0.2), dice.uniform(0.18, 0.42), dice.uniform(0.03, 0.1))
    kind = dice.choice(('broad', 'swords', 'fronds', 'fronds'))
    if kind == 'broad':
        grown = plants.broad(seed, max(high, 0.6), green)
    elif kind == 'swords':
        grown = plants.swords(seed, max(min(high, 1.1), 0.4))
    else:
        grown = plants.fronds(seed, max(high, 0.4), radius=dice.uniform(0.1, 0.2), count=dice.randint(12, 24))
    return painted(grown, dice)


def small_plant(size: Size, dice: random.Random) -> Parts:
    """A plant for a table."""
    return painted(plants.fronds(dice.randrange(1000), size[2], radius=0.07, count=14), dice)


def floor_lamp(size: Size, dice: random.Random) -> Parts:
    """A floor lamp."""
    return painted(f.floor_lamp(), dice)


def hanging_lamp(size: Size, dice: random.Random) -> Parts:
    """A hanging lamp."""
    drop, wide = dice.uniform(0.8, 2.2), dice.uniform(0.6, 1.4)
    return painted(scaled(f.ceiling_lamp(), wide, wide, drop), dice)


def extinguisher(size: Size, dice: random.Random) -> Parts:
    """An extinguisher."""
    red, dark = plastic((0.6, 0.02, 0.02), rough=0.25), plastic((0.02, 0.02, 0.02))
    return [turned([(0.08, 0), (0.085, 0.02), (0.085, size[2] - 0.12), (0.03, size[2] - 0.05), (0.02, size[2])], red),
            tube([(0.0, 0, size[2]), (0.09, -0.02, size[2] - 0.03), (0.11, -0.03, size[2] * 0.4)], [0.01] * 3, dark,
                 segments=8)]


def rug(size: Size, dice: random.Random) -> Parts:
    """A rug, some with a border."""
    thick = dice.uniform(0.004, 0.02)
    pattern = surfaces.rug(dice)
    if dice.random() < 0.25:
        return [outline([arc((0, 0), min(size[0], size[1]) / 2, 0, 352, 44)], thick, pattern)]
    parts = [box((size[0], size[1], thick), (0, 0, thick / 2), pattern, bevel=0.002)]
    if dice.random() < 0.4:
        parts.append(box((size[0] - 0.2, size[1] - 0.2, thick), (0, 0, thick / 2 + 0.001), surfaces.rug(dice),
                         bevel=0.002))
    return parts


def cable(size: Size, dice: random.Random) -> Parts:
    """A cable that winds over the floor."""
    r, x, y, way = dice.uniform(0.003, 0.008), -size[0] / 2, 0.0, 0.0
    line = []
    for _ in range(int(size[0] / 0.04)):
        line.append((x, y, r))
        way = max(-1.4, min(1.4, way + dice.gauss(-0.3 * way, 0.35)))
        x, y = x + 0.05 * math.cos(way), y + 0.05 * math.sin(way)
    colour = dice.choice(((0.01, 0.01, 0.01), (0.01, 0.01, 0.01), (0.7, 0.7, 0.7), (0.7, 0.25, 0.02), (0.02, 0.1, 0.5)))
    return [tube(line, [r] * len(line), plastic(colour, rough=0.4), segments=8, side=(0, 0, 1))]


def bin(size: Size, dice: random.Random) -> Parts:
    """A bin, round or square."""
    r, h = size[0] / 2, size[2]
    if dice.random() < 0.4:
        return [box(size, (0, 0, h / 2), body(dice), bevel=0.015)]
    return [turned([(0.001, 0.01), (r * 0.8, 0), (r, h), (r - 0.01, h), (r * 0.78, 0.02), (0.001, 0.02)], body(dice))]
