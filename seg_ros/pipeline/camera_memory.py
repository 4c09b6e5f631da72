# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is remembered of a camera from one frame to the next."""

from __future__ import annotations

import numpy as np

from seg_ros.geometry.spaces import Spaces
from seg_ros.pipeline.loaded import Words
from seg_ros.tracking.memory import Arrays
from seg_ros.tracking.tracker import Tracker


class Ids:
    """Numbers objects, from 1 on and never twice; the cameras of a node share one."""

    def __init__(self, given: int = 0) -> None:
        self.given = given

    def __call__(self) -> int:
        """Return the next number."""
        self.given += 1
        return self.given


class CameraMemory:
    """
    What is remembered of one camera from frame to frame: its objects, and how its scan is divided.

    :param ids: numbers the objects.
    :ivar words: of the answers that came last; None before the first.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.tracker = Tracker(next_id=ids)
        self.spaces = Spaces()
        self.words: Words | None = None

    def reads(self, words: Words) -> None:
        """Forget the objects, and their counts, if another model found them."""
        if self.words is not None and self.words.finder is not words.finder:
            self.tracker.reset()
        self.words = words

    def arrays(self) -> Arrays:
        """Return what is remembered of the objects as plain arrays, for :meth:`recall`."""
        return {'ids_given': np.array(self._ids.given), **self.tracker.memory()}

    def recall(self, arrays: Arrays) -> None:
        """Go on as the camera would whose :meth:`arrays` these are."""
        self._ids.given = int(arrays['ids_given'])
        self.tracker.recall(arrays)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many objects of each class are in sight, and were ever, by class name."""
        names = {c.id: c.name for c in self.words.classes} if self.words else {}
        now, ever = self.tracker.counts_now, self.tracker.counts_ever
        return {names.get(k, str(k)): (now.get(k, 0), ever.get(k, 0)) for k in sorted(now.keys() | ever.keys())}
