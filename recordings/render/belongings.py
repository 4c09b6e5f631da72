# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Makes what people leave on floors and tables."""

from __future__ import annotations

import random

import furniture as f
import surfaces
import tools
from finishes import HARDWARE, cloth, painted, scaled
from materials import glow, plaster, plastic
from shapes import Parts, ball, box, boxes, placed, soft, tube, turned
from stock_list import Size


def carton(size: Size, dice: random.Random) -> Parts:
    """A carton."""
    parts = f.carton(size)
    if dice.random() < 0.3:
        parts[0].data.materials[0] = plaster(surfaces.shade(dice, colourful=0.6))
    return parts


def bag(size: Size, dice: random.Random) -> Parts:
    """A bag."""
    material = cloth(dice)
    return [soft(size, (0, 0, size[2] / 2), material, roundness=0.07),
            soft((size[0] * 0.7, 0.06, size[2] * 0.45), (0, -size[1] / 2, size[2] * 0.3), material, roundness=0.025),
            tube([(x * size[0] * 0.12, 0, size[2] - 0.01 + z) for x, z in ((-1, 0), (-0.7, 0.06), (0.7, 0.06), (1, 0))],
                 [0.01] * 4, material, segments=8)]


def play_ball(size: Size, dice: random.Random) -> Parts:
    """A ball to play with."""
    r = size[0] / 2
    return [ball((r, r, r), (0, 0, r), plastic(surfaces.shade(dice, colourful=0.9), rough=dice.uniform(0.2, 0.8)))]


def shoes(size: Size, dice: random.Random) -> Parts:
    """A pair of shoes."""
    material = plastic(surfaces.shade(dice, light=0.5, colourful=0.5), rough=0.6)
    sides = [tube([(s * 0.06, y, z) for y, z in ((0.12, 0.05), (0.08, 0.055), (0.0, 0.045), (-0.1, 0.03), (-0.14,
                                                                                                           0.025))],
                  [(0.03, 0.04), (0.04, 0.05), (0.042, 0.042), (0.045, 0.028), (0.02, 0.018)], material, side=(1, 0, 0))
             for s in (-1, 1)]
    return [*placed(sides[:1], turn=dice.uniform(-20, 40)), *sides[1:]]


def bottle(size: Size, dice: random.Random) -> Parts:
    """A bottle, standing or lying."""
    r, h = size[0] / 2, size[2]
    parts = [turned([(0.001, 0), (r, 0.005), (r, h * 0.6), (r * 0.35, h * 0.8), (r * 0.35, h), (0.001, h)],
                    plastic(surfaces.shade(dice, colourful=0.8), rough=0.1), segments=20)]
    return placed(parts, (-h / 2, 0, r), pitch=90) if dice.random() < 0.25 else parts


def paper(size: Size, dice: random.Random) -> Parts:
    """A sheet of paper."""
    return [box(size, (0, 0, size[2] / 2), plastic(dice.choice(((0.8, 0.8, 0.78), surfaces.shade(dice))), rough=0.9),
                bevel=0)]


def cone(size: Size, dice: random.Random) -> Parts:
    """A traffic cone."""
    r, h = size[0] / 2, size[2]
    orange, white = plastic((0.8, 0.16, 0.02), rough=0.5), plastic((0.8, 0.8, 0.8), rough=0.5)
    return [box((r * 2, r * 2, 0.03), (0, 0, 0.015), orange, bevel=0.01), turned([(r * 0.75, 0.03), (0.03, h), (0.001,
                                                                                                                h)],
                                                                                                                orange),
            turned([(r * 0.75 * 0.55 + 0.018, h * 0.45), (r * 0.75 * 0.33 + 0.02, h * 0.65)], white)]


def toy(size: Size, dice: random.Random) -> Parts:
    """A car of bricks, or some bricks."""
    if dice.random() < 0.5:
        return [box((0.06, 0.04, 0.04), (dice.uniform(-1, 1) * size[0] / 2, dice.uniform(-1, 1) * size[1] / 2, 0.02),
                    plastic(surfaces.shade(dice, colourful=1.0)), turn=dice.uniform(0, 90)) for _ in range(6)]
    paint = plastic(surfaces.shade(dice, colourful=1.0), rough=0.2)
    wheels = [ball((0.022, 0.012, 0.022), (x * size[0] * 0.3, y * size[1] * 0.42, 0.022), f.BLACK, segments=12)
              for x in (-1, 1) for y in (-1, 1)]
    return [soft((size[0], size[1] * 0.8, size[2] * 0.5), (0, 0, size[2] * 0.4), paint, roundness=0.015),
            soft((size[0] * 0.5, size[1] * 0.7, size[2] * 0.5), (0, 0, size[2] * 0.75), paint, roundness=0.015),
            *wheels]


def suitcase(size: Size, dice: random.Random) -> Parts:
    """A suitcase."""
    shell = plastic(surfaces.shade(dice, light=0.5, colourful=0.6), rough=0.3)
    bars = [((0.015, 0.015, 0.3), (s * size[0] * 0.25, size[1] * 0.35, size[2] + 0.15)) for s in (-1, 1)]
    return [soft((size[0], size[1], size[2] - 0.05), (0, 0, size[2] / 2 + 0.025), shell, roundness=0.04),
            boxes([*bars, ((size[0] * 0.55, 0.02, 0.025), (0, size[1] * 0.35, size[2] + 0.3)),
                   *(((0.03, 0.03, 0.05), (s * size[0] * 0.38, t * size[1] * 0.3, 0.025)) for s in (-1,
                                                                                                    1) for t in (-1,
                                                                                                                 1))],
                  f.BLACK)]


