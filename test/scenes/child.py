# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Child processes that import what this process imports, and leave nothing in shared memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def with_path(*folders: Path) -> dict[str, str]:
    """Return this environment with folders ahead of what PYTHONPATH holds: on a robot ROS itself is found by it."""
    path = [*map(str, folders), *filter(None, [os.environ.get('PYTHONPATH')])]
    return {**os.environ, 'PYTHONPATH': os.pathsep.join(path)}


@contextmanager
def python(*words: str, environment: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run Python with these words until the block ends; what it says is in the process's pipe."""
    process = subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process, and take back the memory that Fast DDS shared for it: killed, it cannot."""
    left = segments_of(process.pid) - segments_of('self') if process.poll() is None else set()
    process.kill()
    process.communicate(timeout=10)
    for name in left:
        for path in (Path(name), Path(f'{name}_el')):
            path.unlink(missing_ok=True)


def segments_of(process: int | str) -> set[str]:
    """Return the shared-memory segments a process has mapped."""
    maps = Path(f'/proc/{process}/maps').read_text(encoding='utf-8')
    return set(re.findall(r'/dev/shm/fast(?:rtps|dds)_[0-9a-f]{16}\b', maps))
