# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node that has answered one image has the memory for the next."""

from __future__ import annotations

import subprocess
import sys

import pytest

from seg_ros.nodes import running

IMAGES = """
import resource, sys
import numpy as np
from seg_ros.nodes.freed_memory import keep_freed_memory

def four_times():
    copies = [np.full(1920 * 1080 * 3, 90, np.uint8) for _ in range(4)]

if sys.argv[1] == 'kept' and not keep_freed_memory():
    sys.exit(77)
four_times()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    four_times()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 20)
"""


def faults(how: str) -> int:
    """Return how many pages a process gets anew for each image."""
    done = subprocess.run([sys.executable, '-c', IMAGES, how], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip('the C library has no mallopt')
    return int(done.stdout)


def test_memory_of_an_image_is_used_for_the_next() -> None:
    assert faults('kept') < 100 < faults('as usual')


def test_a_node_keeps_it_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(running, 'keep_freed_memory', lambda: done.append('kept'))
    monkeypatch.setattr(running, 'status_of', lambda *_: done.append('run') or 0)
    monkeypatch.setattr(running.logging, 'shutdown', lambda: None)
    monkeypatch.setattr(running.os, '_exit', lambda status: done.append(f'ended with {status}'))
    running.run_node('node', lambda: None)
    assert done == ['kept', 'run', 'ended with 0']
