# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How frames lie in each other over time: what tf2's buffer does, as far as a camera needs it, without tf2."""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import TransformError, nearest_of
from seg_ros.geometry.turns import NO_TURN, Quaternion, Vector, after, back, between, matrix_of, turned, unit

CACHE_NS = 10_000_000_000
"""Transforms of one frame older than its newest by more than this are forgotten, and not taken any more."""

HELD_NS = 100_000_000  # a transform of a recording holds so long before its first and after its last sample
MOST_FRAMES, MOST_SAMPLES = 4096, 20_000  # of a buffer, and of a frame: whatever somebody publishes
UNIT_TOLERANCE = 0.01  # of a quaternion's length, as tf2 has it
LATEST = 0  # the stamp that asks for the newest moment at which everything on the way is known

Floats = NDArray[np.float64]
Pose = tuple[Quaternion, Vector]


@dataclass(frozen=True)
class Sample:
    """How a frame lies in its parent: a point p of it is ``turned(turn, p) + place`` there."""

    parent: str
    place: Vector
    turn: Quaternion


@dataclass
class _Track:
    """The samples of one frame by stamp, ascending; one of any stamp where the frame is static."""

    is_static: bool
    is_recorded: bool
    stamps: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def put(self, stamp_ns: int, sample: Sample) -> bool:
        if self.is_static:
            self.stamps, self.samples = [stamp_ns], [sample]
            return True
        at = bisect_left(self.stamps, stamp_ns)
        if at < len(self.stamps) and self.stamps[at] == stamp_ns:
            return False
        self.stamps.insert(at, stamp_ns)
        self.samples.insert(at, sample)
        if not self.is_recorded:
            old = max(bisect_left(self.stamps, self.stamps[-1] - CACHE_NS), len(self.stamps) - MOST_SAMPLES)
            del self.stamps[:old], self.samples[:old]
        return self.stamps[0] <= stamp_ns

    def at(self, stamp_ns: int) -> Sample | None:
        """Return the sample of a moment; None before the first and after the last one."""
        if self.is_static or (self.is_recorded and self.stamps == [0]):  # told once, and of no moment
            return self.samples[0]
        if self.is_recorded and self.stamps[0] - HELD_NS <= stamp_ns <= self.stamps[-1] + HELD_NS:
            stamp_ns = min(max(stamp_ns, self.stamps[0]), self.stamps[-1])
        at = bisect_left(self.stamps, stamp_ns)
        if at == len(self.stamps):
            return None
        if self.stamps[at] == stamp_ns:
            return self.samples[at]
        if at == 0:
            return None
        return _between(self.samples[at - 1], self.samples[at],
                        (stamp_ns - self.stamps[at - 1]) / (self.stamps[at] - self.stamps[at - 1]))

    @property
    def rivals(self) -> tuple[str, ...]:
        """The parents between which a frame goes to and fro; none where it has one, or was given to another."""
        parents = [sample.parent for sample in self.samples]
        changes = sum(before != later for before, later in pairwise(parents))
        return tuple(sorted({*parents})) if changes > 1 else ()

    def miss(self, stamp_ns: int) -> str:
        """Say how far a moment lies outside the samples."""
        early_s, late_s = (self.stamps[0] - stamp_ns) / 1e9, (stamp_ns - self.stamps[-1]) / 1e9
        return f'begins {early_s:.3f} s after it' if early_s > 0 else f'ends {late_s:.3f} s before it'


@dataclass
class _Way:
    """The way from a frame towards the root: each frame on it, how the first lies in it, and why it ends."""

    frames: list[str]
    poses: list[Pose]
    end: str = ''


