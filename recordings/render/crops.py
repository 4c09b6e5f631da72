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
from rooms import UNLABELLED, Interior, class_of, render_seeds, write
from views import View

SIZE = (512, 384)
VIEWS = 4
PLOT = 2.2  # metres from side to side that are grown over; rows run along x
CROPS = {'carrot': 6, 'cabbage': 2, 'beet': 1, 'wheat': 1}  # so many of ten fields
WEEDS = ('chamomile', 'goosefoot', 'dock', 'grass', 'clover', 'creeper')
ALIKE = {'beet': 'goosefoot', 'wheat': 'grass'}  # weeds that no one could tell from the crop
SOILS = (((0.055, 0.034, 0.02), (0.17, 0.115, 0.075)), ((0.10, 0.06, 0.035), (0.26, 0.18, 0.12)),
         ((0.03, 0.024, 0.018), (0.10, 0.08, 0.063)), ((0.11, 0.095, 0.075), (0.30, 0.265, 0.22)),
         ((0.10, 0.045, 0.022), (0.24, 0.12, 0.06)))
LOOKS = 7  # plants of a kind that a field has; each stands in many places


def sown(seed: int) -> Layout:
    """Return a field by its seed; its kind is that of the crop, the pieces are plants."""
    dice = random.Random(f'field {seed}')
    crop = dice.choices(tuple(CROPS), tuple(CROPS.values()))[0]
    field = Layout(seed, crop, PLOT, PLOT, 1.0, dice.choice(('sun', 'sun', 'overcast')))
    field.pieces += _rows(crop, dice)
    kinds = dice.sample([one for one in WEEDS if one != ALIKE.get(crop)], dice.randint(3, 5))
    typical = {kind: dice.triangular(0.02, 0.14, 0.06) for kind in kinds}
    for _ in range(int(dice.triangular(8, 110, 35) * PLOT * PLOT)):
        kind = dice.choice(kinds)
        across = min(max(typical[kind] * math.exp(dice.gauss(0, 0.45)), 0.01), 0.15)
        place = dice.uniform(0, PLOT), dice.uniform(0, PLOT)
        if all(math.dist((one.x, one.y), place) > 0.3 * (one.size[0] + across) for one in field.pieces):
            field.pieces.append(_plant(kind, *place, across, dice))
    return field


def _rows(crop: str, dice: random.Random) -> list[Piece]:
    """Return plants of one age at the same distance in all rows, where they came up."""
    age, came_up = dice.triangular(0.03, 0.13, 0.06), dice.uniform(0.7, 1.0)
    apart, step = max(dice.uniform(0.15, 0.5), 1.5 * age), age * dice.uniform(0.6, 2.5)
    rows, steps = int(PLOT / apart), int(PLOT / step)
    return [_plant(crop, (k + 0.5) * step + dice.gauss(0, step * 0.12), (row + 0.5) * apart + dice.gauss(0, 0.006),
                   age * math.exp(dice.gauss(0, 0.2)), dice)
            for row in range(rows) for k in range(steps) if dice.random() < came_up]


def _plant(kind: str, x: float, y: float, across: float, dice: random.Random) -> Piece:
    size = across, across, across * dice.uniform(0.7, 1.2)
    return Piece(kind, x, y, 0.0, dice.uniform(0, 360), size, dice.randrange(LOOKS))


def above(dice: random.Random) -> View:
    """Return a camera over the middle of a field that looks down, or nearly so."""
    return View(PLOT / 2 + dice.uniform(-0.25, 0.25), PLOT / 2 + dice.uniform(-0.25, 0.25),
                dice.triangular(0.3, 0.8, 0.4), dice.uniform(0, 360), dice.triangular(72, 90, 88), dice.gauss(0, 2),
                dice.uniform(50, 75))


class Field(Interior):
    """A field, built in Blender."""

    def __init__(self, layout: Layout, *, samples: int, threads: int) -> None:
        import bpy
        bpy.ops.wm.read_factory_settings(use_empty=True)
        from lens import Lens
        from sprouts import sprout
        from things import Things
        self.layout, self.size, made = layout, SIZE, Things()
        dice = random.Random(f'soil {layout.seed}')
        ground = Ground(dice)
        made.put('floor', ground.parts(dice), counts=False)
        looks = dict[tuple[str, int], Any]()
        for one in layout.pieces:
            if (one.kind, one.seed) not in looks:
                looks[one.kind, one.seed] = sprout(one.kind, layout.seed * LOOKS + one.seed)
            plant = looks[one.kind, one.seed].copy()
            plant.scale = one.size
            bpy.context.scene.collection.objects.link(plant)
            made.put('crop' if one.kind == layout.kind else 'weed', [plant],
                     (one.x, one.y, float(ground.height(one.x, one.y))), turn=one.turn)
        made.remove_others()
        _daylight(layout.light, dice)
        self.things = made.things
        self._classes = np.array([UNLABELLED, *(class_of(one['word']) for one in self.things.values())], np.uint8)
        self._camera = Lens(SIZE, samples=samples, threads=threads)


class Ground:
    """Uneven soil with clods, pebbles and straw on it."""

    def __init__(self, dice: random.Random) -> None:
        self._waves = [(dice.uniform(-w, w), dice.uniform(-w, w), dice.uniform(0, 6.3), 0.07 / w)
                       for w in (5, 9, 15, 22, 30, 40, 55, 70)]

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
            at, turn = (dice.uniform(0, PLOT), dice.uniform(0, PLOT)), dice.uniform(0, 6.3)
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


def _daylight(light: str, dice: random.Random) -> None:
    """The sky, and the sun if it shines."""
    import bpy
    world = bpy.context.scene.world = bpy.data.worlds.new('sky')
    world.use_nodes = True
    sky = world.node_tree.nodes['Background']
    sky.inputs['Color'].default_value = (*((0.62, 0.79, 1.0) if light == 'sun' else (0.92, 0.96, 1.0)), 1.0)
    sun = bpy.data.lights.new('sun', 'SUN')
    sun.energy, sun.angle = (dice.uniform(2, 6), 0.01) if light == 'sun' else (dice.uniform(0, 1), 1.5)
    sun.color = (1.0, 0.93, 0.82)
    one = bpy.data.objects.new('sun', sun)
    one.rotation_euler = math.radians(dice.uniform(10, 60)), 0.0, dice.uniform(0, 6.3)
    bpy.context.scene.collection.objects.link(one)


def render_field(seed: int, folder: Path, *, views: int, samples: int, threads: int) -> None:
    """Render the views of a field that are missing; in the end ``folder`` has a file ``done``."""
    from quiet import Quiet
    folder.mkdir(parents=True, exist_ok=True)
    with Quiet():
        field = Field(sown(seed), samples=samples, threads=threads)
        for number in range(views):
            if not (folder / f'{number}.json').exists():
                write(folder, number, field, above(random.Random(f'above {seed} {number}')))
    (folder / 'done').touch()


if __name__ == '__main__':
    render_seeds(Path(__file__), 'Render fields of crop and weeds into a folder; begun again, it goes on where it was.',
                 render_field, seeds='1:81', views=VIEWS)
