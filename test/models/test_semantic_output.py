# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Logits become labels and confidence, against values worked out by hand."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from seg_ros.models.semantic_output import SemanticOutput, enlarged
from seg_ros.records import UNLABELLED

IDS = np.array([7, 3], np.uint8)  # neither in order nor from 0
ONE_TO_ONE = np.eye(2, dtype=np.float32)
Floats = NDArray[np.float32]


def logits_of(*probabilities: float) -> Floats:
    """Return the logits of one pixel whose words have these probabilities."""
    return np.log(np.maximum(np.array(probabilities, np.float32), np.float32(1e-30)))[:, None, None]


def random_logits(*shape: int) -> Floats:
    return (np.random.default_rng(0).normal(size=shape) * 2).astype(np.float32)


def pixel(output: SemanticOutput, logits: Floats, threshold: float = 0.0) -> tuple[int, int]:
    """Return label and confidence of a 1x1 answer."""
    labels, confidence = output.read(logits, (1, 1), threshold)
    assert labels.shape == confidence.shape == (1, 1)
    assert labels.dtype == confidence.dtype == np.uint8
    return int(labels[0, 0]), int(confidence[0, 0])


@pytest.mark.parametrize(('probabilities', 'label', 'confidence'), [
    ((0.8, 0.2), 7, 204),  # 0.8 * 255
    ((0.2, 0.8), 3, 204),
    ((1.0, 0.0), 7, 255),
])
def test_the_label_is_the_id_of_the_likeliest_class(probabilities: tuple[float, float], label: int,
                                                    confidence: int) -> None:
    assert pixel(SemanticOutput(ONE_TO_ONE, IDS), logits_of(*probabilities)) == (label, confidence)


def test_words_of_a_class_are_summed() -> None:
    """Neither 0.3 nor 0.3 beats 0.4 alone; together they do."""
    merge = np.array([[1, 1, 0], [0, 0, 1]], np.float32)
    assert pixel(SemanticOutput(merge, IDS), logits_of(0.3, 0.3, 0.4)) == (7, 153)


def test_a_word_without_a_class_lowers_the_confidence() -> None:
    merge = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    assert pixel(SemanticOutput(merge, IDS), logits_of(0.3, 0.1, 0.6)) == (7, round(0.3 * 255))
    assert pixel(SemanticOutput(merge, IDS), logits_of(0.3, 0.1, 0.6), threshold=0.4) == (UNLABELLED, 0)


@pytest.mark.parametrize(('threshold', 'label', 'confidence'), [
    (0.0, 7, 153), (0.59, 7, 153), (0.61, UNLABELLED, 0), (1.0, UNLABELLED, 0),
])
def test_what_is_less_sure_than_the_threshold_is_unlabelled(threshold: float, label: int, confidence: int) -> None:
    assert pixel(SemanticOutput(ONE_TO_ONE, IDS), logits_of(0.6, 0.4), threshold) == (label, confidence)


@pytest.mark.parametrize(('temperature', 'probability'), [
    (1.0, 0.9), (2.0, 3 / 4), (0.5, 81 / 82),  # odds 9:1 become 3:1 and 81:1
])
def test_the_temperature_divides_the_logits(temperature: float, probability: float) -> None:
    output = SemanticOutput(ONE_TO_ONE, IDS, temperature)
    assert pixel(output, logits_of(0.9, 0.1)) == (7, round(probability * 255))


@pytest.mark.parametrize('in_logs', [False, True])
def test_logits_that_are_no_numbers_are_unlabelled(in_logs: bool) -> None:
    logits = random_logits(2, 2, 2)
    logits[:, 0, 0] = math.nan
    labels, confidence = SemanticOutput(ONE_TO_ONE, IDS, in_logs=in_logs).read(logits, (2, 2), 0.0)
    assert (labels[0, 0], confidence[0, 0]) == (UNLABELLED, 0)
    assert set(labels.ravel()[1:].tolist()) <= {7, 3}


@pytest.mark.parametrize(('logit', 'label', 'confidence'), [
    (-8.0, UNLABELLED, 0), (math.log(3.0), 7, 191), (8.0, 7, 255), (-1000.0, UNLABELLED, 0),  # 191 = 255 * 3 / 4
])
def test_one_output_is_yes_or_no(logit: float, label: int, confidence: int) -> None:
    """A softmax over one word would always be sure."""
    output = SemanticOutput(np.ones((1, 1), np.float32), np.array([7], np.uint8))
    assert pixel(output, np.full((1, 1, 1), logit, np.float32), 0.4) == (label, confidence)


def plainly(classes: Floats, ids: list[int], size: tuple[int, int], threshold: float,
            in_logs: bool) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.bool_]]:
    """Return labels, probability of the best class, and where it is clear, from all classes at full size in float64."""
    planes = torch.from_numpy(classes).double()[None]
    if in_logs:
        planes = torch.cat([planes, (1.0 - planes.sum(dim=1, keepdim=True)).clamp(min=0.0)], 1).clamp(min=1e-37).log()
    large = F.interpolate(planes, (size[1], size[0]), mode='bilinear', align_corners=False)[0]
    large = (large.softmax(dim=0)[:-1] if in_logs else large).numpy()
    best, second = np.sort(large, axis=0)[-1], np.sort(large, axis=0)[-2]
    labels = np.where(best >= threshold, np.array(ids)[large.argmax(axis=0)], UNLABELLED).astype(np.uint8)
    return labels, np.where(best >= threshold, best, 0.0), (best - second > 4e-5) & (np.abs(best - threshold) > 4e-5)


