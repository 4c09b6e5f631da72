# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The profile for whole images is named by the variable that the installed Fast DDS reads, and by no other."""

from __future__ import annotations

import os

import pytest

from seg_ros.nodes import fast_dds
from seg_ros.nodes.fast_dds import PROFILE_VARIABLES, profile_environment
from seg_ros.share import share_directory

OLDER, NEWER = PROFILE_VARIABLES


@pytest.mark.parametrize(('rclpy', 'variable'), [
    ('3.3.16', OLDER),  # Humble
    ('7.1.6', OLDER),  # Jazzy
    ('9.1.2', NEWER),  # Kilted
    ('10.0.1', NEWER),  # Rolling
])
def test_each_distribution_gets_its_variable_alone(monkeypatch: pytest.MonkeyPatch, rclpy: str, variable: str) -> None:
    monkeypatch.setattr(fast_dds, 'version', lambda name: rclpy)
    assert profile_environment({}) == {variable: str(share_directory() / 'config' / 'fastdds.xml')}


@pytest.mark.parametrize('variable', PROFILE_VARIABLES)
def test_a_profile_of_ones_own_stays_alone(variable: str) -> None:
    assert profile_environment({variable: '/home/robot/mine.xml'}) == {}


def test_tests_run_with_the_profile() -> None:
    """However they were started: by make, by colcon, by pytest alone."""
    pytest.importorskip('rclpy')
    assert any(name in os.environ for name in PROFILE_VARIABLES)
