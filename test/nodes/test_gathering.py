# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The parts of an image wait for each other, and for nothing that comes no more; the oldest image goes first."""

from __future__ import annotations

import threading

import pytest

from seg_ros.nodes.gathering import DEPTH, MOST_WAITING, Gathering, Parts

MS = 1_000_000
NOW_S = 0.0  # long before anything has waited long enough


@pytest.fixture
def gathering() -> Gathering:
    return Gathering(('mask', 'confidence', DEPTH), threading.Condition())


def put(gathering: Gathering, stamp_ms: int, *names: str) -> None:
    for name in names:
        gathering.put(name, f'{name} {stamp_ms}', stamp_ms * MS, stamp_ms * MS)


def taken(gathering: Gathering, now_s: float = NOW_S) -> Parts | None:
    parts = gathering.oldest(now_s)
    if parts is not None:
        gathering.done(parts.stamp_ns)
    return parts


def test_an_image_is_ready_when_all_of_it_came_in_whatever_order(gathering: Gathering) -> None:
    put(gathering, 100, DEPTH, 'confidence')
    assert taken(gathering) is None
    put(gathering, 100, 'mask')
    parts = taken(gathering)
    assert parts is not None and parts.stamp_ns == 100 * MS
    assert parts.messages == {'mask': 'mask 100', 'confidence': 'confidence 100', DEPTH: 'depth 100'}
    assert taken(gathering) is None


def test_how_far_the_nearest_depth_is_off_is_known(gathering: Gathering) -> None:
    assert gathering.depth_gap_s(100 * MS) is None
    put(gathering, 50, DEPTH)
    put(gathering, 180, DEPTH)
    assert gathering.depth_gap_s(100 * MS) == pytest.approx(-0.05)
    assert gathering.depth_gap_s(150 * MS) == pytest.approx(0.03)
    assert gathering.comes(DEPTH, 5_000 * MS) and not gathering.comes(DEPTH, 5_200 * MS)
    assert not gathering.comes('mask', 100 * MS + 5_000 * MS)


def test_nobody_waits_for_a_topic_that_is_ahead(gathering: Gathering) -> None:
    put(gathering, 100, 'mask', DEPTH)
    put(gathering, 200, 'mask', 'confidence', DEPTH)
    first, second = taken(gathering), taken(gathering)
    assert first is not None and set(first.messages) == {'mask', DEPTH}
    assert second is not None and set(second.messages) == {'mask', 'confidence', DEPTH}


def test_depth_is_the_nearest_once_no_nearer_can_come(gathering: Gathering) -> None:
    put(gathering, 100, 'mask', 'confidence')
    put(gathering, 95, DEPTH)
    assert taken(gathering) is None
    put(gathering, 103, DEPTH)
    parts = taken(gathering)
    assert parts is not None and parts.messages[DEPTH] == 'depth 103'


def test_depth_that_is_far_off_is_none(gathering: Gathering) -> None:
    put(gathering, 100, 'mask', 'confidence')
    put(gathering, 60, DEPTH)
    put(gathering, 140, DEPTH)
    parts = taken(gathering)
    assert parts is not None and DEPTH not in parts.messages


def test_what_has_waited_long_enough_goes_as_it_is(gathering: Gathering) -> None:
    put(gathering, 100, 'mask')
    parts = taken(gathering, now_s=float('inf'))
    assert parts is not None and set(parts.messages) == {'mask'}
    put(gathering, 100, 'confidence')  # late
    assert taken(gathering, now_s=float('inf')) is None


def test_images_that_are_too_many_are_counted_and_the_oldest_let_go(gathering: Gathering) -> None:
    for k in range(1, MOST_WAITING + 3):
        put(gathering, 100 * k, 'mask')
    came = gathering.came()
    assert (came.received, came.dropped) == (MOST_WAITING + 2, 2)
    parts = taken(gathering, now_s=float('inf'))
    assert parts is not None and parts.stamp_ns == 300 * MS


def test_what_is_done_with_after_time_began_again_holds_nothing_up(gathering: Gathering) -> None:
    put(gathering, 5000, 'mask', 'confidence', DEPTH)
    parts = gathering.oldest(NOW_S)
    assert parts is not None
    put(gathering, 100, 'mask')  # while the last one is mapped
    gathering.done(parts.stamp_ns)
    put(gathering, 100, 'confidence', DEPTH)
    again = taken(gathering)
    assert again is not None and again.stamp_ns == 100 * MS
    assert gathering.is_empty


def test_time_that_goes_back_begins_again_and_is_said() -> None:
    said: list[str] = []
    gathering = Gathering(('mask',), threading.Condition(), said.append)
    put(gathering, 5000, 'mask')
    assert taken(gathering) is not None
    put(gathering, 100, 'mask')
    parts = taken(gathering)
    assert parts is not None and parts.stamp_ns == 100 * MS
    assert said == ['went back in time by 4.900 s: the map goes on with what is seen now']
