# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The shared memory of Fast DDS: what a process that was killed could not give back."""

from __future__ import annotations

import fcntl
import os
import re
import time
from contextlib import suppress
from pathlib import Path

FOLDER = Path('/dev/shm')
LOCK = re.compile(r'fast(rtps|dds)_[0-9a-f]{16}_el')
YOUNG_S = 10.0  # a lock that has just been made may not be held yet


def take_back_shared_memory(folder: Path = FOLDER) -> int:
    """
    Remove the segments of processes that are gone, as ``fastdds shm clean`` does, and return their bytes.

    A process holds a lock on a file beside its segment as long as it lives. One that was killed, by the kernel for
    want of memory say, leaves both: 64 MB each time with the profile, used until the computer starts again.
    """
    with suppress(OSError):  # no such folder on this system
        return sum(_freed(lock) for lock in folder.iterdir() if LOCK.fullmatch(lock.name))
    return 0


def _freed(lock: Path) -> int:
    """Remove a lock that nobody holds and the segment beside it; what belongs to others or is held stays."""
    segment, size = lock.with_name(lock.name.removesuffix('_el')), 0
    with suppress(OSError):
        held = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            if time.time() - os.fstat(held).st_mtime > YOUNG_S:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                size = segment.stat().st_size if segment.exists() else 0
                segment.unlink(missing_ok=True)
                lock.unlink()
        finally:
            os.close(held)
    return size
