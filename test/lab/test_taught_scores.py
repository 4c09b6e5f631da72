# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores against depth, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seg_ros.lab.taught_images import TaughtImage
from seg_ros.lab.taught_labels import MAYBE_FLOOR, NOT_FLOOR, Kinds
from seg_ros.lab.taught_scores import TaughtScorer
from seg_ros.records import Segmentation

GEOMETRY = np.array([[0, 0, 0, 0, 1, 1, NOT_FLOOR, NOT_FLOOR, 255, MAYBE_FLOOR]], np.uint8)
KEPT = np.array([[255, 255, 255, 255, 255, 255, 7, 255, 7, 255]], np.uint8)
SEEN = np.array([[0, 0, 0, 6, 1, 6, 7, 0, 3, 0]], np.uint8)


def scored(geometry: np.ndarray, kept: np.ndarray) -> TaughtScorer:
    scorer = TaughtScorer(Kinds(0, 1))
    rgb = np.zeros((*geometry.shape, 3), np.uint8)
    truth = TaughtImage('a', rgb, np.minimum(geometry, kept), geometry, kept)
    assert math.isnan(scorer.add(truth, Segmentation((10, 1), SEEN))) is not (geometry == 0).any()
    return scorer


def test_each_share_is_that_of_the_pixels_of_which_something_is_known() -> None:
    scores = scored(GEOMETRY, KEPT).scores(1, 0.0)
    assert scores.rows() == pytest.approx(
        {'floor found': 3 / 4, 'floor right': 3 / 4, 'floor IoU': 3 / 5, 'walls found': 1 / 2, 'kept': 1 / 2})
    assert scores.score == pytest.approx((3 / 5 + 1 / 2 + 1 / 2) / 3)


def test_of_nothing_there_is_no_score() -> None:
    nothing = np.full((1, 10), 255, np.uint8)
    assert all(math.isnan(value) for value in scored(nothing, nothing).scores(1, 0.0).rows().values())


def test_the_truth_is_shown_without_what_only_is_no_floor() -> None:
    rgb = np.zeros((1, 10, 3), np.uint8)
    truth = TaughtImage('a', rgb, np.minimum(GEOMETRY, KEPT), GEOMETRY, KEPT)
    true, seen = TaughtScorer(Kinds(0, 1)).shown(truth, Segmentation((10, 1), SEEN))
    assert true.labels is not None
    assert true.labels.tolist() == [[0, 0, 0, 0, 1, 1, 7, 255, 7, 255]]
    assert seen.labels is SEEN
