# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The temperature at which logits were heated is found again."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from seg_ros.lab.temperature import fitted_line, fitted_temperature
from seg_ros.records import UNLABELLED


def honest(pixels: int = 20000, classes: int = 5) -> tuple[Tensor, Tensor]:
    """Return logits and labels drawn with just the probabilities that the logits claim."""
    make = torch.Generator().manual_seed(0)
    logits = torch.randn(pixels, classes, generator=make) * 2
    return logits, torch.multinomial(torch.softmax(logits, 1), 1, generator=make)[:, 0]


@pytest.mark.parametrize('temperature', [0.5, 1.0, 1.7, 4.0])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    logits, labels = honest()
    assert fitted_temperature(logits * temperature, labels) == pytest.approx(temperature, rel=0.05)


def test_words_are_heated_before_they_are_merged_into_classes() -> None:
    """Two words of one class, and one of none: the classes of honest words are honest."""
    logits, words = honest()
    merge = torch.tensor([[1.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0]])
    labels = torch.tensor([0, 0, 1, 2, UNLABELLED])[words]
    known = labels != UNLABELLED
    assert fitted_temperature(logits[known, :4] * 1.7, labels[known], merge[:, :4]) == pytest.approx(1.7, rel=0.05)


def test_unlabelled_pixels_do_not_count() -> None:
    logits, labels = honest()
    logits, spoilt = torch.cat([logits * 2, 50 * torch.ones(5000, 5)]), torch.full((5000,), UNLABELLED)
    assert fitted_temperature(logits, torch.cat([labels, spoilt])) == pytest.approx(2.0, rel=0.05)


def test_confidence_becomes_probability() -> None:
    logits, labels = honest()
    logits = logits * 3  # three times too sure
    logits = logits / fitted_temperature(logits, labels)
    confidence, best = torch.softmax(logits, 1).max(1)
    assert float(confidence.mean()) == pytest.approx(float((best == labels).float().mean()), abs=0.02)


def test_a_network_that_is_always_right_stays_within_bounds() -> None:
    logits = torch.eye(3).repeat(10, 1)
    assert 0.2 < fitted_temperature(logits, torch.arange(3).repeat(10)) < 0.25  # exp(-1.5)


def test_the_line_along_which_scores_were_moved_is_found_again() -> None:
    """Objects are real with just their probability; what the detector says is half its logit, less 1."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0.0, 2.0, 20000)
    right = rng.random(len(logits)) < 1.0 / (1.0 + np.exp(-logits))
    factor, summand = fitted_line(1.0 / (1.0 + np.exp(1.0 - 0.5 * logits)), right)
    assert (factor, summand) == pytest.approx((2.0, 2.0), abs=0.12)


@pytest.mark.parametrize('right', [[], [True, True], [False]])
def test_where_nothing_can_be_learned_scores_stay(right: list[bool]) -> None:
    assert fitted_line(np.full(len(right), 0.3), np.array(right, bool)) == (1.0, 0.0)
