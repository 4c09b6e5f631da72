# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes as child processes in a ROS domain of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from socket import AF_INET, AF_UNIX, SOCK_DGRAM, socket

from seg_ros.errors import SegRosError
from seg_ros.nodes.fast_dds import profile_environment

DOMAINS = range(1, 102)  # 0 is where people work; higher ones reach into the ports Linux gives away
_turns = count(os.getpid())


@contextmanager
def own_domain() -> Iterator[int]:
    """
    Yield a ROS domain that nobody else on this machine has, until the block ends.

    Other users of this function are kept away by a name that the kernel gives to one process alone, and takes
    back when it dies; other nodes are noticed by their ports. Each use tries the domain after the last one
    first, so that a participant still saying goodbye does not meet the next.

    :raises SegRosError: when all are taken.
    """
    for _ in DOMAINS:
        domain = DOMAINS[next(_turns) % len(DOMAINS)]
        with socket(AF_UNIX, SOCK_DGRAM) as claim:
            if _is_bound(claim, f'\0seg_ros_domain_{domain}') and not has_participants(domain):
                yield domain
                return
    raise SegRosError('all ROS domains are in use by other demos, tests or nodes', 'end some of them')


def has_participants(domain: int) -> bool:
    """Tell whether a node of any user of this machine is in a domain, by the two ports of discovery (RTPS 9.6.1)."""
    first = 7400 + 250 * domain
    for port in (first, first + 10):  # shared by all participants; the first participant's own
        with socket(AF_INET, SOCK_DGRAM) as probe:
            if not _is_bound(probe, ('', port)):
                return True
    return False


def _is_bound(claim: socket, address: str | tuple[str, int]) -> bool:
    try:
        claim.bind(address)
    except OSError:
        return False
    return True


def isolation(domain: int) -> dict[str, str]:
    """Return the variables of a node that meets nodes of this domain on this machine only."""
    # Humble has the older word for the same.
    humble = os.environ.get('ROS_DISTRO') == 'humble'
    this_machine = {'ROS_LOCALHOST_ONLY': '1'} if humble else {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}
    return {'ROS_DOMAIN_ID': str(domain), 'ROS_STATIC_PEERS': '', **this_machine}


def isolated_environment(domain: int) -> dict[str, str]:
    """Return the environment of a node that talks to this machine only, with large images in shared memory."""
    return {**os.environ, 'PYTHONUNBUFFERED': '1', **isolation(domain), **profile_environment()}


class NodeProcess:
    """
    A node of this package as a child process; leaving the ``with`` statement ends it.

    :param name: the executable, ``segmentation`` or ``player``.
    :param arguments: what follows ``--ros-args``. :param log: the file its output goes to.
    """

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        with open(log, 'wb') as output:
            self._process = subprocess.Popen(
                [sys.executable, '-m', f'seg_ros.nodes.{name}', '--ros-args', *arguments], env=dict(environment),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)

    def __enter__(self) -> NodeProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll()

    def end(self) -> int:
        """Ask it to end as Ctrl-C does, then more firmly, and return its exit status."""
        for patience_s, sign in ((5.0, signal.SIGINT), (2.0, signal.SIGTERM), (2.0, signal.SIGKILL)):
            if self._process.poll() is None:
                self._process.send_signal(sign)
                try:
                    self._process.wait(patience_s)
                except subprocess.TimeoutExpired:
                    continue
        return self._process.wait(2.0)

    def last_words(self) -> str:
        """Return the end of its output."""
        return '\n'.join(self.log.read_text(errors='replace').splitlines()[-6:])
