# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Shots come once or over and over, at the size asked for, and depth is never blended."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from seg_ros.errors import DataError
from seg_ros.player.played_frames import PlayedFrame, played
from seg_ros.records import Intrinsics


class Rounds:
    """A source whose rounds have these numbers of frames; the last repeats. Shots are 1x1, numbered by value."""

    live = False
    words = 'the rounds'

    def __init__(self, *lengths: int) -> None:
        self._lengths = list(lengths)

    def frames(self) -> Iterator[PlayedFrame]:
        """Yield one round."""
        length = self._lengths.pop(0) if len(self._lengths) > 1 else self._lengths[0]
        for value in range(length):
            yield PlayedFrame(np.full((1, 1, 3), value, np.uint8))


def values(frames: Iterator[PlayedFrame]) -> list[int]:
    return [int(frame.rgb[0, 0, 0]) for frame in frames]


@pytest.mark.parametrize(('loop', 'count', 'expected'), [
    (False, 0, [0, 1, 2]), (False, 2, [0, 1]), (False, 9, [0, 1, 2]), (True, 5, [0, 1, 2, 0, 1]),
    (True, 3, [0, 1, 2]),
], ids=['once', 'two of three', 'more than there are', 'looped', 'one round exactly'])
def test_shots_are_played_in_order(loop: bool, count: int, expected: list[int]) -> None:
    assert values(played(Rounds(3), loop=loop, count=count)) == expected


def test_a_loop_without_count_has_no_end() -> None:
    assert values(islice(played(Rounds(2), loop=True), 5)) == [0, 1, 0, 1, 0]


@pytest.mark.parametrize('lengths', [(0,), (2, 0)], ids=['from the start', 'after a good round'])
def test_a_round_without_shots_is_an_error_and_no_endless_loop(lengths: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match='the rounds gave no image'):
        values(played(Rounds(*lengths), loop=True, count=9))


def test_a_resized_shot_keeps_depth_values_and_scales_its_camera() -> None:
    rgb = np.zeros((4, 8, 3), np.uint8)
    rgb[:, 4:] = 200
    depth = np.array([[1000] * 4 + [0] * 4] * 4, np.uint16)
    small = PlayedFrame(rgb, depth, Intrinsics(8, 4, 16.0, 16.0, 3.5, 1.5), 7).scaled_to((4, 2))
    assert small.rgb[0, :, 0].tolist() == [0, 0, 200, 200]
    assert small.depth is not None
    assert small.depth.tolist() == [[1000, 1000, 0, 0]] * 2
    assert small.intrinsics == Intrinsics(4, 2, 8.0, 8.0, 1.5, 0.5)
    assert small.stamp_ns == 7
    assert np.unique(np.asarray(PlayedFrame(rgb, depth).scaled_to((13, 9)).depth)).tolist() == [0, 1000]


def test_size_applies_to_every_shot() -> None:
    assert [frame.rgb.shape for frame in played(Rounds(2), size=(6, 5))] == [(5, 6, 3)] * 2
