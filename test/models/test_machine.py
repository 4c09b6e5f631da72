# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Threads are shared between libraries, and memory is asked of PyTorch only where it runs."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import pytest
import torch

from seg_ros.models.machine import memory_mib, shared_threads, without_helpers
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


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Let PyTorch compute with a helper, as it did before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures('two_threads')
def test_a_thread_beside_the_networks_computes_alone() -> None:
    def alone() -> int:
        without_helpers()
        return torch.get_num_threads()

    torch.ones(1) + 1  # this thread knows how many it has
    with ThreadPoolExecutor(1) as beside:
        assert beside.submit(alone).result() == 1
        assert torch.get_num_threads() == 2


def test_a_thread_without_pytorch_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, 'torch', raising=False)
    without_helpers()
    assert 'torch' not in sys.modules
