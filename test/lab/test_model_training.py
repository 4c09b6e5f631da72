# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a training says of each epoch."""

from __future__ import annotations

import logging

import pytest

from seg_ros.lab.model_training import _say


def test_a_class_that_no_held_out_image_shows_has_a_dash(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _say({'epoch': 0.0, 'loss': 1.5, 'score': 0.25, 'iou_0': 0.5, 'iou_1': float('nan')},
             {'floor': 'iou_0', 'stairs': 'iou_1'})
    assert caplog.messages == ['epoch 1: loss 1.500  score 0.250  (floor 0.500  stairs –)']
