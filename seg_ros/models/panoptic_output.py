# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Labels and objects of one frame merged: every pixel belongs to one thing or one stuff."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seg_ros.records import UNLABELLED, Instances, Segmentation

VISIBLE_SHARE = 0.5
"""An object of which less than this share is visible behind better ones is taken for one of them, seen twice."""

LEFTOVER_SHARE = 0.0005
"""A class that keeps less than this share of the image after objects are painted is unlabelled there."""


def visible(things: Instances) -> Instances:
    """Return the objects of which better ones hide no more than half: the others are one of them, seen twice."""
    taken = np.zeros(things.size[::-1], bool)
    kept = []
    for k, mask in enumerate(things.masks):
        region = taken[things.place(k)]
        if np.count_nonzero(mask & ~region) >= VISIBLE_SHARE * np.count_nonzero(mask):
            region |= mask
            kept.append(k)
    return things.taken(kept)


def merged(stuff: Segmentation, things: Instances, label_of: NDArray[np.uint8]) -> Segmentation:
    """
    Return labels, confidence and objects that agree, merged as by Kirillov et al. (2019).

    Objects are painted over the labels from the most to the least certain, each where no better one is; their
    masks stay whole, overlaps included. Of a class that objects cover almost wholly, the leftover becomes unlabelled.

    :param stuff: labels and confidence. :param things: the ``visible`` objects that are reported, best first.
    :param label_of: (256,) uint8, the label for the pixels of an object of each class id.
    """
    if stuff.labels is None or stuff.confidence is None:
        return Segmentation(stuff.size, instances=things)
    labels, confidence = stuff.labels.copy(), stuff.confidence.copy()
    taken = np.zeros(labels.shape, bool)
    for k in reversed(range(len(things))):
        mask, place = things.masks[k], things.place(k)
        labels[place][mask] = label_of[things.class_ids[k]]
        confidence[place][mask] = round(255 * float(things.scores[k]))
        taken[place] |= mask
    _clear_leftovers(labels, confidence, taken, stuff.labels)
    return Segmentation(stuff.size, labels, confidence, things)


def _clear_leftovers(labels: NDArray[np.uint8], confidence: NDArray[np.uint8], taken: NDArray[np.bool_],
                     before: NDArray[np.uint8]) -> None:
    for label in _covered_classes(labels, taken, before):
        leftover = (labels == label) & ~taken
        labels[leftover], confidence[leftover] = UNLABELLED, 0


def _covered_classes(labels: NDArray[np.uint8], taken: NDArray[np.bool_],
                     before: NDArray[np.uint8]) -> Sequence[int]:
    """Return the classes that lost pixels to objects and keep almost none."""
    lost = np.bincount(before[taken], minlength=256)
    left = np.bincount(labels[~taken], minlength=256)
    few = (lost > 0) & (left > 0) & (left < LEFTOVER_SHARE * labels.size)
    few[UNLABELLED] = False
    return [int(label) for label in np.flatnonzero(few)]
