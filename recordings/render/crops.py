# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Renders fields made by chance, a crop in rows and weeds anywhere, as a field robot's camera sees them from above."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
from layout import Layout, Piece
from rooms import Built, render_missing, render_seeds
from views import View

SIZE = (512, 384)
VIEWS = 4
PLOT = 2.2  # metres from side to side that are grown over; rows run along x
CROPS = {'carrot': 6, 'cabbage': 2, 'beet': 1, 'wheat': 1}  # so many of ten fields
WEEDS = ('chamomile', 'goosefoot', 'dock', 'grass', 'clover', 'knotgrass')
LOOKALIKES = {'beet': 'goosefoot', 'wheat': 'grass'}  # weeds that no one could tell from the crop
SOILS = (((0.055, 0.034, 0.02), (0.17, 0.115, 0.075)), ((0.10, 0.06, 0.035), (0.26, 0.18, 0.12)),  # loam, wet and dry
         ((0.03, 0.024, 0.018), (0.10, 0.08, 0.063)), ((0.11, 0.095, 0.075), (0.30, 0.265, 0.22)),  # peat, sand
         ((0.10, 0.045, 0.022), (0.24, 0.12, 0.06)))  # clay
VARIANTS = 7  # plants of a kind that a field has; each stands in many places
CLEARANCE = 0.3  # of the sum of two diameters, from weed to plant: some leaves cross, and none stands in another


def sown(seed: int) -> Layout:
    """Return a field by its seed; its kind is that of the crop, the pieces are plants."""
    dice = random.Random(f'field {seed}')
    crop = dice.choices(tuple(CROPS), tuple(CROPS.values()))[0]
    field = Layout(seed, crop, PLOT, PLOT, 0.0, dice.choice(('sun', 'sun', 'overcast')))
    field.pieces += _rows(crop, dice)
    kinds = dice.sample([one for one in WEEDS if one != LOOKALIKES.get(crop)], dice.randint(3, 5))
    typical = {kind: dice.triangular(0.02, 0.14, 0.06) for kind in kinds}
    to_a_square_metre = dice.triangular(8, 110, 35)
    for _ in range(int(to_a_square_metre * PLOT * PLOT)):
        kind = dice.choice(kinds)
        diameter = min(max(typical[kind] * math.exp(dice.gauss(0, 0.45)), 0.01), 0.15)
        place = dice.uniform(0, PLOT), dice.uniform(0, PLOT)
        if all(math.dist((one.x, one.y), place) > CLEARANCE * (one.size[0] + diameter) for one in field.pieces):
            field.pieces.append(_plant(kind, *place, diameter, dice))
    return field


def word_of(plant: Piece, field: Layout) -> str:
    """Return what a plant is in a field: crop or weed."""
    return 'crop' if plant.kind == field.kind else 'weed'


def _rows(crop: str, dice: random.Random) -> list[Piece]:
    """Return plants of one age at the same distance in all rows, where they came up."""
    diameter, emergence = dice.triangular(0.03, 0.13, 0.06), dice.uniform(0.7, 1.0)
    row_spacing = max(dice.uniform(0.15, 0.5), 1.5 * diameter)
    plant_spacing = diameter * dice.uniform(0.6, 2.5)
    return [_plant(crop, x + dice.gauss(0, plant_spacing * 0.12), y + dice.gauss(0, 0.006),
                   diameter * math.exp(dice.gauss(0, 0.2)), dice)
            for y in _across(row_spacing) for x in _across(plant_spacing) if dice.random() < emergence]


def _across(spacing: float) -> list[float]:
    """Return places at one distance over the plot, as far from its one side as from the other."""
    count = int(PLOT / spacing)
    return [PLOT / 2 + (k - (count - 1) / 2) * spacing for k in range(count)]


def _plant(kind: str, x: float, y: float, diameter: float, dice: random.Random) -> Piece:
    size = diameter, diameter, diameter * dice.uniform(0.7, 1.2)
    return Piece(kind, x, y, 0.0, dice.uniform(0, 360), size, dice.randrange(VARIANTS))


def above(dice: random.Random) -> View:
    """Return a camera over the middle of a field that looks down, or nearly so."""
    return View(PLOT / 2 + dice.uniform(-0.25, 0.25), PLOT / 2 + dice.uniform(-0.25, 0.25),
                dice.triangular(0.3, 0.8, 0.4), dice.uniform(0, 360), dice.triangular(72, 90, 88), dice.gauss(0, 2),
                dice.uniform(50, 75))


class Field(Built):
    """A field, built in Blender."""

    def __init__(self, layout: Layout, *, samples: int, threads: int) -> None:
        import bpy
        bpy.ops.wm.read_factory_settings(use_empty=True)
        from seedlings import seedling
        from things import Things
        made, dice = Things(), random.Random(f'soil {layout.seed}')
        ground = Ground(dice)
        made.put('floor', ground.parts(dice), counts=False)
        grown = dict[tuple[str, int], Any]()  # copied to each place; themselves things of no number, which are removed
        for one in layout.pieces:
            if (one.kind, one.seed) not in grown:
                grown[one.kind, one.seed] = seedling(one.kind, layout.seed * VARIANTS + one.seed)
            plant = grown[one.kind, one.seed].copy()
            plant.scale = one.size
            bpy.context.scene.collection.objects.link(plant)
            made.put(word_of(one, layout), [plant], (one.x, one.y, float(ground.height(one.x, one.y))), turn=one.turn)
        _daylight(layout)
        super().__init__(layout, made, size=SIZE, samples=samples, threads=threads)


