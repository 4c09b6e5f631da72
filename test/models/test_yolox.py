# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""YOLOX-nano finds what its cells are sure of, each object once, and fills its boxes with masks."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from seg_ros.models.instance_networks import batch_proposals
from seg_ros.models.yolox import CELLS, STRIDES, CellAnswers, YoloxNano


def random_yolox(n_classes: int = 3) -> YoloxNano:
    torch.manual_seed(0)
    return YoloxNano(n_classes).eval()


def told(network: YoloxNano, boxes: list[list[float]], scores: list[list[float]],
         monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a network say this in its cells, sure that each is an object."""
    some, sure = torch.tensor(boxes, dtype=torch.float32)[None], torch.full((1, len(boxes)), 50.0)
    said = torch.logit(torch.tensor(scores))[None]
    monkeypatch.setattr(network, 'cells', lambda features: CellAnswers(some, sure, said))


def test_it_is_small() -> None:
    assert sum(value.numel() * 2 for value in YoloxNano(80).state_dict().values()) < 2.5e6


def test_features_have_their_strides_and_cells_their_places() -> None:
    network, images = random_yolox(), torch.rand(2, 3, 64, 96) * 255.0
    with torch.inference_mode():
        features = network.backbone(images)
        cells = network.cells(features)
    assert {name: 64 // one.shape[2] for name, one in features.items()} == {'fine': 4, **STRIDES}
    assert cells.classes.shape == (2, 8 * 12 + 4 * 6 + 2 * 3, 3)
    assert ((cells.scores > 0.0) & (cells.scores < 1.0)).all()
    centres = (cells.boxes[..., :2] + cells.boxes[..., 2:]) / 2
    assert (centres[0, 13] - torch.tensor([8.0, 8.0])).abs().max() < 8.0  # the second row begins with cell 12
    assert (centres[0, -1] - torch.tensor([64.0, 32.0])).abs().max() < 32.0


def test_what_is_found_lies_in_the_image_and_has_a_mask() -> None:
    network, images = random_yolox(), torch.rand(2, 3, 64, 96) * 255.0
    network.calibration.copy_(torch.tensor([1.0, 4.0]))  # random scores are about 0.25
    with torch.inference_mode():
        found = batch_proposals(network, images, min_score=0.5, most=7)
    for one in found:
        assert one.size == (96, 64)
        assert (len(one.boxes), one.masks.shape) == (7, (7, CELLS, CELLS))
        assert (one.boxes >= 0.0).all() and (one.boxes <= [96, 64, 96, 64]).all()
        assert ((one.masks > 0.0) & (one.masks < 1.0)).all()
        assert (one.scores[:-1] >= one.scores[1:]).all() and one.scores[-1] >= 0.5
        assert set(one.labels) <= {0, 1, 2}


def test_nothing_is_found_where_nothing_is_certain() -> None:
    with torch.inference_mode():
        found, = batch_proposals(random_yolox(), torch.zeros(1, 3, 64, 96), min_score=0.999)
    assert (found.boxes.shape, found.masks.shape) == ((0, 4), (0, CELLS, CELLS))


def test_an_object_is_found_once_by_its_best_cell_as_its_best_class(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_yolox()
    told(network, [[10, 10, 50, 50], [12, 10, 52, 50], [12, 10, 52, 50], [60, 10, 90, 50]],
         [[0.6, 0.5, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.7], [0.9, 0.1, 0.95]], monkeypatch)
    with torch.inference_mode():
        found, = batch_proposals(network, torch.zeros(1, 3, 64, 96), min_score=0.3)
    assert found.labels.tolist() == [2, 0, 2]
    assert found.boxes[:, 0].tolist() == [60.0, 12.0, 12.0]
    assert found.scores.tolist() == pytest.approx([0.95, 0.8, 0.7], abs=1e-4)


def test_scores_are_moved_along_the_line_of_their_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the logit and one more: 0.5 becomes 1 / (1 + 1 / e), and the threshold is one of the moved scores."""
    network = random_yolox()
    network.calibration.copy_(torch.tensor([2.0, 1.0]))
    told(network, [[0, 0, 9, 9], [20, 0, 29, 9]], [[0.5, 0.1, 0.1], [0.3, 0.1, 0.1]], monkeypatch)
    with torch.inference_mode():
        found, = batch_proposals(network, torch.zeros(1, 3, 64, 96), min_score=0.4)
    assert found.scores.tolist() == pytest.approx([0.7311], abs=1e-3)


def test_a_mask_depends_on_its_box_alone_and_not_on_those_beside_it() -> None:
    network = random_yolox()
    boxes = torch.tensor([[4.0, 4.0, 60.0, 40.0], [20.0, 8.0, 90.0, 60.0]])
    with torch.inference_mode():
        features = network.backbone(torch.rand(1, 3, 64, 96) * 255.0)
        both: Tensor = network.masks(features, [boxes])
        alone: Tensor = network.masks(features, [boxes[1:]])
    torch.testing.assert_close(both[1:], alone)
