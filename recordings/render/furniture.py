# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The room and what stands in it, each thing about its own origin on the floor, its front towards -y."""

from __future__ import annotations

import math
import random

from materials import Colour, fabric, glow, metal, outdoors, plaster, plastic, wood
from shapes import Parts, ball, box, mesh, soft, tube, turned

OAK = wood((0.50, 0.31, 0.15), (0.30, 0.165, 0.07))
BEECH = wood((0.66, 0.46, 0.27), (0.50, 0.32, 0.16), grain=(3, 24, 24))
WALNUT = wood((0.17, 0.085, 0.04), (0.075, 0.035, 0.016), gloss=0.35)
WHITE = plastic((0.82, 0.81, 0.78), rough=0.4)
STEEL = metal()
BLACK = plastic((0.02, 0.02, 0.022), rough=0.5)
BOOKS = ((0.45, 0.05, 0.04), (0.05, 0.16, 0.35), (0.75, 0.66, 0.45), (0.06, 0.25, 0.14), (0.8, 0.4, 0.05),
         (0.5, 0.5, 0.52), (0.12, 0.1, 0.22), (0.75, 0.75, 0.72))


def table(length: float = 1.5, width: float = 0.85, height: float = 0.75) -> Parts:
    """A dining table of oak."""
    x, y = length / 2 - 0.07, width / 2 - 0.07
    legs = [box((0.07, 0.07, height - 0.04), (sx * x, sy * y, (height - 0.04) / 2), OAK) for sx in (-1, 1)
            for sy in (-1, 1)]
    rails = [box((length - 0.2, 0.025, 0.09), (0, sy * y, height - 0.09), OAK) for sy in (-1, 1)]
    rails += [box((0.025, width - 0.2, 0.09), (sx * x, 0, height - 0.09), OAK) for sx in (-1, 1)]
    return [box((length, width, 0.04), (0, 0, height - 0.02), OAK, bevel=0.008), *legs, *rails]


def chair() -> Parts:
    """A wooden chair with a cushion."""
    parts = [box((0.43, 0.42, 0.03), (0, 0, 0.445), BEECH, bevel=0.012)]
    parts.append(soft((0.39, 0.38, 0.04), (0, 0, 0.475), fabric((0.42, 0.11, 0.07)), roundness=0.018))
    parts += [tube([(sx * 0.19, -0.18, 0.44), (sx * 0.2, -0.19, 0)], [0.019, 0.014], BEECH) for sx in (-1, 1)]
    parts += [tube([(sx * 0.2, 0.23, 0), (sx * 0.19, 0.18, 0.44), (sx * 0.19, 0.2, 0.65), (sx * 0.19, 0.26, 0.9)],
                   [0.015, 0.02, 0.019, 0.014], BEECH) for sx in (-1, 1)]
    parts += [box((0.37, 0.018, 0.06), (0, 0.205 + 0.022 * k, 0.66 + 0.1 * k), BEECH, bevel=0.006) for k in range(3)]
    parts += [box((0.02, 0.36, 0.025), (sx * 0.19, 0, 0.2), BEECH) for sx in (-1, 1)]
    return parts


def sofa(width: float = 2.0) -> Parts:
    """A sofa with two seats and cushions."""
    cover = fabric((0.10, 0.16, 0.24))
    inner, parts = width - 0.36, []
    parts.append(soft((width - 0.04, 0.80, 0.24), (0, 0.02, 0.21), cover, roundness=0.03))
    parts.append(soft((inner + 0.1, 0.22, 0.50), (0, 0.34, 0.58), cover, roundness=0.07, turn=0))
    for sx in (-1, 1):
        parts.append(soft((0.2, 0.86, 0.5), (sx * (width / 2 - 0.1), 0, 0.37), cover, roundness=0.06))
        parts.append(soft((inner / 2 - 0.01, 0.66, 0.17), (sx * inner / 4, -0.07, 0.40), cover, roundness=0.05))
        parts.append(soft((inner / 2 - 0.03, 0.18, 0.40), (sx * inner / 4, 0.2, 0.64), cover, roundness=0.07))
    parts += [turned([(0.02, 0), (0.028, 0.1)], WALNUT, at=(sx * (width / 2 - 0.12), sy * 0.33, 0)) for sx in (-1, 1)
              for sy in (-1, 1)]
    return parts


def cushion(colour: tuple[float, float, float]) -> Parts:
    """A cushion that leans."""
    return [soft((0.42, 0.13, 0.40), (0, 0, 0.2), fabric(colour, weave=260), roundness=0.06)]


