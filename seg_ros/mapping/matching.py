# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which objects of a view may be which of a map, and how far they are from being the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seg_ros.mapping.sightings import Sightings

PART = 0.6  # an object with this share within another, or around it, may be a part of it
SAME_PLACE = 0.4  # overlap at which what is seen as another class may still be the same thing
KNOWN_TRACK = 1.0  # metres that a lasting id of the camera counts
NEVER = 1e6
"""The cost of what cannot be."""

THINNEST_M = 0.005  # of a side: flat things have a volume too

Floats = NDArray[np.float64]


def costs(seen: Sightings, low: Floats, high: Floats, class_ids: NDArray[np.integer], gate_m: float,
          tracks: Sequence[tuple[int, int]] = ()) -> Floats:
    """
    Return (N, M) how far N objects of a view are from M of the map, in metres; NEVER where they cannot be the same.

    They may be the same when their middles are nearer than ``gate_m`` or half the width of the wider, or when one is
    most likely a part of the other; and of one class, unless they fill the same place.

    :param low, high: (M, 3) corners. :param tracks: pairs that the camera's lasting ids make likely.
    """
    centres, sizes, own = (low + high) / 2, high - low, seen.high - seen.low
    apart = np.linalg.norm(seen.centres[:, None] - centres[None], axis=-1)
    differ = np.abs(own[:, None] - sizes[None]).mean(axis=-1)
    within, _ = overlaps(seen.low, seen.high, low, high, gate_m / 2)
    _, overlap = overlaps(seen.low, seen.high, low, high, 0.0)
    wide = np.maximum(own[:, None, :2].max(axis=-1), sizes[None, :, :2].max(axis=-1))
    near = (apart <= np.maximum(gate_m, wide / 2)) | (within >= PART)
    same = seen.class_ids[:, None] == class_ids[None]
    cost = np.where(near & (same | (overlap >= SAME_PLACE)), apart + differ + np.where(same, 0.0, wide), NEVER)
    for k, row in tracks:
        if near[k, row] or within[k, row] > 0:
            cost[k, row] = apart[k, row] + differ[k, row] - KNOWN_TRACK
    return cost


def overlaps(low: Floats, high: Floats, other_low: Floats, other_high: Floats,
              margin_m: float) -> tuple[Floats, Floats]:
    """
    Return (N, M) how much boxes share: as a share of the smaller, and of both together.

    :param margin_m: boxes are taken as so much wider on each side.
    """
    sides = np.minimum(high[:, None], other_high[None]) - np.maximum(low[:, None], other_low[None]) + 2 * margin_m
    shared = np.where((sides > 0).all(axis=-1), np.maximum(sides, THINNEST_M).prod(axis=-1), 0.0)
    one, other = (np.maximum(b - a + 2 * margin_m, THINNEST_M).prod(axis=-1) for a, b in ((low, high),
                                                                                    (other_low, other_high)))
    smaller, both = np.minimum(one[:, None], other[None]), one[:, None] + other[None] - shared
    return np.minimum(shared / smaller, 1.0), shared / both
