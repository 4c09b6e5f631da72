# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Of a lesson as much is taken in as leaves the answers about other pictures as they were."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import nn

from seg_ros.lab import taught_choice
from seg_ros.lab.taught_choice import Choice, chosen, worse_than

CPU = torch.device('cpu')
SHARES = 1.0, 0.5, 0.25


class Task:
    """Scores and answers of mixtures that are known by their share."""

    def __init__(self, scores: Sequence[float], before: float = 0.5) -> None:
        self.old = nn.Identity()
        self._scores = dict(zip((0.0, *SHARES), (before, *scores), strict=True))
        self.asked: list[float] = []

    def validate(self, network: nn.Module, epoch: int, device: torch.device) -> dict[str, float]:
        """Return the score of a mixture; one of them keeps less."""
        share = float(getattr(network, 'share', 0.0))
        return {'score': self._scores[share], 'kept': 0.98 if share == 0.25 else 1.0}


@pytest.fixture(autouse=True)
def _mixtures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mixtures that know their share; a tenth of it is what they answer otherwise."""
    def mixture(task: Task, trained: Path, share: float) -> nn.Module:
        network = nn.Identity()
        network.share = share  # type: ignore[assignment]
        return network

    def stayed(task: Task, network: nn.Module, pictures: object, device: torch.device) -> float:
        task.asked.append(float(network.share))  # type: ignore[arg-type]
        return 1 - 0.1 * task.asked[-1]

    monkeypatch.setattr(taught_choice, 'SHARES', SHARES)
    monkeypatch.setattr(taught_choice, '_mixture', mixture)
    monkeypatch.setattr(taught_choice, '_stayed', stayed)
    monkeypatch.setattr(taught_choice, '_others', lambda task: [])


def choice(task: Task, stay: float) -> Choice:
    return chosen(task, Path(), CPU, stay)  # type: ignore[arg-type]


def test_the_best_is_chosen_where_other_answers_may_change() -> None:
    task = Task([0.9, 0.8, 0.7])
    assert choice(task, 0.0).share == 1.0
    assert task.asked == [1.0]


def test_less_is_taken_in_until_other_answers_stay() -> None:
    task = Task([0.9, 0.8, 0.7])
    found = choice(task, 0.94)
    assert (found.share, found.stayed) == (0.5, 0.95)
    assert task.asked == [1.0, 0.5]


def test_what_is_no_better_or_worse_in_another_score_is_not_chosen() -> None:
    found = choice(Task([0.5, 0.4, 0.9]), 0.0)  # the last keeps less by two points
    assert (found.share, found.stayed) == (0.0, 1.0)
    assert isinstance(found.network, nn.Identity)


def test_where_no_answers_stay_the_model_before_is_kept() -> None:
    assert choice(Task([0.9, 0.8, 0.7]), 0.99).share == 0.0


def test_more_than_a_point_is_worse() -> None:
    assert worse_than({'a': 0.5, 'b': 0.5, 'c': 0.5}, {'a': 0.485, 'b': 0.495, 'c': 0.6}) == ['a']