def shelf(width: float = 1.1, height: float = 1.9, boards: int = 5) -> Parts:
    """An open shelf of beech."""
    parts = [box((0.025, 0.3, height), (sx * width / 2, 0, height / 2), BEECH, bevel=0.003) for sx in (-1, 1)]
    parts += [box((width - 0.02, 0.29, 0.025), (0, 0, z), BEECH, bevel=0.003) for z in shelf_heights(height, boards)]
    return [*parts, box((width, 0.008, height - 0.05), (0, 0.145, height / 2), BEECH, bevel=0)]


def shelf_heights(height: float = 1.9, boards: int = 5) -> list[float]:
    """Return where the boards of a shelf are."""
    return [0.08 + k * (height - 0.1) / (boards - 1) for k in range(boards)]


def books(length: float, dice: random.Random) -> Parts:
    """A row of books, about the middle of its lower edge."""
    parts, x = [], -length / 2
    while x < length / 2 - 0.05:
        thick, high, deep = dice.uniform(0.018, 0.05), dice.uniform(0.19, 0.30), dice.uniform(0.14, 0.2)
        parts.append(box((thick - 0.002, deep, high), (x + thick / 2, deep / 2 - 0.11, high / 2),
                         plastic(dice.choice(BOOKS), rough=0.6), bevel=0.003))
        x += thick
    return parts


def carton(size: tuple[float, float, float]) -> Parts:
    """A cardboard box with tape."""
    card, tape = plaster((0.45, 0.29, 0.15)), plastic((0.6, 0.45, 0.25), rough=0.25)
    return [box(size, (0, 0, size[2] / 2), card, bevel=0.003),
            box((0.05, size[1] + 0.002, 0.002), (0, 0, size[2]), tape, bevel=0)]


def workbench(length: float = 1.7, depth: float = 0.7, height: float = 0.88) -> Parts:
    """A workbench with a drawer and a shelf below."""
    x, y = length / 2 - 0.08, depth / 2 - 0.07
    parts = [box((length, depth, 0.05), (0, 0, height - 0.025), BEECH, bevel=0.006)]
    parts += [box((0.09, 0.09, height - 0.05), (sx * x, sy * y, (height - 0.05) / 2), BEECH) for sx in (-1, 1)
              for sy in (-1, 1)]
    parts.append(box((length - 0.1, depth - 0.1, 0.025), (0, 0, 0.2), BEECH))
    parts.append(box((0.6, depth - 0.12, 0.13), (-length / 4, 0, height - 0.12), plastic((0.5, 0.06, 0.04))))
    return [*parts, box((0.16, 0.02, 0.02), (-length / 4, -depth / 2 + 0.04, height - 0.12), STEEL)]


def floor_lamp() -> Parts:
    """A standing lamp that is on."""
    shade = tube([(0, 0, 1.38), (0, 0, 1.66)], [0.2, 0.15], glow((1.0, 0.72, 0.42), 2.4), upright=True, ends=False)
    return [turned([(0.14, 0), (0.14, 0.02), (0.015, 0.03), (0.012, 1.4)], BLACK), shade,
            ball((0.04, 0.04, 0.05), (0, 0, 1.48), glow((1.0, 0.8, 0.55), 6.0))]


def ceiling_lamp() -> Parts:
    """A white bowl hung from the point above its origin."""
    return [turned([(0.01, 0), (0.01, -0.25)], BLACK),
            turned([(0.03, -0.24), (0.15, -0.28), (0.2, -0.36), (0.19, -0.37), (0.02, -0.37)],
                   glow((1, 0.9, 0.76), 1.6))]


def rug(length: float, width: float) -> Parts:
    """A rug with a border."""
    return [box((length, width, 0.010), (0, 0, 0.005), fabric((0.32, 0.09, 0.07), weave=300), bevel=0.003),
            box((length - 0.2, width - 0.2, 0.010), (0, 0, 0.0065), fabric((0.55, 0.46, 0.33), weave=300), bevel=0.003)]


