# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A tiny Mask R-CNN learns drawn shapes on a CPU within seconds, and batches are a matter of the seed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scenes.outlined import NAMES, SIZE, shapes
from torch import nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.ops import MultiScaleRoIAlign

from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.coco import InstanceData
from seg_ros.lab.instance_augmentation import ViewPlan
from seg_ros.lab.instance_training import drawn, repeat_factors
from seg_ros.lab.mask_rcnn_training import MaskRcnnTask
from seg_ros.lab.training import TrainingOptions, train
from seg_ros.models.card import Card
from seg_ros.models.device import Placement
from seg_ros.records import Frame
from seg_ros.settings import Settings


def tiny_network() -> MaskRCNN:
    torch.manual_seed(0)
    layers = [nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.BatchNorm2d(b), nn.ReLU())
              for a, b in ((3, 16), (16, 32), (32, 32))]
    backbone = BackboneWithFPN(nn.Sequential(*layers), {'1': '0', '2': '1'}, [32, 32], 32)
    return MaskRCNN(
        backbone, None, SIZE, SIZE, image_mean=[0.5] * 3, image_std=[0.5] * 3,
        rpn_anchor_generator=AnchorGenerator(((16,), (24,), (48,)), ((1.0,),) * 3),
        rpn_pre_nms_top_n_train=100, rpn_pre_nms_top_n_test=50, rpn_post_nms_top_n_train=50,
        rpn_post_nms_top_n_test=20, rpn_batch_size_per_image=32, box_batch_size_per_image=16,
        box_roi_pool=MultiScaleRoIAlign(['0', '1'], 5, 1), box_head=TwoMLPHead(32 * 25, 64),
        box_predictor=FastRCNNPredictor(64, 3), mask_roi_pool=MultiScaleRoIAlign(['0', '1'], 14, 1),
        mask_head=MaskRCNNHeads(32, (16,), 1), mask_predictor=MaskRCNNPredictor(16, 16, 3))


@pytest.fixture(scope='module')
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[InstanceData, InstanceData]:
    folder = tmp_path_factory.mktemp('shapes')
    return shapes(folder / 'train', 24, 1), shapes(folder / 'held_out', 8, 2)


def task_on(data: tuple[InstanceData, InstanceData], **kwargs: float) -> MaskRcnnTask:
    view = ViewPlan(CropPlan((SIZE, SIZE), (58, 70)), turn_deg=0, paste=0.2)
    card = Card('tiny', 'instance', 'tiny', NAMES, (SIZE, SIZE))
    return MaskRcnnTask(tiny_network(), data[0], data[1], card, view, **kwargs)


def test_drawn_shapes_are_learned_to_a_known_score(data: tuple[InstanceData, InstanceData], tmp_path: Path) -> None:
    task = task_on(data, repeats=5)
    options = TrainingOptions(epochs=4, batch=4, lr=4e-3, warmup_steps=10, ema_decay=0.9)
    network = train(task, options, tmp_path / 'run')
    history = json.loads((tmp_path / 'run' / 'history.json').read_text())
    best = max(history, key=lambda scores: scores['score'])
    assert best['AP50'] > 0.8
    assert best['wrong_class'] < 0.1
    sample = data[1].read(0)
    model = task.segmenter(network, Placement(torch.device('cpu'), 'fp32'))
    found = model.segment([Frame('', 0, '', sample.rgb)], Settings(mode='instance'))[0].instances
    assert found is not None
    for k in range(2):
        mask = np.zeros((SIZE, SIZE), bool)
        first = int(np.flatnonzero(found.class_ids == k)[0])
        (x, y), crop = found.corners[first], found.masks[first]
        mask[y:y + crop.shape[0], x:x + crop.shape[1]] = crop
        real = sample.masks[sample.classes == k][0] > 0
        assert (mask & real).sum() / (mask | real).sum() > 0.6


def test_the_seed_and_epoch_make_the_batches(data: tuple[InstanceData, InstanceData]) -> None:
    task, options = task_on(data), TrainingOptions(batch=4, seed=3, workers=2)
    first, again, other = ([view for batch in task.batches(epoch, options) for view in batch] for epoch in (1, 1, 2))
    assert len(first) == 24
    for one, two in zip(first, again, strict=True):
        assert torch.equal(one[0], two[0]) and torch.equal(one[1]['masks'], two[1]['masks'])
    assert not all(torch.equal(one[0], two[0]) for one, two in zip(first, other, strict=True))


