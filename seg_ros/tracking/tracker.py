# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ids that last: which object of this frame is which object of the frames before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from seg_ros.errors import SettingError
from seg_ros.records import Instances
from seg_ros.tracking.memory import Arrays, arrays_of, tracks_from
from seg_ros.tracking.overlap import box_areas, box_overlap, mask_overlap
from seg_ros.tracking.tracks import Indices, Tracks

MAX_TRACKS = 1000
"""Objects remembered at once by one tracker; beyond, those not seen for longest are forgotten."""

LEAP_S = 2.0
"""Frames no further apart than this belong to one sequence, however short ``lost_s``: networks can be slow."""

LATE_S = 0.5
"""A stamp no further back than this is of an image that came late; further, a recording has started over."""

LATE_NS, UNSTAMPED_NS = 1, 100_000_000  # so much time passes with a late image, and with one of the same stamp
PART = 0.5  # a free object with this share within a free track, or around it, is that track seen in part
SMALLER = 0.75  # ... when the smaller has less than this share of the other's area
STALE_NS = 1_000_000_000  # an object seen only in part for so long is as small as that
WHOLE = 0.9  # an object with less than this share of its track's usual area is seen in part
CUT_SHARE = 0.5  # when fewer objects than this share are found again, the camera looks at something else
CUT_LEAST = 3  # ... and so many were lost and so many are new
CUT_OVERLAP = 0.7  # what is left where it was, so exactly, is believed even then

Matrix = NDArray[np.float32]
Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class TrackerSettings:
    """
    The knobs of a tracker.

    :param match_iou: least overlap, 0..1, of an object with where its track should be.
    :param high_score: objects at least so sure start tracks and are matched first.
    :param low_score: objects at least so sure continue a track that found nothing better.
    :param lost_s: seconds an object out of sight keeps its id.
    :param confirm_frames: frames in which an object must be seen before it gets an id; 1 gives it at once.
    :param by: what overlaps, ``'mask'`` or the faster ``'box'``.
    :raises SettingError: when a value is out of its range.
    """

    match_iou: float = 0.3
    high_score: float = 0.5
    low_score: float = 0.1
    lost_s: float = 1.0
    confirm_frames: int = 1
    by: str = 'mask'

    def __post_init__(self) -> None:
        for name, value, good, range_ in (
                ('match_iou', self.match_iou, 0 < self.match_iou <= 1, 'above 0 and at most 1'),
                ('high_score', self.high_score, 0 <= self.high_score <= 1, '0 to 1'),
                ('low_score', self.low_score, 0 <= self.low_score <= self.high_score, '0 to high_score'),
                ('lost_s', self.lost_s, 0 <= self.lost_s < float('inf'), '0 or more seconds'),
                ('confirm_frames', self.confirm_frames, self.confirm_frames >= 1, '1 or more'),
                ('by', self.by, self.by in ('mask', 'box'), "'mask' or 'box'")):
            if not good:
                raise SettingError(f'the tracker was given {name} {value!r}', f'choose {range_}')


