"""Rates, ages, latencies and losses of each camera, as numbers with a verdict."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

WINDOW = 200
"""How many of the last frames latencies and rates are taken over."""

SILENT_S = 2.0  # a camera that is quiet for so long has stopped; the slowest webcam is faster
LATE_S, EARLY_S = 3.0, -0.5  # a stamp this far behind or before its arrival is of another clock
BEHIND = 0.5  # answering a smaller share of the images than this is falling behind


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
    image_age_ms: float = math.nan
    """How long ago the newest image was taken."""
    offset_s: float = 0.0
    """By how much the newest image arrived after its stamp."""
    quiet_s: float = math.inf
    """Seconds of steady time since the newest image arrived."""
    failing: int = 0
    """How many images could not be used since one could."""
    stage_ms: dict[str, float] = field(default_factory=dict)
    """What a frame costs in each stage, smoothed over some ten frames."""


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
        self._stamp_ns: int | None = None
        self._offset_s, self._failing, self._stage_ms = 0.0, 0, dict[str, float]()
        self._heard_s = -math.inf

    def arrived(self, now_ns: int, stamp_ns: int | None = None) -> None:
        """Count a message received, whose image was taken at ``stamp_ns``."""
        with self._lock:
            self._received += 1
            self._arrivals.append(now_ns)
            self._heard_s = time.monotonic()
            self._stamp_ns = now_ns if stamp_ns is None else stamp_ns
            self._offset_s = (now_ns - self._stamp_ns) / 1e9

    def undecodable(self, reason: str) -> None:
        """Count a message that could not be used, and keep the reason."""
        with self._lock:
            self._undecodable += 1
            self._failing += 1
            self._last_error = reason

    def published(self, stamp_ns: int, now_ns: int, shares: dict[str, float],
                  counts: dict[str, tuple[int, int]] | None = None,
                  stage_s: Mapping[str, float] | None = None) -> None:
        """Count a frame answered, ``now_ns - stamp_ns`` after it was taken."""
        with self._lock:
            self._failing = 0
            for stage, seconds in (stage_s or {}).items():
                before_ms = self._stage_ms.get(stage, seconds * 1e3)
                self._stage_ms[stage] = 0.9 * before_ms + 0.1 * seconds * 1e3
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
                                dict(self._shares), dict(self._counts),
                                math.nan if self._stamp_ns is None else (now_ns - self._stamp_ns) / 1e6,
                                self._offset_s, time.monotonic() - self._heard_s, self._failing,
                                dict(self._stage_ms))


def _rate(times_ns: deque[int], now_ns: int, span_s: float = 5.0) -> float:
    """Return events per second over the last seconds, or since the first event when that is less."""
    recent = [t for t in times_ns if 0 <= now_ns - t <= span_s * 1e9]
    if len(recent) < 2:
        return 0.0
    elapsed = max(now_ns, recent[-1]) - recent[0]
    return (len(recent) - 1) / (elapsed / 1e9) if elapsed > 0 else 0.0


class Level(IntEnum):
    """How bad it is, as diagnostic_msgs/DiagnosticStatus counts."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True)
class Situation:
    """
    What is true around a camera, besides its numbers.

    :param topic: of its images. :param publishers: how many publish images there.
    :param foreign_types: types of those who publish something else there.
    :param candidates: topics on which images are published.
    :param active: whether the node listens. :param paused: whether ~/enable said false.
    :param wanted: whether anybody subscribes to an output.
    :param clock_stands: whether simulated time is asked for and there is none.
    :param max_rate: frames per second that are asked for at most; 0 for no limit.
    """

    topic: str
    publishers: int = 1
    foreign_types: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    active: bool = True
    paused: bool = False
    wanted: bool = True
    clock_stands: bool = False
    max_rate: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """
    How a camera fares, in words.

    :param cause: one word for the case. :param fact: what is so.
    :param remedy: what to do; empty when there is nothing to do. What has a remedy is worth a warning.
    """

    level: Level
    cause: str
    fact: str
    remedy: str = ''

    @property
    def is_silence(self) -> bool:
        """Whether images do not come."""
        return self.cause in ('no_clock', 'other_type', 'no_publisher', 'gone', 'no_frames', 'stopped')


