# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What things are made of: procedural materials, made once each."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import bpy

Colour = tuple[float, float, float]


class Nodes:
    """The nodes of one material, wired from left to right."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.shader = self.tree.nodes['Principled BSDF']

    def add(self, kind: str, **values: Any) -> Any:
        """Return a new node with these inputs set or wired."""
        node = self.tree.nodes.new(f'ShaderNode{kind}')
        for name, value in values.items():
            self.wire(value, node.inputs[name.replace('_', ' ')])
        return node

    def wire(self, value: Any, into: Any) -> None:
        """Connect an output to an input, or set the input to a number."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, into)
        else:
            into.default_value = (*value, 1.0) if into.type == 'RGBA' and len(value) == 3 else value

    def coordinates(self, scale: tuple[float, float, float], turn: float = 0.0, *, upright: bool = False) -> Any:
        """
        Return the place on the thing, stretched.

        :param turn: of the pattern about the vertical, degrees. :param upright: a pattern in x and y stands on a wall.
        """
        place = self.add('TexCoord').outputs['Object']
        angles = (-math.pi / 2 if upright else 0.0, 0.0, math.radians(turn))
        return self.add('Mapping', Vector=place, Rotation=angles, Scale=scale).outputs['Vector']

    def noise(self, scale: tuple[float, float, float], detail: float = 4.0, distortion: float = 0.0) -> Any:
        """Return noise of 0 to 1."""
        return self.add('TexNoise', Vector=self.coordinates(scale), Scale=1.0, Detail=detail,
                        Distortion=distortion).outputs['Fac']

    def between(self, factor: Any, dark: Colour, light: Colour, low: float = 0.3, high: float = 0.7) -> Any:
        """Return a colour between two, by a factor."""
        ramp = self.add('ValToRGB', Fac=factor)
        for element, place, colour in zip(ramp.color_ramp.elements, (low, high), (dark, light), strict=True):
            element.position, element.color = place, (*colour, 1.0)
        return ramp.outputs['Color']

    def mixed(self, one: Any, other: Any, how: str, factor: Any) -> Any:
        """Return two colours mixed in Blender's way ``how``, by a factor."""
        node = self.add('Mix')
        node.data_type, node.blend_type = 'RGBA', how
        for number, value in ((0, factor), (6, one), (7, other)):
            self.wire(value, node.inputs[number])
        return node.outputs[2]

    def power(self, value: Any, exponent: float) -> Any:
        """Return a number to a power."""
        node = self.add('Math')
        node.operation = 'POWER'
        self.wire(value, node.inputs[0])
        node.inputs[1].default_value = exponent
        return node.outputs[0]

    def bumps(self, height: Any, strength: float, distance: float) -> None:
        """Let a height move the light on the surface."""
        bump = self.add('Bump', Height=height, Strength=strength, Distance=distance)
        self.wire(bump.outputs['Normal'], self.shader.inputs['Normal'])

    def finish(self, **values: Any) -> Any:
        """Set the surface and return the material."""
        for name, value in values.items():
            self.wire(value, self.shader.inputs[name.replace('_', ' ')])
        return self.material


def _scaled(colour: Colour, factor: float) -> Colour:
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


@cache
def planks(light: Colour, dark: Colour, *, size: tuple[float, float] = (1.3, 0.13), gloss: float = 0.38,
           turn: float = 0.0) -> Any:
    """Floor boards, each with a tone and grain of its own; they lie along x if not turned (degrees)."""
    n = Nodes('planks')
    boards = n.add('TexBrick', Vector=n.coordinates((1, 1, 1), turn), Color1=(0.2, 0.2, 0.2),
                   Color2=(0.95, 0.95, 0.95), Mortar=(0, 0, 0), Scale=1.0, Mortar_Size=0.0016, Brick_Width=size[0],
                   Row_Height=size[1])
    boards.offset = 0.37
    tone = boards.outputs['Color']
    shift, place = n.add('VectorMath'), n.add('VectorMath')  # no two boards have the same grain
    shift.operation = 'SCALE'
    n.wire(tone, shift.inputs[0])
    n.wire(31.0, shift.inputs['Scale'])
    n.wire(n.coordinates((1.6, 26, 1), turn), place.inputs[0])
    n.wire(shift.outputs[0], place.inputs[1])
    grain = n.add('TexNoise', Vector=place.outputs[0], Scale=1.0, Detail=6.0, Distortion=1.2)
    wood = n.between(grain.outputs['Fac'], dark, light, 0.25, 0.75)
    n.bumps(boards.outputs['Fac'], -0.5, 0.002)
    return n.finish(Base_Color=n.mixed(wood, tone, 'MULTIPLY', 0.38), Roughness=gloss)


@cache
def brick_wall(one: Colour, other: Colour, mortar: Colour, *, size: tuple[float, float] = (0.25, 0.075),
               joint: float = 0.006, rough: float = 0.85) -> Any:
    """A wall of bricks or tiles, in rows along x."""
    n = Nodes('bricks')
    bricks = n.add('TexBrick', Vector=n.coordinates((1, 1, 1), upright=True), Color1=one, Color2=other, Mortar=mortar,
                   Scale=1.0, Mortar_Size=joint, Brick_Width=size[0], Row_Height=size[1])
    n.bumps(bricks.outputs['Fac'], -0.5, 0.004)
    return n.finish(Base_Color=bricks.outputs['Color'], Roughness=rough)


