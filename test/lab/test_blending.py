# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A trained network may go part of the way back to what it began with; new classes stay as trained."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from seg_ros.lab.blending import begun_weights, blend
from seg_ros.models.networks import semantic_network


@pytest.mark.parametrize('share', [0.0, 0.25, 1.0])
def test_what_both_know_lies_between_and_what_is_new_stays(share: float) -> None:
    build = partial(semantic_network, 'lraspp_mobilenet_v2')
    network = build(3)
    begun = begun_weights(network, build, ('floor', 'wall'), ('floor', 'stairs', 'wall'))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    for parameter in network.parameters():
        parameter.data += 1.0
    blend(network, begun, share)
    after, rows = network.state_dict(), 'classifier.low_classifier.weight'
    assert torch.allclose(after['backbone.0.0.weight'], before['backbone.0.0.weight'] + share, atol=1e-6)
    moved = (after[rows] - before[rows]).mean(dim=(1, 2, 3))
    assert moved.tolist() == pytest.approx([share, 1.0, share], abs=1e-5)
