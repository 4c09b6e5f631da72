# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C in a verb that reads a recording: it ends between two images, and what was done is kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event


@contextmanager
def ended_between_images() -> Iterator[Event]:
    """
    Yield what the first Ctrl-C sets, also where a shell started us with Ctrl-C ignored; a second one ends at once.

    Within the reading of a message an interrupt would look like a damaged message.
    """
    ended = Event()

    def end(sign: int, frame: object) -> None:
        ended.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield ended
    finally:
        signal.signal(signal.SIGINT, before)
