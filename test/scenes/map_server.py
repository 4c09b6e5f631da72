# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What Nav2's map_server makes of a map.yaml, by its rules: modes, thresholds, negate, transparency, origin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Served:
    """
    An OccupancyGrid as it is published.

    :param cells: (H, W) int8, row 0 lowest in y. :param origin: x, y in metres and yaw.
    """

    cells: NDArray[np.int8]
    resolution_m: float
    origin: tuple[float, float, float]


def served(path: Path) -> Served:
    """Return what is published of a .yaml file; KeyError, ValueError or AssertionError where it would not load."""
    facts = yaml.safe_load(path.read_text(encoding='utf-8'))
    pixels = cv2.imread(str(path.parent / facts['image']), cv2.IMREAD_UNCHANGED)  # an absolute name stays one
    assert pixels is not None and len(facts['origin']) == 3
    mode, negate = facts.get('mode', 'trinary'), bool(int(facts['negate']))
    low, high = float(facts['free_thresh']), float(facts['occupied_thresh'])
    shade, opaque = _shade(pixels, mode)
    x, y, yaw = (float(v) for v in facts['origin'])
    return Served(_cells(shade, opaque, mode, negate, low, high)[::-1], float(facts['resolution']), (x, y, yaw))


def _shade(pixels: NDArray[np.uint8], mode: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how bright each pixel is, 0..1, and where it is opaque; in trinary mode alpha counts as brightness."""
    planes = pixels[..., None] if pixels.ndim == 2 else pixels
    has_alpha = planes.shape[2] == 4
    opaque = planes[..., 3] == 255 if has_alpha else np.ones(planes.shape[:2], bool)
    counted = planes if mode == 'trinary' else planes[..., :3]
    return counted.mean(axis=2) / 255, opaque


def _cells(shade: NDArray[np.float64], opaque: NDArray[np.bool_], mode: str, negate: bool, low: float,
           high: float) -> NDArray[np.int8]:
    taken = shade if negate else 1 - shade  # from free to occupied, 0..1
    if mode not in ('trinary', 'scale', 'raw'):
        raise ValueError(f'map_server has no mode {mode}')
    between = {'trinary': np.full(shade.shape, -1.0), 'scale': np.rint((taken - low) / (high - low) * 100)}
    if mode == 'raw':
        value = np.rint(shade * 255)
        return np.where(value <= 100, value, -1).astype(np.int8)
    found = np.where(taken > high, 100, np.where(taken < low, 0, between[mode]))
    return np.where(opaque | (mode == 'trinary'), found, -1).astype(np.int8)
