# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Persons of many sizes, clothes and poses: clothed figures of simple shapes, walking, standing or reaching."""

from __future__ import annotations

import math
import random
from typing import Any

import surfaces
from materials import cloth, plastic, skin
from mathutils import Matrix, Vector
from shapes import Parts, ball, tube

Line = list[Vector]


def person(dice: random.Random) -> Parts:
    """Return someone about the middle between the feet, looking towards -y."""
    tall = dice.gauss(1.72, 0.09) if dice.random() < 0.88 else dice.uniform(1.05, 1.45)
    parts = _Figure(dice).parts()
    wide = tall / 1.75 * dice.uniform(0.92, 1.15)
    for one in parts:
        one.matrix_world = Matrix.Diagonal((wide, wide, tall / 1.75, 1.0)) @ one.matrix_basis
    return parts


class _Figure:
    """Someone of 1.75 m."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        tone = dice.random()
        self.skin = skin((0.72 - 0.6 * tone, 0.48 - 0.43 * tone, 0.38 - 0.35 * tone))
        self.top, self.legs = self._cloth(0.6), self._cloth(0.25)
        self.hair = cloth(dice.choice(((0.02, 0.014, 0.01), (0.1, 0.05, 0.02), (0.4, 0.27, 0.1), (0.45, 0.44, 0.42))))
        self.shoes = plastic(surfaces.shade(dice, light=0.5), rough=0.5)
        self.swing = dice.choice((0.0, dice.uniform(5, 20))) * dice.choice((-1, 1))
        self.skirt = dice.random() < 0.15
        self.short_sleeves = dice.random() < 0.4
        self.coat = not self.skirt and dice.random() < 0.15

    def _cloth(self, colourful: float) -> Any:
        return cloth(surfaces.shade(self.dice, dark=0.015, light=0.6, colourful=colourful))

    def parts(self) -> Parts:
        """Everything."""
        found = [*self._trunk(), *self._head()]
        for side in (-1, 1):
            found += [*self._leg(side), *self._arm(side)]
        return found

    def _trunk(self) -> Parts:
        dice, stout = self.dice, self.dice.uniform(0.9, 1.25)
        rings = [(0.86, 0.168, 0.115), (0.93, 0.172, 0.12), (1.02, 0.155 * stout, 0.112 * stout),
                 (1.12, 0.152 * stout, 0.108 * stout), (1.24, 0.17, 0.117), (1.34, 0.182, 0.118), (1.41, 0.19, 0.105),
                 (1.455, 0.165, 0.085), (1.485, 0.105, 0.07), (1.505, 0.066, 0.062)]
        if self.coat:
            rings = [(0.45, 0.22, 0.17), (0.65, 0.205, 0.155), *rings]
        parts = [tube([(0, 0, z) for z, *_ in rings], [(b, a) for _, a, b in rings], self.top, segments=28,
                      upright=True),
                 tube([(0, 0, z) for z in (0.78, 0.86, 0.92)], [(0.10, 0.15), (0.113, 0.166), (0.112, 0.162)],
                      self.legs,
                      segments=28, upright=True)]
        if self.skirt:
            low = dice.uniform(0.25, 0.6)
            parts.append(tube([(0, 0, z) for z in (low, 0.7, 0.95)], [(0.22, 0.25), (0.15, 0.19), (0.115, 0.165)],
                              self.legs,
                              segments=28, upright=True))
        if dice.random() < 0.2:
            parts.append(ball((0.15, 0.09, 0.22), (0, 0.19, 1.22), self._cloth(0.8)))  # a backpack
        return parts

    def _head(self) -> Parts:
        rings = [(-0.045, 1.535, 0.022, 0.020), (-0.040, 1.548, 0.042, 0.042), (-0.028, 1.57, 0.056, 0.066),
                 (-0.018, 1.60, 0.066, 0.08), (-0.012, 1.64, 0.073, 0.09), (-0.006, 1.68, 0.075, 0.094),
                 (0, 1.71, 0.07, 0.088), (0.004, 1.735, 0.05, 0.065), (0.006, 1.75, 0.015, 0.02)]
        parts = [tube([(0, 0.01, 1.47), (0, 0.005, 1.53), (0, -0.005, 1.57)], [0.06, 0.053, 0.055], self.skin),
                 tube([(0, y, z) for y, z, *_ in rings], [(b, a) for *_, a, b in rings], self.skin, segments=24,
                      upright=True),
                 tube([(0, -0.098, 1.66), (0, -0.112, 1.63), (0, -0.112, 1.618), (0, -0.095, 1.61)],
                      [0.007, 0.012, 0.013, 0.008], self.skin, segments=8)]
        dark = cloth((0.02, 0.015, 0.012))
        parts += [ball((0.012, 0.006, 0.006), (s * 0.031, -0.091, 1.662), dark, segments=10) for s in (-1, 1)]
        style = self.dice.random()
        if style > 0.08:
            parts += [ball((0.082, 0.09, 0.075), (0, 0.018, 1.705), self.hair),
                      ball((0.079, 0.07, 0.09), (0, 0.04, 1.66), self.hair)]
        if style > 0.65:
            parts.append(ball((0.085, 0.05, 0.17), (0, 0.065, 1.58), self.hair))  # long
        elif style < 0.2:
            parts.append(ball((0.1, 0.13, 0.06), (0, -0.015, 1.735), self._cloth(0.8)))  # a cap
        return parts

    def _leg(self, side: int) -> Parts:
        """Thigh and shank swing at hip and knee."""
        angle = math.radians(self.swing * side)
        bend = max(0.0, -angle) * 1.2
        hip = Vector((side * 0.09, 0, 0.86))
        knee = hip + Vector((side * 0.005, -math.sin(angle), -math.cos(angle))) * 0.41
        ankle = knee + Vector((side * 0.01, -math.sin(angle - bend), -math.cos(angle - bend))) * 0.38
        bare = self.skirt
        parts = [tube([hip, hip.lerp(knee, 0.3), hip.lerp(knee, 0.75), knee], [(0.095, 0.088), (0.088, 0.086), (0.066,
                                                                                                                0.066),
                                                                          (0.06, 0.06)], self.legs, side=(1, 0, 0)),
                 ball((0.06, 0.06, 0.06), knee, self.skin if bare else self.legs, segments=14),
                 tube([knee, knee.lerp(ankle, 0.4), ankle], [(0.058, 0.058), (0.056, 0.056), (0.045, 0.045)],
                      self.skin if bare else self.legs, side=(1, 0, 0))]
        x, y, z = ankle
        low = max(z - 0.075, 0.0)
        shoe = tube([(x, y + 0.075, low + 0.045), (x, y + 0.05, low + 0.05), (x, y - 0.01, low + 0.052),
                     (x, y - 0.10, low + 0.036), (x, y - 0.16, low + 0.028), (x, y - 0.182, low + 0.022)],
                    [(0.02, 0.03), (0.036, 0.045), (0.042, 0.05), (0.046, 0.035), (0.038, 0.026), (0.015, 0.012)],
                    self.shoes,
                    side=(1, 0, 0))
        return [*parts, shoe]

    def _arm(self, side: int) -> Parts:
        """Hanging and swinging, bent or reaching forward."""
        dice = self.dice
        forward = math.radians(-self.swing * side + dice.gauss(0, 8))
        bend = math.radians(dice.choice((15, 25, dice.uniform(40, 120))))
        if dice.random() < 0.12:
            forward = math.radians(dice.uniform(40, 150))
        out = math.radians(dice.uniform(6, 22))
        shoulder = Vector((side * 0.185, 0.01, 1.42))
        elbow = shoulder + _way(side, forward, out) * 0.29
        wrist = elbow + _way(side, forward + bend, out * 0.4) * 0.25
        palm = wrist + (wrist - elbow).normalized() * 0.11
        sleeve = self.skin if self.short_sleeves else self.top
        return [ball((0.06, 0.06, 0.055), shoulder, self.top, segments=14), ball((0.046, 0.046, 0.046), elbow, sleeve,
                                                                                 segments=14),
                tube([shoulder, shoulder.lerp(elbow, 0.5), elbow], [0.058, 0.054, 0.046], self.top),
                tube([elbow, elbow.lerp(wrist, 0.5), wrist], [0.045, 0.041, 0.033], sleeve),
                tube([wrist, wrist.lerp(palm, 0.5), palm], [(0.022, 0.026), (0.02, 0.04), (0.012, 0.028)], self.skin)]


def _way(side: int, forward: float, out: float) -> Vector:
    return Vector((side * math.sin(out), -math.sin(forward) * math.cos(out), -math.cos(forward) * math.cos(out)))
