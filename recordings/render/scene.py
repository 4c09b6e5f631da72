# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The furnished room: what stands where, what each thing is called, and where the light comes from."""

from __future__ import annotations

import math
import random
from typing import Any

import bpy
import furniture as f
import plants
import tools
from materials import planks, plaster, plastic
from person import person
from shapes import Parts, box
from things import Things

WEST, EAST, SOUTH, NORTH, HIGH = -0.9, 6.2, -2.3, 2.3, 2.6
WINDOW = (2.0, 3.8, 0.85, 2.2)  # in the north wall: x from, x to, z from, z to
BENCH = (5.80, -1.20)
TOP = 0.88


class Room(Things):
    """The things in the room."""

    def build(self) -> None:
        """Put everything in its place."""
        self._walls()
        self._living()
        self._dining()
        self._bench()
        self._tools()
        _lights()

    def _walls(self) -> None:
        length, width, cx = EAST - WEST, NORTH - SOUTH, (EAST + WEST) / 2
        boards = planks((0.58, 0.37, 0.19), (0.38, 0.21, 0.09))
        self.put('floor', [box((length, width, 0.1), (cx, 0, -0.05), boards, bevel=0)], counts=False)
        self.put('ceiling', [box((length, width, 0.1), (cx, 0, HIGH + 0.05), plaster((0.86, 0.85, 0.83)), bevel=0)],
                 counts=False)
        warm, grey = plaster((0.78, 0.74, 0.66)), plaster((0.42, 0.50, 0.52))
        x0, x1, z0, z1 = WINDOW
        y, thick = NORTH + 0.1, 0.2
        walls = [box((thick, width + 0.4, HIGH), (EAST + 0.1, 0, HIGH / 2), grey, bevel=0),
                 box((thick, width + 0.4, HIGH), (WEST - 0.1, 0, HIGH / 2), warm, bevel=0),
                 box((length, thick, HIGH), (cx, SOUTH - 0.1, HIGH / 2), warm, bevel=0),
                 box((x0 - WEST, thick, HIGH), ((x0 + WEST) / 2, y, HIGH / 2), warm, bevel=0),
                 box((EAST - x1, thick, HIGH), ((x1 + EAST) / 2, y, HIGH / 2), warm, bevel=0),
                 box((x1 - x0, thick, z0), ((x0 + x1) / 2, y, z0 / 2), warm, bevel=0),
                 box((x1 - x0, thick, HIGH - z1), ((x0 + x1) / 2, y, (z1 + HIGH) / 2), warm, bevel=0)]
        white = plastic((0.80, 0.79, 0.76), rough=0.4)
        walls += [box((length, 0.016, 0.09), (cx, NORTH - 0.008, 0.045), white, bevel=0.004),
                  box((length, 0.016, 0.09), (cx, SOUTH + 0.008, 0.045), white, bevel=0.004),
                  box((0.016, width, 0.09), (EAST - 0.008, 0, 0.045), white, bevel=0.004)]
        self.put('wall', walls, counts=False)
        middle = (x0 + x1) / 2
        self.put('window', [*f.window_frame(x1 - x0, z1 - z0)], (middle, NORTH + 0.1, z0), counts=False)
        self.put('window', f.view_outside(), (middle, NORTH + 3.0, 0), counts=False, measured=False)
        for x in (x0 - 0.1, x1 + 0.1):
            self.put('curtain', f.curtain(2.35), (x, NORTH - 0.09, 0), counts=False)
        self.put('door', f.door(), (EAST - 0.02, 1.32, 0), turn=-90, counts=False)

    def _living(self) -> None:
        self.put('rug', f.rug(2.3, 1.1), (2.75, 0.95), counts=False)
        self.put('sofa', f.sofa(), (2.85, 1.80))
        self.put('cushion', f.cushion((0.62, 0.32, 0.05)), (2.25, 1.66, 0.47), turn=14, roll=-12, counts=False)
        self.put('cushion', f.cushion((0.60, 0.57, 0.48)), (3.45, 1.66, 0.47), turn=-10, roll=-12, counts=False)
        self.put('potted plant', plants.broad(3, 1.25), (1.35, 1.85))
        self.put('potted plant', plants.fronds(5, 1.35, radius=0.17), (4.25, 1.92))
        self.put('potted plant', plants.swords(7, 0.95), (5.88, 0.56))
        self.put('lamp', f.floor_lamp(), (0.75, 2.0))
        self.put('person', person(), (4.9, 0.36), turn=-80)
        sky = ((0.10, 0.25, 0.38), (0.55, 0.60, 0.58), (0.75, 0.52, 0.25))
        self.put('picture', f.picture(0.9, 0.65, sky), (EAST - 0.015, -1.2, 1.62), turn=-90, counts=False)
        self.put('picture', f.picture(0.5, 0.6, sky[::-1]), (0.6, SOUTH + 0.015, 1.5), turn=180, counts=False)
        self.put('lamp', f.ceiling_lamp(), (2.6, 0.1, HIGH))

    def _dining(self) -> None:
        cx, cy = 2.25, -1.15
        self.put('table', f.table(), (cx, cy))
        for x, y, turn in ((cx - 0.36, cy + 0.60, 4), (cx + 0.38, cy + 0.66, -14), (cx - 0.4, cy - 0.58, 176),
                           (cx + 0.36, cy - 0.56, 183)):
            self.put('chair', f.chair(), (x, y), turn=turn)
        self.put('bowl', f.fruit_bowl(), (cx - 0.05, cy + 0.05, 0.75))
        self.put('cup', f.mug((0.10, 0.25, 0.42)), (cx + 0.42, cy + 0.2, 0.75), turn=40)
        self.put('potted plant', plants.fronds(11, 0.34, radius=0.07, count=16), (cx - 0.52, cy - 0.12, 0.75))
        self.put('bookcase', f.shelf(), (4.55, SOUTH + 0.17), turn=180)
        dice, heights = random.Random(1), f.shelf_heights()
        for k, (x, long) in enumerate(((-0.1, 0.75), (0.12, 0.6), (-0.15, 0.6), (0.05, 0.8))):
            self.put('books', f.books(long, dice), (4.55 + x, SOUTH + 0.17, heights[k] + 0.0125), turn=180,
                     counts=False)
        self.put('box', f.carton((0.32, 0.24, 0.22)), (4.7, SOUTH + 0.16, heights[4] + 0.0125))
        self.put('box', f.carton((0.45, 0.36, 0.32)), (5.62, -0.02), turn=20)

    def _bench(self) -> None:
        self.put('table', f.workbench(), BENCH, turn=-90)
        self.put('box', f.carton((0.40, 0.30, 0.25)), (BENCH[0], BENCH[1] + 0.35, 0.2125), turn=8)
        self.put('potted plant', plants.swords(4, 0.42), (BENCH[0] + 0.18, BENCH[1] + 0.66, TOP))

    def _tools(self) -> None:
        x, y = BENCH[0] - 0.14, BENCH[1]
        lying: tuple[tuple[str, Parts, float, float, float, float], ...] = (
            ('hammer', tools.hammer(), -0.02, 0.02, 62, 0.0),
            ('wrench', tools.wrench(0.23, 0.019), 0.06, -0.17, 100, 0.0),
            ('wrench', tools.wrench(0.17, 0.014), 0.04, -0.17, 52, 0.0075),
            ('screwdriver', tools.screwdriver(0.23), -0.08, 0.20, 20, 0.0),
            ('screwdriver', tools.screwdriver(0.19, (0.02, 0.10, 0.42), cross=True), 0.02, 0.22, -24, 0.012),
            ('pliers', tools.pliers(), 0.02, 0.37, 30, 0.013),
            ('adjustable spanner', tools.adjustable_spanner(), 0.07, 0.36, 82, 0.0),
            ('needle-nose pliers', tools.pliers(0.17, (0.02, 0.22, 0.10), nose=0.55), -0.02, -0.33, 115, 0.0),
            ('tape measure', tools.tape_measure(), 0.15, 0.16, 150, 0.0))
        for word, parts, dx, dy, turn, above in lying:
            self.put(word, parts, (x + dx, y + dy, TOP + above), turn=turn)