class Tracker:
    """
    Gives the objects of one camera ids that last.

    Association in two passes as in ByteTrack (Zhang et al. 2022): sure objects first, then doubtful ones
    for the tracks that found none, always within a class. What is left over is matched once more by how much
    of it lies within a track, so that an object keeps its id while only a part of it is seen. Ids are positive
    and never used again: after :meth:`reset`, and after a jump in time, numbering goes on where it was.

    :param settings: may be replaced at any time; the next frame obeys.
    :param next_id: called for each new id. Several cameras share one numbering by being given the same
        ``itertools.count(1).__next__``; by default each tracker counts from 1 on its own.
    """

    def __init__(self, settings: TrackerSettings | None = None, *,
                 next_id: Callable[[], int] | None = None) -> None:
        self.settings = settings or TrackerSettings()
        self._next_id = next_id or count(1).__next__
        self._size = (0, 0)
        self._stamp_ns = self._now_ns = 0
        self.reset()

    def reset(self) -> None:
        """Forget all objects and counts; no id given before is given again."""
        self.lose()
        self._ever: Counter[int] = Counter()

    def lose(self) -> None:
        """Forget the objects in sight; what was counted stays counted."""
        self._tracks = Tracks.started(Instances.none(self._size), 0)

    def memory(self) -> Arrays:
        """Return all that is remembered of the objects, for :meth:`recall`; the settings are not part of it."""
        ever = np.array(sorted(self._ever.items()), np.int64).reshape(-1, 2)
        return {**arrays_of(self._tracks), 'size': np.array(self._size), 'stamp_ns': np.array(self._stamp_ns),
                'now_ns': np.array(self._now_ns), 'ever': ever}

    def recall(self, memory: Arrays) -> None:
        """Go on as the tracker would whose :meth:`memory` this is."""
        self._tracks = tracks_from(memory)
        self._size = int(memory['size'][0]), int(memory['size'][1])
        self._stamp_ns, self._now_ns = int(memory['stamp_ns']), int(memory['now_ns'])
        self._ever = Counter({int(class_id): int(number) for class_id, number in memory['ever']})

    @property
    def counts_now(self) -> dict[int, int]:
        """Objects with an id in the newest frame, per class id."""
        tracks = self._tracks
        return _counted(tracks.class_ids[(tracks.seen_ns == self._now_ns) & (tracks.ids > 0)])

    @property
    def counts_ever(self) -> dict[int, int]:
        """Ids given since the start or the last :meth:`reset`, per class id."""
        return dict(self._ever)

    def update(self, instances: Instances, stamp_ns: int) -> Instances:
        """
        Return the same objects in the same order with ``track_ids`` filled; 0 for those without a track.

        :param stamp_ns: stamp of the image. When it goes back by more than ``LATE_S``, or leaps by more than both
            ``lost_s`` and ``LEAP_S``, or the image has another size, every object is taken for a new one. An image
            that is late by less is taken for one of now, and time goes on also where stamps stand still.
        """
        gap_ns = stamp_ns - self._stamp_ns
        late = -LATE_S * 1e9 <= gap_ns < 0
        now_ns = self._now_ns + (LATE_NS if late else gap_ns or UNSTAMPED_NS)
        tracks = self._expected(instances.size, now_ns)
        alike, part = self._likeness(tracks, instances)
        pairs = self._associated(tracks, instances.scores, alike, part)
        fresh, sure = tracks.seen_ns == self._now_ns, instances.scores >= self.settings.high_score
        if _is_cut(pairs, int(fresh.sum()), int(sure.sum())):
            pairs = [(t, d) for t, d in pairs if alike[t, d] >= CUT_OVERLAP]
            tracks = replace(tracks, motion=tracks.motion.stopped())
        tracks, found = self._continued(tracks, instances, pairs, now_ns)
        tracks = self._confirmed(tracks)
        track_ids = np.zeros(len(instances), np.int64)
        track_ids[found] = tracks.ids[:len(found)]
        newest = np.argsort(-tracks.seen_ns, kind='stable')[:MAX_TRACKS]
        self._tracks, self._size = tracks.taken(newest), instances.size
        self._stamp_ns, self._now_ns = self._stamp_ns if late else stamp_ns, now_ns
        return replace(instances, track_ids=track_ids)

    def _expected(self, size: tuple[int, int], now_ns: int) -> Tracks:
        """Return the tracks where they should be now; none after a jump in time or of the image size."""
        seconds = (now_ns - self._now_ns) / 1e9
        leapt = seconds < 0 or seconds > max(self.settings.lost_s, LEAP_S)
        if leapt or size != self._size or not len(self._tracks):
            return Tracks.started(Instances.none(size), now_ns)
        tracks = self._tracks
        ages_ns = now_ns - tracks.seen_ns
        remembered = (tracks.seen_ns == self._now_ns) | (ages_ns <= self.settings.lost_s * 1e9)
        return tracks.taken(np.flatnonzero(remembered)).predicted(seconds, size)

    def _likeness(self, tracks: Tracks, instances: Instances) -> tuple[Matrix, Matrix]:
        """
        Return how much tracks, where they should be, are like the objects of their class, and are parts of them.

        Both are (T, N), and 0 where it is not enough. Masks tell objects apart whose boxes are alike, but two
        masks of a thin object that moved hardly overlap; so with masks the mean of both counts.
        """
        settings, expected = self.settings, tracks.appearance(instances.size)
        allowed = (tracks.class_ids[:, None] == instances.class_ids) & (instances.scores >= settings.low_score)
        boxes = box_overlap(expected.boxes, instances.boxes)
        kinds = [boxes]
        if settings.by == 'mask':
            near = (boxes.iou >= settings.match_iou / 2) | (boxes.within >= PART)
            kinds.append(mask_overlap(expected, instances, allowed=allowed & near))
        ious, withins = np.stack([kind.iou for kind in kinds]), np.stack([kind.within for kind in kinds])
        alike = allowed & (ious.max(axis=0) >= settings.match_iou)
        part = allowed & (boxes.ratio < SMALLER) & (withins.max(axis=0) >= PART)
        return np.where(alike, ious.mean(axis=0), 0), np.where(part, withins.mean(axis=0), 0)

    def _associated(self, tracks: Tracks, scores: Matrix, alike: Matrix, part: Matrix) -> Pairs:
        """Return which track is which object."""
        fresh = tracks.seen_ns == self._now_ns
        sure, known = scores >= self.settings.high_score, tracks.ids > 0
        passes = ((alike, known, sure), (alike, known & fresh, ~sure),  # ByteTrack's two passes
                  (part, known, sure), (part, known & fresh, ~sure),  # what is seen only in part
                  (alike, ~known, sure))  # tracks that wait for confirmation
        free_tracks, free = np.ones(len(tracks), np.bool_), np.ones(len(scores), np.bool_)
        pairs: Pairs = []
        for likeness, rows, columns in passes:
            matched = _assigned(likeness, np.flatnonzero(rows & free_tracks), np.flatnonzero(columns & free))
            for track, column in matched:
                free_tracks[track] = free[column] = False
            pairs += matched
        return pairs

    def _continued(self, tracks: Tracks, instances: Instances, pairs: Pairs,
                   now_ns: int) -> tuple[Tracks, Indices]:
        """Return the tracks after this frame, those seen in it first, and which object each of these is."""
        rows, columns = np.array(pairs, np.intp).reshape(-1, 2).T
        seen, objects = tracks.taken(rows), instances.taken(columns)
        whole = box_areas(objects.boxes) >= WHOLE * box_areas(seen.motion.boxes)
        whole |= now_ns - seen.whole_ns > STALE_NS  # it has become smaller
        seen = seen.seen(objects, now_ns, whole=whole)
        new = instances.scores >= self.settings.high_score
        new[columns] = False
        born = np.flatnonzero(new)
        kept = tracks.ids > 0
        kept[rows] = False
        now = seen.joined(Tracks.started(instances.taken(born), now_ns))
        return now.joined(tracks.taken(np.flatnonzero(kept))), np.concatenate([columns, born])

    def _confirmed(self, tracks: Tracks) -> Tracks:
        """Return the tracks with ids for those seen often enough, and count these."""
        ids = tracks.ids.copy()
        for row in np.flatnonzero((ids == 0) & (tracks.hits >= self.settings.confirm_frames)):
            ids[row] = self._next_id()
            self._ever[int(tracks.class_ids[row])] += 1
        return replace(tracks, ids=ids)


def _assigned(likeness: Matrix, rows: Indices, columns: Indices) -> Pairs:
    """Return the pairs of the chosen rows and columns that are most alike altogether, none of likeness 0."""
    chosen = likeness[np.ix_(rows, columns)]
    best = zip(*linear_sum_assignment(chosen, maximize=True))
    return [(int(rows[i]), int(columns[j])) for i, j in best if chosen[i, j] > 0]


def _is_cut(pairs: Pairs, expected: int, found: int) -> bool:
    """Say whether so few of the objects in sight are found again that the camera must look elsewhere."""
    matched = len(pairs)
    return min(expected, found) - matched >= CUT_LEAST and matched < CUT_SHARE * min(expected, found)


def _counted(class_ids: NDArray[np.uint8]) -> dict[int, int]:
    return {int(class_id): int(number) for class_id, number in zip(*np.unique(class_ids, return_counts=True))}
