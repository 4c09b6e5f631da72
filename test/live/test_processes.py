# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes as child processes: no two demos or tests share a ROS domain."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from scenes.child import kill

from seg_ros.errors import SegRosError
from seg_ros.live import processes

HOLD_UNTIL_TOLD = """
import itertools, sys
from seg_ros.live import processes
processes.DOMAINS, processes._turns = [int(word) for word in sys.argv[1:]], itertools.count()
processes.has_participants = lambda domain: False
with processes.own_domain() as domain:
    print(domain, flush=True)
    sys.stdin.read()
"""
JOIN_UNTIL_TOLD = """
import sys
import rclpy
rclpy.init(domain_id=int(sys.argv[1]))
node = rclpy.create_node('neighbour')
print(sys.argv[1], flush=True)
sys.stdin.read()
"""


def child(code: str, *words: int) -> subprocess.Popen[str]:
    """Start another process that prints its domain, and holds it until it is killed."""
    return subprocess.Popen([sys.executable, '-c', code, *map(str, words)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def numbers() -> tuple[int, int]:
    """Return two numbers that no other run of these tests, and no node, takes for domains."""
    return 1000 + 2 * os.getpid(), 1001 + 2 * os.getpid()


def domain_of(process: subprocess.Popen[str]) -> int:
    """Read which domain a process got."""
    assert process.stdout
    return int(process.stdout.readline())


def test_two_processes_that_want_one_domain_get_two(numbers: tuple[int, int]) -> None:
    """The second moves on to the next domain while the first holds its own."""
    with child(HOLD_UNTIL_TOLD, *numbers) as first:
        assert domain_of(first) == numbers[0]
        with child(HOLD_UNTIL_TOLD, *numbers) as second:
            assert domain_of(second) == numbers[1]
            second.kill()
        first.kill()


def test_killed_holder_leaves_its_domain_free(numbers: tuple[int, int]) -> None:
    """A run that was killed cannot give back, so nothing needs to be given back."""
    for _ in range(2):
        with child(HOLD_UNTIL_TOLD, *numbers) as process:
            assert domain_of(process) == numbers[0]
            process.kill()


def test_a_domain_with_somebody_elses_node_is_not_taken(ros_domain: int) -> None:
    """A node that knows nothing of this agreement, of another user say, is met by no demo and no test."""
    pytest.importorskip('rclpy')
    assert not processes.has_participants(ros_domain)
    with child(JOIN_UNTIL_TOLD, ros_domain) as neighbour:
        assert domain_of(neighbour) == ros_domain
        assert processes.has_participants(ros_domain)
        kill(neighbour)
    assert not processes.has_participants(ros_domain)


def test_all_taken_is_a_sentence(monkeypatch: pytest.MonkeyPatch, ros_domain: int) -> None:
    """Not an endless search: who asks is told what to do."""
    monkeypatch.setattr(processes, 'DOMAINS', range(ros_domain, ros_domain + 1))
    with pytest.raises(SegRosError, match='all ROS domains are in use'), processes.own_domain():
        pass


def test_started_processes_inherit_the_domain(ros_domain: int) -> None:
    """A node started by a test joins the test's domain without being told."""
    assert 1 <= ros_domain <= 101
    assert os.environ['ROS_DOMAIN_ID'] == str(ros_domain)
