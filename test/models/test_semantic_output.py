"""Logits become labels and confidence, against values worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from seg_ros.models.semantic_output import SemanticOutput
from seg_ros.records import UNLABELLED

IDS = torch.tensor([7, 3], dtype=torch.uint8)  # neither in order nor from 0
ONE_TO_ONE = torch.eye(2)


def logits_of(*probabilities: float) -> Tensor:
    """Return the logits of one pixel whose words have these probabilities."""
    return torch.tensor(probabilities).log().view(1, -1, 1, 1)


def pixel(output: SemanticOutput, logits: Tensor, threshold: float = 0.0) -> tuple[int, int]:
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
    merge = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert pixel(SemanticOutput(merge, IDS), logits_of(0.3, 0.3, 0.4)) == (7, 153)


def test_a_word_without_a_class_lowers_the_confidence() -> None:
    merge = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
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


def test_logits_that_are_no_numbers_are_unlabelled() -> None:
    assert pixel(SemanticOutput(ONE_TO_ONE, IDS), torch.full((1, 2, 1, 1), math.nan)) == (UNLABELLED, 0)


@pytest.mark.parametrize('size', [(64, 48), (37, 23), (8, 6), (3, 2)])
@pytest.mark.parametrize('threshold', [0.0, 0.5])
def test_upsampling_is_bilinear_in_the_probabilities(size: tuple[int, int], threshold: float) -> None:
    torch.manual_seed(0)
    logits, merge = torch.randn(1, 5, 6, 8) * 2, torch.zeros(3, 5)
    merge[[0, 0, 1, 2], [0, 3, 1, 4]] = 1.0  # word 2 has no class
    ids = torch.tensor([4, 0, 9], dtype=torch.uint8)
    labels, confidence = SemanticOutput(merge, ids, 1.5).read(logits, size, threshold)
    words = torch.softmax(logits.double() / 1.5, dim=1)
    classes = torch.stack([words[0, 0] + words[0, 3], words[0, 1], words[0, 4]])
    large = F.interpolate(classes[None], (size[1], size[0]), mode='bilinear', align_corners=False)[0].numpy()
    best, known = large.max(axis=0), large.max(axis=0) >= threshold
    assert labels.shape == confidence.shape == (size[1], size[0])
    expected = np.where(known, np.array([4, 0, 9])[large.argmax(axis=0)], UNLABELLED)
    second = np.sort(large, axis=0)[-2]
    clear = (best - second > 1e-5) & (np.abs(best - threshold) > 1e-5)  # ties may fall either way
    assert clear.mean() > 0.99
    assert (labels == expected)[clear].all()
    assert np.abs(confidence.astype(float) - np.where(known, best * 255, 0))[clear].max() <= 0.501


def test_confidence_is_zero_exactly_where_nothing_is_labelled() -> None:
    torch.manual_seed(0)
    labels, confidence = SemanticOutput(ONE_TO_ONE, IDS).read(torch.randn(1, 2, 6, 8), (64, 48), 0.6)
    assert 0 < (labels == UNLABELLED).mean() < 1
    assert ((confidence == 0) == (labels == UNLABELLED)).all()


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_short_arithmetic_of_the_network_does_not_spoil_the_answer(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, 2, 6, 8).to(dtype)
    output = SemanticOutput(ONE_TO_ONE, IDS)
    for short, long in zip(output.read(logits, (64, 48), 0.6), output.read(logits.float(), (64, 48), 0.6)):
        assert (short == long).all()


def test_a_huge_answer_is_upsampled_within_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound every answer pixel is the nearest one of the largest answer within it."""
    monkeypatch.setattr('seg_ros.models.semantic_output.MOST_PIXELS', 8 * 6)
    largest = 0
    plain = F.interpolate

    def noted(images: Tensor, *arguments: Any, **options: Any) -> Tensor:
        nonlocal largest
        answer = plain(images, *arguments, **options)
        largest = max(largest, answer.numel() * answer.element_size())
        return answer

    monkeypatch.setattr('seg_ros.models.semantic_output.F.interpolate', noted)
    output = SemanticOutput(ONE_TO_ONE, IDS)
    logits = torch.randn(1, 2, 3, 4, generator=torch.Generator().manual_seed(0))
    labels, confidence = output.read(logits, (80, 60), 0.0)
    small, _ = output.read(logits, (8, 6), 0.0)
    assert labels.shape == confidence.shape == (60, 80)
    np.testing.assert_array_equal(labels, small.repeat(10, axis=0).repeat(10, axis=1))
    assert largest <= 80 * 60
