# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Newest frame wins: what was overwritten is counted; depth joins by stamp."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from seg_ros.nodes.mailbox import Arrival, Mailbox

MS = 1_000_000


def stamped(text: object, stamp_ns: int) -> Any:
    """Return what has a header with a stamp, as image messages have."""
    stamp = SimpleNamespace(sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    return SimpleNamespace(header=SimpleNamespace(stamp=stamp), text=text)


def put(mailbox: Mailbox, text: object, stamp_ns: int, now_ns: int | None = None) -> None:
    mailbox.put(stamped(text, stamp_ns), stamp_ns if now_ns is None else now_ns)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox(threading.Condition())


def taken(mailbox: Mailbox, after_s: float = 0.0) -> Arrival | None:
    """Return what is taken now, or would be after some seconds."""
    return mailbox.taken(time.monotonic() + after_s)


def message(arrival: Arrival | None) -> object:
    return None if arrival is None else arrival.message.text


def test_the_newest_message_is_taken_and_the_overwritten_are_counted(mailbox: Mailbox) -> None:
    for number in range(1, 6):
        put(mailbox, number, number)
    assert message(taken(mailbox)) == 5
    assert mailbox.dropped == 4
    assert taken(mailbox) is None


def test_a_message_taken_in_time_is_not_a_drop(mailbox: Mailbox) -> None:
    for number in range(1, 4):
        put(mailbox, number, number)
        assert message(taken(mailbox)) == number
    assert mailbox.dropped == 0


def test_clearing_forgets_without_counting(mailbox: Mailbox) -> None:
    put(mailbox, 1, 1)
    mailbox.clear()
    assert taken(mailbox) is None
    assert mailbox.dropped == 0


def test_who_waits_for_an_image_hears_the_bell() -> None:
    bell = threading.Condition()
    mailbox, heard = Mailbox(bell), threading.Event()

    def wait() -> None:
        with bell:
            bell.wait_for(lambda: taken(mailbox) is not None, 10.0)
            heard.set()

    thread = threading.Thread(target=wait)
    thread.start()
    put(mailbox, 1, 1)
    thread.join(10.0)
    assert heard.is_set()


def test_no_message_is_lost_between_threads() -> None:
    """Every message put is either taken, once and in order, or counted as dropped."""
    bell = threading.Condition()
    mailbox, count, seen, done = Mailbox(bell), 3000, list[int](), threading.Event()

    def every() -> Iterator[int]:
        while not done.is_set() or mailbox.images:
            with bell:
                if (arrival := taken(mailbox)) is not None:
                    yield arrival.message.text

    taker = threading.Thread(target=lambda: seen.extend(every()))
    taker.start()
    for number in range(count):
        put(mailbox, number, number + 1)
    done.set()
    taker.join(10.0)
    assert seen == sorted(set(seen))
    assert seen[-1] == count - 1
    assert len(seen) + mailbox.dropped == count


def image(mailbox: Mailbox, stamp_ms: int) -> None:
    put(mailbox, f'image {stamp_ms}', stamp_ms * MS)


def depth(mailbox: Mailbox, stamp_ms: int) -> None:
    mailbox.put_depth(f'depth {stamp_ms}', stamp_ms * MS)


@pytest.mark.parametrize(('image_ms', 'depths_ms', 'expected', 'gap_ms'), [
    (100, [100], 'depth 100', 0),
    (100, [67, 100, 133], 'depth 100', 0),
    (100, [67, 92], 'depth 92', -8),
    (100, [120], 'depth 120', 20),
    (100, [121], None, 21),
    (100, [67], None, -33),
    (100, [], None, None),
    (0, [67, 100], 'depth 100', 0),  # a camera without stamps: what came last
    (100, [0], 'depth 0', 0),  # depth without stamps
], ids=['exact', 'exact among others', 'within the slop', 'just within', 'just outside', 'one frame behind', 'none',
        'image without stamp', 'depth without stamp'])
def test_depth_joins_by_stamp(mailbox: Mailbox, image_ms: int, depths_ms: list[int], expected: str | None,
                              gap_ms: int | None) -> None:
    for stamp in depths_ms:
        depth(mailbox, stamp)
    image(mailbox, image_ms)
    arrival = taken(mailbox, mailbox.wait_s + 0.01)
    assert arrival is not None
    assert arrival.depth == expected
    assert arrival.depth_gap_ns == (None if gap_ms is None else gap_ms * MS)


def test_an_image_waits_for_its_depth_and_no_longer_than_it_may(mailbox: Mailbox) -> None:
    depth(mailbox, 67)
    image(mailbox, 100)
    assert taken(mailbox) is None
    depth(mailbox, 100)
    first = taken(mailbox)
    assert first is not None
    assert first.depth == 'depth 100'
    image(mailbox, 133)
    assert taken(mailbox, mailbox.wait_s - 0.05) is None
    late = taken(mailbox, mailbox.wait_s + 0.01)
    assert late is not None
    assert (late.message.text, late.depth) == ('image 133', None)


def test_faster_depth_is_waited_for_until_none_can_be_nearer(mailbox: Mailbox) -> None:
    """Depth at 60 Hz beside images at 15 Hz: that of the frame before lies within the slop, and is not the one."""
    depth(mailbox, 84)
    image(mailbox, 100)
    assert taken(mailbox) is None
    depth(mailbox, 100)
    first = taken(mailbox)
    assert first is not None
    assert first.depth == 'depth 100'


def test_a_constant_distance_of_the_stamps_is_learned(mailbox: Mailbox) -> None:
    """Depth that is always 10 ms older is waited for once: that nothing nearer comes; then no more."""
    depth(mailbox, 90)
    image(mailbox, 100)
    assert taken(mailbox) is None
    depth(mailbox, 156)
    assert taken(mailbox) is not None
    image(mailbox, 166)
    second = taken(mailbox)
    assert second is not None
    assert second.depth == 'depth 156'


def test_no_image_waits_where_no_depth_comes(mailbox: Mailbox) -> None:
    image(mailbox, 100)
    assert taken(mailbox) is not None
    depth(mailbox, 100)
    mailbox.forget_depth()
    image(mailbox, 133)
    arrival = taken(mailbox)
    assert arrival is not None
    assert arrival.depth is None


def test_depth_that_comes_too_late_is_told_from_depth_out_of_step(mailbox: Mailbox) -> None:
    depth(mailbox, 1)
    image(mailbox, 100)
    assert taken(mailbox, mailbox.wait_s + 0.01) is not None
    depth(mailbox, 100)
    image(mailbox, 200)
    arrival = taken(mailbox, mailbox.wait_s + 0.01)
    assert arrival is not None
    assert arrival.depth is None
    assert arrival.depth_late_s is not None
    assert arrival.depth_late_s >= 0.0


def test_of_the_waiting_images_the_newest_with_depth_is_taken(mailbox: Mailbox) -> None:
    """Depth that comes later than the next image is not lost, whatever the frame rate."""
    depth(mailbox, 1)
    for stamp in (33, 67, 100):
        image(mailbox, stamp)
    depth(mailbox, 33)
    depth(mailbox, 67)
    arrival = taken(mailbox)
    assert arrival is not None
    assert (arrival.message.text, arrival.depth, mailbox.dropped) == ('image 67', 'depth 67', 1)
    depth(mailbox, 100)
    assert message(taken(mailbox)) == 'image 100'


def test_what_waits_is_bounded(mailbox: Mailbox) -> None:
    depth(mailbox, 1)
    for stamp in range(100, 200):
        image(mailbox, stamp)
        depth(mailbox, stamp + 5000)
    assert mailbox.dropped == 96
    assert len(mailbox._depths) <= 32


def test_the_newest_camera_info_comes_along(mailbox: Mailbox) -> None:
    mailbox.camera_info = 'new'
    image(mailbox, 1)
    arrival = taken(mailbox)
    assert arrival is not None
    assert arrival.camera_info == 'new'


def test_what_has_come_is_counted_and_a_loop_of_the_clock_begins_anew(mailbox: Mailbox) -> None:
    for k in (*range(1, 4), *range(1, 3)):
        put(mailbox, k, k * MS, now_ns=100 * k * MS)
    came = mailbox.came()
    assert (came.received, came.dropped) == (5, 4)
    assert came.times_ns == (100 * MS, 200 * MS)
    assert (came.stamp_ns, came.came_ns) == (2 * MS, 200 * MS)


@pytest.mark.parametrize(('second', 'words'), [
    # (stamp s, arrival s) after (100, 100) and (100.1, 100.1)
    ((100.2, 100.2), []),
    ((100.09, 100.2), []),  # one that came a little late
    ((160.0, 160.0), []),  # the camera was away for a minute
    ((97.6, 100.2), ['went back in time by 2.500 s: objects are taken for new ones']),
    ((105.2, 100.2), ['leapt ahead in time by 5.0 s: objects are taken for new ones']),
])
def test_a_jump_in_time_is_said(second: tuple[float, float], words: list[str]) -> None:
    said: list[str] = []
    mailbox = Mailbox(threading.Condition(), said.append)
    for stamp_s, now_s in ((100.0, 100.0), (100.1, 100.1), second):
        put(mailbox, '', round(stamp_s * 1e9), round(now_s * 1e9))
    assert said == words


@pytest.mark.parametrize('lags_s', [
    (0.1, 0.1, 4.0, 0.1, 0.1),  # one that was held up
    (60.0, 0.1, 0.1),  # a latched one from a minute ago
])
def test_an_image_that_comes_late_and_the_next_that_does_not_are_no_jump(lags_s: tuple[float, ...]) -> None:
    said: list[str] = []
    mailbox = Mailbox(threading.Condition(), said.append)
    for number, lag_s in enumerate(lags_s):
        now_s = 1000 + 5 * number
        put(mailbox, '', round((now_s - lag_s) * 1e9), round(now_s * 1e9))
    assert said == []


def test_a_clock_that_starts_over_is_no_jump_of_the_camera() -> None:
    said: list[str] = []
    mailbox = Mailbox(threading.Condition(), said.append)
    for stamp_s, now_s in ((100.0, 100.0), (100.1, 100.1), (100.2, 0.0), (100.3, 0.0)):  # use_sim_time was set
        put(mailbox, '', round(stamp_s * 1e9), round(now_s * 1e9))
    assert said == []


def test_images_without_a_stamp_jump_nowhere() -> None:
    said: list[str] = []
    mailbox = Mailbox(threading.Condition(), said.append)
    for stamp_s, now_s in ((100.0, 100.0), (0.0, 100.1), (0.0, 100.2), (100.3, 100.3)):
        put(mailbox, '', round(stamp_s * 1e9), round(now_s * 1e9))
    assert said == []
