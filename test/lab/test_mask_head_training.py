# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The masks of a detector are learned from outlines of anything, and what finds boxes stays as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scenes.outlined import shapes

from seg_ros.errors import SettingError
from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.instance_augmentation import ViewPlan
from seg_ros.lab.instance_recipe import InstanceRecipe
from seg_ros.lab.mask_head_training import MaskHeadTask, learned_boxes
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.training import TrainingOptions
from seg_ros.models.card import Card
from seg_ros.models.yolox import CELLS, YoloxNano

WORDS = ('disc', 'person', 'square')
CPU = torch.device('cpu')


@pytest.fixture
def task(tmp_path: Path) -> MaskHeadTask:
    """A random detector of three words, and drawn discs and squares of 64 pixels."""
    torch.manual_seed(0)
    data = shapes(tmp_path / 'shapes', 8, 1)
    card = Card('small', 'instance', 'yolox_nano', WORDS, (64, 64), (0.0,) * 3, (1.0,) * 3)
    return MaskHeadTask(YoloxNano(len(WORDS)), data, data, card, ViewPlan(CropPlan((64, 64), (58, 70)), turn_deg=0))


def test_masks_are_learned_and_the_detector_rests(task: MaskHeadTask) -> None:
    network = task.network
    before = {key: value.clone() for key, value in network.state_dict().items()}
    optimiser = torch.optim.AdamW(task.parameter_groups(3e-3))
    losses = []
    for batch in [batch for epoch in range(8) for batch in task.batches(epoch, TrainingOptions(batch=4))]:
        loss = task.loss(network.train(), batch, CPU)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-4:]) < 0.8 * np.mean(losses[:2])
    after = network.state_dict()
    moved = {key.partition('.')[0] for key in before if not torch.equal(before[key], after[key])}
    assert moved == {'masks'}


def test_a_view_without_objects_has_a_loss_of_nothing(task: MaskHeadTask) -> None:
    empty = {'boxes': torch.zeros(0, 4), 'labels': torch.zeros(0, dtype=torch.int64),
             'masks': torch.zeros(0, 64, 64, dtype=torch.uint8)}
    loss = task.loss(task.network.train(), [(torch.zeros(3, 64, 64, dtype=torch.uint8), empty)] * 2, CPU)
    assert float(loss.detach()) == 0.0
    loss.backward()


def test_what_is_learned_is_the_part_of_the_outline_in_a_box_beside_the_true_one() -> None:
    torch.manual_seed(0)
    masks = torch.zeros(1, 64, 96, dtype=torch.uint8)
    masks[0, 20:40, 30:70] = 1
    target = {'boxes': torch.tensor([[30.0, 20.0, 70.0, 40.0]]), 'masks': masks}
    found, wanted = learned_boxes(target, (64, 96))
    assert wanted.shape == (1, 1, CELLS, CELLS)
    assert 0.0 < (found - target['boxes']).abs().max() < 20.0
    left, top, right, bottom = found[0].tolist()
    inside = (min(right, 70) - max(left, 30)) * (min(bottom, 40) - max(top, 20))
    assert float(wanted.mean()) == pytest.approx(inside / ((right - left) * (bottom - top)), abs=0.03)


def test_when_training_has_ended_scores_mean_probability(task: MaskHeadTask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('seg_ros.lab.mask_head_training.fitted_line', lambda scores, right: (2.0, 1.0))
    task.network.calibration.copy_(torch.tensor([3.0, -1.0]))
    assert task.finished(task.network.eval(), CPU) == task.card
    assert task.network.calibration.tolist() == [6.0, -1.0]  # of a logit x: 2 (3 x - 1) + 1


def test_masks_are_not_learned_for_boxes_that_nobody_finds(tmp_path: Path) -> None:
    shapes(tmp_path / 'shapes', 2, 1)
    where = ObjectSource(tmp_path / 'shapes' / 'instances.json', tmp_path / 'shapes')
    with pytest.raises(SettingError, match='learns masks alone'):
        InstanceRecipe('mine', 'yolox_nano', train=where, val=where).data()
