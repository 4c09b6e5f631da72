# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Makes what holds things: shelves, cupboards, counters, racks and pallets, with what is in them."""

from __future__ import annotations

import random
from typing import Any

import furniture as f
import surfaces
from finishes import body
from materials import metal, plaster, plastic, wood
from shapes import Parts, box, boxes, placed, tube, turned
from stock_list import Size


def shelf(size: Size, dice: random.Random) -> Parts:
    """An open shelf with books or goods."""
    wide, deep, high = size
    material, count = body(dice), dice.randint(3, 6)
    levels = [0.06 + k * (high - 0.08) / (count - 1) for k in range(count)]
    frame = [((0.025, deep, high), (s * (wide / 2 - 0.0125), 0, high / 2)) for s in (-1, 1)]
    frame += [((wide - 0.04, deep - 0.01, 0.022), (0, 0, z)) for z in levels]
    if dice.random() < 0.7:
        frame.append(((wide, 0.008, high - 0.05), (0, deep / 2 - 0.01, high / 2)))
    return [boxes(frame, material), *goods(wide - 0.08, deep, levels, dice, books=dice.random() < 0.6)]


def goods(wide: float, deep: float, levels: list[float], dice: random.Random, *, books: bool,
          side: float = 0.0) -> Parts:
    """Rows of books or goods on boards, in a few colours."""
    colours = [plastic(surfaces.shade(dice, colourful=0.75), rough=dice.uniform(0.2, 0.7)) for _ in range(5)]
    piles: dict[int, list[Any]] = {k: [] for k in range(len(colours))}
    for low, high in zip(levels, [*levels[1:], levels[-1] + 0.35]):
        room = high - low - 0.04
        x, pile, count = -wide / 2, dice.randrange(5), 0
        thick, tall = dice.uniform(0.05, 0.25), room * dice.uniform(0.5, 0.95)
        while x < wide / 2 - 0.05:
            if books or count == 0:
                thick = dice.uniform(0.018, 0.05) if books else dice.uniform(0.05, 0.25)
                tall = min(room, dice.uniform(0.17, 0.3)) if books else min(room, 0.5) * dice.uniform(0.4, 0.95)
                pile, count = dice.randrange(5), dice.randint(1, 6)
            if dice.random() < (0.9 if books else 0.85) and x + thick < wide / 2:
                long = deep * (dice.uniform(0.5, 0.7) if books else 0.8)
                piles[pile].append(((thick - 0.003, long, tall), (x + thick / 2, side, low + 0.012 + tall / 2)))
            x += thick
            count -= 1
    return [boxes(pile, colours[k]) for k, pile in piles.items() if pile]


def cupboard(size: Size, dice: random.Random) -> Parts:
    """A wardrobe, cabinet, fridge or counter: doors or drawers with handles."""
    wide, deep, high = size
    case, front = body(dice), body(dice)
    if dice.random() < 0.6:
        front = case
    columns, rows = max(1, round(wide / dice.uniform(0.4, 0.6))), dice.choice((1, 1, 2,
                                                                               3)) if high < 1.3 else dice.choice((1,
                                                                                                                   2))
    cell_w, cell_h = wide / columns, (high - 0.12) / rows
    panels, handles = [], []
    for i in range(columns):
        for k in range(rows):
            x, z = (i + 0.5) * cell_w - wide / 2, 0.08 + (k + 0.5) * cell_h
            panels.append(((cell_w - 0.008, 0.02, cell_h - 0.008), (x, -deep / 2 + 0.005, z)))
            handles.append(((0.12, 0.02, 0.012), (x, -deep / 2 - 0.015, z + cell_h / 2 - 0.06)) if rows > 1 else
                           ((0.012, 0.02, 0.14), (x + (cell_w / 2 - 0.05) * (1 if i % 2 == 0 else -1),
                                                  -deep / 2 - 0.015, z)))
    return [boxes([((wide, deep - 0.02, high - 0.09), (0, 0.01, high / 2 + 0.03)),
                   ((wide - 0.06, deep - 0.12, 0.08), (0, 0.03, 0.04))], case), boxes(panels, front),
            boxes(handles, f.STEEL)]


def hung(size: Size, dice: random.Random) -> Parts:
    """A cupboard, or a board with things on it, that hangs."""
    if dice.random() < 0.3:  # a board with things on it
        return [box((size[0], size[1], 0.025), (0, 0, 0.0125), body(dice), bevel=0.003),
                *goods(size[0], size[1], [0.02], dice, books=dice.random() < 0.5)]
    return placed(cupboard((size[0], size[1], size[2] + 0.09), dice)[:1] + cupboard(size, dice)[1:], (0, 0, -0.06))


def counter(size: Size, dice: random.Random) -> Parts:
    """A cupboard with a top of stone, wood or tiles."""
    wide, deep, high = size
    top = box((wide + 0.03, deep + 0.03, 0.035), (0, -0.01, high - 0.0175), surfaces.floor(dice), bevel=0.004)
    return [*cupboard((wide, deep, high - 0.035), dice), top]


