"""Nodes as child processes: no two demos or tests share a ROS domain."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seg_ros.errors import SegRosError
from seg_ros.live import processes

HOLD_UNTIL_TOLD = """
import pathlib, sys
from seg_ros.live import processes
processes._turns = iter([int(turn) for turn in sys.argv[2:]])
with processes.own_domain(pathlib.Path(sys.argv[1])) as domain:
    print(domain, flush=True)
    sys.stdin.read()
"""


def holder(folder: Path, *turns: int) -> subprocess.Popen[str]:
    """Start another process that leases a domain, trying domains 1 + turn in order."""
    return subprocess.Popen([sys.executable, '-c', HOLD_UNTIL_TOLD, str(folder), *map(str, turns)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def domain_of(process: subprocess.Popen[str]) -> int:
    """Read which domain a holder got."""
    assert process.stdout
    return int(process.stdout.readline())


def test_two_processes_that_want_one_domain_get_two(tmp_path: Path) -> None:
    """The second moves on to the next domain while the first holds its own."""
    with holder(tmp_path, 4, 5) as first:
        assert domain_of(first) == 5
        with holder(tmp_path, 4, 5) as second:
            assert domain_of(second) == 6
            second.kill()
        first.kill()


def test_killed_holder_leaves_its_domain_free(tmp_path: Path) -> None:
    """A run that was killed cannot give back, so nothing needs to be given back."""
    with holder(tmp_path, 4) as first:
        assert domain_of(first) == 5
        first.kill()
    with holder(tmp_path, 4) as second:
        assert domain_of(second) == 5
        second.kill()


def test_all_taken_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not an endless search: who asks is told what to do."""
    monkeypatch.setattr(processes, 'DOMAINS', range(7, 8))
    with processes.own_domain(tmp_path) as domain:
        assert domain == 7
        with pytest.raises(SegRosError, match='all ROS domains are in use'), processes.own_domain(tmp_path):
            pass


def test_started_processes_inherit_the_domain(ros_domain: int) -> None:
    """A node started by a test joins the test's domain without being told."""
    assert 1 <= ros_domain <= 101
    assert os.environ['ROS_DOMAIN_ID'] == str(ros_domain)
