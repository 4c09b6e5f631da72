# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which pictures of a run a person is shown: of each part of it the one in which most was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from seg_ros.labels.palette import Image
from seg_ros.recordings.recorded_answers import RecordedAnswer
from seg_ros.records import UNLABELLED

MOST = 4
LEAST_SHARE = 0.01  # of the pixels, for a class to be in the picture
TELLING = frozenset({'door', 'person', 'stairs'})  # what a robot must not overlook counts as three classes


class Stills:
    """
    Keeps the best picture of each of :data:`MOST` parts of a run, or every picture of a run that has no more of them.

    :param total: how many pictures there will be.
    """

    def __init__(self, total: int) -> None:
        self._total, self._number = total, 0
        self._best: dict[int, tuple[int, str, Image]] = {}

    def offer(self, answer: RecordedAnswer, at_s: float, draw: Callable[[], Image]) -> None:
        """Look at the next picture of the run; it is drawn only when it is the best of its part so far."""
        part = self._number * min(MOST, self._total) // max(1, self._total)
        self._number += 1
        found = content_of(answer)
        worth = sum(number * (3 if name in TELLING else 1) for name, number in found.items())
        if part not in self._best or worth > self._best[part][0]:
            words = ', '.join(name if number == 1 else f'{name} × {number}' for name, number in found.items())
            where = answer.name or f'{at_s:.1f} s'
            self._best[part] = worth, f'{where}, {answer.mode.value}: {words or "nothing found"}', draw()

    def kept(self) -> list[tuple[str, Image]]:
        """Return the pictures with what is in them, in order."""
        return [self._best[part][1:] for part in sorted(self._best)]


def content_of(answer: RecordedAnswer) -> Counter[str]:
    """Return what was found: how many objects of each name, and each class that is seen as one."""
    found: Counter[str] = Counter()
    if answer.labels is not None:
        counts = np.bincount(answer.labels[::4, ::4].ravel(), minlength=256)
        seen = np.flatnonzero(counts >= LEAST_SHARE * counts.sum())
        found.update(answer.names.get(int(k), str(k)) for k in seen if k != UNLABELLED)
    if answer.objects is not None:
        objects = Counter(answer.objects.names[int(k)] for k in answer.objects.instances.class_ids)
        found |= objects
    return found
