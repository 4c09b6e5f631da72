"""Newest frame wins: one slot per camera, what was overwritten is counted."""

from __future__ import annotations

import threading
import time

import pytest

from seg_ros.nodes.intake import Arrival, Intake

AT_ONCE = 0.0


def arrival(camera: str, message: object) -> Arrival:
    return Arrival(camera, message, received_ns=0)


def taken(intake: Intake, timeout_s: float = AT_ONCE) -> list[tuple[str, object]]:
    return [(a.camera, a.message) for a in intake.take(timeout_s)]


def test_the_newest_message_is_taken_and_the_overwritten_are_counted() -> None:
    intake = Intake(['front'])
    for number in range(5):
        intake.put(arrival('front', number))
    assert taken(intake) == [('front', 4)]
    assert intake.dropped('front') == 4


def test_a_message_taken_in_time_is_not_a_drop() -> None:
    intake = Intake(['front'])
    for number in range(3):
        intake.put(arrival('front', number))
        assert taken(intake) == [('front', number)]
    assert intake.dropped('front') == 0


def test_an_emptied_slot_gives_nothing() -> None:
    intake = Intake(['front'])
    intake.put(arrival('front', 1))
    intake.take(AT_ONCE)
    assert taken(intake) == []


def test_cameras_make_one_batch_and_are_counted_apart() -> None:
    intake = Intake(['front', 'left', 'rear'])
    for camera, message in (('left', 1), ('front', 2), ('left', 3)):
        intake.put(arrival(camera, message))
    assert taken(intake) == [('front', 2), ('left', 3)]  # in the order of the cameras; the rear has none
    assert [intake.dropped(c) for c in ('front', 'left', 'rear')] == [0, 1, 0]


def test_a_message_that_counts_as_false_is_still_a_message() -> None:
    intake = Intake(['front'])
    intake.put(arrival('front', 0))
    assert taken(intake) == [('front', 0)]


def test_clearing_forgets_without_counting() -> None:
    intake = Intake(['front'])
    intake.put(arrival('front', 1))
    intake.clear()
    assert taken(intake) == []
    assert intake.dropped('front') == 0


def test_an_unknown_camera_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError, match='rear'):
        Intake(['front']).put(arrival('rear', 1))


def test_waiting_ends_with_the_timeout() -> None:
    started = time.monotonic()
    assert taken(Intake(['front']), timeout_s=0.05) == []
    assert time.monotonic() - started >= 0.05


def test_a_nudge_ends_one_waiting() -> None:
    intake = Intake(['front'])
    intake.nudge()
    assert taken(intake, timeout_s=60.0) == []  # a lost nudge would run into the test's time limit
    started = time.monotonic()
    assert taken(intake, timeout_s=0.05) == []
    assert time.monotonic() - started >= 0.05  # the next one waits again


@pytest.mark.parametrize('wake', ['message', 'nudge'])
def test_a_waiting_thread_is_woken(wake: str) -> None:
    intake = Intake(['front'])
    got: list[list[tuple[str, object]]] = []
    thread = threading.Thread(target=lambda: got.append(taken(intake, timeout_s=60.0)))
    thread.start()
    time.sleep(0.02)
    intake.put(arrival('front', 7)) if wake == 'message' else intake.nudge()
    thread.join(10.0)
    assert got == [[('front', 7)] if wake == 'message' else []]


def test_no_message_is_lost_between_threads() -> None:
    """Every message put is either taken, once and in order, or counted as dropped."""
    intake, count = Intake(['front']), 3000
    seen: list[int] = []
    done = threading.Event()

    def take_all() -> None:
        while not done.is_set():
            seen.extend(a.message for a in intake.take(0.01))
        seen.extend(a.message for a in intake.take(AT_ONCE))

    taker = threading.Thread(target=take_all)
    taker.start()
    for number in range(count):
        intake.put(arrival('front', number))
    done.set()
    taker.join(10.0)
    assert seen == sorted(set(seen))
    assert seen[-1] == count - 1
    assert len(seen) + intake.dropped('front') == count


def stamped(stamp_ms: int) -> Arrival:
    return Arrival('front', f'image {stamp_ms}', received_ns=0, stamp_ns=stamp_ms * 1_000_000)


def depth(intake: Intake, stamp_ms: int) -> None:
    intake.put_depth('front', stamp_ms * 1_000_000, f'depth {stamp_ms}')


@pytest.mark.parametrize(('image_ms', 'depths_ms', 'expected', 'gap_ms'), [
    (100, [100], 'depth 100', 0),
    (100, [67, 100, 133], 'depth 100', 0),
    (100, [67, 92], 'depth 92', 8),
    (100, [120], 'depth 120', 20),
    (100, [121], None, 21),
    (100, [67], None, 33),
    (100, [], None, None),
], ids=['exact', 'exact among others', 'within the slop', 'just within', 'just outside', 'one frame behind', 'none'])
def test_depth_joins_by_stamp(image_ms: int, depths_ms: list[int], expected: str | None,
                              gap_ms: int | None) -> None:
    intake = Intake(['front'], slop_s=0.02, wait_s=0.0)
    for stamp in depths_ms:
        depth(intake, stamp)
    intake.put(stamped(image_ms))
    taken, = intake.take(AT_ONCE)
    assert taken.depth == expected
    assert taken.depth_gap_ns == (None if gap_ms is None else gap_ms * 1_000_000)


def test_an_image_waits_for_its_depth_and_no_longer_than_it_may() -> None:
    intake = Intake(['front'], slop_s=0.001, wait_s=0.2)
    depth(intake, 67)
    intake.put(stamped(100))
    assert intake.take(AT_ONCE) == []
    depth(intake, 100)
    assert [a.depth for a in intake.take(AT_ONCE)] == ['depth 100']
    intake.put(stamped(133))
    began = time.monotonic()
    late, = intake.take(5.0)
    assert (late.message, late.depth) == ('image 133', None)
    assert 0.15 < time.monotonic() - began < 2.0


def test_no_image_waits_where_no_depth_comes() -> None:
    intake = Intake(['front'], wait_s=5.0)
    intake.put(stamped(100))
    assert len(intake.take(AT_ONCE)) == 1
    depth(intake, 100)
    intake.forget_depth('front')
    intake.put(stamped(133))
    assert [a.depth for a in intake.take(AT_ONCE)] == [None]


def test_of_the_waiting_images_the_newest_with_depth_is_taken() -> None:
    """Depth that comes later than the next image is not lost, whatever the frame rate."""
    intake = Intake(['front'], slop_s=0.001, wait_s=5.0)
    depth(intake, 0)
    for stamp in (33, 67, 100):
        intake.put(stamped(stamp))
    depth(intake, 33)
    depth(intake, 67)
    taken, = intake.take(AT_ONCE)
    assert (taken.message, taken.depth, intake.dropped('front')) == ('image 67', 'depth 67', 1)
    depth(intake, 100)
    assert [a.message for a in intake.take(AT_ONCE)] == ['image 100']


def test_what_waits_is_bounded() -> None:
    intake = Intake(['front'], slop_s=0.001, wait_s=5.0)
    depth(intake, 0)
    for stamp in range(100, 200):
        intake.put(stamped(stamp))
    assert intake.dropped('front') == 96


def test_the_newest_camera_info_comes_along() -> None:
    intake = Intake(['front'])
    intake.put_camera_info('front', 'old')
    intake.put_camera_info('front', 'new')
    intake.put(stamped(1))
    assert [a.camera_info for a in intake.take(AT_ONCE)] == ['new']