class Ground:
    """Uneven soil with clods, pebbles and straw on it."""

    def __init__(self, dice: random.Random) -> None:
        self._waves = [(dice.uniform(-w, w), dice.uniform(-w, w), dice.uniform(0, math.tau), 0.07 / w)
                       for w in (5, 9, 15, 22, 30, 40, 55, 70)]  # radians per metre

    def height(self, x: Any, y: Any) -> Any:
        """Return how high the soil is at places (m)."""
        return sum(high * np.sin(a * x + b * y + shift) for a, b, shift, high in self._waves)

    def parts(self, dice: random.Random) -> list[Any]:
        """Return the soil and what lies on it."""
        from mathutils import Vector
        from plants import Leaves
        from shapes import mesh
        dark, light = dice.choice(SOILS)
        soil, n = _earth(dark, light), 221
        x, y = np.meshgrid(np.linspace(-PLOT / 4, PLOT * 1.25, n), np.linspace(-PLOT / 4, PLOT * 1.25, n))
        corner = (np.arange(n - 1) + n * np.arange(n - 1)[:, None]).reshape(-1, 1)
        squares = corner + np.array([0, 1, n + 1, n])
        parts = [mesh(np.stack([x, y, self.height(x, y)], -1).reshape(-1, 3).tolist(), squares.tolist(), soil),
                 self._lumps(dice.randint(2000, 11000), dice.uniform(0.003, 0.0055), soil, dice),
                 self._lumps(dice.choice((20, 300, 2500)), 0.0015, _earth(light, (0.5, 0.48, 0.45)), dice)]
        straw = Leaves((0.34, 0.25, 0.13))
        for _ in range(dice.choice((1, 20, 150))):
            at, turn = (dice.uniform(0, PLOT), dice.uniform(0, PLOT)), dice.uniform(0, math.tau)
            straw.grow(Vector((*at, float(self.height(*at)) + 0.004)), Vector((math.cos(turn), math.sin(turn), 0.1)),
                       dice.uniform(0.02, 0.12), dice.uniform(0.002, 0.005), bend=0.2)
        return [*parts, straw.mesh()]

    def _lumps(self, count: int, radius: float, material: Any, dice: random.Random) -> Any:
        """Return lumps strewn over the soil, few of them large."""
        import bmesh
        from shapes import mesh
        ball, chance = bmesh.new(), np.random.default_rng(dice.randrange(1 << 30))
        bmesh.ops.create_icosphere(ball, subdivisions=2, radius=1.0)
        corners = np.array([one.co for one in ball.verts])
        faces = np.array([[one.index for one in face.verts] for face in ball.faces])
        ball.free()
        radii = np.minimum(radius * np.exp(chance.normal(0, 0.75, count)), 8 * radius)[:, None, None]
        stretch = chance.uniform(0.6, 1.3, (count, 1, 3)) * chance.uniform(0.72, 1.2, (count, len(corners), 1))
        at = chance.uniform(-PLOT / 8, PLOT * 1.125, (count, 2))
        middles = np.stack([*at.T, self.height(*at.T)], -1)[:, None]
        return mesh((corners * (0.9, 0.9, 0.65) * radii * stretch + middles).reshape(-1, 3).tolist(),
                    (faces + len(corners) * np.arange(count)[:, None, None]).reshape(-1, 3).tolist(), material)


def _earth(dark: tuple[float, float, float], light: tuple[float, float, float]) -> Any:
    """Crumbly soil or stone between two tones."""
    from materials import Nodes
    n = Nodes('earth')
    crumbs = n.noise((95, 95, 95), 4.0, 0.4)
    n.bumps(crumbs, 1.0, 0.022)
    damp = n.between(n.noise((9, 9, 9), 3.0), dark, light)
    return n.finish(Base_Color=n.mixed(damp, n.between(crumbs, (0.35, 0.35, 0.35), (1, 1, 1)), 'MULTIPLY', 0.8),
                    Roughness=0.95)


def _daylight(layout: Layout) -> None:
    """The sky, and the sun if it shines; under clouds there is a wide glow in its place."""
    import bpy
    from lighting import lamp
    dice, shines = random.Random(f'light {layout.seed}'), layout.light == 'sun'
    world = bpy.context.scene.world = bpy.data.worlds.new('sky')
    world.use_nodes = True
    sky = world.node_tree.nodes['Background']
    sky.inputs['Color'].default_value = (*((0.62, 0.79, 1.0) if shines else (0.92, 0.96, 1.0)), 1.0)
    from_zenith, azimuth = math.radians(dice.uniform(10, 60)), dice.uniform(0, math.tau)
    energy, wide = (dice.uniform(2, 6), 0.01) if shines else (dice.uniform(0, 1), 1.5)
    lamp('SUN', (0, 0, 0), (from_zenith, 0.0, azimuth), energy, (1.0, 0.93, 0.82), angle=wide)


def render_field(seed: int, folder: Path, *, views: int, samples: int, threads: int) -> None:
    """Render the views of a field that are missing."""
    field = Field(sown(seed), samples=samples, threads=threads)
    render_missing(folder, field, views, lambda number: above(random.Random(f'above {seed} {number}')))


if __name__ == '__main__':
    render_seeds(Path(__file__), 'Render fields of crop and weeds into a folder; begun again, it goes on where it was.',
                 render_field, seeds='1:81', views=VIEWS, what='field')
