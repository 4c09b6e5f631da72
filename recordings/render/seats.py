# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Makes what one sits, lies or works at, about the middle of its foot, its front towards -y."""

from __future__ import annotations

import math
import random
from typing import Any

import furniture as f
from finishes import body, cloth, painted, scaled
from materials import fabric, pane, plastic
from shapes import Parts, ball, box, boxes, soft, tube, turned
from stock_list import Size


def four_legs(x: float, y: float, height: float, material: Any, dice: random.Random) -> Parts:
    """Four legs that stand at the corners."""
    thick = dice.uniform(0.03, 0.08)
    return [boxes([((thick, thick, height), (s * (x - thick), t * (y - thick), height / 2)) for s in (-1, 1)
                   for t in (-1, 1)], material)]


def table(size: Size, dice: random.Random) -> Parts:
    """A table, round or with four legs, some of glass."""
    wide, deep, high = size
    top, legs, thick = body(dice), body(dice), dice.uniform(0.018, 0.05)
    kind = dice.random()
    if kind < 0.2:  # round, on one leg
        radius = min(wide, deep) / 2 + 0.1
        return [turned([(0.001, high), (radius, high), (radius, high - thick), (0.001, high - thick)], top),
                turned([(radius * 0.6, 0), (radius * 0.55, 0.02), (0.04, 0.04), (0.04, high - thick)], legs)]
    glass = kind < 0.28
    board = box((wide, deep, thick), (0, 0, high - thick / 2), pane() if glass else top, bevel=0.0 if glass else 0.006)
    return [board, *four_legs(wide / 2, deep / 2, high - thick, legs, dice)]


def desk(size: Size, dice: random.Random) -> Parts:
    """A desk, on legs or drawers."""
    wide, deep, high = size
    top, rest = body(dice), body(dice)
    parts = [box((wide, deep, 0.028), (0, 0, high - 0.014), top, bevel=0.004)]
    if dice.random() < 0.5:
        return [*parts, *four_legs(wide / 2, deep / 2, high - 0.028, rest, dice)]
    drawers = [((0.4, 0.012, 0.17), (wide / 2 - 0.24, -deep / 2 + 0.03, 0.15 + 0.19 * k)) for k in range(3)]
    return [*parts, boxes([((0.025, deep - 0.04, high - 0.028), (s * (wide / 2 - 0.03), 0, (high - 0.028) / 2))
                           for s in (-1, 1)] + [((wide - 0.1, 0.02, high * 0.5), (0, deep / 2 - 0.05, high * 0.65))],
                          rest), boxes([((0.43, deep - 0.1, 0.6), (wide / 2 - 0.25, 0.02, 0.34)), *drawers], top)]


def workbench(size: Size, dice: random.Random) -> Parts:
    """A workbench."""
    return painted(f.workbench(*size), dice)


def chair(size: Size, dice: random.Random) -> Parts:
    """A chair of wood, or with a soft seat on thin legs."""
    if dice.random() < 0.35:
        return scaled(painted(f.chair(), dice), size[0] / 0.45, size[1] / 0.45, size[2] / 0.9)
    seat, legs = cloth(dice) if dice.random() < 0.5 else body(dice), body(dice)
    wide, deep, high = size
    level, back = 0.45, high - 0.45
    parts = [soft((wide - 0.02, deep - 0.02, 0.04), (0, 0, level), seat, roundness=0.015),
             soft((wide - 0.04, 0.03, back * dice.uniform(0.45, 0.95)), (0, deep / 2 - 0.02, high - back * 0.4), seat,
                  roundness=0.012)]
    lean = dice.uniform(0, 0.05)
    parts += [tube([(s * (wide / 2 - 0.03 + lean * (z < 0.1)), t * (deep / 2 - 0.03), z) for z in (0.0, level)],
                   [0.012, 0.014], legs, segments=8) for s in (-1, 1) for t in (-1, 1)]
    parts += [tube([(s * (wide / 2 - 0.05), deep / 2 - 0.02, z) for z in (level, high - 0.06)], [0.011, 0.011], legs,
                   segments=8) for s in (-1, 1)]
    return parts


