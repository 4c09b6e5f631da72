# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A network learns what depth shows, and elsewhere answers as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scenes.networks import saved_rooms_model
from torch import nn

from seg_ros.errors import ModelError
from seg_ros.lab.taught_images import TaughtImages
from seg_ros.lab.taught_labels import MAYBE_FLOOR, NOT_FLOOR
from seg_ros.lab.taught_training import TaughtRecipe, TaughtTask, begun_network, trainable_card
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.networks import semantic_logits

CPU = torch.device('cpu')
RGB = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 48, 64), np.uint8))


@pytest.fixture
def task(tmp_path: Path) -> TaughtTask:
    images = TaughtImages(tmp_path, (3,))
    images.write(3, np.zeros((48, 64, 3), np.uint8), np.zeros((48, 64), np.uint8), np.full((48, 64), 255, np.uint8))
    recipe = TaughtRecipe.of(str(saved_rooms_model(tmp_path / 'small')), 'mine', taxonomy='indoor', folder=tmp_path,
                             learned=(3,), chosen=(3,))
    return recipe.task(*recipe.data()[:2])


def labelled(value: int) -> torch.Tensor:
    return torch.full((2, 48, 64), value, dtype=torch.int64)


FLOOR, WALL, FURNITURE = 0, 1, 6


def moved(network: nn.Module, to: int = FURNITURE) -> None:
    """Make a network answer more of a class."""
    with torch.no_grad():
        network.classifier.low_classifier.bias[to] += 2.0  # type: ignore[union-attr,index,operator]


def cost(task: TaughtTask, label: int) -> float:
    return float(task.loss(task.network, (RGB, labelled(label)), CPU).detach())


def forgotten(task: TaughtTask, label: int) -> float:
    labels = labelled(label)
    return float(task.forgotten(task.logits(task.network, RGB, labels.shape[-2:]), RGB, labels).detach())


def test_where_nothing_is_known_only_a_change_costs(task: TaughtTask) -> None:
    assert cost(task, 255) == pytest.approx(0.0, abs=1e-6)
    moved(task.network)
    assert cost(task, 255) > 0.01


def test_what_may_be_floor_may_become_floor_and_nothing_else(task: TaughtTask) -> None:
    moved(task.network, FLOOR)
    assert cost(task, MAYBE_FLOOR) == pytest.approx(0.0, abs=1e-6)
    moved(task.network, FURNITURE)
    assert cost(task, MAYBE_FLOOR) > 0.01


def probabilities(network: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        logits = semantic_logits(network, (RGB.float() - 127.5) / 127.5)
        return nn.functional.interpolate(logits, (48, 64), mode='bilinear').softmax(1)


def test_what_rises_costs_the_probability_of_floor(task: TaughtTask) -> None:
    expected = -(1 - probabilities(task.network)[:, FLOOR]).log().mean()
    assert cost(task, NOT_FLOOR) == pytest.approx(float(expected), rel=1e-4)


def test_what_rises_keeps_what_else_it_was(task: TaughtTask) -> None:
    task.keep = 100.0
    moved(task.network, FURNITURE)
    assert cost(task, NOT_FLOOR) > 1.0
    assert cost(task, NOT_FLOOR) == pytest.approx(cost(task, MAYBE_FLOOR), abs=1.0)


@pytest.mark.parametrize('label', [FLOOR, WALL])
def test_of_what_depth_names_nothing_is_left_open(task: TaughtTask, label: int) -> None:
    moved(task.network)
    assert forgotten(task, label) == 0.0


def test_the_statistics_of_the_pictures_before_stay(task: TaughtTask) -> None:
    before = {name: value.clone() for name, value in task.network.named_buffers()}
    task.network.train()
    task.loss(task.network, (RGB, labelled(0)), CPU)
    assert all(torch.equal(value, before[name]) for name, value in task.network.named_buffers())


def test_a_few_steps_make_floor_of_what_was_none(task: TaughtTask) -> None:
    optimizer = torch.optim.AdamW(task.parameter_groups(3e-3))
    losses = []
    for _ in range(8):
        loss = task.loss(task.network, (RGB, labelled(0)), CPU)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_images_of_the_drive_and_other_pictures_are_seen_in_turn(task: TaughtTask) -> None:
    task.train_data, task.learned = [0, 1, 2, 3, 4], 2  # type: ignore[assignment]
    seen = task.order(12, np.random.default_rng(0))
    assert sorted(seen[::2]) == [0, 0, 0, 1, 1, 1]
    assert sorted(seen[1::2]) == [2, 2, 3, 3, 4, 4]


def test_pictures_of_many_rooms_come_with_the_package(task: TaughtTask) -> None:
    assert task.learned == 1
    assert len(task.train_data) > 80
    assert (task.train_data.read(1).labels == 255).all()


def test_the_network_keeps_its_words_sizes_and_temperature(task: TaughtTask, tmp_path: Path) -> None:
    card, network = begun_network(str(tmp_path / 'small'))
    assert task.finished(network, CPU) == task.card
    assert (task.card.name, task.card.input_size) == ('mine', (64, 48))
    assert task.card.classes == load_taxonomy('indoor').names
    assert task.card.temperature == card.temperature
    assert all(torch.equal(one, other) for one, other in zip(task.old.parameters(), network.parameters(), strict=True))


@pytest.mark.parametrize('name', ['tools', '/nowhere', 'weights.pth'])
def test_what_has_no_such_network_cannot_be_taught(name: str) -> None:
    with pytest.raises(ModelError):
        trainable_card(name)
