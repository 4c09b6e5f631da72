# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which words of a label set name things that can be counted, and which name stuff."""

from __future__ import annotations

from collections.abc import Sequence

from seg_ros.labels.label_sets import words_of_label_set

CITYSCAPES_THINGS = frozenset({'person', 'rider', 'car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle'})
"""The classes of Cityscapes (Cordts et al. 2016) with objects marked one by one."""

ADE20K_START = ('wall', 'building', 'sky', 'floor', 'tree', 'ceiling')
ADE20K_STUFF = frozenset({
    0, 1, 2, 3, 4, 5, 6, 9, 11, 13, 16, 17, 21, 25, 26, 28, 29, 34, 40, 46, 48, 51, 52, 54, 59, 60, 61, 63, 68, 77,
    79, 84, 91, 94, 96, 99, 100, 101, 105, 106, 109, 113, 114, 117, 122, 128, 131, 140, 141, 145})
"""Of the 150 classes of ADE20K (Zhou et al. 2017), those without instances in its panoptic challenge, by index."""

NOBODY = frozenset({'', 'n/a', 'background', '__background__', 'void', 'unlabeled', 'unlabelled'})
"""Words that stand for no class: gaps in a numbering, and what lies between the objects."""


def things_among(words: Sequence[str]) -> tuple[int, ...]:
    """
    Return the indices of the words that name countable things.

    The label sets of COCO, ADE20K and Cityscapes are recognised. In any other, every word that names something is
    taken for a thing.
    """
    plain = [word.strip().lower() for word in words]
    if len(plain) == 150 and tuple(plain[:6]) == ADE20K_START:
        return tuple(k for k in range(150) if k not in ADE20K_STUFF)
    for things in (_coco_things(), CITYSCAPES_THINGS):
        if things <= set(plain):
            return tuple(k for k, word in enumerate(plain) if word in things)
    return tuple(k for k, word in enumerate(plain) if word not in NOBODY and not word.startswith('label_'))


def objects_alone(words: Sequence[str]) -> bool:
    """Whether these are the 80 objects of COCO, among which there is no stuff."""
    return {word.strip().lower() for word in words} - NOBODY == _coco_things()


def _coco_things() -> frozenset[str]:
    return frozenset(words_of_label_set('coco'))
