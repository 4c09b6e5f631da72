# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Things and stuff are told apart by the label set that the words are of."""

from __future__ import annotations

import pytest

from seg_ros.labels.countable import objects_alone, things_among
from seg_ros.labels.label_sets import words_of_label_set


@pytest.mark.parametrize(('label_set', 'count', 'things', 'stuff'), [
    ('coco_panoptic', 80, {'person', 'potted plant'}, {'floor-wood', 'sky-other-merged'}),
    ('coco', 80, {'person', 'toothbrush'}, set()),
    ('coco_torchvision', 80, {'person'}, {'__background__', 'N/A'}),
    ('cityscapes', 8, {'rider', 'bicycle'}, {'road', 'pole'}),
    ('ade20k_hf', 100, {'bed', 'person', 'door'}, {'wall', 'sky', 'grass'}),
])
def test_of_a_known_label_set_the_published_things_are_countable(label_set: str, count: int, things: set[str],
                                                                 stuff: set[str]) -> None:
    words = words_of_label_set(label_set)
    countable = [words[k] for k in things_among(words)]
    assert len(countable) == count
    assert things <= set(countable)
    assert not stuff & set(countable)


def test_of_any_other_set_all_that_names_something_is_countable() -> None:
    assert things_among(('background', 'crate', 'N/A', 'pallet', 'LABEL_7')) == (1, 3)


@pytest.mark.parametrize(('label_set', 'alone'), [('coco', True), ('coco_torchvision', True), ('coco_panoptic', False)])
def test_the_objects_of_coco_are_recognised_with_and_without_gaps(label_set: str, alone: bool) -> None:
    assert objects_alone(words_of_label_set(label_set)) is alone
