# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the time of a frame goes: stages are named where they happen, and timed while somebody measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

STAGES = ('decode', 'to device', 'preprocess', 'wait', 'forward', 'output', 'track', 'space', 'encode', 'publish')
"""What a frame passes, in order, from message to message; it waits in the node alone, where a network has others."""


@dataclass(frozen=True)
class _Watch:
    settle: Callable[[], None]
    spent_s: dict[str, float] = field(default_factory=dict)


_WATCH: ContextVar[_Watch | None] = ContextVar('watch', default=None)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Name what this block does; it costs a microsecond while nobody measures. Stages do not nest."""
    watch = _WATCH.get()
    if watch is None:
        yield
        return
    watch.settle()
    started = time.perf_counter()
    yield
    watch.settle()
    watch.spent_s[name] = watch.spent_s.get(name, 0.0) + time.perf_counter() - started


def noted(spent_s: dict[str, float]) -> None:
    """Add what was measured elsewhere, if somebody measures."""
    watch = _WATCH.get()
    if watch is not None:
        for name, seconds in spent_s.items():
            watch.spent_s[name] = watch.spent_s.get(name, 0.0) + seconds


@contextmanager
def measured(settle: Callable[[], None] = lambda: None) -> Iterator[dict[str, float]]:
    """
    Yield the seconds spent in each stage by this thread, which fill up while the block runs.

    A stage that is passed several times, for two models say, is summed.

    :param settle: waits until the device has done what it was asked to; called at both ends of every stage.
    """
    watch = _Watch(settle)
    token = _WATCH.set(watch)
    try:
        yield watch.spent_s
    finally:
        _WATCH.reset(token)
