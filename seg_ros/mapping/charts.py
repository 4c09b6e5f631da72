# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a map says, as plain records: its cells, row 0 at the lowest y, and its objects."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FREE, OCCUPIED, UNKNOWN = 0, 100, -1


def layer_name(word: str, class_id: int) -> str:
    """Return the name of a class as files and topics bear it: its id where none of its letters are allowed there."""
    name = re.sub(r'\W+', '_', word, flags=re.ASCII)
    if not name.strip('_'):
        return f'class_{class_id}'
    return f'_{name}' if name[:1].isdigit() else name


@dataclass(frozen=True, eq=False)
class Chart:
    """
    The cells of a map, as nav_msgs/OccupancyGrid counts them.

    :param origin_m: x and y of the lower left corner of cell (0, 0).
    :param occupancy: (H, W) int8: 0 free, 100 occupied, -1 unknown. :param class_ids: (H, W) int16, -1 unknown.
    :param probabilities: class id → (H, W) int8, 0..100 per cent of what was seen there; -1 where nothing was.
    :param heights_m: (H, W) float32, highest point above the floor of what stands there; NaN where nothing does.
    :param views: how many views it is made of. :param bytes: memory of the cells.
    """

    resolution_m: float
    origin_m: tuple[float, float]
    occupancy: NDArray[np.int8]
    class_ids: NDArray[np.int16]
    probabilities: dict[int, NDArray[np.int8]]
    heights_m: NDArray[np.float32]
    views: int
    bytes: int


@dataclass(frozen=True)
class Landmark:
    """
    One lasting object of the map.

    :param id: counts the objects of a map from 1. :param class_id: of the likeliest class.
    :param scores: class id → share of all it was seen as, 0..1.
    :param position: middle of the box around what was seen of it, metres. :param covariance: (3, 3) m².
    :param size: of that box, along the axes of the map.
    """

    id: int
    class_id: int
    scores: dict[int, float]
    position: tuple[float, float, float]
    covariance: NDArray[np.float64]
    size: tuple[float, float, float]
    views: int
    first_ns: int
    last_ns: int
