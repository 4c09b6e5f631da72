# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Samples prepared ahead by threads, in order, within bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar('T')


def in_order(make: Callable[[int], T], count: int, *, workers: int, ahead: int) -> Iterator[T]:
    """
    Yield ``make(0)`` to ``make(count - 1)`` in that order, prepared by threads.

    Threads, not processes: cv2 and numpy release the interpreter while they work, and a forked process
    inherits OpenCV's and OpenMP's locked thread pools and may hang.

    :param ahead: how many samples may wait, ready or in the making.
    """
    with ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix='loading') as pool:
        waiting: deque[Future[T]] = deque()
        try:
            for k in range(count):
                waiting.append(pool.submit(make, k))
                if len(waiting) >= max(1, ahead):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def grouped(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of ``size`` consecutive items; the last may be shorter."""
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group
