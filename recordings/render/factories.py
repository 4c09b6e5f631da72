# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Furniture by Infinigen (Raistrick et al. 2023, BSD-3): procedural designs, one or two of each kind in a room."""

from __future__ import annotations

import contextlib
import importlib
import math
import random
from pathlib import Path
from typing import Any

import bpy
from mathutils import Matrix, Vector
from shapes import Parts
from stock_list import Size

# those that take less than a second; all look along +x
NAMES: dict[str, tuple[str, ...]] = {
    'chair': ('seating.ChairFactory',), 'office chair': ('seating.OfficeChairFactory',),
    'stool': ('seating.BarChairFactory',), 'armchair': ('seating.ArmChairFactory',), 'sofa': ('seating.SofaFactory',),
    'table': ('tables.TableDiningFactory',), 'coffee table': ('tables.CoffeeTableFactory', 'tables.SideTableFactory'),
    'desk': ('shelves.SimpleDeskFactory',), 'cabinet': ('shelves.SingleCabinetFactory', 'shelves.TVStandFactory'),
    'shelf': ('shelves.SimpleBookcaseFactory', 'shelves.LargeShelfFactory', 'shelves.CellShelfFactory'),
    'floor lamp': ('lamp.FloorLampFactory',)}
CONFIGURED = ['infinigen_examples/configs_indoor', 'infinigen_examples/configs_nature']


class Factories:
    """
    The designs of one room.

    :param seed: which designs; :param share: of the kinds of furniture that come from a factory.
    """

    def __init__(self, seed: int, share: float = 0.65) -> None:
        self._dice = dice = random.Random(f'factories {seed}')
        self._kinds = {kind for kind in NAMES if dice.random() < share * (0.5 if kind == 'shelf' else 1.0)}
        self._designs: dict[tuple[str, int], Any] = {}
        import infinigen
        from infinigen.core import init
        with contextlib.chdir(Path(infinigen.__file__).parents[1]):  # its settings include each other from there
            init.apply_gin_configs(CONFIGURED, skip_unknown=True)

    def make(self, kind: str, size: Size, seed: int) -> Parts | None:
        """Return a thing of a kind, fitted into a size, or None if it does not come from a factory here."""
        if kind not in self._kinds:
            return None
        number = seed % 2 if kind not in ('chair', 'desk') else 0
        if (kind, number) not in self._designs:
            self._designs[kind, number] = self._designed(kind)
        design = self._designs[kind, number]
        one = design.copy()  # shares its mesh, which the renderer keeps once
        bpy.context.scene.collection.objects.link(one)
        one.matrix_world = _fitted(design, size)
        return [one]

    def _designed(self, kind: str) -> Any:
        room, name = self._dice.choice(NAMES[kind]).rsplit('.', 1)
        factory = getattr(importlib.import_module(f'infinigen.assets.objects.{room}'), name)
        design = factory(self._dice.randrange(1 << 20)).spawn_asset(0)
        for slot in design.material_slots:
            if slot.material and 'glass' in slot.material.name:  # refracts, which takes many paths
                slot.material = bpy.data.materials.get('smoked') or _smoked()
        for collection in list(design.users_collection):
            collection.objects.unlink(design)
        return design


def _smoked() -> Any:
    material = bpy.data.materials.new('smoked')
    material.use_nodes = True
    inputs = material.node_tree.nodes['Principled BSDF'].inputs
    inputs['Base Color'].default_value, inputs['Roughness'].default_value = (0.04, 0.05, 0.05, 1.0), 0.05
    return material


def _fitted(design: Any, size: Size) -> Any:
    """Return the pose that turns the front to -y, puts the foot on the floor and fits a thing into its size."""
    corners = [Vector(corner) for corner in design.bound_box]
    low = Vector(min(corner[k] for corner in corners) for k in range(3))
    high = Vector(max(corner[k] for corner in corners) for k in range(3))
    span, middle = high - low, (low + high) / 2
    scale = Matrix.Diagonal((size[1] / span.x, size[0] / span.y, size[2] / span.z, 1.0))
    return Matrix.Rotation(-math.pi / 2, 4, 'Z') @ scale @ Matrix.Translation((-middle.x, -middle.y, -low.z))
