"""Every test that speaks ROS has a ROS domain to itself, however many test runs share the machine."""

from __future__ import annotations

import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

# Scenes drawn for several rooms' tests: `from scenes.graph import Graph`. (pytest's `pythonpath` is too new
# for Humble.)
sys.path.insert(0, str(Path(__file__).parent))

# Higher domains reach into the ports Linux gives away; 0 is where people work.
DOMAINS = range(1, 102)
# The same locks as those of seg_ros.nodes.processes.own_domain.
LOCKS = Path(tempfile.gettempdir()) / f'seg_ros_domains_{os.getuid()}'
_turns = count(os.getpid())


@contextmanager
def leased_domain(folder: Path) -> Iterator[int]:
    """
    Hold a ROS domain that no other test or demo holds, until the block ends or the process dies.

    Each lease tries the domain after the last one first, so that a participant still saying goodbye does
    not meet the next test. The lock is the kernel's: a killed run leaves no domain taken.

    :raises RuntimeError: when all domains are held.
    """
    folder.mkdir(exist_ok=True)
    for _ in DOMAINS:
        domain = DOMAINS[next(_turns) % len(DOMAINS)]
        with (folder / str(domain)).open('w') as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield domain
            return
    raise RuntimeError(f'all {len(DOMAINS)} ROS domains for tests are held by other runs')


@pytest.fixture
def ros_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Hold a domain of this test's own; processes it starts inherit it, and nothing leaves the machine."""
    with leased_domain(LOCKS) as domain:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
        if os.environ.get('ROS_DISTRO') == 'humble':
            monkeypatch.setenv('ROS_LOCALHOST_ONLY', '1')
        else:
            monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
        yield domain


@pytest.fixture
def ros_context(ros_domain: int) -> Iterator[Any]:
    """Make an rclpy context in the test's own domain; skips by name where there is no ROS."""
    rclpy = pytest.importorskip('rclpy')
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=ros_domain)
    yield context
    rclpy.try_shutdown(context=context)
