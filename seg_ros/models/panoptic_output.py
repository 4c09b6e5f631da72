"""Labels and objects of one frame merged: every pixel belongs to one thing or one stuff."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seg_ros.records import UNLABELLED, Instances, Segmentation

VISIBLE_SHARE = 0.5
"""An object of which better ones hide more than this share is taken for one of them, seen twice."""

LEFTOVER_SHARE = 0.0005
"""A class that keeps less than this share of the image after objects are painted is unlabelled there."""


def merged(stuff: Segmentation, things: Instances, label_of: NDArray[np.uint8]) -> Segmentation:
    """
    Return labels, confidence and objects that agree, merged as by Kirillov et al. (2019).

    Objects are painted over the labels from the most to the least certain, each where no better one is. An
    object mostly hidden by better ones is dropped; the masks of the others stay whole, overlaps included.
    Of a class that objects cover almost wholly, the leftover becomes unlabelled.

    :param stuff: labels and confidence. :param things: objects of the same size, best first.
    :param label_of: (256,) uint8, the label for the pixels of an object of each class id.
    """
    if stuff.labels is None or stuff.confidence is None:
        return Segmentation(stuff.size, instances=things)
    labels, confidence = stuff.labels.copy(), stuff.confidence.copy()
    taken = np.zeros(labels.shape, bool)
    kept = [k for k in range(len(things)) if _painted(k, things, label_of, labels, confidence, taken)]
    _clear_leftovers(labels, confidence, taken, stuff.labels)
    return Segmentation(stuff.size, labels, confidence, things.taken(kept))


def _painted(k: int, things: Instances, label_of: NDArray[np.uint8], labels: NDArray[np.uint8],
             confidence: NDArray[np.uint8], taken: NDArray[np.bool_]) -> bool:
    """Paint the visible part of an object, and tell whether enough of it is visible."""
    mask, (left, top) = things.masks[k], things.corners[k]
    region = np.s_[top:top + mask.shape[0], left:left + mask.shape[1]]
    visible = mask & ~taken[region]
    if np.count_nonzero(visible) < VISIBLE_SHARE * np.count_nonzero(mask):
        return False
    labels[region][visible] = label_of[things.class_ids[k]]
    confidence[region][visible] = round(255 * float(things.scores[k]))
    taken[region] |= visible
    return True


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
