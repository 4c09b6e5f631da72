# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rates, latencies and losses, against numbers worked out by hand."""

from __future__ import annotations

import math
import time

import pytest

from seg_ros.health.numbers import WINDOW, Arrivals, CameraHealth, HealthRecorder
from seg_ros.health.verdict import Level, Verdict, not_given

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


def test_the_stamps_of_another_clock_tell_no_latency() -> None:
    recorder = HealthRecorder()
    recorder.published(START, 0, {})  # of a simulation that has not begun
    recorder.published(START, START + 20 * MS, {})
    assert recorder.snapshot(START + S, Arrivals()).latency_p50_ms == pytest.approx(20.0)


def test_what_came_before_a_simulated_clock_began_counts_in_no_rate() -> None:
    health = HealthRecorder().snapshot(2 * S, Arrivals((0,) * 50 + (S, 3 * S // 2, 2 * S)))
    assert health.input_hz == pytest.approx(2.0)
    assert math.isnan(HealthRecorder().snapshot(0, Arrivals((0,) * 50)).input_hz)


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


def test_of_images_without_a_stamp_no_age_is_known() -> None:
    recorder = HealthRecorder()
    recorder.published(0, START, {})
    health = recorder.snapshot(START, Arrivals((START,), 0, START, time.monotonic(), received=1))
    assert (health.published, health.is_stamped, health.heard) == (1, False, True)
    assert all(math.isnan(v) for v in (health.image_age_ms, health.latency_p50_ms))


def test_what_failed_before_it_was_listened_to_again_counts_no_more() -> None:
    recorder = HealthRecorder()
    recorder.undecodable('cut off')
    recorder.begin()
    health = recorder.snapshot(START, Arrivals())
    assert (health.failing, health.undecodable, health.heard) == (0, 1, False)


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
    recorder.published(START, START, {'track': 0.002, 'forward': 0.030})
    assert recorder.snapshot(START, Arrivals()).stage_ms == pytest.approx({'forward': 12.0, 'track': 2.0})


def test_stages_are_told_in_the_order_in_which_a_frame_passes_them() -> None:
    recorder = HealthRecorder()
    recorder.published(START, START, {'publish': 0.1, 'forward': 0.1})
    recorder.published(START, START, {'track': 0.1, 'wait': 0.1, 'decode': 0.1})
    assert list(recorder.snapshot(START, Arrivals()).stage_ms) == ['decode', 'wait', 'forward', 'track', 'publish']


def test_rates_begin_anew_when_the_clock_goes_back() -> None:
    """A bag that starts over under /clock: two rounds are not one of double rate."""
    recorder = HealthRecorder()
    for k in (*range(20), *range(20)):
        recorder.published(START, START + k * 100 * MS, {})
    assert recorder.snapshot(START + 1900 * MS, Arrivals()).output_hz == pytest.approx(10.0)


def test_what_was_wrong_with_a_frame_is_over_when_it_does_not_return(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Verdict(Level.WARN, 'not_given', '~/scan cannot be made: no depth comes', 'remap depth')
    recorder, now_s = HealthRecorder(), [100.0]
    monkeypatch.setattr('time.monotonic', lambda: now_s[0])
    recorder.found([missing])
    now_s[0] += 1.4
    assert recorder.snapshot(START, Arrivals()).problems == (missing,)
    now_s[0] += 0.2
    assert recorder.snapshot(START, Arrivals()).problems == ()


def test_a_reason_that_another_has_taken_the_place_of_is_over_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth that stops is out of step first, and then none."""
    no_floor = Verdict(Level.WARN, 'no_transform TF knows no frame', 'TF knows no frame', 'publish it')
    out, none = (not_given('not_given', fact, 'look at it') for fact in ('depth is out of step', 'no depth comes'))
    recorder, now_s = HealthRecorder(), [100.0]
    monkeypatch.setattr('time.monotonic', lambda: now_s[0])
    recorder.found([no_floor, out])
    now_s[0] += 0.4
    recorder.found([none])
    assert recorder.snapshot(START, Arrivals()).problems == (no_floor, out, none)
    now_s[0] += 0.2
    assert recorder.snapshot(START, Arrivals()).problems == (no_floor, none)


def test_what_is_wrong_with_every_frame_of_a_slow_model_is_wrong_between_them_too(
        monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = Verdict(Level.WARN, 'jpeg', 'JPEG images are damaged', 'check the cable')
    recorder, now_s = HealthRecorder(), [100.0]
    monkeypatch.setattr('time.monotonic', lambda: now_s[0])
    for _ in range(2):
        now_s[0] += 6.0
        recorder.found([damaged])
        recorder.published(START, START, {})
    now_s[0] += 5.0
    assert recorder.snapshot(START, Arrivals()).problems == (damaged,)
    now_s[0] += 8.0
    assert recorder.snapshot(START, Arrivals()).problems == ()
