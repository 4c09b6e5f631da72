# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a node is measured with: a camera, a listener, processes that spin, and what Linux says of a process."""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rclpy.qos import QoSProfile, ReliabilityPolicy

from seg_ros.bridge.images import decode_bytes
from seg_ros.errors import SegRosError
from seg_ros.live.observer import Observer
from seg_ros.live.processes import NodeProcess, isolated_environment, own_domain

HERE = Path(__file__).resolve().parent
PICTURE = HERE.parent / 'docs' / 'pictures' / 'tools.jpg'
PATIENCE_S = 60.0
RELIABLE = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
Size = tuple[int, int]


@dataclass(frozen=True)
class Heard:
    """
    What a listener heard in a while.

    :param rate_hz: answers per second. :param p50_ms: median of the time from the stamp of an image to its answer;
        likewise ``p95_ms``.
    """

    rate_hz: float
    p50_ms: float
    p95_ms: float


class Listener(Observer):
    """
    Notes when which image was answered. Use it in a ``with`` statement.

    Messages are not taken apart: their stamp is read where it lies. An image is answered when there is a message with
    its stamp on every topic.

    :param topics: the kind of message by the name of the topic.
    """

    def __init__(self, topics: Mapping[str, type], domain: int, quality: QoSProfile = RELIABLE) -> None:
        super().__init__('listener', domain)
        self._missing: dict[int, set[str]] = {}
        self._topics = set(topics)
        self.answers: list[tuple[int, int]] = []
        for topic, kind in topics.items():
            self.node.create_subscription(kind, topic, partial(self._note, topic), quality, raw=True)

    def heard(self, seconds: float) -> Heard:
        """Listen so long, from the next answer on, and return what was heard: one answer at least."""
        self.wait_for_answers(1)
        first = len(self.answers)
        time.sleep(seconds)
        if len(self.answers) == first:
            self.wait_for_answers(1)
        answers = self.answers[first:]
        latencies = [(came_ns - stamp_ns) / 1e6 for stamp_ns, came_ns in answers]
        took_s = (answers[-1][1] - self.answers[first - 1][1]) / 1e9
        return Heard(len(answers) / took_s, float(np.percentile(latencies, 50)), float(np.percentile(latencies, 95)))

    def wait_for_answers(self, count: int) -> None:
        """Wait for so many more answers."""
        wanted, deadline = len(self.answers) + count, time.monotonic() + PATIENCE_S
        while len(self.answers) < wanted:
            if time.monotonic() > deadline:
                raise SegRosError(f'too little came on {" and ".join(self._topics)} in {PATIENCE_S:g} s')
            time.sleep(0.01)

    def _note(self, topic: str, message: Any) -> None:
        now_ns = time.time_ns()
        sec, nanosec = struct.unpack_from('<iI', message, 4)  # behind the four bytes that tell the byte order
        stamp_ns = sec * 1_000_000_000 + nanosec
        missing = self._missing.setdefault(stamp_ns, set(self._topics))
        missing.discard(topic)
        if not missing:
            del self._missing[stamp_ns]
            self.answers.append((stamp_ns, now_ns))


@dataclass(frozen=True)
class Stand:
    """A ROS domain of one's own, the environment of its processes, and the folder of their logs."""

    domain: int
    environment: Mapping[str, str]
    folder: Path

    @contextmanager
    def child(self, name: str, words: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
        """Yield a Python process that runs until the block ends; what it prints can be read, what it says is logged."""
        with open(self.log(name), 'w', encoding='utf-8') as errors:
            process = subprocess.Popen([sys.executable, *words], env={**self.environment}, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield process
        finally:
            process.terminate()  # killed, it would leave its shared memory behind
            try:
                process.communicate(timeout=10.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()

    @contextmanager
    def camera(self, size: Size, rate_hz: float, picture: Path) -> Iterator[None]:
        """Publish a picture on ``image`` by a process of its own until the block ends."""
        with self.child('camera', [str(HERE / 'camera.py'), '--size', words_of(size), '--rate', f'{rate_hz:g}',
                                   '--picture', str(picture)]):
            yield

    @contextmanager
    def node(self, parameters: Mapping[str, object]) -> Iterator[NodeProcess]:
        """Yield the node of this package, which runs until the block ends."""
        arguments = [word for name, value in parameters.items() for word in ('-p', f'{name}:={value}')]
        with NodeProcess('segmentation', arguments, self.environment, self.log('node')) as node:
            yield node

    def log(self, name: str) -> Path:
        """Return the log of a process."""
        return self.folder / f'{name}.log'


@contextmanager
def stand() -> Iterator[Stand]:
    """Yield a stand; if the block fails, the logs of its processes are shown."""
    with own_domain() as domain, tempfile.TemporaryDirectory() as folder:
        environment = isolated_environment(domain)
        os.environ.update(environment)  # the listener lives in this process
        here = Stand(domain, environment, Path(folder))
        try:
            yield here
        except Exception:
            for log in sorted(here.folder.glob('*.log')):
                print(f'--- {log.name}', log.read_text(encoding='utf-8', errors='replace')[-2000:], file=sys.stderr)
            raise


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Let so many processes spin until the block ends."""
    spinning = [subprocess.Popen([sys.executable, '-c', 'while True: pass']) for _ in range(count)]
    try:
        yield
    finally:
        for one in spinning:
            one.kill()
            one.wait()


def resized_picture(path: Path, size: Size) -> NDArray[np.uint8]:
    """Return a picture file as (height, width, 3) uint8 rgb of the size."""
    return np.asarray(cv2.resize(decode_bytes(path.read_bytes()), size, interpolation=cv2.INTER_AREA), np.uint8)


def cpu_s(pid: int) -> float:
    """Return the seconds that all threads of a process have computed so far."""
    fields = Path(f'/proc/{pid}/stat').read_text(encoding='ascii').rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def resident_mib(pid: int) -> float:
    """Return the resident set of a process."""
    pages = int(Path(f'/proc/{pid}/statm').read_text(encoding='ascii').split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 2**20


def size_of(words: str) -> Size:
    """Return the size that ``640x480`` means."""
    width, height = (int(side) for side in words.split('x'))
    return width, height


def words_of(size: Size) -> str:
    """Return the inverse of :func:`size_of`."""
    return f'{size[0]}x{size[1]}'


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median over the rounds of each number."""
    return {name: median(one[name] for one in rounds) for name in rounds[0]}


def counted(rounds: int) -> str:
    """Return the words for how often was measured."""
    return 'one round' if rounds == 1 else f'medians of {rounds} rounds'


def parser_of(words: str | None, *, seconds: float, rounds: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks of the node share."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=float, default=seconds, help='of one round (default %(default)s)')
    parser.add_argument('--rounds', type=int, default=rounds, help='in turn; medians are printed (default %(default)s)')
    parser.add_argument('--threads', type=int, default=2, help='of the network on a CPU, on both sides')
    parser.add_argument('--picture', type=Path, default=PICTURE, help='what the camera shows')
    parser.add_argument('--json', type=Path, help='write the numbers into this file as well')
    return parser


def write(path: Path | None, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the numbers of a table, if a file was named."""
    if path is not None:
        path.write_text(json.dumps(list(rows), indent=1) + '\n', encoding='utf-8')