def gondola(size: Size, dice: random.Random) -> Parts:
    """Shelves of a store, with goods on both sides."""
    wide, deep, high = size
    case, count = body(dice), dice.randint(3, 6)
    levels = [0.12 + k * (high - 0.2) / count for k in range(count)]
    frame = [((wide, 0.04, high), (0, 0, high / 2)), ((wide, deep, 0.12), (0, 0, 0.06))]
    frame += [((wide, deep, 0.02), (0, 0, z)) for z in levels]
    parts = [boxes(frame, case)]
    for side in (-1, 1):
        parts += goods(wide, deep / 2 - 0.04, levels, dice, books=False, side=side * deep / 4)
    return parts


def rack(size: Size, dice: random.Random) -> Parts:
    """A pallet rack with cartons."""
    wide, deep, high = size
    blue, orange = plastic(dice.choice(((0.02, 0.08, 0.3), (0.3, 0.3, 0.32), (0.05, 0.2, 0.08)))), plastic(
        dice.choice(((0.7, 0.2, 0.02), (0.7, 0.45, 0.02), (0.5, 0.5, 0.5))))
    posts = [((0.09, 0.07, high), (s * (wide / 2 - 0.045), t * (deep / 2 - 0.04), high / 2)) for s in (-1,
                                                                                                       1) for t in (-1,
                                                                                                                    1)]
    levels = [0.0, *(k * dice.uniform(1.3, 1.6) for k in range(1, int(high / 1.5) + 1))]
    beams = [((wide, 0.05, 0.12), (0, t * (deep / 2 - 0.04), z)) for z in levels[1:] for t in (-1, 1)]
    parts = [boxes(posts, blue), boxes(beams, orange)]
    for z in levels:
        for s in (-1, 1):
            if dice.random() < 0.75:
                parts += placed(pallet((wide * 0.42, deep * 0.95, dice.uniform(0.5, 1.15)), dice), (s * wide * 0.235,
                                                                                                    0, z + 0.06))
    return parts


def pallet(size: Size, dice: random.Random) -> Parts:
    """A pallet of cartons or sacks."""
    wide, deep, high = size
    slats = [((wide, 0.1, 0.022), (0, (k - 2) * deep / 4.6, z)) for k in range(5) for z in (0.011, 0.133)]
    slats += [((0.1, deep, 0.1), (s * (wide / 2 - 0.05), 0, 0.072)) for s in (-1, 0, 1)]
    count, tall = dice.randint(1, 3), max((high - 0.144), 0.1)
    rows = max(1, round(tall / 0.35))
    card = plaster(dice.choice(((0.45, 0.29, 0.15), (0.55, 0.42, 0.27), (0.7, 0.7, 0.68), surfaces.shade(dice))))
    cartons = [((wide / count - 0.012, deep / 2 - 0.012, tall / rows - 0.006),
                ((i + 0.5) * wide / count - wide / 2, (k - 0.5) * deep / 2, 0.144 + (r + 0.5) * tall / rows))
               for i in range(count) for k in range(2) for r in range(rows) if r < rows - 1 or dice.random() < 0.85]
    return [boxes(slats, wood((0.5, 0.36, 0.2), (0.36, 0.24, 0.12))), *([boxes(cartons, card)] if cartons else [])]


def trolley(size: Size, dice: random.Random) -> Parts:
    """A flat trolley with a handle."""
    wide, deep, high = size
    dark, deck = metal(), body(dice)
    wheels = [turned([(0.001, 0), (0.05, 0), (0.05, 0.03), (0.001, 0.03)], plastic((0.02, 0.02, 0.02)), segments=14)
              for _ in range(4)]
    for k, wheel in enumerate(wheels):
        placed([wheel], ((k % 2 - 0.5) * (wide - 0.1), (k // 2 - 0.5) * (deep - 0.15), 0.05), pitch=90)
    frame = [tube([(s * (wide / 2 - 0.03), deep / 2 - 0.03, 0.15), (s * (wide / 2 - 0.03), deep / 2 - 0.03, high)],
                  [0.014, 0.014], dark, segments=8) for s in (-1, 1)]
    return [*wheels, *frame, box((wide, deep, 0.035), (0, 0, 0.14), deck, bevel=0.005),
            tube([(-wide / 2 + 0.03, deep / 2 - 0.03, high), (wide / 2 - 0.03, deep / 2 - 0.03, high)], [0.014, 0.014],
                 dark,
                 segments=8, side=(0, 0, 1))]


def crate(size: Size, dice: random.Random) -> Parts:
    """An open crate."""
    wide, deep, high = size
    walls = [((wide, 0.015, high), (0, s * deep / 2, high / 2)) for s in (-1, 1)]
    walls += [((0.015, deep, high), (s * wide / 2, 0, high / 2)) for s in (-1, 1)] + [((wide, deep, 0.015), (0, 0,
                                                                                                             0.01))]
    return [boxes(walls, body(dice))]
