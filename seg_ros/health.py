"""How each camera fares: numbers, and what is wrong with it, decided and remembered in this one place."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

WINDOW = 200
"""How many of the last frames latencies and rates are taken over."""

SILENT_S = 2.0  # a camera that is quiet for so long has stopped; the slowest webcam is faster
LATE_S, EARLY_S = 3.0, -0.5  # a stamp this far behind or before its arrival is of another clock
BEHIND = 0.5  # answering a smaller share of the images than this is falling behind
HELD_S = 2.5  # what was wrong with a frame this long ago, and not since, is over
PATIENCE = 3  # reports in a row, one a second: what passes by itself is not worth a line


class Level(IntEnum):
    """How bad it is, as diagnostic_msgs/DiagnosticStatus counts."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


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
        self._last_error = ''
        self._stage_ms: dict[str, float] = {}
        self._depth: Counter[str] = Counter()
        self._problems: dict[str, tuple[Verdict, float]] = {}

    def begin(self) -> None:
        """Note that images are answered from now on: rates are counted from here, and nothing is wrong yet."""
        with self._lock:
            self._departures.clear()
            self._problems.clear()

    def undecodable(self, reason: str) -> bool:
        """Count an image that could not be used, and keep the reason; return whether the last one had another."""
        with self._lock:
            self._undecodable += 1
            self._failing += 1
            is_new, self._last_error = self._failing == 1 or reason != self._last_error, reason
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
            self._failing = 0
            for stage, seconds in stage_s.items():
                before_ms = self._stage_ms.get(stage, seconds * 1e3)
                self._stage_ms[stage] = 0.9 * before_ms + 0.1 * seconds * 1e3
            self._published += 1
            if self._departures and now_ns < self._departures[-1]:  # the clock went back: a recording started over
                self._departures.clear()
            self._departures.append(now_ns)
            self._latencies_ms.append((now_ns - stamp_ns) / 1e6)

    def snapshot(self, now_ns: int, came: Arrivals) -> CameraHealth:
        """Return the numbers as they are now."""
        with self._lock:
            latencies = np.array(self._latencies_ms) if self._latencies_ms else np.array([np.nan])
            p50, p95, p99 = (float(v) for v in np.percentile(latencies, (50, 95, 99)))
            now_s = time.monotonic()
            self._problems = {cause: one for cause, one in self._problems.items() if now_s - one[1] <= HELD_S}
            age_ms = (now_ns - came.stamp_ns) / 1e6 if came.received else math.nan
            return CameraHealth(_rate(came.times_ns, now_ns), _rate(self._departures, now_ns), p50, p95, p99,
                                came.received, self._published, came.dropped, self._undecodable, self._last_error,
                                image_age_ms=age_ms, offset_s=(came.came_ns - came.stamp_ns) / 1e9,
                                quiet_s=now_s - came.heard_s, failing=self._failing, stage_ms=dict(self._stage_ms),
                                depth=dict(self._depth),
                                problems=tuple(verdict for verdict, _ in self._problems.values()))


def _rate(times_ns: Sequence[int], now_ns: int, span_s: float = 5.0) -> float:
    """Return events per second over the last seconds, or since the first event when that is less; NaN for none."""
    recent = [t for t in times_ns if 0 <= now_ns - t <= span_s * 1e9]
    if len(recent) < 2:
        return 0.0 if len(times_ns) > 1 else math.nan
    elapsed = max(now_ns, recent[-1]) - recent[0]
    return (len(recent) - 1) / (elapsed / 1e9) if elapsed > 0 else math.nan


LEAP_S = 2.0  # the stamps ran ahead of the clock by more than this from one image to the next
BACK_S = 0.5  # an image late by less than this is no step back in time


def jump_of(back_s: float, ahead_s: float) -> str:
    """
    Return in words how the time of a camera jumped from one image to the next; empty when it did not.

    :param back_s: by how much the stamp is older. :param ahead_s: by how much more the stamps went on than the clock.
    """
    if back_s > BACK_S:
        return f'went back in time by {back_s:.3f} s: objects are taken for new ones'
    return f'leapt ahead in time by {ahead_s:.1f} s: objects are taken for new ones' if ahead_s > LEAP_S else ''


