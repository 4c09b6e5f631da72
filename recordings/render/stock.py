# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Makes the things of an interior in any size and look, each about the middle of its foot, its front towards -y."""

from __future__ import annotations

import random
from collections.abc import Callable

import belongings
import cases
import fittings
import seats
from people import person
from shapes import Parts
from stock_list import Size

Maker = Callable[[Size, random.Random], Parts]


def make(kind: str, size: Size, seed: int) -> Parts:
    """Return a thing of a kind; the same seed gives the same."""
    dice = random.Random(f'{kind} {seed}')
    return _MAKERS[kind](size, dice)


def _person(size: Size, dice: random.Random) -> Parts:
    return person(dice)


_MAKERS: dict[str, Maker] = {
    'table': seats.table, 'desk': seats.desk, 'coffee table': seats.table, 'island': cases.counter,
    'chair': seats.chair, 'stool': seats.stool, 'office chair': seats.office_chair, 'armchair': seats.sofa,
    'bench': seats.bench, 'sofa': seats.sofa, 'bed': seats.bed, 'shelf': cases.shelf, 'wardrobe': cases.cupboard,
    'cabinet': cases.cupboard, 'counter': cases.counter, 'fridge': cases.cupboard, 'workbench': seats.workbench,
    'hung cabinet': cases.hung, 'hanging lamp': fittings.hanging_lamp, 'gondola': cases.gondola, 'rack': cases.rack,
    'pallet': cases.pallet, 'radiator': fittings.radiator, 'trolley': cases.trolley, 'column': fittings.column,
    'person': _person, 'picture': fittings.picture, 'mirror': fittings.mirror, 'board': fittings.board,
    'plant': fittings.plant, 'small plant': fittings.small_plant, 'floor lamp': fittings.floor_lamp,
    'extinguisher': fittings.extinguisher, 'bin': fittings.bin, 'carton': belongings.carton, 'bag': belongings.bag,
    'ball': belongings.play_ball, 'shoes': belongings.shoes, 'bottle': belongings.bottle, 'crate': cases.crate,
    'paper': belongings.paper, 'cone': belongings.cone, 'toy': belongings.toy, 'suitcase': belongings.suitcase,
    'cloth': belongings.heap, 'monitor': belongings.monitor, 'laptop': belongings.laptop, 'mug': belongings.mug,
    'bowl': belongings.bowl, 'books': belongings.pile_of_books, 'rug': fittings.rug, 'cable': fittings.cable,
    'hammer': belongings.hammer, 'wrench': belongings.wrench, 'adjustable spanner': belongings.spanner,
    'screwdriver': belongings.screwdriver, 'pliers': belongings.pliers, 'needle-nose pliers': belongings.slim_pliers,
    'tape measure': belongings.tape}
