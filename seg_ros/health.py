"""Rates, latencies and losses of each camera, as numbers."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

import numpy as np

WINDOW = 200
"""How many of the last frames latencies and rates are taken over."""


@dataclass(frozen=True)
class CameraHealth:
    """
    How one camera fares.

    Rates in Hz over the last seconds, latencies from image stamp to publish in milliseconds (NaN before the
    first frame), counts since the start, share of pixels per class name of the last frame, and objects per
    class name: in sight now, and ever seen.
    """

    input_hz: float
    output_hz: float
    latency_p50_ms: float
    latency_p95_ms: float
    latency_p99_ms: float
    received: int
    published: int
    dropped: int
    undecodable: int
    last_error: str
    shares: dict[str, float] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)


class HealthRecorder:
    """Collects what happens to the frames of one camera; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrivals: deque[int] = deque(maxlen=WINDOW)
        self._departures: deque[int] = deque(maxlen=WINDOW)
        self._latencies_ms: deque[float] = deque(maxlen=WINDOW)
        self._received = self._published = self._undecodable = 0
        self._last_error = ''
        self._shares: dict[str, float] = {}
        self._counts: dict[str, tuple[int, int]] = {}

    def arrived(self, now_ns: int) -> None:
        """Count a message received."""
        with self._lock:
            self._received += 1
            self._arrivals.append(now_ns)

    def undecodable(self, reason: str) -> None:
        """Count a message that could not be used, and keep the reason."""
        with self._lock:
            self._undecodable += 1
            self._last_error = reason

    def published(self, stamp_ns: int, now_ns: int, shares: dict[str, float],
                  counts: dict[str, tuple[int, int]] | None = None) -> None:
        """Count a frame answered, ``now_ns - stamp_ns`` after it was taken."""
        with self._lock:
            self._published += 1
            self._departures.append(now_ns)
            self._latencies_ms.append((now_ns - stamp_ns) / 1e6)
            self._shares = shares
            self._counts = counts or {}

    def snapshot(self, now_ns: int, dropped: int) -> CameraHealth:
        """Return the numbers as they are now."""
        with self._lock:
            latencies = np.array(self._latencies_ms) if self._latencies_ms else np.array([np.nan])
            p50, p95, p99 = (float(v) for v in np.percentile(latencies, (50, 95, 99)))
            return CameraHealth(_rate(self._arrivals, now_ns), _rate(self._departures, now_ns), p50, p95, p99,
                                self._received, self._published, dropped, self._undecodable, self._last_error,
                                dict(self._shares), dict(self._counts))


def _rate(times_ns: deque[int], now_ns: int, span_s: float = 5.0) -> float:
    """Return events per second over the last seconds, or since the first event when that is less."""
    recent = [t for t in times_ns if 0 <= now_ns - t <= span_s * 1e9]
    if len(recent) < 2:
        return 0.0
    elapsed = max(now_ns, recent[-1]) - recent[0]
    return (len(recent) - 1) / (elapsed / 1e9) if elapsed > 0 else 0.0