def office_chair(size: Size, dice: random.Random) -> Parts:
    """A chair on five wheels."""
    cover, dark = cloth(dice), plastic(dice.choice(((0.02, 0.02, 0.022), (0.5, 0.5, 0.5), (0.7, 0.7, 0.7))))
    high, wide = size[2], size[0] * 0.85
    spokes = [tube([(0, 0, 0.09), (0.28 * math.cos(a), 0.28 * math.sin(a), 0.06)], [0.022, 0.014], dark, segments=8)
              for a in (2 * math.pi * k / 5 for k in range(5))]
    wheels = [ball((0.03, 0.03, 0.03), (0.28 * math.cos(a), 0.28 * math.sin(a), 0.03), dark, segments=10)
              for a in (2 * math.pi * k / 5 for k in range(5))]
    parts = [soft((wide, wide, 0.09), (0, -0.02, 0.48), cover, roundness=0.04),
             soft((wide * 0.9, 0.07, high - 0.6), (0, wide / 2, 0.58 + (high - 0.6) / 2), cover, roundness=0.03),
             tube([(0, 0, 0.08), (0, 0, 0.45)], [0.03, 0.025], dark, segments=10),
             tube([(0, 0.1, 0.44), (0, wide / 2 + 0.05, 0.46), (0, wide / 2 + 0.06, 0.75)], [0.02] * 3, dark,
                  segments=8,
                  side=(1, 0, 0))]
    if dice.random() < 0.6:
        parts.append(boxes([((0.05, 0.25, 0.03), (s * wide / 2, 0, 0.68)) for s in (-1, 1)]
                           + [((0.03, 0.04, 0.2), (s * wide / 2, 0.05, 0.58)) for s in (-1, 1)], dark))
    return [*parts, *spokes, *wheels]


def stool(size: Size, dice: random.Random) -> Parts:
    """A stool."""
    radius, high = size[0] / 2, size[2]
    seat = turned([(0.001, high), (radius, high), (radius, high - 0.04), (0.001, high - 0.04)],
                  cloth(dice) if dice.random() < 0.5 else body(dice))
    legs = body(dice)
    return [seat, *(tube([(radius * 1.05 * math.cos(a), radius * 1.05 * math.sin(a), 0),
                          (radius * 0.6 * math.cos(a), radius * 0.6 * math.sin(a), high - 0.04)], [0.013, 0.013], legs,
                         segments=8) for a in (math.pi / 4 + math.pi / 2 * k for k in range(4)))]


def sofa(size: Size, dice: random.Random) -> Parts:
    """A sofa."""
    return scaled(painted(f.sofa(size[0]), dice), 1.0, size[1] / 0.9, size[2] / 0.85)


def bench(size: Size, dice: random.Random) -> Parts:
    """A bench."""
    return [box((size[0], size[1], 0.05), (0, 0, size[2] - 0.025), body(dice), bevel=0.006),
            *four_legs(size[0] / 2, size[1] / 2, size[2] - 0.05, body(dice), dice)]


def bed(size: Size, dice: random.Random) -> Parts:
    """A bed with cover and pillows."""
    wide, long, high = size
    frame, sheet, cover = body(dice), fabric((0.75, 0.74, 0.72)), cloth(dice)
    parts = [box((wide, long, high * 0.5), (0, 0, high * 0.35), frame, bevel=0.01),
             soft((wide - 0.04, long - 0.06, 0.2), (0, 0, high - 0.05), sheet, roundness=0.06),
             soft((wide + 0.02, long * 0.62, 0.16), (0, -long * 0.17, high - 0.01), cover, roundness=0.05),
             box((wide, 0.05, dice.uniform(0.5, 0.9)), (0, long / 2, 0.5), frame, bevel=0.01)]
    pillows = 1 if wide < 1.3 else 2
    return parts + [soft((0.6, 0.38, 0.13), ((k - (pillows - 1) / 2) * 0.75, long / 2 - 0.28, high + 0.09), sheet,
                         roundness=0.05) for k in range(pillows)]
