# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Panoptic quality of one row of pixels, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.scripted import THINGS

from seg_ros.lab.coco import OutlinedImage
from seg_ros.lab.panoptic_metrics import NOT_TOLD, OPEN, PanopticQuality, found_segments, true_segments
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.records import UNLABELLED, Instances

INDOOR = load_taxonomy('indoor')
FLOOR, WALL, PERSON = INDOOR.classes[0], INDOOR.classes[1], INDOOR.classes[7]
HAMMER = THINGS[0]
WIDTH = 40


def row(*parts: tuple[int, int]) -> NDArray[np.uint8]:
    """Return (1, WIDTH) labels: each label up to a column."""
    labels, start = np.zeros((1, WIDTH), np.uint8), 0
    for label, end in parts:
        labels[0, start:end] = label
        start = end
    return labels


def outlined(*spans: tuple[int, int], crowd: tuple[bool, ...] = ()) -> OutlinedImage:
    """Return the truth of hammers from column to column."""
    masks = np.zeros((len(spans), 1, WIDTH), np.uint8)
    for mask, (start, end) in zip(masks, spans, strict=True):
        mask[0, start:end] = 1
    return OutlinedImage('row', np.zeros((1, WIDTH, 3), np.uint8), masks, np.zeros(len(spans), np.int64),
                         np.array(crowd or (False,) * len(spans), bool))


def found(*spans: tuple[int, int]) -> Instances:
    """Return hammers found from column to column, best first."""
    n = len(spans)
    boxes = np.array([(a, 0, b, 1) for a, b in spans], np.float32).reshape(n, 4)
    return Instances((WIDTH, 1), boxes, np.linspace(0.9, 0.6, n, dtype=np.float32),
                     np.full(n, HAMMER.id, np.uint8), boxes[:, :2].astype(np.int32),
                     tuple(np.ones((1, b - a), bool) for a, b in spans), np.zeros(n, np.int64))


def quality(labels: NDArray[np.uint8], objects: Instances, true_labels: NDArray[np.uint8],
            truth: OutlinedImage) -> tuple[PanopticQuality, float]:
    metric = PanopticQuality([HAMMER], [FLOOR, WALL])
    pq = metric.add(found_segments(labels, objects, [HAMMER]), true_segments(true_labels, truth, [HAMMER]))
    return metric, pq


TRUE_LABELS = row((FLOOR.id, 20), (WALL.id, 40))


def test_every_part_is_that_worked_out_by_hand() -> None:
    """Two hammers lie there; one is found a pixel off, one missed, one invented; two pixels are left open."""
    metric, pq = quality(row((FLOOR.id, 20), (WALL.id, 38), (UNLABELLED, 40)), found((3, 7), (12, 14)),
                         TRUE_LABELS, outlined((2, 6), (30, 34)))
    hammer, floor, wall = metric.by_class().T
    assert hammer == pytest.approx([0.3, 3 / 5, 1 / 2])
    assert floor == pytest.approx([13 / 17, 13 / 17, 1.0])
    assert wall == pytest.approx([14 / 20, 14 / 20, 1.0])  # what is left open counts against it
    assert pq == metric.means()[0] == pytest.approx((0.3 + 13 / 17 + 0.7) / 3)
    assert metric.means(things=True)[0] == pytest.approx(0.3)
    assert metric.means(things=False)[0] == pytest.approx((13 / 17 + 0.7) / 2)


def test_what_the_truth_does_not_tell_counts_for_nobody() -> None:
    metric, _ = quality(row((FLOOR.id, 40)), found(), row((FLOOR.id, 10), (UNLABELLED, 40)), outlined())
    assert metric.by_class()[:, 1] == pytest.approx([1.0, 1.0, 1.0])
    assert np.isnan(metric.by_class()[:, [0, 2]]).all()  # neither true nor predicted
    assert metric.means() == (1.0, 1.0, 1.0)
    assert math.isnan(metric.means(things=True)[0])


def test_a_missed_object_is_missed_even_where_the_model_says_nothing() -> None:
    metric, _ = quality(row((FLOOR.id, 30), (UNLABELLED, 40)), found(), row((FLOOR.id, 40)), outlined((30, 40)))
    assert metric.by_class()[:, 0] == pytest.approx([0.0, 0.0, 0.0])


def test_an_overlap_of_half_is_no_match() -> None:
    metric, _ = quality(row((FLOOR.id, 40)), found((0, 10)), row((FLOOR.id, 40)), outlined((0, 20)))
    assert metric.by_class()[0, 0] == 0.0  # exactly 0.5: Kirillov et al. ask for more
    metric, _ = quality(row((FLOOR.id, 40)), found((0, 11)), row((FLOOR.id, 40)), outlined((0, 20)))
    assert metric.by_class()[0, 0] == pytest.approx(11 / 20)


def test_images_add_up() -> None:
    metric, _ = quality(row((FLOOR.id, 40)), found((0, 10)), row((FLOOR.id, 40)), outlined((0, 10)))
    metric.add(found_segments(row((FLOOR.id, 40)), found(), [HAMMER]),
               true_segments(row((FLOOR.id, 40)), outlined((0, 10)), [HAMMER]))
    assert metric.by_class()[:, 0] == pytest.approx([1 / 1.5, 1.0, 1 / 1.5])
    assert metric.by_class()[0, 1] == pytest.approx((1 + 30 / 40) / 2)


def test_in_the_truth_small_objects_lie_in_front_and_crowds_are_not_told() -> None:
    segments = true_segments(TRUE_LABELS, outlined((4, 6), (0, 10), (20, 25), crowd=(False, False, True)), [HAMMER])
    assert segments[0, [4, 5]].tolist() == [[HAMMER.id, 1]] * 2
    assert segments[0, [0, 9]].tolist() == [[HAMMER.id, 2]] * 2
    assert segments[0, [20, 24]].tolist() == [[NOT_TOLD, 0]] * 2
    assert segments[0, [10, 39]].tolist() == [[FLOOR.id, 0], [WALL.id, 0]]


def test_pixels_of_a_thing_without_an_object_are_not_told_or_left_open() -> None:
    labels = row((FLOOR.id, 20), (PERSON.id, 40))
    assert true_segments(labels, outlined(), [PERSON])[0, 30].tolist() == [NOT_TOLD, 0]
    assert found_segments(labels, found(), [PERSON])[0, 30].tolist() == [OPEN, 0]


def test_in_front_is_the_better_score() -> None:
    segments = found_segments(row((FLOOR.id, 40)), found((0, 10), (5, 15)), [HAMMER])
    assert segments[0, [4, 7, 12, 20], 1].tolist() == [1, 1, 2, 0]