class TransformBuffer:
    """
    The transforms of the last ten seconds, and the static ones; may be filled and asked from different threads.

    The rules are tf2's: between two samples translations are interpolated linearly and rotations spherically, none
    are made up before the first or after the last; the parent of a frame may change, and then the older sample holds
    until the next; a stamp that is there already, and one ten seconds older than the newest, are not taken.

    :param is_recorded: of a recording, all is kept instead, and a transform holds for ``HELD_NS`` beyond its samples.
    """

    def __init__(self, *, is_recorded: bool = False) -> None:
        self._is_recorded = is_recorded
        self._tracks: dict[str, _Track] = {}
        self._refused: dict[str, str] = {}  # by frame, what is no transform
        self._lock = threading.Lock()

    def add(self, child: str, parent: str, stamp_ns: int, translation: Sequence[float], quaternion: Sequence[float], *,
            is_static: bool = False) -> bool:
        """
        Keep how ``child`` lies in ``parent``; return whether it was taken.

        :param translation: of the child's origin, metres. :param quaternion: x, y, z, w of a rotation.
        :param is_static: it holds at every moment, until it is given anew.
        """
        child, parent = child.lstrip('/'), parent.lstrip('/')
        (x, y, z), (qx, qy, qz, qw) = translation, quaternion
        length = math.sqrt(qx * qx + qy * qy + qz * qz + qw * qw)
        if not child or not parent or child == parent:
            return False
        if not abs(length - 1.0) <= UNIT_TOLERANCE or not math.isfinite(x + y + z):  # True for NaN
            if len(self._refused) < MOST_FRAMES:
                self._refused[child] = f'a rotation of length {length:.3g} and the place {x:.3g}, {y:.3g}, {z:.3g}'
            return False
        with self._lock:
            self._refused.pop(child, None)
            track = self._tracks.get(child)
            if track is None or track.is_static != is_static:
                if track is None and len(self._tracks) >= MOST_FRAMES:
                    return False
                track = self._tracks[child] = _Track(is_static, self._is_recorded)
            return track.put(stamp_ns, Sample(parent, (float(x), float(y), float(z)), unit(qx, qy, qz, qw)))

    def joins(self, target: str, source: str) -> bool:
        """Tell whether there is a way between two frames, whenever."""
        with self._lock:
            return bool(self._newest(source.lstrip('/')).keys() & self._newest(target.lstrip('/')).keys())

    def knows(self, target: str, source: str, stamp_ns: int) -> bool:
        """Tell whether what is known of the way between two frames reaches a moment."""
        if not self.joins(target, source):
            return False
        with self._lock:
            newest_ns = self._latest_common(target.lstrip('/'), source.lstrip('/'))
        return newest_ns == LATEST or newest_ns >= stamp_ns

    def clear(self) -> None:
        """Forget all but the static transforms: time has jumped."""
        with self._lock:
            self._tracks = {child: track for child, track in self._tracks.items() if track.is_static}

    def lookup(self, target: str, source: str, stamp_ns: int) -> tuple[Floats, Floats]:
        """
        Return the (3, 3) rotation and the (3,) translation that take points of ``source`` into ``target``.

        :param stamp_ns: the moment; ``LATEST`` for the newest at which all transforms on the way are known.
        :raises TransformError: when the way is not known then; names the part that is missing, and by how much.
        """
        target, source = target.lstrip('/'), source.lstrip('/')
        if target == source:
            return np.eye(3), np.zeros(3)
        with self._lock:
            return self._between(target, source, stamp_ns or self._latest_common(target, source))

    def _between(self, target: str, source: str, stamp_ns: int) -> tuple[Floats, Floats]:
        up, down = self._way(source, stamp_ns), self._way(target, stamp_ns)
        meeting = next((frame for frame in up.frames if frame in down.frames), None)
        if meeting is None:
            raise self._unconnected(target, source, up, down)
        turn, place = up.poses[up.frames.index(meeting)]
        target_turn, target_place = down.poses[down.frames.index(meeting)]
        undone = back(target_turn)
        return matrix_of(after(undone, turn)), np.array(turned(undone, _sum(place, target_place, -1.0)))

    def _way(self, frame: str, stamp_ns: int) -> _Way:
        way = _Way([frame], [(NO_TURN, (0.0, 0.0, 0.0))])
        while (track := self._tracks.get(frame)) is not None:
            sample = track.at(stamp_ns)
            if sample is None and frame in self._refused:
                raise self._refusal(frame)
            if sample is None:
                way.end = f'the transform from {frame} to {track.samples[-1].parent} {track.miss(stamp_ns)}'
                return way
            if sample.parent in way.frames:
                raise TransformError(f'the frames {" -> ".join([*way.frames, sample.parent])} go round in a circle',
                                 'two programs publish transforms that contradict each other: stop one')
            turn, place = way.poses[-1]
            way.poses.append((after(sample.turn, turn), _sum(turned(sample.turn, place), sample.place)))
            frame = sample.parent
            way.frames.append(frame)
        return way

    def _latest_common(self, target: str, source: str) -> int:
        """Return the newest moment at which every transform between two frames is known; 0 where all are static."""
        up, down = self._newest(source), self._newest(target)
        meeting = next((frame for frame in up if frame in down), '')
        links = [takewhile(lambda frame: frame != meeting, way) for way in (up, down)]
        stamps = [way[frame] for way, frames in zip((up, down), links) for frame in frames]
        return min((stamp for stamp in stamps if stamp is not None), default=LATEST)

    def _newest(self, frame: str) -> dict[str, int | None]:
        """Return the frames from one towards the root as they are now, with their newest stamps; None for static."""
        stamps: dict[str, int | None] = {}
        while frame not in stamps:
            track = self._tracks.get(frame)
            stamps[frame] = None if track is None or track.is_static else track.stamps[-1]
            if track is None:
                break
            frame = track.samples[-1].parent
        return stamps

    def _unconnected(self, target: str, source: str, up: _Way, down: _Way) -> TransformError:
        """Return the error that says why two frames do not meet: the first cause."""
        for frame in (*up.frames, *down.frames):
            if rivals := self._tracks[frame].rivals if frame in self._tracks else ():
                return TransformError(f'TF has {frame} hang from {" and ".join(rivals)} in turn',
                                  'two programs publish where it lies: stop one')
        known = self._known()
        for frame in (source, target):
            if frame in self._refused and frame not in self._tracks:
                return self._refusal(frame)
            if frame not in known:
                return TransformError(f"TF knows no frame '{frame}'; {nearest_of(frame, known)} ({source} was to be "
                                  f'placed in {target})', 'publish its transform, or correct its name')
        fact = f'TF gives no transform from {source} to {target} at the stamp of the image'
        late = ' and '.join(way.end for way in (up, down) if way.end)
        if late:
            return TransformError(f'{fact}: {late}', 'publish it more often and sooner; compare the clocks of the two',
                                  is_late=True)
        return TransformError(f'{fact}: {source} hangs from {up.frames[-1]}, {target} from {down.frames[-1]}',
                          'publish the transform that joins the two')

    def _known(self) -> set[str]:
        return {*self._tracks, *(track.samples[-1].parent for track in self._tracks.values())}

    def _refusal(self, frame: str) -> TransformError:
        return TransformError(f'TF gives {frame} {self._refused[frame]}, which is no transform',
                          'correct who publishes it: a quaternion has length 1, and w is 1 for no rotation')


def _between(before: Sample, later: Sample, share: float) -> Sample:
    """Return the sample at a share, 0 to 1, of the way; where the parent changes, the one before."""
    if before.parent != later.parent:
        return before
    x, y, z = (a + share * (b - a) for a, b in zip(before.place, later.place))
    return Sample(before.parent, (x, y, z), between(before.turn, later.turn, share))


def _sum(first: Vector, second: Vector, sign: float = 1.0) -> Vector:
    return first[0] + sign * second[0], first[1] + sign * second[1], first[2] + sign * second[2]