def _lights() -> None:
    """Sun and sky through the window, and two lamps."""
    x0, x1, z0, z1 = WINDOW
    _light('SUN', (0, 0, 5), (-52, 0, 24), energy=4.0, colour=(1.0, 0.93, 0.82), angle=math.radians(1.5))
    _light('AREA', ((x0 + x1) / 2, NORTH + 0.32, (z0 + z1) / 2), (-90, 0, 0), energy=150, colour=(0.86, 0.93, 1.0),
           shape='RECTANGLE', size=x1 - x0, size_y=z1 - z0)
    _light('AREA', (2.6, 0.1, HIGH - 0.39), (0, 0, 0), energy=42, colour=(1.0, 0.88, 0.72), shape='DISK', size=0.36)
    _light('AREA', (5.5, -1.2, HIGH - 0.05), (0, 0, 0), energy=26, colour=(1.0, 0.93, 0.84), shape='DISK', size=0.5)
    _light('POINT', (0.75, 2.0, 1.5), (0, 0, 0), energy=16, colour=(1.0, 0.72, 0.42), shadow_soft_size=0.08)
    world = bpy.data.worlds.new('sky')
    world.use_nodes = True
    world.node_tree.nodes['Background'].inputs['Color'].default_value = (0.75, 0.87, 1.0, 1.0)
    world.node_tree.nodes['Background'].inputs['Strength'].default_value = 0.6
    bpy.context.scene.world = world


def _light(kind: str, at: tuple[float, float, float], turned: tuple[float, float, float], *, energy: float,
           colour: tuple[float, float, float], **shape: Any) -> None:
    data = bpy.data.lights.new(kind.lower(), kind)
    data.energy, data.color = energy, colour
    for name, value in shape.items():
        setattr(data, name, value)
    one = bpy.data.objects.new(data.name, data)
    one.location, one.rotation_euler = at, [math.radians(angle) for angle in turned]
    one.visible_camera = one.visible_glossy = False
    bpy.context.scene.collection.objects.link(one)
