# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores, against confusions counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seg_ros.lab.metrics import Calibration, ConfusionMatrix
from seg_ros.records import UNLABELLED

U = UNLABELLED


def image(*values: int) -> np.ndarray:
    return np.array([values], np.uint8)


def test_pixels_are_counted_by_true_row_and_predicted_column() -> None:
    matrix = ConfusionMatrix(3)
    matrix.add(image(0, 0, 1, 2, 2, U, 1), image(0, 0, 0, 1, 2, 2, U))
    assert matrix.counts.tolist() == [[2, 1, 0, 0],
                                      [0, 0, 1, 0],
                                      [0, 0, 1, 1]]  # the last column: predicted unlabelled
    assert matrix.pixel_accuracy() == pytest.approx(3 / 6)  # a true 255 does not count


def test_iou_is_intersection_over_union() -> None:
    matrix = ConfusionMatrix(4)
    matrix.add(image(0, 0, 1, 1, 1, U), image(0, 0, 0, 1, 1, 1))
    assert matrix.iou()[:2].tolist() == pytest.approx([2 / 3, 2 / 4])  # an unlabelled pixel is a miss
    assert np.isnan(matrix.iou()[2:]).all()  # neither true nor predicted


def test_a_class_only_predicted_has_iou_0() -> None:
    matrix = ConfusionMatrix(2)
    matrix.add(image(1), image(0))
    assert matrix.iou().tolist() == [0.0, 0.0]


def test_images_add_up() -> None:
    matrix = ConfusionMatrix(2)
    matrix.add(image(0, 1), image(0, 0))
    matrix.add(np.array([[1], [1]], np.uint8), np.array([[1], [1]], np.uint8))
    assert matrix.pixel_accuracy() == pytest.approx(3 / 4)
    assert matrix.iou().tolist() == pytest.approx([1 / 2, 2 / 3])


def test_nothing_labelled_is_no_error() -> None:
    matrix = ConfusionMatrix(2)
    matrix.add(image(0, 1), image(U, U))
    assert matrix.pixel_accuracy() == 0.0
    assert np.isnan(matrix.iou()).all()


def calibration(confidence: list[int], right: list[bool], valid: list[bool] | None = None) -> Calibration:
    counted = Calibration()
    counted.add(np.array(confidence, np.uint8), np.array(right), np.array(valid or [True] * len(right)))
    return counted


@pytest.mark.parametrize(('confidence', 'right', 'error'), [
    ([204] * 5, [True] * 4 + [False], 0.0),  # sure to 0.8, and right in 4 of 5
    ([255] * 4, [True] * 4, 0.0),
    ([255] * 4, [False] * 4, 1.0),
    ([0] * 4, [False] * 4, 0.0),
    ([255, 255, 51, 51], [True, False, False, False], (2 * 0.5 + 2 * 0.2) / 4),  # two bins, weighted by pixels
    ([205, 211], [True, True], 1 - (205 + 211) / 2 / 255),  # within a bin, gaps are taken of the means
    ([16, 17], [True, True], (1 - 16 / 255 + 1 - 17 / 255) / 2),  # 17/255 is 1/15: the second bin begins
])
def test_the_calibration_error_is_the_mean_gap(confidence: list[int], right: list[bool], error: float) -> None:
    assert calibration(confidence, right).error() == pytest.approx(error)


def test_bins_are_of_equal_width() -> None:
    """Of 15 bins each holds 17 bytes: one right and one wrong pixel at its two ends even out."""
    for low in range(0, 255, 17):
        within = calibration([low, low + 16], [True, False]).error()
        assert within == pytest.approx(abs(0.5 - (low + 8) / 255))


def test_only_valid_pixels_count() -> None:
    counted = calibration([255, 0], [True, True], [True, False])
    assert counted.error() == 0.0
    assert counted.total.sum() == 1


@pytest.mark.parametrize(('threshold', 'kept', 'accuracy'), [
    (0.0, 1.0, 0.5), (0.4, 0.75, 2 / 3), (0.8, 0.5, 1.0), (0.81, 0.25, 1.0), (1.0, 0.25, 1.0),
])
def test_what_is_above_a_threshold_is_counted(threshold: float, kept: float, accuracy: float) -> None:
    counted = calibration([51, 102, 204, 255], [False, False, True, True])
    assert counted.above(threshold) == (pytest.approx(kept), pytest.approx(accuracy))


def test_nothing_above_the_threshold_has_no_accuracy() -> None:
    kept, accuracy = calibration([51], [True]).above(0.9)
    assert kept == 0.0
    assert math.isnan(accuracy)
