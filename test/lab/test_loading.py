# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Samples come in order, within bounded memory, and an error comes to the caller."""

from __future__ import annotations

import threading
import time

import pytest

from seg_ros.lab.loading import grouped, in_order


@pytest.mark.parametrize(('workers', 'ahead'), [(1, 1), (1, 8), (4, 8), (4, 1), (0, 0)])
def test_samples_come_in_order(workers: int, ahead: int) -> None:
    def make(k: int) -> int:
        time.sleep(0.002 * (k % 3))  # later ones are ready earlier
        return k * k

    assert list(in_order(make, 20, workers=workers, ahead=ahead)) == [k * k for k in range(20)]


def test_no_more_are_made_ahead_than_asked_for() -> None:
    made: list[int] = []

    def make(k: int) -> int:
        made.append(k)
        return k

    samples = in_order(make, 100, workers=2, ahead=5)
    assert next(samples) == 0
    time.sleep(0.05)
    assert len(made) <= 5


def test_samples_are_made_by_threads() -> None:
    barrier = threading.Barrier(3, timeout=5.0)  # passes only when three make at the same time
    assert len(list(in_order(lambda k: barrier.wait(), 3, workers=3, ahead=3))) == 3


def test_an_error_comes_at_its_turn() -> None:
    def make(k: int) -> int:
        if k == 2:
            raise OSError('file 2 is broken')
        return k

    samples = in_order(make, 5, workers=2, ahead=4)
    assert [next(samples), next(samples)] == [0, 1]
    with pytest.raises(OSError, match='file 2 is broken'):
        next(samples)


def test_giving_up_leaves_no_thread() -> None:
    samples = in_order(lambda k: k, 100, workers=3, ahead=10)
    next(samples)
    samples.close()  # type: ignore[attr-defined]
    assert not any(thread.name.startswith('loading') for thread in threading.enumerate())


def test_nothing_to_make_is_nothing() -> None:
    assert list(in_order(lambda k: k, 0, workers=1, ahead=1)) == []


@pytest.mark.parametrize(('count', 'groups'), [(0, []), (2, [[0, 1]]), (5, [[0, 1], [2, 3], [4]])])
def test_groups_are_consecutive_and_the_last_may_be_shorter(count: int, groups: list[list[int]]) -> None:
    assert list(grouped(range(count), 2)) == groups
