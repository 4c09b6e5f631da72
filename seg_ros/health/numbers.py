# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is measured of a camera: rates, ages, latencies, losses, and what was wrong with its newest frames."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seg_ros.health.verdict import Verdict
from seg_ros.stages import STAGES

WINDOW = 200
"""How many of the last frames latencies and rates are taken over."""

EARLY_S = -0.5  # a stamp this far before its arrival is of another clock

HELD_S = 1.5  # what was wrong with a frame this long ago, and not since, is over; where frames are rarer, two of them
RIVAL_S = 0.5  # ... where another reason for the same is newer


@dataclass(frozen=True)
class CameraHealth:
    """
    How one camera fares in numbers; NaN where nothing was measured.

    Rates in Hz over the last seconds, latencies from image stamp to publish in milliseconds, counts since the start,
    share of pixels per class name of the last frame, and objects per class name: in sight now, and ever seen.
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
    image_age_ms: float = math.nan
    """How long ago the newest image was taken."""
    offset_s: float = 0.0
    """By how much the newest image arrived after its stamp."""
    quiet_s: float = math.inf
    """Seconds of steady time since the newest image arrived, or since the node began to listen."""
    heard: bool = True
    """Whether an image has arrived since the node began to listen."""
    is_stamped: bool = True
    """Whether the newest image says when it was taken."""
    failing: int = 0
    """How many images could not be used since one could."""
    stage_ms: dict[str, float] = field(default_factory=dict)
    """What a frame costs in each stage, smoothed over some ten frames."""
    depth: dict[str, int] = field(default_factory=dict)
    """How many of the images that should have depth came with it, without, with depth out of step, or unreadable."""
    problems: tuple[Verdict, ...] = ()
    """What was wrong with the newest frames, the first cause first."""


@dataclass(frozen=True)
class Arrivals:
    """
    What has come of a camera.

    :param times_ns: when the last images came, by the node's clock. :param stamp_ns: of the newest.
    :param came_ns: when that came. :param heard_s: likewise, or when it began to be listened to, in steady time.
    :param received: how many came. :param dropped: how many were overwritten unseen.
    """

    times_ns: tuple[int, ...] = ()
    stamp_ns: int = 0
    came_ns: int = 0
    heard_s: float = -math.inf
    received: int = 0
    dropped: int = 0


class HealthRecorder:
    """Collects what happens to the frames of one camera; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._departures: deque[int] = deque(maxlen=WINDOW)
        self._latencies_ms: deque[float] = deque(maxlen=WINDOW)
        self._published = self._undecodable = self._failing = 0
        self._last_error = self._failed_for = ''  # the latter until an image can be used
        self._stage_ms: dict[str, float] = {}
        self._depth: Counter[str] = Counter()
        self._problems: dict[str, tuple[Verdict, float]] = {}
        self._published_s, self._period_s = math.inf, 0.0  # the last frame, and how long after another

    def begin(self) -> None:
        """Note that images are answered from now on: rates are counted from here, and nothing is wrong yet."""
        with self._lock:
            self._departures.clear()
            self._problems.clear()
            self._failing = 0
            self._published_s, self._period_s = math.inf, 0.0

    def undecodable(self, reason: str) -> bool:
        """Count an image that could not be used, and keep the reason; return whether the last one had another."""
        with self._lock:
            self._undecodable += 1
            self._failing += 1
            is_new = reason != self._failed_for
            self._failed_for = self._last_error = reason
            return is_new

    def with_depth(self, word: str) -> None:
        """Count an image that should have depth by what it has: ``with depth``, ``without depth`` and so on."""
        with self._lock:
            self._depth[word] += 1

    def found(self, problems: Iterable[Verdict]) -> None:
        """Note what is wrong with a frame; it holds until a while has passed without it."""
        with self._lock:
            for one in problems:
                self._problems[one.cause] = one, time.monotonic()

    def published(self, stamp_ns: int, now_ns: int, stage_s: Mapping[str, float]) -> None:
        """Count a frame answered, ``now_ns - stamp_ns`` after it was taken, and what it took."""
        with self._lock:
            now_s, self._failing, self._failed_for = time.monotonic(), 0, ''
            self._published_s, self._period_s = now_s, max(0.0, now_s - self._published_s)
            for stage, seconds in stage_s.items():
                before_ms = self._stage_ms.get(stage, seconds * 1e3)
                self._stage_ms[stage] = 0.9 * before_ms + 0.1 * seconds * 1e3
            self._published += 1
            if self._departures and now_ns < self._departures[-1]:  # the clock went back: a recording started over
                self._departures.clear()
            self._departures.append(now_ns)
            if stamp_ns and now_ns - stamp_ns > EARLY_S * 1e9:
                self._latencies_ms.append((now_ns - stamp_ns) / 1e6)

    def snapshot(self, now_ns: int, came: Arrivals) -> CameraHealth:
        """Return the numbers as they are now."""
        with self._lock:
            latencies = np.array(self._latencies_ms) if self._latencies_ms else np.array([np.nan])
            p50, p95, p99 = (float(v) for v in np.percentile(latencies, (50, 95, 99)))
            now_s = time.monotonic()
            held_s = max(HELD_S, 2 * self._period_s)
            newest_s = {one.kind: since_s for one, since_s in sorted(self._problems.values(), key=lambda one: one[1])}
            self._problems = {cause: (one, since_s) for cause, (one, since_s) in self._problems.items()
                              if now_s - since_s <= (held_s if since_s == newest_s[one.kind] else RIVAL_S)}
            age_ms = (now_ns - came.stamp_ns) / 1e6 if came.received and came.stamp_ns else math.nan
            return CameraHealth(_rate(came.times_ns, now_ns), _rate(self._departures, now_ns), p50, p95, p99,
                                came.received, self._published, came.dropped, self._undecodable, self._last_error,
                                image_age_ms=age_ms, offset_s=(came.came_ns - came.stamp_ns) / 1e9,
                                quiet_s=now_s - came.heard_s, heard=bool(came.times_ns),
                                is_stamped=came.stamp_ns != 0, failing=self._failing,
                                stage_ms=dict(sorted(self._stage_ms.items(), key=_place)), depth=dict(self._depth),
                                problems=tuple(verdict for verdict, _ in self._problems.values()))


def _place(stage: tuple[str, float]) -> int:
    """Return how many stages come before this one; those of no camera image are last."""
    return STAGES.index(stage[0]) if stage[0] in STAGES else len(STAGES)


def _rate(times_ns: Sequence[int], now_ns: int, span_s: float = 5.0) -> float:
    """Return events per second over the last seconds, or since the first event when that is less; NaN for none."""
    measured = [t for t in times_ns if t]  # 0 is before a simulated clock began
    recent = [t for t in measured if 0 <= now_ns - t <= span_s * 1e9]
    if len(recent) < 2:
        return 0.0 if len(measured) > 1 else math.nan
    elapsed = max(now_ns, recent[-1]) - recent[0]
    return (len(recent) - 1) / (elapsed / 1e9) if elapsed > 0 else math.nan
