"""Rates, latencies and losses, against numbers worked out by hand."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from seg_ros.health import (
    WINDOW,
    Arrivals,
    CameraHealth,
    HealthRecorder,
    Level,
    Situation,
    Teller,
    Verdict,
    jump_of,
    verdicts,
)

MS, S = 1_000_000, 1_000_000_000
START = 1_700_000_000 * S


def arrivals(times_s: list[float], now_s: float) -> CameraHealth:
    """Return the health after messages at the given seconds."""
    times_ns = tuple(START + round(time_s * S) for time_s in times_s)[-WINDOW:]
    return HealthRecorder().snapshot(START + round(now_s * S), Arrivals(times_ns, received=len(times_s)))


def test_before_the_first_frame_there_is_nothing() -> None:
    health = HealthRecorder().snapshot(START, Arrivals())
    assert all(math.isnan(v) for v in (health.input_hz, health.output_hz))
    assert (health.received, health.published, health.dropped, health.undecodable) == (0, 0, 0, 0)
    assert all(math.isnan(v) for v in (health.latency_p50_ms, health.latency_p95_ms, health.latency_p99_ms))
    assert (health.last_error, health.shares) == ('', {})


@pytest.mark.parametrize(('times_s', 'now_s', 'rate'), [
    ([0.0], 0.0, math.nan),  # one message is no rate
    ([0.0, 0.1, 0.2, 0.3, 0.4], 0.4, 10.0),  # 4 intervals in 0.4 s
    ([0.0, 0.1, 0.2, 0.3, 0.4], 0.8, 5.0),  # and it falls while nothing comes
    ([0.0, 0.1, 0.2, 0.3, 0.4], 5.5, 0.0),  # until all are forgotten after 5 s
    ([0.0, 6.0, 6.5, 7.0], 7.0, 2.0),  # what lies before a pause of more than 5 s does not count
    ([0.0, 0.0], 0.0, math.nan),  # a clock that stands still
    ([100.0, 0.0, 0.5, 1.0], 1.0, 2.0),  # a clock that jumped back, as when a recording starts over
])
def test_the_rate_is_of_the_last_seconds(times_s: list[float], now_s: float, rate: float) -> None:
    assert arrivals(times_s, now_s).input_hz == pytest.approx(rate, nan_ok=True)


def test_a_fast_camera_is_measured_within_the_window() -> None:
    """At 100 Hz the window holds the last 2 s only; the rate is right all the same."""
    health = arrivals([k / 100 for k in range(1000)], 9.99)
    assert health.input_hz == pytest.approx(100.0)
    assert health.received == 1000


def test_latencies_are_percentiles_of_stamp_to_publish() -> None:
    recorder = HealthRecorder()
    for k in range(101):  # 0, 1, ... 100 ms
        recorder.published(START, START + k * MS, {})
    health = recorder.snapshot(START + S, Arrivals(dropped=3))
    assert health.latency_p50_ms == pytest.approx(50.0)
    assert health.latency_p95_ms == pytest.approx(95.0)
    assert health.latency_p99_ms == pytest.approx(99.0)
    assert (health.published, health.dropped) == (101, 3)


def test_latencies_older_than_the_window_are_forgotten() -> None:
    recorder = HealthRecorder()
    for latency_ms, count in ((1000, 50), (10, WINDOW)):
        for _ in range(count):
            recorder.published(START, START + latency_ms * MS, {})
    assert recorder.snapshot(START + S, Arrivals()).latency_p99_ms == pytest.approx(10.0)


def test_the_output_rate_is_that_of_the_answers() -> None:
    recorder = HealthRecorder()
    recorder.published(START, START + 200 * MS, {})
    recorder.published(START, START + 400 * MS, {})
    came = Arrivals(tuple(START + k * 100 * MS for k in range(5)))
    health = recorder.snapshot(START + 400 * MS, came)
    assert health.input_hz == pytest.approx(10.0)
    assert health.output_hz == pytest.approx(5.0)


def test_the_last_error_is_kept() -> None:
    recorder = HealthRecorder()
    recorder.undecodable('too short')
    recorder.undecodable('unknown encoding')
    health = recorder.snapshot(START, Arrivals())
    assert (health.undecodable, health.last_error) == (2, 'unknown encoding')


def test_age_offset_and_silence_are_of_the_newest_image() -> None:
    assert HealthRecorder().snapshot(START, Arrivals()).quiet_s == math.inf
    came = Arrivals((START + 100 * MS,), START + 20 * MS, START + 100 * MS, time.monotonic(), received=1)
    health = HealthRecorder().snapshot(START + 520 * MS, came)
    assert health.image_age_ms == pytest.approx(500.0)
    assert health.offset_s == pytest.approx(0.08)
    assert 0.0 <= health.quiet_s < 5.0


def test_failures_are_counted_until_one_image_can_be_used() -> None:
    recorder = HealthRecorder()
    for _ in range(4):
        recorder.undecodable('cut off')
    assert recorder.snapshot(START, Arrivals()).failing == 4
    recorder.published(START, START, {})
    assert (recorder.snapshot(START, Arrivals()).failing, recorder.snapshot(START, Arrivals()).undecodable) == (0, 4)


def test_the_cost_of_a_stage_is_smoothed() -> None:
    recorder = HealthRecorder()
    recorder.published(START, START, {'forward': 0.010})
    recorder.published(START, START, {'forward': 0.030, 'track': 0.002})
    assert recorder.snapshot(START, Arrivals()).stage_ms == pytest.approx({'forward': 12.0, 'track': 2.0})


def health(**numbers: Any) -> CameraHealth:
    """Return the health of a camera at 30 Hz that is answered in time, but for the given numbers."""
    good: dict[str, Any] = {
        'input_hz': 30.0, 'output_hz': 30.0, 'latency_p50_ms': 20.0, 'latency_p95_ms': 30.0, 'latency_p99_ms': 40.0,
        'received': 100, 'published': 100, 'dropped': 0, 'undecodable': 0, 'last_error': '', 'quiet_s': 0.03}
    return CameraHealth(**{**good, **numbers})


SILENT = {'quiet_s': 9.0, 'input_hz': 0.0, 'output_hz': 0.0}
NEVER = {'quiet_s': math.inf, 'input_hz': 0.0, 'output_hz': 0.0, 'received': 0, 'published': 0}
LOADING = Verdict(Level.ERROR, 'not_configured', "there is no model 'zebra'", 'use indoor')
NOT_GIVEN = Verdict(Level.WARN, 'not_given', '~/scan cannot be made: no depth comes', 'remap depth')
JPEG = ('sensor_msgs/msg/CompressedImage',)


@pytest.mark.parametrize(('numbers', 'around', 'level', 'cause', 'words'), [
    ({}, {}, Level.OK, 'fine', '30.0 Hz, 20 ms behind the camera'),
    (NEVER, {'active': False}, Level.STALE, 'inactive', 'not active'),
    (SILENT, {'paused': True}, Level.OK, 'paused', '~/enable'),
    (NEVER, {'publishers': 0}, Level.STALE, 'no_publisher', 'nobody publishes /image; no other topic'),
    (NEVER, {'publishers': 0, 'candidates': ('/a/image', '/b')}, Level.STALE, 'no_publisher', 'on /a/image, /b'),
    (NEVER, {'publishers': 0, 'foreign_types': JPEG}, Level.ERROR, 'other_type', '/image carries sensor_msgs/msg/Comp'),
    (NEVER, {}, Level.ERROR, 'no_frames', '/image has a publisher, but no image arrives'),
    (SILENT, {}, Level.ERROR, 'stopped', 'stopped 9 s ago'),
    (SILENT, {'publishers': 0}, Level.ERROR, 'gone', 'the camera of /image is gone'),
    ({'quiet_s': 1.9}, {'publishers': 0}, Level.OK, 'fine', '30.0 Hz'),  # it may be about to restart
    ({}, {'clock_stands': True}, Level.ERROR, 'no_clock', 'nobody publishes /clock'),
    ({'failing': 1, 'published': 0, 'last_error': 'Unknown encoding.'}, {}, Level.ERROR, 'undecodable',
     '1 images of /image in a row could not be used. Unknown encoding'),
    ({'failing': 2}, {}, Level.OK, 'fine', '30.0 Hz'),  # a torn frame now and then
    ({'failing': 3, 'last_error': 'cut off'}, {}, Level.ERROR, 'undecodable', 'cut off'),
    ({'output_hz': 0.0}, {'wanted': False}, Level.OK, 'resting', 'nobody subscribes'),
    (NEVER, {'wanted': False}, Level.OK, 'resting', 'nobody subscribes'),
    (NEVER, {'wanted': False, 'publishers': 0}, Level.STALE, 'no_publisher', 'nobody publishes /image'),
    (NEVER, {'active': False, 'failure': LOADING}, Level.ERROR, 'not_configured', "no model 'zebra'"),
    ({}, {'problems': (NOT_GIVEN,)}, Level.WARN, 'not_given', '~/scan cannot be made'),
    ({'problems': (NOT_GIVEN,)}, {}, Level.WARN, 'not_given', '~/scan cannot be made'),
    (SILENT, {'problems': (NOT_GIVEN,)}, Level.ERROR, 'stopped', 'stopped 9 s ago'),  # the first cause
    ({'offset_s': 3600.0}, {}, Level.WARN, 'stamps', '3600.0 s behind the clock'),
    ({'offset_s': -0.6}, {}, Level.WARN, 'stamps', '0.6 s before the clock'),
    ({'offset_s': 2.9}, {}, Level.OK, 'fine', '30.0 Hz'),
    ({'output_hz': 14.9}, {}, Level.WARN, 'behind', '14.9 of 30.0 images per second of /image'),
    ({'output_hz': 15.0}, {}, Level.OK, 'fine', '15.0 Hz'),
    ({'output_hz': 5.0}, {'max_rate': 5.0}, Level.OK, 'fine', '5.0 Hz'),  # as asked
    ({'output_hz': 2.0}, {'max_rate': 5.0}, Level.WARN, 'behind', '2.0 of 5.0'),
    ({'output_hz': 1.0, 'published': 4}, {}, Level.OK, 'fine', '1.0 Hz'),  # it has only just begun
    ({'input_hz': 0.5, 'output_hz': 0.1}, {}, Level.OK, 'fine', '0.1 Hz'),  # too slow to tell
])
def test_the_first_cause_is_named_with_its_level(numbers: dict[str, Any], around: dict[str, Any], level: Level,
                                                 cause: str, words: str) -> None:
    found = verdicts(health(**numbers), Situation('/image', **around))[0]
    assert (found.level, found.cause) == (level, cause)
    assert words in found.fact
    assert bool(found.remedy) is (cause not in ('fine', 'inactive', 'paused'))


def test_all_that_is_wrong_is_told_the_first_cause_first() -> None:
    numbers = health(failing=3, last_error='cut off', offset_s=3600.0, problems=(NOT_GIVEN,))
    found = verdicts(numbers, Situation('/image'))
    assert [one.cause for one in found] == ['undecodable', 'not_given', 'stamps']


def test_what_was_wrong_with_a_frame_is_over_when_it_does_not_return(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder, now_s = HealthRecorder(), [100.0]
    monkeypatch.setattr('time.monotonic', lambda: now_s[0])
    recorder.found([NOT_GIVEN])
    now_s[0] += 2.0
    assert recorder.snapshot(START, Arrivals()).problems == (NOT_GIVEN,)
    now_s[0] += 1.0
    assert recorder.snapshot(START, Arrivals()).problems == ()


def test_rates_begin_anew_when_the_clock_goes_back() -> None:
    """A bag that starts over under /clock: two rounds are not one of double rate."""
    recorder = HealthRecorder()
    for k in (*range(20), *range(20)):
        recorder.published(START, START + k * 100 * MS, {})
    assert recorder.snapshot(START + 1900 * MS, Arrivals()).output_hz == pytest.approx(10.0)


FINE = Verdict(Level.OK, 'fine', '10.0 Hz, 20 ms behind the camera')
GONE = Verdict(Level.ERROR, 'gone', 'the camera of /image is gone', 'start its driver again')
BEHIND = Verdict(Level.WARN, 'behind', '2.0 of 30.0 images per second are answered', 'use a GPU')
INACTIVE = Verdict(Level.STALE, 'inactive', 'the node is not active')
GONE_SAID, BEHIND_SAID = ('The camera of /image is gone. Start its driver again.',
                          '2.0 of 30.0 images per second are answered. Use a GPU.')
BACK_SAID = 'Images arrive again: 10.0 Hz, 20 ms behind the camera'


@pytest.mark.parametrize(('heard', 'said'), [
    ([GONE, GONE], []),
    ([GONE, FINE, GONE, FINE], []),
    ([GONE] * 60, [GONE_SAID]),
    ([BEHIND] * 3 + [FINE] + [BEHIND] * 30, [BEHIND_SAID]),  # it trembles
    ([BEHIND] * 3 + [FINE] * 3 + [BEHIND] * 30, [BEHIND_SAID] * 2),  # it was over, and returned
    (([GONE] * 3 + [FINE]) * 2, [GONE_SAID, BACK_SAID] * 2),
    ([GONE] * 3 + [INACTIVE] * 3, [GONE_SAID]),
    ([INACTIVE] * 60, []),
])
def test_a_verdict_that_lasts_is_said_once(heard: list[Verdict], said: list[str]) -> None:
    teller = Teller()
    assert [sentence for one in heard for sentence, _ in teller.heard([one])] == said


def test_what_is_wrong_beside_the_first_cause_is_said_too() -> None:
    teller = Teller()
    said = [sentence for _ in range(9) for sentence, _ in teller.heard([NOT_GIVEN, BEHIND])]
    assert said == ['~/scan cannot be made: no depth comes. Remap depth.', BEHIND_SAID]


def test_only_the_return_of_images_is_good_news() -> None:
    teller = Teller()
    assert [good for one in [GONE] * 3 + [FINE] for _, good in teller.heard([one])] == [False, True]


@pytest.mark.parametrize(('back_s', 'ahead_s', 'words'), [
    (0.0, 0.0, ''),  # a camera that stamps twice alike
    (0.01, -0.11, ''),  # one that came a little late
    (2.5, -2.6, 'went back in time by 2.500 s: objects are taken for new ones'),
    (-5.1, 5.0, 'leapt ahead in time by 5.0 s: objects are taken for new ones'),
    (-60.0, 0.0, ''),  # the camera was away for a minute
])
def test_a_jump_in_time_is_named(back_s: float, ahead_s: float, words: str) -> None:
    assert jump_of(back_s, ahead_s) == words
