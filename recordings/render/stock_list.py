# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What can stand in an interior: the word of the taxonomy, the smallest and largest size, and where it is found."""

from __future__ import annotations

Size = tuple[float, float, float]

# width, depth, height (m): from, to
SIZES: dict[str, tuple[Size, Size]] = {
    'table': ((1.0, 0.65, 0.70), (2.2, 1.1, 0.78)), 'desk': ((1.0, 0.55, 0.70), (1.8, 0.85, 0.78)),
    'coffee table': ((0.6, 0.45, 0.3), (1.3, 0.8, 0.5)), 'island': ((1.2, 0.7, 0.88), (2.4, 1.0, 0.95)),
    'chair': ((0.42, 0.42, 0.8), (0.52, 0.52, 1.0)), 'office chair': ((0.5, 0.5, 0.9), (0.65, 0.65, 1.15)),
    'stool': ((0.32, 0.32, 0.42), (0.42, 0.42, 0.8)), 'armchair': ((0.75, 0.75, 0.7), (1.0, 0.95, 0.95)),
    'bench': ((0.9, 0.32, 0.42), (1.9, 0.5, 0.5)), 'sofa': ((1.5, 0.85, 0.8), (2.6, 0.95, 0.9)),
    'bed': ((0.9, 1.95, 0.45), (1.8, 2.1, 0.65)), 'shelf': ((0.6, 0.26, 1.0), (1.6, 0.42, 2.2)),
    'wardrobe': ((0.9, 0.5, 1.8), (2.4, 0.65, 2.25)), 'cabinet': ((0.6, 0.35, 0.7), (1.8, 0.55, 1.2)),
    'counter': ((1.4, 0.58, 0.86), (3.2, 0.66, 1.1)), 'fridge': ((0.55, 0.6, 1.4), (0.8, 0.72, 2.0)),
    'workbench': ((1.2, 0.6, 0.82), (2.2, 0.8, 0.95)), 'gondola': ((0.9, 0.5, 1.3), (1.3, 1.0, 2.1)),
    'rack': ((2.2, 0.9, 2.6), (2.8, 1.1, 4.0)), 'pallet': ((0.8, 1.0, 0.5), (1.0, 1.2, 1.6)),
    'radiator': ((0.5, 0.09, 0.5), (1.4, 0.13, 0.7)), 'trolley': ((0.5, 0.75, 0.9), (0.65, 1.0, 1.05)),
    'column': ((0.3, 0.3, 2.5), (0.6, 0.6, 2.5)), 'person': ((0.5, 0.5, 1.75), (0.5, 0.5, 1.75)),
    'picture': ((0.3, 0.03, 0.3), (1.3, 0.03, 0.9)), 'mirror': ((0.4, 0.03, 0.6), (0.9, 0.03, 1.0)),
    'board': ((1.0, 0.03, 0.7), (2.4, 0.03, 1.1)), 'plant': ((0.4, 0.4, 0.5), (0.7, 0.7, 1.7)),
    'floor lamp': ((0.35, 0.35, 1.6), (0.35, 0.35, 1.7)), 'extinguisher': ((0.18, 0.18, 0.5), (0.2, 0.2, 0.6)),
    'bin': ((0.22, 0.22, 0.28), (0.42, 0.42, 0.75)), 'carton': ((0.2, 0.2, 0.15), (0.6, 0.5, 0.5)),
    'bag': ((0.28, 0.18, 0.3), (0.4, 0.25, 0.48)), 'ball': ((0.08, 0.08, 0.08), (0.26, 0.26, 0.26)),
    'shoes': ((0.22, 0.28, 0.1), (0.26, 0.3, 0.12)), 'bottle': ((0.06, 0.06, 0.18), (0.1, 0.1, 0.33)),
    'crate': ((0.35, 0.25, 0.2), (0.6, 0.4, 0.35)), 'paper': ((0.21, 0.3, 0.002), (0.3, 0.42, 0.003)),
    'cone': ((0.25, 0.25, 0.35), (0.36, 0.36, 0.75)), 'toy': ((0.1, 0.1, 0.06), (0.3, 0.2, 0.15)),
    'suitcase': ((0.38, 0.24, 0.5), (0.5, 0.3, 0.75)), 'cloth': ((0.3, 0.3, 0.06), (0.6, 0.5, 0.12)),
    'monitor': ((0.45, 0.2, 0.38), (0.7, 0.22, 0.5)), 'laptop': ((0.33, 0.24, 0.22), (0.36, 0.26, 0.25)),
    'mug': ((0.08, 0.08, 0.1), (0.08, 0.08, 0.1)), 'bowl': ((0.26, 0.26, 0.15), (0.26, 0.26, 0.15)),
    'books': ((0.2, 0.2, 0.1), (0.3, 0.25, 0.25)), 'small plant': ((0.2, 0.2, 0.25), (0.35, 0.35, 0.45)),
    'hung cabinet': ((0.6, 0.25, 0.4), (1.8, 0.38, 0.75)), 'hanging lamp': ((0.4, 0.4, 0.4), (0.4, 0.4, 0.4)),
    'hammer': ((0.32, 0.13, 0.04), (0.32, 0.13, 0.04)), 'wrench': ((0.2, 0.04, 0.01), (0.24, 0.05, 0.01)),
    'adjustable spanner': ((0.25, 0.06, 0.01), (0.25, 0.06, 0.01)),
    'screwdriver': ((0.2, 0.04, 0.03), (0.24, 0.04, 0.03)), 'pliers': ((0.19, 0.06, 0.02), (0.19, 0.06, 0.02)),
    'tape measure': ((0.1, 0.08, 0.04), (0.1, 0.08, 0.04))}

