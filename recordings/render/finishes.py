# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What furniture is made of, by chance; and things painted and stretched."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import surfaces
from materials import fabric, metal, plastic, wood
from mathutils import Matrix
from shapes import Parts


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


def scaled(parts: Parts, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Parts:
    """The same thing, stretched."""
    for one in parts:
        one.matrix_world = Matrix.Diagonal((x, y, z, 1.0)) @ one.matrix_basis
    return parts


def steel(dice: random.Random) -> Any:
    """Return what tools are made of: bright, forged or black."""
    grey = dice.uniform(0.05, 0.75)
    return metal((grey, grey * dice.uniform(0.95, 1.0), grey * dice.uniform(0.9, 1.05)), rough=dice.uniform(0.15, 0.6))


def grip(dice: random.Random) -> Any:
    """Return what one holds tools by: mostly of a strong colour."""
    return plastic(surfaces.shade(dice, colourful=0.8), rough=dice.uniform(0.15, 0.7))


Families = dict[str, Callable[[random.Random], Any]]
FURNITURE: Families = {'wood': body, 'fabric': cloth, 'plastic': body, 'metal': body}
HARDWARE: Families = {'wood': timber, 'plastic': grip, 'metal': steel}


def painted(parts: Parts, dice: random.Random, families: Families = FURNITURE) -> Parts:
    """The same thing of other materials: each is replaced by one of its family."""
    chosen: dict[str, Any] = {}
    for one in parts:
        slots = one.data.materials
        old = slots[0]
        family = families.get(old.name.split('.')[0])
        if family is not None:
            if old.name not in chosen:
                chosen[old.name] = family(dice)
            slots[0] = chosen[old.name]
    return parts
