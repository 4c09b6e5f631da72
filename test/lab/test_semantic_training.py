# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a semantic network learns from: crops in an order of the seed's own, and only labelled pixels."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scenes.networks import random_network
from scenes.rooms import FLOOR, WALL, room
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.datasets import NONE_OF_COMPLETE, LabelledImage
from seg_ros.lab.semantic_training import SemanticTask, class_weights, normalised
from seg_ros.lab.training import TrainingOptions, train
from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy
from seg_ros.models.card import Card
from seg_ros.models.card_semantic import CardSemantic
from seg_ros.models.device import Placement
from seg_ros.models.networks import semantic_logits, semantic_network
from seg_ros.records import UNLABELLED

CPU = torch.device('cpu')
INDOOR = load_taxonomy('indoor')
FIRST = Taxonomy('first', INDOOR.classes[:8], {c.name: c.name for c in INDOOR.classes[:8]})
CARD = Card('rooms', 'semantic', 'lraspp_mobilenet_v2', FIRST.names, (64, 48))
OPTIONS = TrainingOptions(epochs=8, batch=4, lr=1e-2, warmup_steps=4, ema_decay=0.8, seed=1)


class Drawn:
    """Labelled images in memory."""

    def __init__(self, *images: tuple[NDArray[np.uint8], NDArray[np.uint8]]) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def read(self, index: int) -> LabelledImage:
        """Return one of them."""
        return LabelledImage(str(index), *self.images[index])


ROOMS = Drawn(*(room(seed) for seed in range(8)))


def blank(label: int, size: tuple[int, int] = (64, 48)) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return np.full((size[1], size[0], 3), 90, np.uint8), np.full(size[::-1], label, np.uint8)


def task(data: Drawn = ROOMS, **more: Any) -> SemanticTask:
    given: dict[str, Any] = {'network': random_network('lraspp_mobilenet_v2', 8), 'card': CARD, 'taxonomy': FIRST,
                             'train_data': data, 'held_out': Drawn(room(50)), 'crop': CropPlan((64, 48), (48, 60))}
    return SemanticTask(**(given | more))


def batch_of(one: SemanticTask) -> tuple[torch.Tensor, torch.Tensor]:
    return next(iter(one.batches(0, OPTIONS)))


def test_an_epoch_is_chosen_by_the_blended_network() -> None:
    start, trained = random_network('lraspp_mobilenet_v2', 8, seed=1), random_network('lraspp_mobilenet_v2', 8, seed=2)
    mine = task(network=start).validate(start, 0, CPU)
    begun = {key: value.clone() for key, value in start.state_dict().items()}
    assert task(begun=begun, share=0.0).validate(trained, 0, CPU) == pytest.approx(mine, nan_ok=True)
    assert task(begun=begun, share=1.0).validate(trained, 0, CPU) != pytest.approx(mine, nan_ok=True)


def test_where_nothing_is_labelled_a_change_of_the_known_classes_costs() -> None:
    """Only a class that the network before did not know may come in."""
    images, unlabelled = torch.zeros(1, 3, 48, 64, dtype=torch.uint8), torch.full((1, 48, 64), UNLABELLED)
    network = random_network('lraspp_mobilenet_v2', 8)
    one = task(network=network, old=deepcopy(network).eval(), keep=2.0, known=torch.tensor([True] * 7 + [False]))
    one.network.eval()

    def cost(labels: torch.Tensor = unlabelled) -> float:
        return float(one.loss(one.network, (images, labels), CPU).detach())

    assert cost() == pytest.approx(0.0, abs=1e-6)
    moved(one.network, 7)
    assert cost() == pytest.approx(0.0, abs=1e-6)
    moved(one.network, 1)
    assert cost() > 0.01
    labelled = torch.full((1, 48, 64), 1)
    alone = replace(one, keep=0.0)
    assert cost(labelled) == float(alone.loss(one.network, (images, labelled), CPU).detach())
    twice, single = cost(), float(replace(one, keep=1.0).loss(one.network, (images, unlabelled), CPU).detach())
    assert twice == pytest.approx(2 * single)


def moved(network: nn.Module, row: int) -> None:
    """Make a class likelier everywhere."""
    with torch.no_grad():
        network.classifier.low_classifier.bias[row] += 2.0  # type: ignore[union-attr,index,operator]


def test_views_show_objects_of_other_pictures_as_often_as_asked() -> None:
    one = task(Drawn(blank(0)), donors=Drawn(blank(7)), paste=0.6)
    views = [one.view(0, np.random.default_rng(seed))[1] for seed in range(60)]
    shown = np.mean([bool((labels == 7).any()) for labels in views])
    assert 0.15 < shown < 0.45  # half of 0.6


def test_drawn_rooms_are_learned(tmp_path: Path) -> None:
    torch.manual_seed(0)
    one = task(network=semantic_network('lraspp_mobilenet_v2', 8))
    for module in one.network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.5  # 16 steps are all there is
    best = train(one, replace(OPTIONS, ema_decay=0.5), tmp_path)
    scores = task().validate(best, 0, CPU)
    assert scores['pixel_accuracy'] > 0.9
    assert scores['iou_0'] > 0.8