# words of the taxonomy `indoor` for what is not called by its own
WORDS = {
    'coffee table': 'table', 'island': 'kitchen island', 'office chair': 'swivel chair', 'workbench': 'table',
    'gondola': 'shelf', 'rack': 'shelf', 'pallet': 'box', 'trolley': 'otherprop', 'column': 'pillar',
    'board': 'whiteboard', 'plant': 'potted plant', 'small plant': 'potted plant', 'floor lamp': 'lamp',
    'extinguisher': 'otherprop', 'bin': 'trash can', 'carton': 'box', 'shoes': 'clothes', 'crate': 'box',
    'cone': 'otherprop', 'cloth': 'clothes', 'mug': 'cup', 'hung cabinet': 'cabinet', 'hanging lamp': 'lamp',
    'cable': 'otherprop'}

TOOLS = ('hammer', 'wrench', 'adjustable spanner', 'screwdriver', 'pliers', 'tape measure')
ON_TOP = ('monitor', 'laptop', 'mug', 'bowl', 'books', 'small plant', 'bottle', 'carton', 'paper', 'bottle', 'mug')
FLOOR_THINGS = ('carton', 'bag', 'ball', 'shoes', 'bottle', 'crate', 'paper', 'cone', 'toy', 'suitcase', 'cloth', 'bin',
                'carton', 'mug')
WALL_THINGS = ('picture', 'picture', 'mirror', 'board', 'plant', 'plant', 'floor lamp', 'extinguisher', 'bin',
               'radiator', 'picture', 'carton')
FURNISHED: dict[str, tuple[str, ...]] = {
    'living room': ('sofa', 'coffee table', 'shelf', 'cabinet', 'armchair', 'table', 'plant', 'armchair', 'shelf'),
    'bedroom': ('bed', 'wardrobe', 'cabinet', 'desk', 'chair', 'shelf', 'plant'),
    'kitchen': ('counter', 'fridge', 'table', 'counter', 'cabinet', 'stool', 'shelf'),
    'office': ('desk', 'desk', 'desk', 'shelf', 'cabinet', 'table', 'plant', 'desk', 'wardrobe'),
    'classroom': ('desk', 'shelf', 'cabinet', 'plant'), 'cafe': ('counter', 'plant', 'sofa', 'stool', 'shelf', 'plant'),
    'hall': ('bench', 'sofa', 'plant', 'counter', 'armchair', 'armchair', 'plant', 'bench', 'table'),
    'corridor': ('bench', 'cabinet', 'plant', 'chair', 'wardrobe'),
    'store': ('counter', 'shelf', 'pallet', 'trolley', 'shelf'),
    'warehouse': ('pallet', 'pallet', 'pallet', 'trolley', 'workbench', 'desk', 'pallet'),
    'workshop': ('workbench', 'workbench', 'shelf', 'cabinet', 'stool', 'table', 'wardrobe', 'pallet'),
    'stairwell': ('bench', 'plant', 'cabinet')}


def word_of(kind: str) -> str:
    """Return the word by which the taxonomy knows a kind of thing."""
    return WORDS.get(kind, kind)
