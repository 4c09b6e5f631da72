# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Hand tools, each lying flat about its own middle, its length along x."""

from __future__ import annotations

import math

from materials import metal, plastic, wood
from shapes import Parts, arc, box, outline, placed, tube

Colour = tuple[float, float, float]

CHROME = metal((0.66, 0.67, 0.69), rough=0.22)
FORGED = metal((0.30, 0.30, 0.31), rough=0.42)
HICKORY = wood((0.60, 0.38, 0.17), (0.42, 0.24, 0.09), grain=(6, 60, 60), gloss=0.4)
RUBBER = plastic((0.03, 0.03, 0.032), rough=0.6)


def hammer(length: float = 0.32) -> Parts:
    """A claw hammer with a wooden handle; the head at +x."""
    h, r = length / 2, 0.016
    handle = tube([(-h, 0, r), (-h + 0.005, 0, r), (-h + 0.09, 0, r), (0, 0, r), (h - 0.03, 0, r), (h, 0, r)],
                  [(0.012, 0.010), (0.017, 0.013), (0.0155, 0.012), (0.011, 0.009), (0.012, 0.01), (0.012, 0.01)],
                  HICKORY)
    face = tube([(h - 0.015, y, r) for y in (-0.062, -0.06, -0.048, -0.044, -0.02, 0.016)],
                [0.013, 0.0155, 0.0155, 0.011, 0.012, 0.014], FORGED, side=(0, 0, 1))
    claws = [tube([(h - 0.015 + sx * 0.005, 0.012, r), (h - 0.016 + sx * 0.008, 0.035, r + 0.001),
                   (h - 0.022 + sx * 0.010, 0.058, r), (h - 0.034 + sx * 0.011, 0.08, r)],
                  [(0.010, 0.008), (0.009, 0.0065), (0.007, 0.005), (0.003, 0.002)], FORGED, side=(0, 0, 1))
             for sx in (-1, 1)]
    return [handle, face, *claws, box((0.034, 0.034, 0.028), (h - 0.015, 0.0, r), FORGED, bevel=0.006)]


def wrench(length: float = 0.22, jaw: float = 0.018) -> Parts:
    """A combination wrench: open jaw at +x, ring at -x."""
    h, neck = length / 2, jaw * 0.34
    gap = jaw * 0.5
    ring, head = (-h + jaw * 0.8, 0.0), (h - jaw * 1.15, 0.0)
    outer, inner = jaw * 0.85, jaw * 0.52
    body = [*arc(head, jaw * 1.15, 196, 322, 12), (h + jaw * 0.1, -gap - jaw * 0.18), (h, -gap),
            (head[0] + 0.1 * jaw, -gap)]
    body += [*arc(head, gap, 270, 90, 9), (head[0] + 0.1 * jaw, gap), (h, gap), (h + jaw * 0.1, gap + jaw * 0.18)]
    body += [*arc(head, jaw * 1.15, 38, 164, 12), (head[0] - jaw * 1.9, neck), (ring[0] + jaw * 1.3, neck)]
    body += [*arc(ring, outer, 32, 328, 26), (ring[0] + jaw * 1.3, -neck), (head[0] - jaw * 1.9, -neck)]
    hexagon = [(ring[0] + inner * math.cos(k * math.pi / 6) * (1 if k % 2 else 1.1),
                inner * math.sin(k * math.pi / 6) * (1 if k % 2 else 1.1)) for k in range(12)]
    return [outline([body, hexagon], 0.007, CHROME, bevel=0.0015)]


