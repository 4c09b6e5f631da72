# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Drawn rooms whose classes a tiny network can learn: each class has its colour, with some noise."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.records import UNLABELLED

FLOOR, WALL, PERSON = 0, 1, 7
COLOURS = {FLOOR: (60, 160, 60), WALL: (200, 190, 170), PERSON: (200, 40, 40), UNLABELLED: (0, 0, 0)}


def room(seed: int, size: tuple[int, int] = (64, 48)) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a (H, W, 3) uint8 picture of a wall, a floor and a person, and its (H, W) uint8 labels."""
    rng, (width, height) = np.random.default_rng(seed), size
    labels = np.full((height, width), WALL, np.uint8)
    labels[int(height * rng.uniform(0.4, 0.7)):] = FLOOR
    centre = int(width * rng.uniform(0.3, 0.7)), int(height * 0.5)
    cv2.ellipse(labels, centre, (width // 7, height // 3), 0, 0, 360, PERSON, -1)
    labels[0, 0] = UNLABELLED
    rgb = np.array([COLOURS.get(k, (0, 0, 0)) for k in range(256)], np.float64)[labels]
    return (rgb + rng.normal(0, 6, rgb.shape)).clip(0, 255).astype(np.uint8), labels


def write_image(path: Path, pixels: NDArray[np.uint8]) -> Path:
    """Write (H, W, 3) rgb or (H, W) grey pixels as an image file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels[..., ::-1] if pixels.ndim == 3 else pixels)
    return path


def write_rooms(folder: Path, count: int, *, first: int = 0, size: tuple[int, int] = (64, 48)) -> tuple[Path, Path]:
    """Write drawn rooms with their label images; return the two folders."""
    for seed in range(first, first + count):
        rgb, labels = room(seed, size)
        write_image(folder / 'images' / f'{seed:03d}.png', rgb)
        write_image(folder / 'labels' / f'{seed:03d}.png', labels)
    return folder / 'images', folder / 'labels'
