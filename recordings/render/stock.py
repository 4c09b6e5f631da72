"""Makes the things of an interior in any size and look, each about the middle of its foot, its front towards -y."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import furniture as f
import plants
import surfaces
import tools
from materials import fabric, glow, metal, pane, plaster, plastic, wood
from mathutils import Matrix
from people import person
from shapes import Parts, arc, ball, box, boxes, outline, placed, soft, tube, turned
from stock_list import Size

Maker = Callable[[Size, random.Random], Parts]


def make(kind: str, size: Size, seed: int) -> Parts:
    """Return a thing of a kind; the same seed gives the same."""
    dice = random.Random(f'{kind} {seed}')
    return _MAKERS[kind](size, dice)


def body(dice: random.Random) -> Any:
    """Return what furniture is made of."""
    kind = dice.random()
    if kind < 0.45:
        return timber(dice)
    if kind < 0.85:
        return plastic(surfaces.shade(dice, colourful=0.35), rough=dice.uniform(0.15, 0.7))
    return metal((dice.uniform(0.2, 0.7),) * 3, rough=dice.uniform(0.2, 0.5))


def timber(dice: random.Random) -> Any:
    """Return a wood, from nearly white to nearly black."""
    red, value = dice.uniform(1.3, 2.0), dice.uniform(0.03, 0.5)
    light = (min(value * red, 0.85), value, value * dice.uniform(0.35, 0.75))
    dark = tuple(one * dice.uniform(0.4, 0.8) for one in light)
    return wood(light, dark, grain=dice.choice(((3, 30, 30), (30, 30, 3))), gloss=dice.uniform(0.2, 0.6))


def cloth(dice: random.Random) -> Any:
    """Return what covers seats: cloth, leather or plastic."""
    colour = surfaces.shade(dice, light=0.6, colourful=0.5)
    return fabric(colour) if dice.random() < 0.7 else plastic(colour, rough=dice.uniform(0.3, 0.6))


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
        parts.append(tube([(x, y, 1.03), (x, y * 2.2, 1.03), (x + s * 0.02, y * 2.4, 1.03), (x + s * 0.12, y * 2.3, 1.03)],
                          [0.01] * 4, f.STEEL, side=(0, 0, 1), segments=8))
    return parts


def _scaled(parts: Parts, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Parts:
    for one in parts:
        one.matrix_world = Matrix.Diagonal((x, y, z, 1.0)) @ one.matrix_basis
    return parts


def _painted(parts: Parts, dice: random.Random) -> Parts:
    """The same thing of other materials: each is replaced by one of its family."""
    chosen: dict[str, Any] = {}
    families: dict[str, Callable[[random.Random], Any]] = {'wood': body, 'fabric': cloth, 'plastic': body, 'metal': body}
    for one in parts:
        slots = one.data.materials
        old = slots[0]
        family = families.get(old.name.split('.')[0])
        if family is not None:
            if old.name not in chosen:
                chosen[old.name] = family(dice)
            slots[0] = chosen[old.name]
    return parts


def _legs(x: float, y: float, height: float, material: Any, dice: random.Random) -> Parts:
    thick = dice.uniform(0.03, 0.08)
    return [boxes([((thick, thick, height), (s * (x - thick), t * (y - thick), height / 2)) for s in (-1, 1)
                   for t in (-1, 1)], material)]


def _table(size: Size, dice: random.Random) -> Parts:
    wide, deep, high = size
    top, legs, thick = body(dice), body(dice), dice.uniform(0.018, 0.05)
    kind = dice.random()
    if kind < 0.2:  # round, on one leg
        radius = min(wide, deep) / 2 + 0.1
        return [turned([(0.001, high), (radius, high), (radius, high - thick), (0.001, high - thick)], top),
                turned([(radius * 0.6, 0), (radius * 0.55, 0.02), (0.04, 0.04), (0.04, high - thick)], legs)]
    glass = kind < 0.28
    board = box((wide, deep, thick), (0, 0, high - thick / 2), pane() if glass else top, bevel=0.0 if glass else 0.006)
    return [board, *_legs(wide / 2, deep / 2, high - thick, legs, dice)]


def _desk(size: Size, dice: random.Random) -> Parts:
    wide, deep, high = size
    top, rest = body(dice), body(dice)
    parts = [box((wide, deep, 0.028), (0, 0, high - 0.014), top, bevel=0.004)]
    if dice.random() < 0.5:
        return [*parts, *_legs(wide / 2, deep / 2, high - 0.028, rest, dice)]
    drawers = [((0.4, 0.012, 0.17), (wide / 2 - 0.24, -deep / 2 + 0.03, 0.15 + 0.19 * k)) for k in range(3)]
    return [*parts, boxes([((0.025, deep - 0.04, high - 0.028), (s * (wide / 2 - 0.03), 0, (high - 0.028) / 2))
                           for s in (-1, 1)] + [((wide - 0.1, 0.02, high * 0.5), (0, deep / 2 - 0.05, high * 0.65))],
                          rest), boxes([((0.43, deep - 0.1, 0.6), (wide / 2 - 0.25, 0.02, 0.34)), *drawers], top)]


def _chair(size: Size, dice: random.Random) -> Parts:
    if dice.random() < 0.35:
        return _scaled(_painted(f.chair(), dice), size[0] / 0.45, size[1] / 0.45, size[2] / 0.9)
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


def _office_chair(size: Size, dice: random.Random) -> Parts:
    cover, dark = cloth(dice), plastic(dice.choice(((0.02, 0.02, 0.022), (0.5, 0.5, 0.5), (0.7, 0.7, 0.7))))
    high, wide = size[2], size[0] * 0.85
    spokes = [tube([(0, 0, 0.09), (0.28 * math.cos(a), 0.28 * math.sin(a), 0.06)], [0.022, 0.014], dark, segments=8)
              for a in (2 * math.pi * k / 5 for k in range(5))]
    wheels = [ball((0.03, 0.03, 0.03), (0.28 * math.cos(a), 0.28 * math.sin(a), 0.03), dark, segments=10)
              for a in (2 * math.pi * k / 5 for k in range(5))]
    parts = [soft((wide, wide, 0.09), (0, -0.02, 0.48), cover, roundness=0.04),
             soft((wide * 0.9, 0.07, high - 0.6), (0, wide / 2, 0.58 + (high - 0.6) / 2), cover, roundness=0.03),
             tube([(0, 0, 0.08), (0, 0, 0.45)], [0.03, 0.025], dark, segments=10),
             tube([(0, 0.1, 0.44), (0, wide / 2 + 0.05, 0.46), (0, wide / 2 + 0.06, 0.75)], [0.02] * 3, dark, segments=8,
                  side=(1, 0, 0))]
    if dice.random() < 0.6:
        parts.append(boxes([((0.05, 0.25, 0.03), (s * wide / 2, 0, 0.68)) for s in (-1, 1)]
                           + [((0.03, 0.04, 0.2), (s * wide / 2, 0.05, 0.58)) for s in (-1, 1)], dark))
    return [*parts, *spokes, *wheels]


def _stool(size: Size, dice: random.Random) -> Parts:
    radius, high = size[0] / 2, size[2]
    seat = turned([(0.001, high), (radius, high), (radius, high - 0.04), (0.001, high - 0.04)],
                  cloth(dice) if dice.random() < 0.5 else body(dice))
    legs = body(dice)
    return [seat, *(tube([(radius * 1.05 * math.cos(a), radius * 1.05 * math.sin(a), 0),
                          (radius * 0.6 * math.cos(a), radius * 0.6 * math.sin(a), high - 0.04)], [0.013, 0.013], legs,
                         segments=8) for a in (math.pi / 4 + math.pi / 2 * k for k in range(4)))]


def _sofa(size: Size, dice: random.Random) -> Parts:
    return _scaled(_painted(f.sofa(size[0]), dice), 1.0, size[1] / 0.9, size[2] / 0.85)


def _bench(size: Size, dice: random.Random) -> Parts:
    return [box((size[0], size[1], 0.05), (0, 0, size[2] - 0.025), body(dice), bevel=0.006),
            *_legs(size[0] / 2, size[1] / 2, size[2] - 0.05, body(dice), dice)]


def _bed(size: Size, dice: random.Random) -> Parts:
    wide, long, high = size
    frame, sheet, cover = body(dice), fabric((0.75, 0.74, 0.72)), cloth(dice)
    parts = [box((wide, long, high * 0.5), (0, 0, high * 0.35), frame, bevel=0.01),
             soft((wide - 0.04, long - 0.06, 0.2), (0, 0, high - 0.05), sheet, roundness=0.06),
             soft((wide + 0.02, long * 0.62, 0.16), (0, -long * 0.17, high - 0.01), cover, roundness=0.05),
             box((wide, 0.05, dice.uniform(0.5, 0.9)), (0, long / 2, 0.5), frame, bevel=0.01)]
    pillows = 1 if wide < 1.3 else 2
    return parts + [soft((0.6, 0.38, 0.13), ((k - (pillows - 1) / 2) * 0.75, long / 2 - 0.28, high + 0.09), sheet,
                         roundness=0.05) for k in range(pillows)]


def _shelf(size: Size, dice: random.Random) -> Parts:
    wide, deep, high = size
    material, count = body(dice), dice.randint(3, 6)
    levels = [0.06 + k * (high - 0.08) / (count - 1) for k in range(count)]
    frame = [((0.025, deep, high), (s * (wide / 2 - 0.0125), 0, high / 2)) for s in (-1, 1)]
    frame += [((wide - 0.04, deep - 0.01, 0.022), (0, 0, z)) for z in levels]
    if dice.random() < 0.7:
        frame.append(((wide, 0.008, high - 0.05), (0, deep / 2 - 0.01, high / 2)))
    return [boxes(frame, material), *_goods(wide - 0.08, deep, levels, dice, books=dice.random() < 0.6)]


def _goods(wide: float, deep: float, levels: list[float], dice: random.Random, *, books: bool, side: float = 0.0) -> Parts:
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


def _cupboard(size: Size, dice: random.Random) -> Parts:
    """A wardrobe, cabinet, fridge or counter: doors or drawers with handles."""
    wide, deep, high = size
    case, front = body(dice), body(dice)
    if dice.random() < 0.6:
        front = case
    columns, rows = max(1, round(wide / dice.uniform(0.4, 0.6))), dice.choice((1, 1, 2, 3)) if high < 1.3 else dice.choice((1, 2))
    cell_w, cell_h = wide / columns, (high - 0.12) / rows
    panels, handles = [], []
    for i in range(columns):
        for k in range(rows):
            x, z = (i + 0.5) * cell_w - wide / 2, 0.08 + (k + 0.5) * cell_h
            panels.append(((cell_w - 0.008, 0.02, cell_h - 0.008), (x, -deep / 2 + 0.005, z)))
            handles.append(((0.12, 0.02, 0.012), (x, -deep / 2 - 0.015, z + cell_h / 2 - 0.06)) if rows > 1 else
                           ((0.012, 0.02, 0.14), (x + (cell_w / 2 - 0.05) * (1 if i % 2 == 0 else -1), -deep / 2 - 0.015, z)))
    return [boxes([((wide, deep - 0.02, high - 0.09), (0, 0.01, high / 2 + 0.03)),
                   ((wide - 0.06, deep - 0.12, 0.08), (0, 0.03, 0.04))], case), boxes(panels, front),
            boxes(handles, f.STEEL)]


def _hung(size: Size, dice: random.Random) -> Parts:
    if dice.random() < 0.3:  # a board with things on it
        return [box((size[0], size[1], 0.025), (0, 0, 0.0125), body(dice), bevel=0.003),
                *_goods(size[0], size[1], [0.02], dice, books=dice.random() < 0.5)]
    return placed(_cupboard((size[0], size[1], size[2] + 0.09), dice)[:1] + _cupboard(size, dice)[1:], (0, 0, -0.06))


def _hanging_lamp(size: Size, dice: random.Random) -> Parts:
    drop, wide = dice.uniform(0.8, 2.2), dice.uniform(0.6, 1.4)
    return _painted(_scaled(f.ceiling_lamp(), wide, wide, drop), dice)


def _counter(size: Size, dice: random.Random) -> Parts:
    wide, deep, high = size
    top = box((wide + 0.03, deep + 0.03, 0.035), (0, -0.01, high - 0.0175), surfaces.floor(dice), bevel=0.004)
    return [*_cupboard((wide, deep, high - 0.035), dice), top]


def _gondola(size: Size, dice: random.Random) -> Parts:
    """Shelves of a store, with goods on both sides."""
    wide, deep, high = size
    case, count = body(dice), dice.randint(3, 6)
    levels = [0.12 + k * (high - 0.2) / count for k in range(count)]
    frame = [((wide, 0.04, high), (0, 0, high / 2)), ((wide, deep, 0.12), (0, 0, 0.06))]
    frame += [((wide, deep, 0.02), (0, 0, z)) for z in levels]
    parts = [boxes(frame, case)]
    for side in (-1, 1):
        parts += _goods(wide, deep / 2 - 0.04, levels, dice, books=False, side=side * deep / 4)
    return parts


def _rack(size: Size, dice: random.Random) -> Parts:
    """A pallet rack with cartons."""
    wide, deep, high = size
    blue, orange = plastic(dice.choice(((0.02, 0.08, 0.3), (0.3, 0.3, 0.32), (0.05, 0.2, 0.08)))), plastic(
        dice.choice(((0.7, 0.2, 0.02), (0.7, 0.45, 0.02), (0.5, 0.5, 0.5))))
    posts = [((0.09, 0.07, high), (s * (wide / 2 - 0.045), t * (deep / 2 - 0.04), high / 2)) for s in (-1, 1) for t in (-1, 1)]
    levels = [0.0, *(k * dice.uniform(1.3, 1.6) for k in range(1, int(high / 1.5) + 1))]
    beams = [((wide, 0.05, 0.12), (0, t * (deep / 2 - 0.04), z)) for z in levels[1:] for t in (-1, 1)]
    parts = [boxes(posts, blue), boxes(beams, orange)]
    for z in levels:
        for s in (-1, 1):
            if dice.random() < 0.75:
                parts += placed(_pallet((wide * 0.42, deep * 0.95, dice.uniform(0.5, 1.15)), dice), (s * wide * 0.235, 0, z + 0.06))
    return parts


def _pallet(size: Size, dice: random.Random) -> Parts:
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


def _trolley(size: Size, dice: random.Random) -> Parts:
    wide, deep, high = size
    dark, deck = metal(), body(dice)
    wheels = [turned([(0.001, 0), (0.05, 0), (0.05, 0.03), (0.001, 0.03)], plastic((0.02, 0.02, 0.02)), segments=14)
              for _ in range(4)]
    for k, wheel in enumerate(wheels):
        placed([wheel], ((k % 2 - 0.5) * (wide - 0.1), (k // 2 - 0.5) * (deep - 0.15), 0.05), pitch=90)
    frame = [tube([(s * (wide / 2 - 0.03), deep / 2 - 0.03, 0.15), (s * (wide / 2 - 0.03), deep / 2 - 0.03, high)],
                  [0.014, 0.014], dark, segments=8) for s in (-1, 1)]
    return [*wheels, *frame, box((wide, deep, 0.035), (0, 0, 0.14), deck, bevel=0.005),
            tube([(-wide / 2 + 0.03, deep / 2 - 0.03, high), (wide / 2 - 0.03, deep / 2 - 0.03, high)], [0.014, 0.014], dark,
                 segments=8, side=(0, 0, 1))]


def _radiator(size: Size, dice: random.Random) -> Parts:
    ribs = int(size[0] / 0.05)
    return [boxes([((0.035, size[1], size[2] - 0.1), ((k + 0.5) * 0.05 - size[0] / 2, 0, size[2] / 2 + 0.05))
                   for k in range(ribs)], plastic((0.78, 0.77, 0.74), rough=0.3))]


def _column(size: Size, dice: random.Random) -> Parts:
    material = surfaces.wall(dice)
    if dice.random() < 0.5:
        return [turned([(size[0] / 2, 0), (size[0] / 2, size[2])], material)]
    return [boxes([(size, (0, 0, size[2] / 2))], material)]


def _picture(size: Size, dice: random.Random) -> Parts:
    colours = tuple(surfaces.shade(dice, colourful=0.8) for _ in range(dice.randint(1, 4)))
    return placed(_painted(f.picture(size[0], size[2], colours), dice), (0, 0, size[2] / 2))


def _mirror(size: Size, dice: random.Random) -> Parts:
    return [box((size[0], 0.02, size[2]), (0, 0, size[2] / 2), body(dice), bevel=0.003),
            box((size[0] - 0.06, 0.006, size[2] - 0.06), (0, -0.011, size[2] / 2), metal((0.9, 0.9, 0.9), rough=0.01), bevel=0)]


def _board(size: Size, dice: random.Random) -> Parts:
    face = dice.choice((plastic((0.85, 0.85, 0.85), rough=0.15), plastic((0.03, 0.09, 0.06), rough=0.7),
                        fabric((0.4, 0.25, 0.12))))
    return [box((size[0], 0.02, size[2]), (0, 0, size[2] / 2), body(dice), bevel=0.003),
            box((size[0] - 0.05, 0.006, size[2] - 0.05), (0, -0.009, size[2] / 2), face, bevel=0)]


def _plant(size: Size, dice: random.Random) -> Parts:
    high, seed = size[2], dice.randrange(1000)
    green = (dice.uniform(0.04, 0.2), dice.uniform(0.18, 0.42), dice.uniform(0.03, 0.1))
    kind = dice.choice(('broad', 'swords', 'fronds', 'fronds'))
    if kind == 'broad':
        grown = plants.broad(seed, max(high, 0.6), green)
    elif kind == 'swords':
        grown = plants.swords(seed, max(min(high, 1.1), 0.4))
    else:
        grown = plants.fronds(seed, max(high, 0.4), radius=dice.uniform(0.1, 0.2), count=dice.randint(12, 24))
    return _painted(grown, dice)


def _small_plant(size: Size, dice: random.Random) -> Parts:
    return _painted(plants.fronds(dice.randrange(1000), size[2], radius=0.07, count=14), dice)


def _floor_lamp(size: Size, dice: random.Random) -> Parts:
    return _painted(f.floor_lamp(), dice)


def _bin(size: Size, dice: random.Random) -> Parts:
    r, h = size[0] / 2, size[2]
    if dice.random() < 0.4:
        return [box(size, (0, 0, h / 2), body(dice), bevel=0.015)]
    return [turned([(0.001, 0.01), (r * 0.8, 0), (r, h), (r - 0.01, h), (r * 0.78, 0.02), (0.001, 0.02)], body(dice))]


def _extinguisher(size: Size, dice: random.Random) -> Parts:
    red, dark = plastic((0.6, 0.02, 0.02), rough=0.25), plastic((0.02, 0.02, 0.02))
    return [turned([(0.08, 0), (0.085, 0.02), (0.085, size[2] - 0.12), (0.03, size[2] - 0.05), (0.02, size[2])], red),
            tube([(0.0, 0, size[2]), (0.09, -0.02, size[2] - 0.03), (0.11, -0.03, size[2] * 0.4)], [0.01] * 3, dark, segments=8)]


def _carton(size: Size, dice: random.Random) -> Parts:
    parts = f.carton(size)
    if dice.random() < 0.3:
        parts[0].data.materials[0] = plaster(surfaces.shade(dice, colourful=0.6))
    return parts


def _bag(size: Size, dice: random.Random) -> Parts:
    material = cloth(dice)
    return [soft(size, (0, 0, size[2] / 2), material, roundness=0.07),
            soft((size[0] * 0.7, 0.06, size[2] * 0.45), (0, -size[1] / 2, size[2] * 0.3), material, roundness=0.025),
            tube([(x * size[0] * 0.12, 0, size[2] - 0.01 + z) for x, z in ((-1, 0), (-0.7, 0.06), (0.7, 0.06), (1, 0))],
                 [0.01] * 4, material, segments=8)]


def _ball(size: Size, dice: random.Random) -> Parts:
    r = size[0] / 2
    return [ball((r, r, r), (0, 0, r), plastic(surfaces.shade(dice, colourful=0.9), rough=dice.uniform(0.2, 0.8)))]


def _shoes(size: Size, dice: random.Random) -> Parts:
    material = plastic(surfaces.shade(dice, light=0.5, colourful=0.5), rough=0.6)
    sides = [tube([(s * 0.06, y, z) for y, z in ((0.12, 0.05), (0.08, 0.055), (0.0, 0.045), (-0.1, 0.03), (-0.14, 0.025))],
                  [(0.03, 0.04), (0.04, 0.05), (0.042, 0.042), (0.045, 0.028), (0.02, 0.018)], material, side=(1, 0, 0))
             for s in (-1, 1)]
    return [*placed(sides[:1], turn=dice.uniform(-20, 40)), *sides[1:]]


def _bottle(size: Size, dice: random.Random) -> Parts:
    r, h = size[0] / 2, size[2]
    parts = [turned([(0.001, 0), (r, 0.005), (r, h * 0.6), (r * 0.35, h * 0.8), (r * 0.35, h), (0.001, h)],
                    plastic(surfaces.shade(dice, colourful=0.8), rough=0.1), segments=20)]
    return placed(parts, (-h / 2, 0, r), pitch=90) if dice.random() < 0.25 else parts


def _crate(size: Size, dice: random.Random) -> Parts:
    wide, deep, high = size
    walls = [((wide, 0.015, high), (0, s * deep / 2, high / 2)) for s in (-1, 1)]
    walls += [((0.015, deep, high), (s * wide / 2, 0, high / 2)) for s in (-1, 1)] + [((wide, deep, 0.015), (0, 0, 0.01))]
    return [boxes(walls, body(dice))]


def _paper(size: Size, dice: random.Random) -> Parts:
    return [box(size, (0, 0, size[2] / 2), plastic(dice.choice(((0.8, 0.8, 0.78), surfaces.shade(dice))), rough=0.9), bevel=0)]


def _cone(size: Size, dice: random.Random) -> Parts:
    r, h = size[0] / 2, size[2]
    orange, white = plastic((0.8, 0.16, 0.02), rough=0.5), plastic((0.8, 0.8, 0.8), rough=0.5)
    return [box((r * 2, r * 2, 0.03), (0, 0, 0.015), orange, bevel=0.01), turned([(r * 0.75, 0.03), (0.03, h), (0.001, h)], orange),
            turned([(r * 0.75 * 0.55 + 0.018, h * 0.45), (r * 0.75 * 0.33 + 0.02, h * 0.65)], white)]


def _toy(size: Size, dice: random.Random) -> Parts:
    """A car of bricks, or some bricks."""
    if dice.random() < 0.5:
        return [box((0.06, 0.04, 0.04), (dice.uniform(-1, 1) * size[0] / 2, dice.uniform(-1, 1) * size[1] / 2, 0.02),
                    plastic(surfaces.shade(dice, colourful=1.0)), turn=dice.uniform(0, 90)) for _ in range(6)]
    paint = plastic(surfaces.shade(dice, colourful=1.0), rough=0.2)
    wheels = [ball((0.022, 0.012, 0.022), (x * size[0] * 0.3, y * size[1] * 0.42, 0.022), f.BLACK, segments=12)
              for x in (-1, 1) for y in (-1, 1)]
    return [soft((size[0], size[1] * 0.8, size[2] * 0.5), (0, 0, size[2] * 0.4), paint, roundness=0.015),
            soft((size[0] * 0.5, size[1] * 0.7, size[2] * 0.5), (0, 0, size[2] * 0.75), paint, roundness=0.015), *wheels]


def _suitcase(size: Size, dice: random.Random) -> Parts:
    shell = plastic(surfaces.shade(dice, light=0.5, colourful=0.6), rough=0.3)
    bars = [((0.015, 0.015, 0.3), (s * size[0] * 0.25, size[1] * 0.35, size[2] + 0.15)) for s in (-1, 1)]
    return [soft((size[0], size[1], size[2] - 0.05), (0, 0, size[2] / 2 + 0.025), shell, roundness=0.04),
            boxes([*bars, ((size[0] * 0.55, 0.02, 0.025), (0, size[1] * 0.35, size[2] + 0.3)),
                   *(((0.03, 0.03, 0.05), (s * size[0] * 0.38, t * size[1] * 0.3, 0.025)) for s in (-1, 1) for t in (-1, 1))],
                  f.BLACK)]


def _heap(size: Size, dice: random.Random) -> Parts:
    """Clothes dropped on the floor."""
    material = cloth(dice)
    return [ball((size[0] * dice.uniform(0.2, 0.4), size[1] * dice.uniform(0.2, 0.4), size[2] * dice.uniform(0.5, 1)),
                 (dice.uniform(-0.15, 0.15), dice.uniform(-0.15, 0.15), 0.0), material) for _ in range(4)]


def _monitor(size: Size, dice: random.Random) -> Parts:
    screen = glow(surfaces.shade(dice), 0.6) if dice.random() < 0.4 else plastic((0.01, 0.01, 0.012), rough=0.1)
    w, _, h = size
    return [box((w, 0.03, h - 0.1), (0, 0, h / 2 + 0.05), f.BLACK, bevel=0.004), box((w - 0.03, 0.002, h - 0.13),
            (0, -0.016, h / 2 + 0.05), screen, bevel=0), box((0.05, 0.03, 0.2), (0, 0.03, 0.1), f.BLACK),
            box((0.24, 0.18, 0.012), (0, 0.02, 0.006), f.BLACK)]


def _laptop(size: Size, dice: random.Random) -> Parts:
    case = plastic(dice.choice(((0.02, 0.02, 0.02), (0.5, 0.5, 0.52))), rough=0.35)
    screen = glow(surfaces.shade(dice), 0.6) if dice.random() < 0.5 else plastic((0.01, 0.01, 0.012), rough=0.1)
    lid = placed([box((0.33, 0.012, 0.22), (0, 0, 0.11), case, bevel=0.003), box((0.31, 0.002, 0.19), (0, -0.007, 0.11),
                  screen, bevel=0)], (0, 0.11, 0.015), roll=-15)
    return [box((0.33, 0.23, 0.015), (0, 0, 0.0075), case, bevel=0.003), *lid]


def _mug(size: Size, dice: random.Random) -> Parts:
    return f.mug(surfaces.shade(dice, colourful=0.7))


def _bowl(size: Size, dice: random.Random) -> Parts:
    return f.fruit_bowl()


def _books(size: Size, dice: random.Random) -> Parts:
    parts, z = [], 0.0
    for _ in range(dice.randint(1, 5)):
        thick = dice.uniform(0.012, 0.045)
        parts.append(box((dice.uniform(0.2, 0.3), dice.uniform(0.14, 0.22), thick - 0.001), (0, 0, z + thick / 2),
                         plastic(surfaces.shade(dice, colourful=0.6), rough=0.6), bevel=0.002, turn=dice.uniform(-20, 20)))
        z += thick
    return parts


def _rug(size: Size, dice: random.Random) -> Parts:
    thick = dice.uniform(0.004, 0.02)
    pattern = surfaces.rug(dice)
    if dice.random() < 0.25:
        return [outline([arc((0, 0), min(size[0], size[1]) / 2, 0, 352, 44)], thick, pattern)]
    parts = [box((size[0], size[1], thick), (0, 0, thick / 2), pattern, bevel=0.002)]
    if dice.random() < 0.4:
        parts.append(box((size[0] - 0.2, size[1] - 0.2, thick), (0, 0, thick / 2 + 0.001), surfaces.rug(dice), bevel=0.002))
    return parts


def _cable(size: Size, dice: random.Random) -> Parts:
    """A cable that winds over the floor."""
    r, x, y, way = dice.uniform(0.003, 0.008), -size[0] / 2, 0.0, 0.0
    line = []
    for _ in range(int(size[0] / 0.04)):
        line.append((x, y, r))
        way = max(-1.4, min(1.4, way + dice.gauss(-0.3 * way, 0.35)))
        x, y = x + 0.05 * math.cos(way), y + 0.05 * math.sin(way)
    colour = dice.choice(((0.01, 0.01, 0.01), (0.01, 0.01, 0.01), (0.7, 0.7, 0.7), (0.7, 0.25, 0.02), (0.02, 0.1, 0.5)))
    return [tube(line, [r] * len(line), plastic(colour, rough=0.4), segments=8, side=(0, 0, 1))]


def _person(size: Size, dice: random.Random) -> Parts:
    return person(dice)


def _workbench(size: Size, dice: random.Random) -> Parts:
    return _painted(f.workbench(*size), dice)


def _hammer(size: Size, dice: random.Random) -> Parts:
    return _painted(tools.hammer(), dice)


def _wrench(size: Size, dice: random.Random) -> Parts:
    return tools.wrench(size[0], size[1] * 0.42)


def _spanner(size: Size, dice: random.Random) -> Parts:
    return tools.adjustable_spanner()


def _screwdriver(size: Size, dice: random.Random) -> Parts:
    return tools.screwdriver(size[0], surfaces.shade(dice, colourful=1.0), cross=dice.random() < 0.5)


def _pliers(size: Size, dice: random.Random) -> Parts:
    return tools.pliers(size[0], surfaces.shade(dice, colourful=1.0), opening=dice.uniform(5, 25))


def _tape(size: Size, dice: random.Random) -> Parts:
    return tools.tape_measure()


_MAKERS: dict[str, Maker] = {
    'table': _table, 'desk': _desk, 'coffee table': _table, 'island': _counter, 'chair': _chair, 'stool': _stool,
    'office chair': _office_chair, 'armchair': _sofa, 'bench': _bench, 'sofa': _sofa, 'bed': _bed, 'shelf': _shelf,
    'wardrobe': _cupboard, 'cabinet': _cupboard, 'counter': _counter, 'fridge': _cupboard, 'workbench': _workbench,
    'hung cabinet': _hung, 'hanging lamp': _hanging_lamp, 'gondola': _gondola, 'rack': _rack, 'pallet': _pallet, 'radiator': _radiator, 'trolley': _trolley, 'column': _column,
    'person': _person, 'picture': _picture, 'mirror': _mirror, 'board': _board, 'plant': _plant,
    'small plant': _small_plant, 'floor lamp': _floor_lamp, 'extinguisher': _extinguisher, 'bin': _bin, 'carton': _carton,
    'bag': _bag, 'ball': _ball, 'shoes': _shoes, 'bottle': _bottle, 'crate': _crate, 'paper': _paper, 'cone': _cone,
    'toy': _toy, 'suitcase': _suitcase, 'cloth': _heap, 'monitor': _monitor, 'laptop': _laptop, 'mug': _mug,
    'bowl': _bowl, 'books': _books, 'rug': _rug, 'cable': _cable, 'hammer': _hammer, 'wrench': _wrench,
    'adjustable spanner': _spanner, 'screwdriver': _screwdriver, 'pliers': _pliers, 'tape measure': _tape}
