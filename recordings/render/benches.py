# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Renders tables of interiors, strewn with tools and looked at from above, as an arm's camera sees them."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import partial
from pathlib import Path

from layout import Layout, Piece, rotated
from planner import plan
from rooms import Interior, render_missing, render_seeds
from stock_list import SIZES, Size
from views import View

SIZE = (512, 384)
VIEWS = 5
TOPS = ('table', 'desk', 'workbench', 'counter', 'island', 'coffee table', 'cabinet')
BESIDE = ('mug', 'bowl', 'bottle', 'paper', 'books', 'small plant')
TOOLS: dict[str, tuple[Size, Size]] = {  # width, depth, height (m): from, to
    'hammer': ((0.22, 0.09, 0.03), (0.36, 0.15, 0.05)), 'wrench': ((0.12, 0.025, 0.01), (0.3, 0.055, 0.01)),
    'adjustable spanner': ((0.15, 0.04, 0.01), (0.3, 0.08, 0.015)),
    'screwdriver': ((0.13, 0.03, 0.03), (0.3, 0.04, 0.03)), 'pliers': ((0.14, 0.05, 0.02), (0.23, 0.07, 0.02)),
    'needle-nose pliers': ((0.13, 0.05, 0.02), (0.22, 0.06, 0.02)),
    'tape measure': ((0.07, 0.06, 0.03), (0.12, 0.1, 0.05))}
GAP = 0.013  # metres by which a tool that crosses another lies higher


def strewn(layout: Layout, dice: random.Random) -> tuple[Layout, list[Piece]]:
    """Return the interior with tools on some of its tops in place of what lay there, and these tools."""
    tops = [one for one in layout.pieces if one.kind in TOPS]
    tops = dice.sample(tops, min(2, len(tops)))
    kept = [one for one in layout.pieces if not any(_lies_on(one, top) for top in tops)]
    things = [one for top in tops for one in _things(top, dice)]
    return replace(layout, pieces=[*kept, *things]), [one for one in things if one.kind in TOOLS]


def _lies_on(one: Piece, top: Piece) -> bool:
    u, v = rotated(one.x - top.x, one.y - top.y, -top.turn)
    return 0 < one.z - top.size[2] < 0.1 and abs(u) < top.size[0] / 2 and abs(v) < top.size[1] / 2


def _things(top: Piece, dice: random.Random) -> list[Piece]:
    """Return tools and a few other things that lie on a top, some tools across another one."""
    found = list[Piece]()
    for _ in range(dice.randint(8, 16 + int(8 * top.size[0]))):
        kind = dice.choice(tuple(TOOLS) if dice.random() < 0.9 else BESIDE)
        u, v = (dice.uniform(-1, 1) * (side / 2 - 0.1) for side in top.size[:2])
        dx, dy = rotated(u, v, top.turn)
        place, height = (top.x + dx, top.y + dy), 0.001
        near = [one for one in found if math.dist((one.x, one.y), place) < 0.14]
        if near and (len(near) > 1 or {kind, near[0].kind} & set(BESIDE) or dice.random() < 0.5):
            continue
        if near:
            height += GAP
        low, high = TOOLS.get(kind) or SIZES[kind]
        size = (dice.uniform(low[0], high[0]), dice.uniform(low[1], high[1]), dice.uniform(low[2], high[2]))
        found.append(Piece(kind, *place, top.size[2] + height, dice.uniform(0, 360), size, dice.randrange(1 << 30)))
    return found


def above(target: Piece, dice: random.Random) -> View:
    """Return a camera that looks down on a tool, from beside it to right above."""
    far, pitch, heading = dice.uniform(0.35, 1.1), dice.triangular(28, 86, 65), dice.uniform(0, 360)
    back, aside = far * math.cos(math.radians(pitch)), dice.uniform(-0.15, 0.15) * far
    x, y = rotated(-back, aside, heading)
    return View(target.x + x, target.y + y, target.z + far * math.sin(math.radians(pitch)), heading, pitch,
                dice.gauss(0, 4), dice.uniform(50, 85))


def render_benches(seed: int, folder: Path, *, views: int, samples: int, threads: int) -> None:
    """Render the views of a room's tools that are missing."""
    layout, lying = strewn(plan(seed), random.Random(f'tools {seed}'))
    if lying:
        interior = Interior(layout, samples=samples, threads=threads, size=SIZE)
        render_missing(folder, interior, views, partial(_seen, interior, lying))


def _seen(interior: Interior, lying: list[Piece], number: int) -> View | None:
    """Return a camera in the room with nothing right before it, or None if none was found."""
    layout, dice = interior.layout, random.Random(f'above {interior.layout.seed} {number}')
    for _ in range(100):
        view = above(dice.choice(lying), dice)
        inside = 0.1 < view.x < layout.length - 0.1 and 0.1 < view.y < layout.width - 0.1
        if inside and view.z < layout.height - 0.1 and interior.seen(view)[1].min() > 0.2:
            return view
    return None


if __name__ == '__main__':
    render_seeds(Path(__file__), 'Render tables with tools into a folder; begun again, it goes on where it was.',
                 render_benches, seeds='2001:2101', views=VIEWS)
