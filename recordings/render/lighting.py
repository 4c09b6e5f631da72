# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Light in an interior: sky and sun behind windows, lamps of many kinds, much of it or little."""

from __future__ import annotations

import math
import random
from typing import Any

import bpy
from layout import Layout, rotated
from materials import glow
from shapes import boxes
from things import Things

Colour = tuple[float, float, float]


def light(things: Things, layout: Layout) -> None:
    """The interior is lit in the way its layout says."""
    dice = random.Random(f'light {layout.seed}')
    windows = [one for one in layout.openings if one.kind in ('window', 'glass')]
    by_day = layout.light in ('day', 'backlight', 'mixed') and bool(windows)
    _sky(dice, {'backlight': 14.0, 'day': 5.0, 'mixed': 2.0}.get(layout.light, 0.01 if dice.random() < 0.6 else 0.3))
    if by_day:
        for one in windows:
            size = one.width * (one.high - one.low)
            strength = {'day': 45.0, 'backlight': 60.0, 'mixed': 20.0}[layout.light]
            area(layout.on_wall(one.wall, one.at), (0, 0.3, (one.low + one.high) / 2), (one.width, one.high - one.low),
                 strength * size, (0.88, 0.94, 1.0), towards_room=True)
        if layout.light == 'day' and dice.random() < 0.7:
            _sun(dice)
    share = {'day': dice.choice((0.0, 0.1, 0.3)), 'backlight': 0.05, 'mixed': 0.6, 'dim': 0.08,
             'lamp': 1.0}[layout.light]
    _lamps(things, layout, dice, max(share, 0.0 if by_day else 0.08))


def area(at: tuple[float, float, float], where: tuple[float, float, float], size: tuple[float, float], energy: float,
         colour: Colour = (1.0, 0.9, 0.78), *, towards_room: bool = False) -> None:
    """A shining rectangle in the frame (x, y, turn) of a wall or stair; it shines down, or into the room."""
    x, y, turn = at
    dx, dy = rotated(where[0], where[1], turn)
    turned = (math.radians(-90), 0.0, math.radians(turn)) if towards_room else (0.0, 0.0, math.radians(turn))
    lamp('AREA', (x + dx, y + dy, where[2]), turned, energy, colour, shape='RECTANGLE', size=size[0], size_y=size[1])


def _sun(dice: random.Random) -> None:
    turned = (math.radians(dice.uniform(35, 75)), 0.0, math.radians(dice.uniform(0, 360)))
    lamp('SUN', (0, 0, 9), turned, dice.uniform(3.0, 9.0), (1.0, 0.93, 0.82), angle=math.radians(1.0))


def _lamps(things: Things, layout: Layout, dice: random.Random, share: float) -> None:
    """Panels, tubes or round lamps in a grid below the ceiling."""
    if not share:
        return
    colour = dice.choice(((1.0, 0.78, 0.52), (1.0, 0.88, 0.74), (0.95, 0.97, 1.0), (1.0, 0.95, 0.88)))
    size = dice.choice(((0.6, 0.6), (1.2, 0.15), (0.3, 0.3), (1.2, 0.3)))
    step = dice.uniform(1.8, 4.0)
    columns, rows = max(1, round(layout.length / step)), max(1, round(layout.width / step))
    if share < 0.1 or dice.random() < 0.2:
        columns, rows = max(1, columns // 3), 1
    power = share * dice.uniform(4.0, 9.0) * layout.length * layout.width * (layout.height / 2.5) / (columns * rows)
    panels = []
    for x in range(columns):
        for y in range(rows):
            place = ((x + 0.5) * layout.length / columns, (y + 0.5) * layout.width / rows, layout.height - 0.06)
            panels.append(((*size, 0.04), (place[0], place[1], layout.height - 0.02)))
            area((0, 0, 0), place, size, power, colour)
    strength = power / (size[0] * size[1]) * 0.1
    things.put('ceiling', [boxes(panels, glow(colour, strength))], counts=False)


def lamp(kind: str, at: tuple[float, float, float], turned: tuple[float, float, float], energy: float, colour: Colour,
         **shape: Any) -> None:
    """What shines and is not seen itself."""
    data = bpy.data.lights.new(kind.lower(), kind)
    data.energy, data.color = energy, colour
    for name, value in shape.items():
        setattr(data, name, value)
    one = bpy.data.objects.new(data.name, data)
    one.location, one.rotation_euler = at, turned
    one.visible_camera = one.visible_glossy = False
    bpy.context.scene.collection.objects.link(one)


def _sky(dice: random.Random, strength: float) -> None:
    """A world of sky over trees or houses."""
    world = bpy.data.worlds.new('outside')
    world.use_nodes = True
    tree = world.node_tree
    place = tree.nodes.new('ShaderNodeTexCoord').outputs['Generated']
    height = tree.nodes.new('ShaderNodeSeparateXYZ')
    tree.links.new(place, height.inputs[0])
    noise = tree.nodes.new('ShaderNodeTexNoise')
    noise.inputs['Scale'].default_value = dice.uniform(2, 14)
    tree.links.new(place, noise.inputs['Vector'])
    total = tree.nodes.new('ShaderNodeMath')
    total.operation = 'MULTIPLY_ADD'
    total.inputs[1].default_value = dice.uniform(0.1, 0.7)
    tree.links.new(noise.outputs['Fac'], total.inputs[0])
    tree.links.new(height.outputs['Z'], total.inputs[2])
    ramp = tree.nodes.new('ShaderNodeValToRGB')
    tree.links.new(total.outputs[0], ramp.inputs['Fac'])
    low, high = dice.uniform(0.2, 0.4), dice.uniform(0.42, 0.6)
    ground = dice.choice(((0.12, 0.18, 0.05), (0.2, 0.19, 0.18), (0.35, 0.3, 0.25), (0.05, 0.09, 0.03)))
    for element, position, colour in zip(ramp.color_ramp.elements, (low, high), (ground, (0.75, 0.87, 1.0))):
        element.position, element.color = position, (*colour, 1.0)
    shine = tree.nodes['Background']
    tree.links.new(ramp.outputs['Color'], shine.inputs['Color'])
    shine.inputs['Strength'].default_value = strength
    bpy.context.scene.world = world