@dataclass(frozen=True)
class Situation:
    """
    What is true around a camera, besides its numbers.

    :param topic: of its images. :param publishers: how many publish images there.
    :param foreign_types: types of those who publish something else there.
    :param candidates: topics on which images are published.
    :param active: whether the node listens. :param paused: whether ~/enable said false.
    :param wanted: whether anybody subscribes to an output that the mode has.
    :param clock_stands: whether simulated time is asked for and there is none.
    :param max_rate: frames per second that are asked for at most; 0 for no limit.
    :param failure: why the node could not be configured; None when it was not tried or went well.
    :param problems: what else is wrong now, the first cause first.
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
    failure: Verdict | None = None
    problems: tuple[Verdict, ...] = ()


def verdicts(health: CameraHealth, now: Situation) -> tuple[Verdict, ...]:
    """Return what is wrong with a camera, the first cause first; or that nothing is. There is always one."""
    if not now.active:
        return (now.failure or Verdict(Level.STALE, 'inactive', 'the node is not active'),)
    if now.paused:
        return (Verdict(Level.OK, 'paused', 'paused: ~/enable resumes'),)
    silence = _of_silence(health, now)
    if silence is not None:
        return silence, *now.problems
    found = tuple(one for one in (_undecodable(health, now), *now.problems, *health.problems, _stamps(health, now),
                                  _behind(health, now)) if one is not None)
    return found or (_resting(now) if not now.wanted else
                     Verdict(Level.OK, 'fine', f'{health.output_hz:.1f} Hz, {health.latency_p50_ms:.0f} ms behind the '
                             'camera' if health.published else 'the first image is on its way'),)


def _of_silence(health: CameraHealth, now: Situation) -> Verdict | None:
    """Explain why no image comes."""
    if now.clock_stands:
        return Verdict(Level.ERROR, 'no_clock', 'use_sim_time is true, but nobody publishes /clock',
                       'start the simulation, play the bag with --clock, or set use_sim_time to false')
    if health.quiet_s < SILENT_S if now.wanted else now.publishers:  # who is not asked for images is only looked for
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
                   'still has a publisher', 'check the camera, its cable and its driver; if ros2 topic hz shows '
                                            'images, set the Fast DDS profile on both sides (docs/transport.md)')


def _undecodable(health: CameraHealth, now: Situation) -> Verdict | None:
    if health.failing < 3 and (health.published or not health.failing):
        return None
    return Verdict(Level.ERROR, 'undecodable', f'{health.failing} images of {now.topic} in a row could not be '
                   f'used. {health.last_error.rstrip(".")}', 'see docs/troubleshooting.md')


def _resting(now: Situation) -> Verdict:
    return Verdict(Level.OK, 'resting', 'resting: nobody subscribes to an output',
                   f'images of {now.topic} are received and answered as soon as somebody subscribes, to ~/overlay say')


def _stamps(health: CameraHealth, now: Situation) -> Verdict | None:
    if not health.received or not now.wanted or EARLY_S <= health.offset_s <= LATE_S:
        return None
    side = 'behind' if health.offset_s > 0 else 'before'
    return Verdict(Level.WARN, 'stamps', f'the stamps of {now.topic} are {abs(health.offset_s):.1f} s {side} the '
                   'clock of this node', 'synchronise the clocks of the computers (chrony); for a recording use '
                                         'ros2 bag play --clock and use_sim_time:=true')


def _behind(health: CameraHealth, now: Situation) -> Verdict | None:
    asked_hz = min(health.input_hz, now.max_rate or math.inf)
    if health.published < 5 or not asked_hz > 1.0 or not now.wanted or not health.output_hz < BEHIND * asked_hz:
        return None
    return Verdict(Level.WARN, 'behind', f'{health.output_hz:.1f} of {asked_hz:.1f} images per second of '
                   f'{now.topic} are answered, the newest each time',
                   'use a GPU, a smaller model or fewer outputs; max_rate makes the lower rate a deliberate one')


class Teller:
    """
    Turns verdicts that last into one sentence each, when they begin to last; what is over and returns is said again.

    It is told once a second what is so.
    """

    def __init__(self) -> None:
        self._lasted: dict[str, int] = {}  # reports in a row by cause; beyond PATIENCE it was said
        self._over: Counter[str] = Counter()
        self._silence = ''  # the cause that was said

    def heard(self, found: Iterable[Verdict]) -> list[tuple[str, bool]]:
        """Return the sentences to say now, and of each whether it is good news."""
        found = tuple(found)
        said = [(f'Images arrive again: {found[0].fact}', True)] if self._is_back(found[0]) else []
        for one in found:
            self._over.pop(one.cause, None)
            self._lasted[one.cause] = self._lasted.get(one.cause, 0) + 1
            if self._lasted[one.cause] == PATIENCE and one.remedy:
                said.append((f'{_capital(one.fact)}. {_capital(one.remedy)}.', False))
                self._silence = one.cause if one.is_silence else self._silence
        self._forget(self._lasted.keys() - {one.cause for one in found})
        return said

    def _is_back(self, first: Verdict) -> bool:
        """Tell whether images come again after it was said that they do not."""
        if not self._silence or first.is_silence or first.cause in ('inactive', 'paused', 'resting'):
            return False
        self._lasted.pop(self._silence, None)
        self._silence = ''
        return True

    def _forget(self, absent: Iterable[str]) -> None:
        """Forget what has not been so for as long as it takes to say it; before, a trembling cause is one."""
        for cause in tuple(absent):
            self._over[cause] += 1
            if self._lasted[cause] < PATIENCE or self._over[cause] >= PATIENCE:
                del self._lasted[cause], self._over[cause]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
