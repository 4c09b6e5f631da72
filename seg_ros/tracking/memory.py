# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Tracks as plain arrays, which a file can hold: so that work on a recording can go on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.tracking.motion import Motion
from seg_ros.tracking.tracks import Mask, Tracks

Arrays = dict[str, NDArray[Any]]
ARRAYS = [item.name for item in fields(Tracks) if item.name not in ('motion', 'masks')]
MOTION = [item.name for item in fields(Motion)]


def arrays_of(tracks: Tracks) -> Arrays:
    """Return tracks as arrays by name; masks as their shapes (T, 2) and all their pixels one after another."""
    pixels = np.concatenate([mask.ravel() for mask in tracks.masks]) if tracks.masks else np.zeros(0, np.bool_)
    shapes = np.array([mask.shape for mask in tracks.masks], np.int64).reshape(-1, 2)
    plain = {name: getattr(tracks, name) for name in ARRAYS}
    motion = {name: getattr(tracks.motion, name) for name in MOTION}
    return {**plain, **motion, 'mask_shapes': shapes, 'mask_pixels': np.packbits(pixels)}


def tracks_from(arrays: Mapping[str, NDArray[Any]]) -> Tracks:
    """Return the tracks that :func:`arrays_of` made arrays of."""
    motion = Motion(**{name: arrays[name] for name in MOTION})
    return Tracks(**{name: arrays[name] for name in ARRAYS}, motion=motion,
                  masks=_masks(arrays['mask_shapes'], arrays['mask_pixels']))


def _masks(shapes: NDArray[np.int64], packed: NDArray[np.uint8]) -> tuple[Mask, ...]:
    sizes = shapes.prod(axis=1)
    pixels = np.unpackbits(packed, count=int(sizes.sum())).astype(np.bool_)
    pieces = np.split(pixels, np.cumsum(sizes)[:-1]) if len(sizes) else []
    return tuple(piece.reshape(shape).copy() for piece, shape in zip(pieces, shapes.tolist(), strict=True))
