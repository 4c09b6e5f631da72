# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The figures of docs/navigation.md, on every thirteenth frame of the bundled drive, with the shipped model."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from seg_ros.settings import Settings

pytest.importorskip('rosbags')

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'benchmarks'))

from nav2_layers import RECORDING, layers, truth_of


def test_the_semantic_layer_marks_obstacles_and_no_floor() -> None:
    """At most 1 % of the floor that is seen, and 95 % of what the obstacle layer marks are the goal."""
    obstacle, semantic = layers(Settings(output_size='424x240', device='cpu'), every=13).judged(truth_of(RECORDING))
    assert obstacle.marked > 800
    assert obstacle.floor_lethal <= 0.001 * obstacle.floor_seen
    assert semantic.floor_seen > 4000
    assert semantic.floor_lethal <= 0.002 * semantic.floor_seen
    assert semantic.kept is not None and semantic.kept >= 0.95
