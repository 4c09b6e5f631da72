# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A person who stands at ease, 1.75 m tall, about the middle between the feet, looking towards -y."""

from __future__ import annotations

from materials import cloth, plastic, skin
from shapes import Parts, ball, tube

SKIN = skin((0.60, 0.36, 0.25))
SHIRT = cloth((0.38, 0.06, 0.05))
JEANS = cloth((0.045, 0.075, 0.16))
HAIR = cloth((0.03, 0.018, 0.01))
SHOES = plastic((0.05, 0.045, 0.04), rough=0.6)


def person() -> Parts:
    """A person in shirt and jeans; one hand at the hip."""
    return [*_trunk(), *_head(), *_leg(-1), *_leg(1), *_arm(-1, hip=False), *_arm(1, hip=True)]


def _trunk() -> Parts:
    rings = [(0.0, 0.86, 0.168, 0.115), (0.0, 0.93, 0.172, 0.12), (0.0, 1.02, 0.155, 0.108), (0.0, 1.12, 0.152, 0.105),
             (0.0, 1.24, 0.17, 0.115), (0.005, 1.34, 0.182, 0.118), (0.01, 1.41, 0.19, 0.105),
             (0.015, 1.455, 0.165, 0.085), (0.015, 1.485, 0.105, 0.07), (0.01, 1.505, 0.066, 0.062)]
    shirt = tube([(0, y, z) for y, z, *_ in rings], [(b, a) for *_, a, b in rings], SHIRT, segments=36, upright=True)
    hips = tube([(0, 0, z) for z in (0.80, 0.86, 0.92)], [(0.10, 0.15), (0.113, 0.166), (0.112, 0.162)], JEANS,
                segments=36, upright=True)
    return [shirt, hips]


def _head() -> Parts:
    neck = tube([(0, 0.01, 1.47), (0, 0.005, 1.53), (0, -0.005, 1.57)], [0.06, 0.053, 0.055], SKIN, segments=24)
    rings = [(-0.045, 1.535, 0.022, 0.020), (-0.040, 1.548, 0.042, 0.042), (-0.028, 1.57, 0.056, 0.066),
             (-0.018, 1.60, 0.066, 0.08), (-0.012, 1.64, 0.073, 0.09), (-0.006, 1.68, 0.075, 0.094),
             (0, 1.71, 0.07, 0.088), (0.004, 1.735, 0.05, 0.065), (0.006, 1.75, 0.015, 0.02)]
    skull = tube([(0, y, z) for y, z, *_ in rings], [(b, a) for *_, a, b in rings], SKIN, segments=32, upright=True)
    nose = tube([(0, -0.098, 1.66), (0, -0.112, 1.63), (0, -0.112, 1.618), (0, -0.095, 1.61)],
                [0.007, 0.012, 0.013, 0.008], SKIN)
    ears = [ball((0.012, 0.018, 0.03), (side * 0.074, 0.0, 1.645), SKIN) for side in (-1, 1)]
    eyes = [ball((0.012, 0.006, 0.006), (side * 0.031, -0.091, 1.662), HAIR) for side in (-1, 1)]
    brows = [ball((0.018, 0.006, 0.004), (side * 0.031, -0.094, 1.682), HAIR) for side in (-1, 1)]
    mouth = ball((0.022, 0.006, 0.005), (0, -0.092, 1.582), skin((0.42, 0.16, 0.13)))
    hair = [ball((0.082, 0.09, 0.075), (0, 0.018, 1.705), HAIR), ball((0.079, 0.07, 0.09), (0, 0.04, 1.66), HAIR)]
    return [neck, skull, nose, mouth, *ears, *eyes, *brows, *hair]


def _leg(side: int) -> Parts:
    x = side * 0.095
    line = [(side * 0.085, 0, 0.86), (x, 0, 0.76), (x, -0.005, 0.62), (side * 0.1, -0.008, 0.48),
            (side * 0.105, 0, 0.3), (side * 0.11, 0.008, 0.14), (side * 0.11, 0.01, 0.075)]
    leg = tube(line, [(0.095, 0.085), (0.09, 0.088), (0.074, 0.074), (0.06, 0.06), (0.058, 0.058), (0.052, 0.052),
                      (0.056, 0.054)], JEANS, segments=24, side=(1, 0, 0))
    shoe = tube([(side * 0.108, 0.085, 0.045), (side * 0.109, 0.06, 0.05), (side * 0.112, 0.0, 0.052),
                 (side * 0.12, -0.09, 0.036), (side * 0.125, -0.15, 0.028), (side * 0.126, -0.172, 0.022)],
                [(0.02, 0.03), (0.036, 0.045), (0.042, 0.05), (0.046, 0.035), (0.038, 0.026), (0.015, 0.012)], SHOES,
                side=(1, 0, 0))
    return [leg, shoe]


def _arm(side: int, *, hip: bool) -> Parts:
    shoulder, radii = (side * 0.165, 0.015, 1.415), [0.05, 0.06, 0.055, 0.05]
    if hip:
        elbow, hand, palm = (side * 0.37, 0.09, 1.2), (side * 0.22, -0.04, 1.02), (side * 0.165, -0.09, 0.985)
    else:
        elbow, hand, palm = (side * 0.265, 0.03, 1.14), (side * 0.275, -0.06, 0.90), (side * 0.268, -0.085, 0.81)
    upper = [tuple(a + (b - a) * t for a, b in zip(shoulder, elbow, strict=True)) for t in (0, 0.3, 0.7, 1.0)]
    lower = [tuple(a + (b - a) * t for a, b in zip(elbow, hand, strict=True)) for t in (0, 0.35, 0.7, 1.0)]
    fingers = tube([hand, tuple((a + b) / 2 for a, b in zip(hand, palm, strict=True)), palm],
                   [(0.022, 0.026), (0.02, 0.04), (0.012, 0.028)], SKIN)
    joints = [ball((0.055, 0.055, 0.05), shoulder, SHIRT), ball((0.051, 0.051, 0.051), elbow, SHIRT)]
    sleeves = [tube(upper, radii, SHIRT), tube(lower, [0.05, 0.046, 0.04, 0.037], SHIRT)]
    return [*joints, *sleeves, tube([lower[-1], hand, palm], [0.03, 0.026, 0.02], SKIN), fingers]
