"""Nodes as child processes in a ROS domain of their own."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType

from seg_ros.errors import SegRosError
from seg_ros.share import share_directory

DOMAINS = range(1, 102)  # 0 is where people work; higher ones reach into the ports Linux gives away
LOCKS = Path(tempfile.gettempdir()) / f'seg_ros_domains_{os.getuid()}'
_turns = count(os.getpid())


@contextmanager
def own_domain(folder: Path = LOCKS) -> Iterator[int]:
    """
    Yield a ROS domain that no other user of this function on this machine has, until the block ends.

    Each use tries the domain after the last one first, so that a participant still saying goodbye does not
    meet the next. The lock is the kernel's: a killed process leaves no domain taken.

    :raises SegRosError: when all are taken.
    """
    folder.mkdir(exist_ok=True)
    for _ in DOMAINS:
        domain = DOMAINS[next(_turns) % len(DOMAINS)]
        with open(folder / str(domain), 'w', encoding='ascii') as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield domain
            return
    raise SegRosError('all ROS domains are in use by other demos or tests', 'end some of them')


def isolated_environment(domain: int, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a node that talks to this machine only, with large images in shared memory."""
    environment = dict(os.environ if base is None else base)
    environment |= {'ROS_DOMAIN_ID': str(domain), 'PYTHONUNBUFFERED': '1'}
    if environment.get('ROS_DISTRO') == 'humble':  # the older word for the same
        environment['ROS_LOCALHOST_ONLY'] = '1'
    else:
        environment['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    if not {'FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE'} & environment.keys():
        profile = str(share_directory() / 'config' / 'fastdds.xml')
        environment |= {'FASTRTPS_DEFAULT_PROFILES_FILE': profile, 'FASTDDS_DEFAULT_PROFILES_FILE': profile}
    return environment


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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
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

    def last_words(self, lines: int = 6) -> str:
        """Return the end of its output."""
        return '\n'.join(self.log.read_text(errors='replace').splitlines()[-lines:])
