# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores of a network are moved as a line says, and nothing else of it is."""

from __future__ import annotations

import pytest
import torch

from seg_ros.errors import DataError
from seg_ros.lab.calibration import CLASSES, with_line
from seg_ros.models.instance_networks import instance_network


def test_odds_against_the_background_are_moved_along_the_line() -> None:
    torch.manual_seed(0)
    network = instance_network('maskrcnn_mobilenet_v2_fpn', 1, 64, 64)
    before = network.state_dict()
    after = with_line(before, 1.3, -0.9)
    assert {key for key in before if not torch.equal(before[key], after[key])} == {f'{CLASSES}.bias',
                                                                                    f'{CLASSES}.weight'}
    layer, regions = network.roi_heads.box_predictor.cls_score, torch.randn(50, 384)
    scores = layer(regions).softmax(1)[:, 1]
    network.load_state_dict(after)
    torch.testing.assert_close(torch.logit(layer(regions).softmax(1)[:, 1]), 1.3 * torch.logit(scores) - 0.9)


def test_a_second_line_is_after_the_first() -> None:
    network = instance_network('yolox_nano', 2, 64, 64)
    published = torch.tensor([0.2, 0.5, 0.9])
    network.load_state_dict(with_line(with_line(network.state_dict(), 2.0, 0.5), 0.5, 1.0))
    torch.testing.assert_close(network.calibrated(published), (torch.logit(published) + 1.25).sigmoid())


def test_a_network_without_scores_of_objects_is_refused() -> None:
    with pytest.raises(DataError, match='no scores that can be moved'):
        with_line({'head.weight': torch.zeros(1)}, 1.0, 0.0)
