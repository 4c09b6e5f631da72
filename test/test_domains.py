"""No two tests share a ROS domain, whichever process they run in."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from seg_ros.nodes.processes import own_domain

CONFTEST = Path(__file__).with_name('conftest.py')

HOLD_UNTIL_TOLD = f"""
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location('conftest', {str(CONFTEST)!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module._turns = iter([int(turn) for turn in sys.argv[2:]])
with module.leased_domain(pathlib.Path(sys.argv[1])) as domain:
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


def test_demo_and_test_do_not_meet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A demo started while a test holds the domain it likes best takes the next one."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    with holder(tmp_path / f'seg_ros_domains_{os.getuid()}', 100) as test:
        assert domain_of(test) == 101
        with own_domain() as domain:
            assert domain == 100
        test.kill()


def test_started_processes_inherit_the_domain(ros_domain: int) -> None:
    """A node started by a test joins the test's domain without being told."""
    assert 1 <= ros_domain <= 101
    assert os.environ['ROS_DOMAIN_ID'] == str(ros_domain)