def verdict(health: CameraHealth, now: Situation) -> Verdict:
    """Return what is wrong with a camera, the first cause first; or that nothing is."""
    if not now.active:
        return Verdict(Level.STALE, 'inactive', 'the node is not active')
    if now.paused:
        return Verdict(Level.OK, 'paused', 'paused: ~/enable resumes')
    fine = Verdict(Level.OK, 'fine', f'{health.output_hz:.1f} Hz, {health.latency_p50_ms:.0f} ms behind the camera')
    return _of_silence(health, now) or _of_frames(health, now) or fine


def _of_silence(health: CameraHealth, now: Situation) -> Verdict | None:
    """Explain why no image comes."""
    if now.clock_stands:
        return Verdict(Level.ERROR, 'no_clock', 'use_sim_time is true, but nobody publishes /clock',
                       'start the simulation, play the bag with --clock, or set use_sim_time to false')
    if health.quiet_s < SILENT_S:
        return None
    if not now.publishers and now.foreign_types:
        return Verdict(Level.ERROR, 'other_type', f'{now.topic} carries {" and ".join(now.foreign_types)}, no images '
                       'of the kind listened to', 'set image_transport to raw or compressed as the topic is, '
                                                  'or remap image to another topic')
    if not now.publishers and not health.received:
        known = f'images are published on {", ".join(now.candidates[:5])}' if now.candidates else \
            'no other topic has images either'
        return Verdict(Level.STALE, 'no_publisher', f'nobody publishes {now.topic}; {known}',
                       'start the camera, or remap image to its topic: -r image:=TOPIC, in a launch file image:=TOPIC')
    if not now.publishers:
        return Verdict(Level.ERROR, 'gone', f'the camera of {now.topic} is gone: nobody publishes it any more',
                       'start its driver again; this node goes on by itself')
    if not health.received:
        return Verdict(Level.ERROR, 'no_frames', f'{now.topic} has a publisher, but no image arrives',
                       'see whether ros2 topic hz shows images; if it does, set the Fast DDS profile on both sides '
                       '(docs/transport.md), if not, check the camera and its driver')
    return Verdict(Level.ERROR, 'stopped', f'the images of {now.topic} stopped {health.quiet_s:.0f} s ago, though it '
                   'still has a publisher', 'check the camera, its cable and its driver')


def _of_frames(health: CameraHealth, now: Situation) -> Verdict | None:
    """Explain what is wrong with images that come."""
    if health.failing >= 3 or (health.failing and not health.published):
        return Verdict(Level.ERROR, 'undecodable', f'{health.failing} images of {now.topic} in a row could not be '
                       f'used. {health.last_error.rstrip(".")}', 'see docs/troubleshooting.md for encodings')
    if not now.wanted:
        return Verdict(Level.OK, 'resting', 'resting: nobody subscribes to an output',
                       f'images of {now.topic} come, and are answered as soon as somebody subscribes, to ~/overlay say')
    if not EARLY_S <= health.offset_s <= LATE_S:
        side = 'behind' if health.offset_s > 0 else 'before'
        return Verdict(Level.WARN, 'stamps', f'the stamps of {now.topic} are {abs(health.offset_s):.1f} s {side} the '
                       'clock of this node', 'synchronise the clocks of the computers (chrony); for a recording use '
                                             'ros2 bag play --clock and use_sim_time:=true')
    asked_hz = min(health.input_hz, now.max_rate or math.inf)
    if health.published >= 5 and asked_hz > 1.0 and health.output_hz < BEHIND * asked_hz:
        return Verdict(Level.WARN, 'behind', f'{health.output_hz:.1f} of {asked_hz:.1f} images per second of '
                       f'{now.topic} are answered, the newest each time',
                       'use a GPU, a smaller model or fewer outputs; max_rate makes the lower rate a deliberate one')
    return None
