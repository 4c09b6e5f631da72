# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which boxes are longer than objects of their class can be: depth leaked into the mask, or it is something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import Doubt
from seg_ros.space import Boxes3D, Space

OTHERS = '*'


def plausible(space: Space, words: Sequence[str], limits_m: Mapping[str, float]) -> Space:
    """
    Return the space without the boxes that are too long, each kind of which is doubted.

    :param words: the class of each box. :param limits_m: the longest side by class, ``*`` for all others; none where
        neither is named.
    """
    boxes = space.objects
    if boxes is None or not limits_m:
        return space
    limits = np.array([limits_m.get(word, limits_m.get(OTHERS, np.inf)) for word in words], np.float32)
    longest = boxes.sizes.max(axis=1, initial=0.0)
    too_long = np.flatnonzero(longest > limits)  # NaN is not
    if not len(too_long):
        return space
    return replace(space, objects=_without(boxes, too_long), doubts=(*space.doubts, *(
        _doubt(words[k], float(longest[k]), float(limits[k])) for k in {words[k]: int(k) for k in too_long}.values())))


def _without(boxes: Boxes3D, rows: NDArray[np.intp]) -> Boxes3D:
    arrays = boxes.centres.copy(), boxes.sizes.copy(), boxes.quaternions.copy()
    for array in arrays:
        array[rows] = np.nan
    return Boxes3D(*arrays)


def _doubt(word: str, length_m: float, limit_m: float) -> Doubt:
    return Doubt(f'size of {word}', f'a box of {word} is {length_m:.2f} m long, more than the {limit_m:g} m of '
                 'size_limits_m: it is left out of ~/objects',
                 'see in ~/overlay whether the mask reaches beyond the object, or raise the limit')
