# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Labels and objects merged: expected pixels by hand."""

from __future__ import annotations

import numpy as np

from seg_ros.models.panoptic_output import merged, visible
from seg_ros.records import UNLABELLED, Instances, Segmentation

FLOOR, WALL, OBJECT = 0, 1, 9
SIZE = (10, 8)
LABEL_OF = np.arange(256, dtype=np.uint8)
LABEL_OF[20] = OBJECT


def objects(*boxes: tuple[int, int, int, int], scores: tuple[float, ...], class_id: int = 20) -> Instances:
    corners = np.array([box[:2] for box in boxes], np.int32)
    masks = tuple(np.ones((b - t, r - x), bool) for x, t, r, b in boxes)
    return Instances(SIZE, np.array(boxes, np.float32), np.array(scores, np.float32),
                     np.full(len(boxes), class_id, np.uint8), corners, masks, np.zeros(len(boxes), np.int64))


def stuff(labels: np.ndarray) -> Segmentation:
    return Segmentation(SIZE, labels, np.where(labels == UNLABELLED, 0, 100).astype(np.uint8))


def floor() -> np.ndarray:
    return np.full((8, 10), FLOOR, np.uint8)


def test_an_object_lies_over_the_stuff_with_its_own_confidence() -> None:
    answer = merged(stuff(floor()), objects((2, 1, 5, 4), scores=(0.6,)), LABEL_OF)
    expected = floor()
    expected[1:4, 2:5] = OBJECT
    np.testing.assert_array_equal(answer.labels, expected)
    np.testing.assert_array_equal(answer.confidence, np.where(expected == OBJECT, 153, 100))


def test_an_object_over_unlabelled_pixels_is_kept() -> None:
    labels = np.full((8, 10), UNLABELLED, np.uint8)
    answer = merged(stuff(labels), objects((0, 0, 2, 2), scores=(0.9,)), LABEL_OF)
    assert answer.labels is not None and answer.instances is not None
    assert (answer.labels == OBJECT).sum() == 4
    assert len(answer.instances) == 1


def test_overlapping_objects_both_stay_and_the_better_is_in_front() -> None:
    things = objects((0, 0, 4, 4), (2, 0, 8, 4), scores=(0.9, 0.5))
    answer = merged(stuff(floor()), things, LABEL_OF)
    assert answer.instances is not None and answer.confidence is not None
    assert len(answer.instances) == 2
    assert answer.instances.masks[1].all()  # hidden part included
    assert answer.confidence[0, 3] == 229  # 0.9 of 255, in single precision
    assert answer.confidence[0, 4] == 128


def test_an_object_mostly_hidden_by_better_ones_is_not_visible() -> None:
    things = objects((0, 0, 6, 4), (1, 0, 7, 4), (3, 0, 9, 4), (6, 0, 10, 4), scores=(0.9, 0.8, 0.7, 0.6))
    # the second is the first once more; half of the third is seen, and it hides three quarters of the fourth
    assert visible(things).scores.tolist() == np.array([0.9, 0.7], np.float32).tolist()
    assert visible(things).masks[1].all()  # whole, hidden part included


def test_only_what_is_given_is_painted() -> None:
    answer = merged(stuff(floor()), Instances.none(SIZE), LABEL_OF)
    np.testing.assert_array_equal(answer.labels, floor())
    np.testing.assert_array_equal(answer.confidence, np.full((8, 10), 100))


def test_a_class_almost_wholly_covered_leaves_no_crumbs() -> None:
    size = (100, 80)
    labels = np.full((80, 100), FLOOR, np.uint8)
    labels[:10, :10] = WALL
    things = objects((0, 0, 10, 9), scores=(0.9,))
    things = Instances(size, things.boxes, things.scores, things.class_ids, things.corners,
                       (np.ones((10, 9), bool),), things.track_ids)
    labels[:10, 9] = FLOOR
    labels[0, 9] = WALL  # one pixel of wall stays beside the object
    answer = merged(Segmentation(size, labels, np.full((80, 100), 100, np.uint8)), things, LABEL_OF)
    assert answer.labels is not None and answer.confidence is not None
    assert (answer.labels[0, 9], answer.confidence[0, 9]) == (UNLABELLED, 0)
    assert (answer.labels[:10, :9] == OBJECT).all()
    assert answer.labels[79, 99] == FLOOR


def test_a_class_untouched_by_objects_keeps_even_a_single_pixel() -> None:
    labels = floor()
    labels[7, 9] = WALL
    answer = merged(stuff(labels), objects((0, 0, 3, 3), scores=(0.9,)), LABEL_OF)
    assert answer.labels is not None
    assert answer.labels[7, 9] == WALL
