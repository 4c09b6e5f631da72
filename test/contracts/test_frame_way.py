# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The way of a frame that only makes a mask, from the callback to the publisher, the model left out: it stays short."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from rclpy.context import Context
from scenes.graph import Graph, image, until
from scenes.scripted import drawn
from sensor_msgs.msg import Image

PACKAGE = str(Path(__file__).parents[2] / 'seg_ros')
LEFT_OUT = ('models/', 'labels/')  # the model, and what it asks
CLOCKWORK = {'_look', '_every_second', 'segment'}  # timers, which run without a frame too, and the model
MOST_CALLS, MOST_FILES, MOST_CHANGES = 60, 10, 20


class Way:
    """The calls of functions of the package, thread by thread."""

    def __init__(self, calls: dict[str, list[tuple[str, str]]] | None = None) -> None:
        self.calls = calls or {}

    def note(self, frame: FrameType, event: str, argument: Any) -> None:
        """Note a call; for ``sys.setprofile``."""
        code = frame.f_code
        if event != 'call' or not code.co_filename.startswith(PACKAGE) or code.co_name[0] == '<':
            return
        file = code.co_filename[len(PACKAGE) + 1:]
        if not file.startswith(LEFT_OUT) and not _by_the_clock(frame):
            self.calls.setdefault(threading.current_thread().name, []).append((file, code.co_name))

    @property
    def changes(self) -> int:
        """How often the next call is in another file."""
        return sum(one[0] != other[0] for calls in self.calls.values() for one, other in pairwise(calls))

    @property
    def files(self) -> set[str]:
        """The files passed."""
        return {file for file, _ in self.all}

    @property
    def all(self) -> list[tuple[str, str]]:
        """The calls of all threads."""
        return [call for calls in self.calls.values() for call in calls]


def _by_the_clock(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name in CLOCKWORK:
            return True
        frame = frame.f_back
    return False


@contextmanager
def watched(way: Way) -> Iterator[None]:
    """Note the calls of all threads that are started in this block."""
    threading.setprofile(way.note)
    try:
        yield
    finally:
        threading.setprofile(None)  # type: ignore[arg-type]
        sys.setprofile(None)


def test_a_mask_is_made_in_few_steps(ros_context: Context) -> None:
    with watched(noting := Way()), Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        publish = graph.camera()
        # The first few meet what happens once; now and then a thread looks around, which is no part of the way.
        for second in range(1, 100):
            noting.calls = {}
            publish(image(drawn(np.zeros((12, 16), np.uint8)), stamp=(second, 0)))
            until(lambda: len(masks) == second, 'no mask')
            threading.Event().wait(0.05)  # the publisher's thread notes what it did
            way = Way({thread: list(calls) for thread, calls in noting.calls.items()})
            if len(way.all) <= MOST_CALLS and len(way.files) <= MOST_FILES and way.changes <= MOST_CHANGES:
                break
    assert len(way.all) <= MOST_CALLS, way.calls
    assert len(way.files) <= MOST_FILES, way.files
    assert way.changes <= MOST_CHANGES, way.calls
    assert {'mask_message', 'decode_image', 'deliver'} <= {name for _, name in way.all}  # all of it was seen