def test_bytes_become_minus_one_to_one() -> None:
    pixels = torch.tensor([0, 51, 255], dtype=torch.uint8).expand(1, 3, 1, 3)
    assert normalised(pixels)[0, :, 0].tolist() == [pytest.approx([-1.0, -0.6, 1.0])] * 3


def test_a_batch_is_of_crops_with_their_labels() -> None:
    images, labels = batch_of(task())
    assert (images.shape, images.dtype) == ((4, 3, 48, 64), torch.uint8)
    assert (labels.shape, labels.dtype) == ((4, 48, 64), torch.int64)
    assert set(labels.unique().tolist()) <= {0, 1, 7, UNLABELLED}


def test_an_epoch_takes_each_image_once_in_an_order_of_its_own() -> None:
    data = Drawn(*(blank(k) for k in range(8)))
    orders = []
    for epoch in (0, 0, 1):
        one = task(data, crop=CropPlan((8, 8), (48, 60)))
        labels = torch.cat([labels for _, labels in one.batches(epoch, OPTIONS)])
        orders.append([int(image[image != UNLABELLED][0]) for image in labels])
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2]) == list(range(8))


@pytest.mark.parametrize('workers', [1, 3])
def test_batches_do_not_depend_on_the_number_of_threads(workers: int) -> None:
    for (one, _), (other, _) in zip(task().batches(0, OPTIONS), task().batches(0, replace(OPTIONS, workers=workers))):
        assert torch.equal(one, other)


@pytest.mark.parametrize(('images', 'steps'), [(8, 2), (9, 2), (3, 1)])
def test_only_full_batches_are_made_but_for_a_tiny_set(images: int, steps: int) -> None:
    one = task(Drawn(*(room(seed) for seed in range(images))))
    assert one.steps_per_epoch(OPTIONS) == steps
    sizes = [len(labels) for _, labels in one.batches(0, OPTIONS)]
    assert sizes == [min(4, images)] * steps


def test_the_loss_is_the_weighted_cross_entropy_of_labelled_pixels() -> None:
    one = task(class_weights=torch.arange(1.0, 9.0))
    images, labels = batch_of(one)
    network = one.network.eval().requires_grad_(False)
    logits = F.interpolate(semantic_logits(network, images.float() / 127.5 - 1), (48, 64), mode='bilinear')
    surprise = -torch.log_softmax(logits, 1)
    total = weight = 0.0
    for k in (0, 1, 7):
        total += float(surprise[:, k][labels == k].sum()) * (k + 1)
        weight += float((labels == k).sum()) * (k + 1)
    assert float(one.loss(network, (images, labels), CPU)) == pytest.approx(total / weight, rel=1e-4)


def test_a_pixel_known_to_show_none_of_some_classes_costs_their_probability() -> None:
    one = task(class_weights=torch.full((8,), 2.0), complete=(6, 7))
    images, labels = batch_of(one)
    labels[:] = UNLABELLED
    labels[:, :10], labels[:, 10:30] = 1, NONE_OF_COMPLETE
    network = one.network.eval().requires_grad_(False)
    logits = F.interpolate(semantic_logits(network, images.float() / 127.5 - 1), (48, 64), mode='bilinear')
    p = torch.softmax(logits, 1)
    known, rest = -torch.log(p[:, 1, :10]), -torch.log(1 - p[:, 6, 10:30] - p[:, 7, 10:30])
    expected = (2 * known.sum() + rest.sum()) / (2 * known.numel() + rest.numel())
    assert float(one.loss(network, (images, labels), CPU)) == pytest.approx(float(expected), rel=1e-4)


def test_a_batch_without_labels_teaches_nothing_and_spoils_nothing() -> None:
    one = task(Drawn(*[blank(UNLABELLED)] * 4))
    loss = one.loss(one.network, batch_of(one), CPU)
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert all(p.grad is None or not p.grad.any() for p in one.network.parameters())


def test_frozen_blocks_keep_their_weights_and_the_backbone_its_statistics(tmp_path: Path) -> None:
    one = task(network=random_network('lraspp_mobilenet_v2', 8), frozen=4)
    before = {key: value.clone() for key, value in one.network.backbone.state_dict().items()}
    train(one, replace(OPTIONS, epochs=1), tmp_path)
    changed = {key for key, value in one.network.backbone.state_dict().items() if not torch.equal(value, before[key])}
    assert changed
    assert not any(key.endswith(('running_mean', 'running_var')) for key in changed)
    assert not any(key.split('.')[0] in ('0', '1', '2', '3') for key in changed)
    assert any(key.startswith('4.') for key in changed)
    head = one.network.classifier.cbr[1]
    assert head.num_batches_tracked == 2  # the head learns its own


def test_a_backbone_that_has_seen_nothing_learns_its_statistics(tmp_path: Path) -> None:
    one = task()
    before = one.network.backbone['0'][1].running_mean.clone()
    train(one, replace(OPTIONS, epochs=1), tmp_path)
    assert not torch.equal(one.network.backbone['0'][1].running_mean, before)


