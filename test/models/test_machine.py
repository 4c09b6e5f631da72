# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Threads are shared between libraries, and memory is asked of PyTorch only where it runs."""

from __future__ import annotations

import math
import os
import sys

import cv2
import pytest

from seg_ros.models.machine import memory_mib, shared_threads
from seg_ros.settings import Settings


@pytest.mark.parametrize(('asked', 'cores', 'expected'), [
    (3, 8, 3),  # as asked for
    (0, 8, 7),  # one core is left to the rest of the robot
    (0, 1, 1),
])
def test_opencv_gets_as_many_threads_as_the_network(monkeypatch: pytest.MonkeyPatch, asked: int, cores: int,
                                                    expected: int) -> None:
    monkeypatch.setattr(os, 'sched_getaffinity', lambda pid: set(range(cores)))
    given: list[int] = []
    monkeypatch.setattr(cv2, 'setNumThreads', given.append)
    assert shared_threads(Settings(cpu_threads=asked)) == expected
    assert given == [expected]


def test_without_pytorch_nothing_is_known_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, 'torch', raising=False)
    assert math.isnan(memory_mib('cuda:0'))
    assert 'torch' not in sys.modules