def heap(size: Size, dice: random.Random) -> Parts:
    """Clothes dropped on the floor."""
    material = cloth(dice)
    return [ball((size[0] * dice.uniform(0.2, 0.4), size[1] * dice.uniform(0.2, 0.4), size[2] * dice.uniform(0.5, 1)),
                 (dice.uniform(-0.15, 0.15), dice.uniform(-0.15, 0.15), 0.0), material) for _ in range(4)]


def monitor(size: Size, dice: random.Random) -> Parts:
    """A screen on its foot, on or off."""
    screen = glow(surfaces.shade(dice), 0.6) if dice.random() < 0.4 else plastic((0.01, 0.01, 0.012), rough=0.1)
    w, _, h = size
    return [box((w, 0.03, h - 0.1), (0, 0, h / 2 + 0.05), f.BLACK, bevel=0.004), box((w - 0.03, 0.002, h - 0.13),
            (0, -0.016, h / 2 + 0.05), screen, bevel=0), box((0.05, 0.03, 0.2), (0, 0.03, 0.1), f.BLACK),
            box((0.24, 0.18, 0.012), (0, 0.02, 0.006), f.BLACK)]


def laptop(size: Size, dice: random.Random) -> Parts:
    """An open laptop, on or off."""
    case = plastic(dice.choice(((0.02, 0.02, 0.02), (0.5, 0.5, 0.52))), rough=0.35)
    screen = glow(surfaces.shade(dice), 0.6) if dice.random() < 0.5 else plastic((0.01, 0.01, 0.012), rough=0.1)
    lid = placed([box((0.33, 0.012, 0.22), (0, 0, 0.11), case, bevel=0.003), box((0.31, 0.002, 0.19), (0, -0.007, 0.11),
                  screen, bevel=0)], (0, 0.11, 0.015), roll=-15)
    return [box((0.33, 0.23, 0.015), (0, 0, 0.0075), case, bevel=0.003), *lid]


def mug(size: Size, dice: random.Random) -> Parts:
    """A mug."""
    return f.mug(surfaces.shade(dice, colourful=0.7))


def bowl(size: Size, dice: random.Random) -> Parts:
    """A bowl of fruit."""
    return f.fruit_bowl()


def pile_of_books(size: Size, dice: random.Random) -> Parts:
    """Some books lying on each other."""
    parts, z = [], 0.0
    for _ in range(dice.randint(1, 5)):
        thick = dice.uniform(0.012, 0.045)
        parts.append(box((dice.uniform(0.2, 0.3), dice.uniform(0.14, 0.22), thick - 0.001), (0, 0, z + thick / 2),
                         plastic(surfaces.shade(dice, colourful=0.6), rough=0.6), bevel=0.002, turn=dice.uniform(-20,
                                                                                                                 20)))
        z += thick
    return parts


def hammer(size: Size, dice: random.Random) -> Parts:
    """A hammer."""
    return _worn(tools.hammer(), 0.32, size, dice)


def wrench(size: Size, dice: random.Random) -> Parts:
    """A wrench."""
    return painted(tools.wrench(size[0], size[1] * dice.uniform(0.36, 0.44)), dice, HARDWARE)


def spanner(size: Size, dice: random.Random) -> Parts:
    """An adjustable spanner, its handle dipped or of the same steel."""
    parts = _worn(tools.adjustable_spanner(), 0.25, size, dice)
    return parts[:-1] if dice.random() < 0.4 else parts


def screwdriver(size: Size, dice: random.Random) -> Parts:
    """A screwdriver."""
    parts = tools.screwdriver(size[0], cross=dice.random() < 0.5)
    return scaled(painted(parts, dice, HARDWARE), 1.0, *(dice.uniform(0.75, 1.2),) * 2)


def pliers(size: Size, dice: random.Random) -> Parts:
    """Pliers, more or less open."""
    parts = tools.pliers(0.19, opening=dice.uniform(3, 30), nose=dice.uniform(0.8, 1.15))
    return _worn(parts, 0.19, size, dice)


def slim_pliers(size: Size, dice: random.Random) -> Parts:
    """Needle-nose pliers, more or less open."""
    parts = tools.pliers(0.17, opening=dice.uniform(3, 30), nose=dice.uniform(0.35, 0.6))
    return _worn(parts, 0.17, size, dice)


def tape(size: Size, dice: random.Random) -> Parts:
    """A tape measure, its tongue out or in."""
    parts = _worn(tools.tape_measure(), 0.1, size, dice)
    return parts[:-1] if dice.random() < 0.4 else parts


def _worn(parts: Parts, length: float, size: Size, dice: random.Random) -> Parts:
    """The same tool of another length, slimness and look; half of them lie on their other side."""
    factor, slim = size[0] / length, dice.uniform(0.85, 1.15)
    side = dice.choice((-1.0, 1.0))
    return scaled(painted(parts, dice, HARDWARE), factor, side * factor * slim, factor)