def test_the_backbone_learns_at_a_third_of_the_rate() -> None:
    one = task(frozen=2)
    groups = one.parameter_groups(0.03)
    body = {id(p) for p in one.network.backbone.parameters()}
    for group in groups:
        assert {id(p) in body for p in group['params']} == {group['lr'] == pytest.approx(0.01)}
        assert {p.ndim > 1 for p in group['params']} == {'weight_decay' not in group}  # scales and shifts stay
    assert {id(p) for group in groups for p in group['params']} == {
        id(p) for p in one.network.parameters() if p.requires_grad}


@pytest.mark.parametrize('frozen', [0, 4])
def test_an_average_of_the_network_stands_on_its_own(frozen: int) -> None:
    """What is validated and kept is the average: switching it must not switch, nor return, the original."""
    one = task(frozen=frozen)
    one.network.train()
    average = AveragedModel(one.network, use_buffers=True)
    assert average.module.eval() is average.module
    assert not average.module.training
    assert one.network.training


def test_validation_scores_the_network_it_is_given() -> None:
    one = task(held_out=Drawn(blank(FLOOR), blank(WALL)))

    def always(k: int) -> nn.Module:
        network = random_network('lraspp_mobilenet_v2', 8)
        for name in ('low_classifier', 'high_classifier'):
            layer = getattr(network.classifier, name)
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.constant_(network.classifier.low_classifier.bias[k:k + 1], 5.0)  # type: ignore[union-attr,index]
        return network

    scores = one.validate(always(WALL), 0, CPU)
    assert scores['pixel_accuracy'] == pytest.approx(0.5)
    assert (scores['iou_0'], scores['iou_1']) == (0.0, pytest.approx(0.5))
    assert scores['score'] == pytest.approx(0.25)
    assert np.isnan(scores['iou_7'])
    assert one.validate(always(FLOOR), 0, CPU)['iou_0'] == pytest.approx(0.5)


def test_images_are_validated_as_the_robot_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many pixels as the card's size, in the shape of the picture; the answer at the picture's own size."""
    seen: list[tuple[int, ...]] = []
    one = task(held_out=Drawn(blank(FLOOR, (80, 140))))
    make = one.segmenter

    def watched(network: nn.Module, where: Placement) -> CardSemantic:
        network.backbone.register_forward_pre_hook(lambda m, inputs: seen.append(tuple(inputs[0].shape[2:])))
        return make(network, where)

    monkeypatch.setattr(one, 'segmenter', watched)
    scores = one.validate(one.network, 0, CPU)
    assert seen[-1] == (80, 48)  # portrait stays portrait
    assert 0.0 <= scores['pixel_accuracy'] <= 1.0


def test_rare_classes_weigh_more_within_bounds() -> None:
    """Of 64 sampled pixels 48 are class 0, 12 class 1 and 4 class 2; class 3 does not occur."""
    labels = np.zeros((64, 64), np.uint8)
    labels[48:60], labels[60:] = 1, 2
    labels = labels.T.copy()
    sampled = labels[::8, ::8]
    counts = np.bincount(sampled.ravel(), minlength=4)
    weights = class_weights(Drawn((np.zeros((64, 64, 3), np.uint8), labels)), 4)
    expected = np.clip((64 / 4 / np.maximum(counts, 1)) ** 0.4, 0.6, 3.0)
    assert weights.tolist() == pytest.approx(expected.tolist())
    assert weights[3] == 3.0
    assert weights[0] < weights[1]


def test_weights_ignore_what_is_unlabelled() -> None:
    labels = np.full((64, 64), UNLABELLED, np.uint8)
    labels[:32] = 1
    weights = class_weights(Drawn((np.zeros((64, 64, 3), np.uint8), labels)), 2)
    assert weights.tolist() == pytest.approx([3.0, 0.5 ** 0.4])


def test_a_network_of_words_learns_from_labels_of_classes() -> None:
    """Its two words of class 1 are alike to the loss and the answer; its word of no class is never right."""
    words = (*FIRST.names, 'brick', 'sky')
    known = replace(FIRST, words=FIRST.words | {'brick': FIRST.names[1], 'sky': None})
    merge = torch.zeros(8, 10)
    merge[:8, :8], merge[1, 8] = torch.eye(8), 1.0
    one = task(network=random_network('lraspp_mobilenet_v2', 10), card=replace(CARD, classes=words), taxonomy=known)
    images, labels = batch_of(one)
    with torch.inference_mode():
        loss = one.loss(one.network, (images, torch.full_like(labels, 1)), CPU)
        chances = torch.softmax(semantic_logits(one.network, normalised(images)), 1)
        classes = torch.cat([torch.einsum('rw,nwyx->nryx', merge, chances), chances[:, 9:]], 1)
        logs = F.interpolate(classes.log(), labels.shape[-2:], mode='bilinear', align_corners=False)
    assert float(loss) == pytest.approx(float(-logs.log_softmax(1)[:, 1].mean()), rel=1e-4)
    assert set(one.validate(one.network, 0, CPU)) == {'score', 'pixel_accuracy', *(f'iou_{k}' for k in range(8))}