@pytest.mark.parametrize('size', [(64, 48), (37, 23), (8, 6), (3, 2)])
@pytest.mark.parametrize('threshold', [0.0, 0.5])
@pytest.mark.parametrize('in_logs', [False, True])
def test_enlarging_is_bilinear_in_the_probabilities(size: tuple[int, int], threshold: float, in_logs: bool) -> None:
    logits, merge = random_logits(5, 6, 8), np.zeros((3, 5), np.float32)
    merge[[0, 0, 1, 2], [0, 3, 1, 4]] = 1.0  # word 2 has no class
    output = SemanticOutput(merge, np.array([4, 0, 9], np.uint8), 1.5, in_logs=in_logs)
    labels, confidence = output.read(logits, size, threshold)
    words = torch.softmax(torch.from_numpy(logits).double() / 1.5, dim=0).numpy()
    classes = np.stack([words[0] + words[3], words[1], words[4]])
    expected, best, clear = plainly(classes, [4, 0, 9], size, threshold, in_logs)
    assert labels.shape == confidence.shape == (size[1], size[0])
    assert clear.mean() > 0.99
    assert (labels == expected)[clear].all()
    assert np.abs(confidence - best * 255)[clear].max() <= 0.505


@pytest.mark.parametrize('threshold', [0.0, 0.1, 0.4])
def test_of_many_classes_the_hopeless_ones_change_nothing(threshold: float) -> None:
    logits = random_logits(150, 12, 16)
    output = SemanticOutput(np.eye(150, dtype=np.float32), np.arange(150, dtype=np.uint8))
    labels, confidence = output.read(logits, (100, 80), threshold)
    words = torch.softmax(torch.from_numpy(logits).double(), dim=0).numpy()
    expected, best, clear = plainly(words, list(range(150)), (100, 80), threshold, False)
    assert clear.mean() > 0.99 and (expected != UNLABELLED).mean() > 0
    assert (labels == expected)[clear].all()
    assert np.abs(confidence - best * 255)[clear].max() <= 0.505


def test_scores_of_more_than_one_are_compared_as_they_are() -> None:
    """Queries are summed (MaskFormer); confidence ends at 255."""
    scores = np.array([[[1.2, 0.9]], [[2.5, 0.3]]], np.float32)
    labels, confidence = SemanticOutput(ONE_TO_ONE, IDS, summed=True).read_classes(scores, (2, 1), 0.4)
    assert labels.tolist() == [[3, 7]]
    assert confidence.tolist() == [[255, 230]]  # 0.9 * 255 = 229.5


def test_an_answer_is_not_overwritten_by_the_next() -> None:
    output = SemanticOutput(ONE_TO_ONE, IDS)
    first = output.read(random_logits(2, 6, 8), (64, 48), 0.6)
    kept = [one.copy() for one in first]
    output.read(-random_logits(2, 6, 8), (64, 48), 0.6)
    again = output.read(random_logits(2, 6, 8), (32, 24), 0.6)
    for one, same in zip(first, kept, strict=True):
        np.testing.assert_array_equal(one, same)
    for one, fresh in zip(again, SemanticOutput(ONE_TO_ONE, IDS).read(random_logits(2, 6, 8), (32, 24), 0.6)):
        np.testing.assert_array_equal(one, fresh)


def test_confidence_is_zero_exactly_where_nothing_is_labelled() -> None:
    labels, confidence = SemanticOutput(ONE_TO_ONE, IDS).read(random_logits(2, 6, 8), (64, 48), 0.8)
    assert 0 < (labels == UNLABELLED).mean() < 1
    assert ((confidence == 0) == (labels == UNLABELLED)).all()


def test_a_huge_answer_is_enlarged_within_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound every answer pixel is the nearest one of the largest answer within it."""
    monkeypatch.setattr('seg_ros.models.semantic_output.MOST_PIXELS', 8 * 6)
    output = SemanticOutput(ONE_TO_ONE, IDS)
    labels, confidence = output.read(random_logits(2, 3, 4), (80, 60), 0.0)
    small, _ = output.read(random_logits(2, 3, 4), (8, 6), 0.0)
    assert labels.shape == confidence.shape == (60, 80)
    np.testing.assert_array_equal(labels, small.repeat(10, axis=0).repeat(10, axis=1))


def test_no_stack_of_full_size_planes_ever_exists() -> None:
    """150 classes need hardly more memory than 5: two planes of 2 bytes, labels, confidence and one more byte."""
    pixels, most = 640 * 480, {}
    for n in (5, 150):
        output = SemanticOutput(np.eye(n, dtype=np.float32), np.arange(n, dtype=np.uint8))
        logits = random_logits(n, 6, 8)
        tracemalloc.start()
        output.read(logits, (640, 480), 0.0)
        most[n] = tracemalloc.get_traced_memory()[1] / pixels
        tracemalloc.stop()
    assert most[150] < most[5] + 1 < 12


def test_a_picture_that_is_enlarged_at_last_stays_where_it_is() -> None:
    """As one of more pixels than classes are enlarged to: its parts are as far from the left as from the right."""
    small = np.zeros((90, 120), np.uint8)
    small[30:60, 40:80] = 7
    shown = enlarged(small, (167, 131)) == 7
    rows, columns = np.nonzero(shown)
    assert (columns.mean(), rows.mean()) == pytest.approx((166 / 2, 130 / 2), abs=0.1)
    assert enlarged(small, (120, 90)) is small