def adjustable_spanner(length: float = 0.25) -> Parts:
    """An adjustable spanner with a dipped handle."""
    h = length / 2
    body = [(-h, -0.012), (-h + 0.01, -0.015), (0.3 * h, -0.010), (0.55 * h, -0.018), (0.66 * h, -0.032),
            (0.8 * h, -0.03), (0.84 * h, -0.012), (0.86 * h, 0.004), (h, 0.008), (h + 0.012, 0.018),
            (h, 0.027), (0.75 * h, 0.030),
            (0.5 * h, 0.022), (0.3 * h, 0.010), (-h + 0.01, 0.015), (-h, 0.012)]
    hole = arc((-h + 0.013, 0), 0.006, 0, 345, 16)
    lower = [(0.82 * h, -0.034), (h + 0.004, -0.036), (h + 0.014, -0.022), (h + 0.006, -0.014), (0.87 * h, -0.012)]
    wheel = tube([(0.62 * h, -0.012, 0.006), (0.75 * h, -0.012, 0.006)], [0.008, 0.008], FORGED)
    return [outline([body, hole], 0.011, CHROME, bevel=0.002), outline([lower], 0.010, CHROME, bevel=0.0015), wheel,
            outline([[(-h - 0.002, -0.015), (0.1 * h, -0.013), (0.1 * h, 0.013), (-h - 0.002, 0.015)]], 0.014,
                    plastic((0.03, 0.08, 0.30)), bevel=0.003, height=-0.0015)]


def screwdriver(length: float = 0.22, colour: Colour = (0.55, 0.03, 0.02), *, cross: bool = False) -> Parts:
    """A screwdriver, tip at +x; the handle has flutes."""
    h, grip, r = length / 2, length * 0.44, 0.016
    x = [-h, -h + 0.004, -h + 0.02, -h + grip * 0.55, -h + grip * 0.82, -h + grip * 0.9, -h + grip]
    radii = [0.010, 0.0145, 0.016, 0.0155, 0.011, 0.0125, 0.009]
    handle = tube([(v, 0, r) for v in x], radii, plastic(colour, rough=0.25))
    bands = [box((grip * 0.42, 0.004, 0.003), (-h + grip * 0.36, r * 0.93 * math.cos(a), r + r * 0.93 * math.sin(a)),
                 RUBBER, bevel=0.001) for a in (0.3, 1.1, 1.9, 2.7)]
    shaft = tube([(-h + grip - 0.002, 0, r), (h - 0.012, 0, r), (h, 0, r)],
                 [0.0035, 0.0035, 0.0012 if cross else (0.0045, 0.0008)], CHROME, segments=14)
    return [handle, *bands, shaft]


def pliers(length: float = 0.19, colour: Colour = (0.62, 0.03, 0.02), *, opening: float = 9.0,
           nose: float = 1.0) -> Parts:
    """Pliers, jaws at +x. :param opening: degrees. :param nose: how slim the jaws are, 1 for combination pliers."""
    parts: Parts = []
    for side in (-1, 1):
        jaw = [(-0.014, -0.010), (0.008, -0.013), (0.02, -0.012 * nose), (0.052, -0.006 * nose), (0.055, -0.001),
               (0.012, 0.0), (0.006, 0.008), (-0.012, 0.012), (-0.03, 0.014), (-0.034, 0.006)]
        curve = [(-0.028, 0.010), (-0.045, 0.017), (-0.07, 0.022), (-length * 0.55, 0.021), (-length * 0.72, 0.015)]
        half = [outline([[(x, side * y) for x, y in jaw]], 0.009, FORGED, bevel=0.0015, height=0.002),
                tube([(x, side * y, 0.0065) for x, y in curve], [(0.0062, 0.005), (0.0072, 0.0062), (0.0078, 0.0068),
                                                                 (0.0075, 0.0065), (0.0045, 0.004)], plastic(colour))]
        parts += placed(half, turn=-side * opening / 2)
    joint = tube([(0, 0, 0.001), (0, 0, 0.013)], [0.0085, 0.0085], CHROME)
    return placed([*parts, joint], (length * 0.2, 0, 0))


def tape_measure() -> Parts:
    """A tape measure, its tongue out."""
    body = outline([[*arc((0, 0), 0.035, 30, 330, 30), (0.036, -0.035), (0.036, 0.02)]], 0.04,
                   plastic((0.8, 0.45, 0.02)), bevel=0.006)
    label = outline([arc((0, 0), 0.022, 0, 350, 30)], 0.0415, RUBBER, bevel=0.0005)
    return [body, label, box((0.11, 0.001, 0.018), (0.09, -0.032, 0.02), plastic((0.75, 0.65, 0.05)), bevel=0)]