@cache
def pane(tint: Colour = (0.95, 0.98, 0.97)) -> Any:
    """Glass so thin that light goes straight on; it mirrors at a flat angle."""
    n = Nodes('pane')
    clear, mirror, both = n.add('BsdfTransparent', Color=tint), n.add('BsdfGlossy', Roughness=0.0), n.add('MixShader')
    facing = n.add('LayerWeight', Blend=0.5).outputs['Facing']  # unlike Fresnel's, the same from both sides
    n.wire(n.add('MapRange', Value=n.power(facing, 5.0), To_Min=0.05, To_Max=0.9).outputs[0], both.inputs[0])
    n.tree.links.new(clear.outputs[0], both.inputs[1])
    n.tree.links.new(mirror.outputs[0], both.inputs[2])
    n.tree.links.new(both.outputs[0], n.tree.nodes['Material Output'].inputs['Surface'])
    return n.material


@cache
def wood(light: Colour, dark: Colour, *, grain: tuple[float, float, float] = (3, 30, 30), gloss: float = 0.45) -> Any:
    """Wood with its grain along the axis with the smallest number."""
    n = Nodes('wood')
    veins = n.noise(grain, 6.0, 1.5)
    n.bumps(veins, 0.08, 0.002)
    return n.finish(Base_Color=n.between(veins, dark, light), Roughness=gloss)


@cache
def plaster(colour: Colour, *, rough: float = 0.9) -> Any:
    """A painted wall, not quite even."""
    n = Nodes('plaster')
    n.bumps(n.noise((130, 130, 130), 3.0), 0.12, 0.002)
    blotches = n.noise((1.3, 1.3, 1.3), 3.0)
    return n.finish(Base_Color=n.between(blotches, _scaled(colour, 0.93), colour), Roughness=rough)


@cache
def fabric(colour: Colour, *, weave: float = 420.0) -> Any:
    """Woven cloth."""
    n = Nodes('fabric')
    threads = n.noise((weave, weave, weave), 2.0)
    tint = n.between(n.noise((9, 9, 9), 3.0), _scaled(colour, 0.78), colour)
    n.bumps(threads, 0.35, 0.002)
    return n.finish(Base_Color=tint, Roughness=0.95, Sheen_Weight=0.25)


@cache
def cloth(colour: Colour) -> Any:
    """Clothes, with folds."""
    n = Nodes('cloth')
    n.bumps(n.noise((9, 9, 4), 3.0, 1.0), 0.55, 0.03)
    return n.finish(Base_Color=n.between(n.noise((30, 30, 30)), _scaled(colour, 0.8), colour), Roughness=0.9)


@cache
def metal(colour: Colour = (0.56, 0.57, 0.58), *, rough: float = 0.3) -> Any:
    """Steel, brushed and used."""
    n = Nodes('metal')
    smudges = n.noise((45, 45, 45), 5.0)
    gloss = n.add('MapRange', Value=smudges, To_Min=rough * 0.7, To_Max=min(rough * 1.6, 1.0)).outputs[0]
    return n.finish(Base_Color=n.between(smudges, _scaled(colour, 0.75), colour), Metallic=1.0, Roughness=gloss)


@cache
def plastic(colour: Colour, *, rough: float = 0.35) -> Any:
    """Plastic, lacquer or glazed clay."""
    return Nodes('plastic').finish(Base_Color=colour, Roughness=rough)


@cache
def skin(colour: Colour) -> Any:
    """Skin, without the light in it."""
    n = Nodes('skin')
    return n.finish(Base_Color=n.between(n.noise((22, 22, 22)), _scaled(colour, 0.9), colour), Roughness=0.5)


@cache
def leaf(colour: Colour) -> Any:
    """Leaves, lighter and darker, with a little gloss."""
    n = Nodes('leaf')
    return n.finish(Base_Color=n.between(n.noise((14, 14, 14), 3.0), _scaled(colour, 0.45), _scaled(colour, 1.25)),
                    Roughness=0.42)


@cache
def glow(colour: Colour, strength: float) -> Any:
    """Something that shines by itself."""
    return Nodes('glow').finish(Base_Color=(0, 0, 0), Emission_Color=colour, Emission_Strength=strength)


@cache
def outdoors() -> Any:
    """Sky above, trees below, out of focus and bright, as a camera sees it from inside."""
    n = Nodes('outdoors')
    height = n.add('SeparateXYZ', Vector=n.add('TexCoord').outputs['Object']).outputs['Z']
    crowns = n.add('MapRange', Value=n.noise((0.9, 0.9, 0.9), 4.0), To_Min=-0.9, To_Max=0.9).outputs[0]
    edge = n.add('Math')
    n.wire(height, edge.inputs[0])
    n.wire(crowns, edge.inputs[1])
    view = n.between(n.add('MapRange', Value=edge.outputs[0], From_Min=0.6, From_Max=2.9).outputs[0],
                     (0.16, 0.27, 0.07), (0.72, 0.86, 1.0), 0.35, 0.6)
    return n.finish(Base_Color=(0, 0, 0), Roughness=1.0, Emission_Color=view, Emission_Strength=3.2)
