"""Rates, latencies and losses, against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest

from seg_ros.health import WINDOW, CameraHealth, HealthRecorder

MS, S = 1_000_000, 1_000_000_000
START = 1_700_000_000 * S


def arrivals(times_s: list[float], now_s: float) -> CameraHealth:
    """Return the health after messages at the given seconds."""
    recorder = HealthRecorder()
    for time_s in times_s:
        recorder.arrived(START + round(time_s * S))
    return recorder.snapshot(START + round(now_s * S), dropped=0)


def test_before_the_first_frame_there_is_nothing() -> None:
    health = HealthRecorder().snapshot(START, dropped=0)
    assert (health.input_hz, health.output_hz) == (0.0, 0.0)
    assert (health.received, health.published, health.dropped, health.undecodable) == (0, 0, 0, 0)
    assert all(math.isnan(v) for v in (health.latency_p50_ms, health.latency_p95_ms, health.latency_p99_ms))
    assert (health.last_error, health.shares) == ('', {})


@pytest.mark.parametrize(('times_s', 'now_s', 'rate'), [
    ([0.0], 0.0, 0.0),  # one message is no rate
    ([0.0, 0.1, 0.2, 0.3, 0.4], 0.4, 10.0),  # 4 intervals in 0.4 s
    ([0.0, 0.1, 0.2, 0.3, 0.4], 0.8, 5.0),  # and it falls while nothing comes
    ([0.0, 0.1, 0.2, 0.3, 0.4], 5.5, 0.0),  # until all are forgotten after 5 s
    ([0.0, 6.0, 6.5, 7.0], 7.0, 2.0),  # what lies before a pause of more than 5 s does not count
    ([0.0, 0.0], 0.0, 0.0),  # a clock that stands still
    ([100.0, 0.0, 0.5, 1.0], 1.0, 2.0),  # a clock that jumped back, as when a recording starts over
])
def test_the_rate_is_of_the_last_seconds(times_s: list[float], now_s: float, rate: float) -> None:
    assert arrivals(times_s, now_s).input_hz == pytest.approx(rate)


def test_a_fast_camera_is_measured_within_the_window() -> None:
    """At 100 Hz the window holds the last 2 s only; the rate is right all the same."""
    health = arrivals([k / 100 for k in range(1000)], 9.99)
    assert health.input_hz == pytest.approx(100.0)
    assert health.received == 1000


def test_latencies_are_percentiles_of_stamp_to_publish() -> None:
    recorder = HealthRecorder()
    for k in range(101):  # 0, 1, ... 100 ms
        recorder.published(START, START + k * MS, {})
    health = recorder.snapshot(START + S, dropped=3)
    assert health.latency_p50_ms == pytest.approx(50.0)
    assert health.latency_p95_ms == pytest.approx(95.0)
    assert health.latency_p99_ms == pytest.approx(99.0)
    assert (health.published, health.dropped) == (101, 3)


def test_latencies_older_than_the_window_are_forgotten() -> None:
    recorder = HealthRecorder()
    for latency_ms, count in ((1000, 50), (10, WINDOW)):
        for _ in range(count):
            recorder.published(START, START + latency_ms * MS, {})
    assert recorder.snapshot(START + S, dropped=0).latency_p99_ms == pytest.approx(10.0)


def test_output_rate_and_shares_are_those_of_the_answers() -> None:
    recorder = HealthRecorder()
    for k in range(5):
        recorder.arrived(START + k * 100 * MS)
    recorder.published(START, START + 200 * MS, {'floor': 1.0})
    recorder.published(START, START + 400 * MS, {'floor': 0.25, 'wall': 0.75})
    health = recorder.snapshot(START + 400 * MS, dropped=0)
    assert health.input_hz == pytest.approx(10.0)
    assert health.output_hz == pytest.approx(5.0)
    assert health.shares == {'floor': 0.25, 'wall': 0.75}


def test_the_last_error_is_kept() -> None:
    recorder = HealthRecorder()
    recorder.undecodable('too short')
    recorder.undecodable('unknown encoding')
    health = recorder.snapshot(START, dropped=0)
    assert (health.undecodable, health.last_error) == (2, 'unknown encoding')