def door(width: float = 0.9, height: float = 2.05) -> Parts:
    """A door with panels, frame and handle, in front of a wall."""
    leaf, frame = wood((0.30, 0.155, 0.065), (0.17, 0.075, 0.03), grain=(30, 30, 2.5)), WHITE
    parts = [box((width, 0.04, height), (0, -0.005, height / 2), leaf, bevel=0.004)]
    parts += [box((0.3, 0.02, tall), (sx * 0.2, -0.024, z), leaf, bevel=0.012) for sx in (-1, 1)
              for tall, z in ((0.7, 0.55), (0.85, 1.45))]
    parts += [box((0.08, 0.07, height + 0.02), (sx * (width / 2 + 0.04), -0.015, height / 2 + 0.01), frame)
              for sx in (-1, 1)]
    parts.append(box((width + 0.17, 0.078, 0.082), (0, -0.015, height + 0.041), frame))
    parts.append(box((0.045, 0.008, 0.2), (width / 2 - 0.08, -0.03, 1.02), STEEL, bevel=0.003))
    return [*parts, tube([(width / 2 - 0.08, -0.03, 1.05), (width / 2 - 0.08, -0.085, 1.05),
                          (width / 2 - 0.1, -0.09, 1.05), (width / 2 - 0.21, -0.085, 1.05)],
                         [0.011, 0.011, 0.011, 0.01], STEEL, side=(0, 0, 1))]


def window_frame(width: float, height: float) -> Parts:
    """The frame of a window about the middle of its lower edge, with a cross bar and a sill."""
    parts = [box((0.07, 0.08, height), (x, 0, height / 2), WHITE) for x in (-width / 2 + 0.03, 0, width / 2 - 0.03)]
    parts += [box((width - 0.01, 0.074, 0.07), (0, 0, z), WHITE) for z in (0.03, height - 0.03)]
    parts.append(box((width - 0.1, 0.05, 0.035), (0, 0, height * 0.68), WHITE))
    return [*parts, box((width + 0.16, 0.24, 0.035), (0, -0.14, -0.015), WHITE)]


def curtain(height: float, width: float = 0.42, *, long: float = 1.95, colour: Colour = (0.66, 0.60, 0.47)) -> Parts:
    """A curtain in folds, hanging down from ``height``."""
    steps = 60
    line = [(width * (k / steps - 0.5), 0.035 * math.sin(k * 0.75) + 0.01 * math.sin(k * 0.31))
            for k in range(steps + 1)]
    vertices = [(x, y, z) for z in (height - long, height) for x, y in line]
    faces = [(k, k + 1, steps + 2 + k, steps + 1 + k) for k in range(steps)]
    return [mesh(vertices, faces, fabric(colour, weave=300))]


def view_outside() -> Parts:
    """What is seen through the window."""
    view = box((14, 0.1, 7), (0, 0, 1.5), outdoors(), bevel=0)
    view.visible_shadow = False  # the sun stands behind it
    return [view]


def picture(width: float, height: float, colours: tuple[tuple[float, float, float], ...]) -> Parts:
    """A framed picture of a few colours."""
    parts = [box((width, 0.025, height), (0, 0, 0), BLACK, bevel=0.003),
             box((width - 0.05, 0.005, height - 0.05), (0, -0.012, 0), WHITE, bevel=0)]
    band = (height - 0.16) / len(colours)
    return parts + [box((width - 0.16, 0.004, band), (0, -0.0145, -height / 2 + 0.08 + band * (k + 0.5)),
                        plaster(colour), bevel=0) for k, colour in enumerate(colours)]


def mug(colour: tuple[float, float, float]) -> Parts:
    """A mug with a handle."""
    clay = plastic(colour, rough=0.2)
    bow = [(0.04, 0, 0.075), (0.065, 0, 0.07), (0.07, 0, 0.048), (0.06, 0, 0.028), (0.04, 0, 0.02)]
    return [turned([(0.036, 0), (0.041, 0.004), (0.041, 0.095), (0.037, 0.095), (0.036, 0.01), (0.001, 0.01)], clay),
            tube(bow, [0.006] * 5, clay)]


def fruit_bowl() -> Parts:
    """A bowl with oranges and apples."""
    parts = [turned([(0.05, 0), (0.06, 0.005), (0.13, 0.07), (0.125, 0.07), (0.05, 0.015), (0.001, 0.012)],
                    plastic((0.75, 0.75, 0.72), rough=0.2))]
    for x, y, z, colour in ((0.04, 0.03, 0.065, (0.8, 0.28, 0.02)), (-0.045, 0.02, 0.065, (0.8, 0.28, 0.02)),
                            (0, -0.05, 0.065, (0.5, 0.04, 0.02)), (0.0, 0.01, 0.11, (0.45, 0.5, 0.05))):
        parts.append(ball((0.038, 0.038, 0.036), (x, y, z), plastic(colour)))
    return parts
