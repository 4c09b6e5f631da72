# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Two models agree about an object when it is of one class, in one place, of one shape, and about as sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from seg_ros.lab.agreement import agreement_of
from seg_ros.records import Frame, Instances, Mode, Segmentation
from seg_ros.settings import Settings

PICTURE = np.zeros((40, 60, 3), np.uint8)
Box = tuple[int, int, int, int]


class Finder:
    """Finds given objects: each a box, a class, a score, and of its mask the share of rows that is filled."""

    name, modes = 'finder', frozenset({Mode.INSTANCE})

    def __init__(self, *found: tuple[Box, int, float, float]) -> None:
        boxes, classes, scores, shares = zip(*found) if found else ((), (), (), ())
        masks = []
        for (left, top, right, bottom), share in zip(boxes, shares):
            mask = np.zeros((bottom - top, right - left), bool)
            mask[:round(share * len(mask))] = True
            masks.append(mask)
        self._found = Instances((60, 40), np.reshape(boxes, (-1, 4)).astype(np.float32), np.array(scores, np.float32),
                                np.array(classes, np.uint8), np.reshape(boxes, (-1, 4))[:, :2].astype(np.int32),
                                tuple(masks), np.zeros(len(boxes), np.int64))

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return them for each frame."""
        return [Segmentation((60, 40), instances=self._found) for _ in frames]


HAMMER = ((2, 2, 22, 22), 1, 0.8, 1.0)
FAINT = ((30, 2, 50, 22), 1, 0.27, 1.0)


def shared(one: Any, two: Any) -> tuple[float, int]:
    found = agreement_of(one, two, [PICTURE], Settings())
    assert found.of == 'objects'
    return found.share, found.compared


@pytest.mark.parametrize(('other', 'share'), [
    (HAMMER, 1.0),
    (((2, 2, 22, 22), 1, 0.76, 1.0), 1.0),  # a little less sure
    (((2, 2, 22, 22), 1, 0.74, 1.0), 0.0),  # much less sure
    (((2, 2, 22, 22), 2, 0.8, 1.0), 0.0),  # of another class
    (((5, 2, 25, 22), 1, 0.8, 1.0), 0.0),  # elsewhere
    (((2, 2, 22, 22), 1, 0.8, 0.8), 0.0),  # of another shape in the same box
])
def test_an_object_is_the_same_or_not(other: tuple[Box, int, float, float], share: float) -> None:
    assert shared(Finder(HAMMER), Finder(other)) == (share, 2)


def test_what_only_one_finds_is_no_agreement_and_what_is_not_sure_is_not_compared() -> None:
    assert shared(Finder(HAMMER, FAINT), Finder(HAMMER)) == (1.0, 2)
    assert shared(Finder(HAMMER, ((30, 2, 50, 22), 1, 0.5, 1.0)), Finder(HAMMER)) == (pytest.approx(2 / 3), 3)
    assert shared(Finder(HAMMER), Finder()) == (0.0, 1)


def test_an_almost_sure_object_may_be_the_partner_of_a_sure_one() -> None:
    assert shared(Finder(((30, 2, 50, 22), 1, 0.31, 1.0)), Finder(FAINT)) == (1.0, 1)