def test_targets_are_what_torchvision_wants(data: tuple[InstanceData, InstanceData]) -> None:
    for image, target in next(iter(task_on(data).batches(0, TrainingOptions(batch=8)))):
        assert image.shape == (3, SIZE, SIZE) and image.dtype == torch.uint8
        n = len(target['labels'])
        assert target['masks'].shape == (n, SIZE, SIZE) and target['boxes'].shape == (n, 4)
        assert set(target['labels'].tolist()) <= {1, 2}
        for (x0, y0, x1, y1), mask in zip(target['boxes'].int(), target['masks'], strict=True):
            assert mask.sum() == mask[y0:y1, x0:x1].sum() > 0


def test_views_without_objects_have_a_loss(data: tuple[InstanceData, InstanceData]) -> None:
    task = task_on(data)
    empty = {'boxes': torch.zeros(0, 4), 'labels': torch.zeros(0, dtype=torch.int64),
             'masks': torch.zeros(0, SIZE, SIZE, dtype=torch.uint8)}
    batch = [(torch.full((3, SIZE, SIZE), 120, dtype=torch.uint8), empty)] * 2
    assert torch.isfinite(task.loss(task.network.train(), batch, torch.device('cpu')))


def test_true_boxes_keep_their_place_where_the_network_computes_in_few_bits(
        data: tuple[InstanceData, InstanceData], monkeypatch: pytest.MonkeyPatch) -> None:
    task, learned = task_on(data), list[torch.Tensor]()
    coder = task.network.roi_heads.box_coder
    encode = coder.encode
    monkeypatch.setattr(coder, 'encode', lambda true, found: (learned.extend(true), encode(true, found))[1])
    batch = next(iter(task.batches(0, TrainingOptions(batch=4))))
    with torch.autocast('cpu', dtype=torch.bfloat16):
        task.loss(task.network.train(), batch, torch.device('cpu'))
    true = torch.cat([target['boxes'] for _, target in batch])
    assert {one.dtype for one in learned} == {torch.float32}
    assert set(map(tuple, torch.cat(learned).tolist())) <= {*map(tuple, true.tolist()), (0.0, 0.0, 0.0, 0.0)}


@pytest.mark.parametrize(('frozen', 'moved'), [(1, False), (0, True)], ids=['kept', 'trained'])
def test_a_backbone_that_has_seen_the_world_keeps_its_statistics(data: tuple[InstanceData, InstanceData],
                                                                 frozen: int, moved: bool) -> None:
    task = task_on(data, frozen=frozen)
    body = task.network.backbone.body
    before = [m.running_mean.clone() for m in body.modules() if isinstance(m, nn.BatchNorm2d)]
    task.loss(task.network.train(), next(iter(task.batches(0, TrainingOptions(batch=2)))), torch.device('cpu'))
    after = [m.running_mean for m in body.modules() if isinstance(m, nn.BatchNorm2d)]
    assert any(not torch.equal(a, b) for a, b in zip(before, after, strict=True)) is moved
    trained = {id(p) for group in task.parameter_groups(1e-3) for p in group['params']}
    assert (id(body['0'][0].weight) in trained) is moved
    assert id(body['2'][0].weight) in trained


def test_rare_classes_are_seen_more_often() -> None:
    presence = np.zeros((100, 2), bool)
    presence[:, 0] = True
    presence[:4, 1] = True  # 4 % of the images, 16 % wanted: the square root of 4 times as often
    factors = repeat_factors(presence, 0.16)
    assert factors[:4].tolist() == [2.0] * 4
    assert factors[4:].tolist() == [1.0] * 96


def test_indices_are_spread_as_expected() -> None:
    expected = np.array([2.0, 0.5, 0.5, 1.0])
    draws = [np.bincount(drawn(expected, np.random.default_rng(seed)), minlength=4) for seed in range(200)]
    assert {int(d.sum()) for d in draws} == {4}
    assert {int(d[0]) for d in draws} == {2}
    np.testing.assert_allclose(np.mean(draws, axis=0), expected, atol=0.12)
