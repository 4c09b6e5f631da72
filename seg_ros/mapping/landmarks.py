# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Objects that last: the same plant seen from elsewhere, or on the way back, is the same plant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from seg_ros.mapping.charts import Landmark
from seg_ros.mapping.coverage import Coverage
from seg_ros.mapping.matching import NEVER, costs, overlaps
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.sightings import Sightings
from seg_ros.mapping.thing import Arrays, Floats, Thing, recalled, remembered

DOUBLE = 0.7  # share within each other at which two objects of a class, never seen beside each other, are one
DOUBT_M = 0.02  # positions are not known better than this from one view, and
DOUBT_PER_M = 0.01  # ... than this per metre of distance
SHARED_DOUBT_M2 = 0.005 ** 2  # what errors that views have in common leave at least
TENTATIVE_NS = 10_000_000_000  # what was seen too rarely is forgotten after so long
TIDY_NS = 1_000_000_000  # ... which is looked for so often


class Landmarks:
    """The objects of a map."""

    def __init__(self, settings: MapSettings) -> None:
        self.settings = settings
        self._things: list[Thing] = []
        self._ends: Floats
        self._class_ids: NDArray[np.int64]
        self._row_of: dict[int, int] = {}  # by key
        self._tracks: dict[tuple[str, int], int] = {}
        self._keys = 0
        self.clear()

    def __len__(self) -> int:
        return len(self._things)

    def add(self, seen: Sightings, stamp_ns: int, source: str = '') -> None:
        """Fuse what was seen at one moment with what is known."""
        pairs = self._matched(seen, source)
        keys = []
        for k in range(len(seen)):
            row = pairs.get(k)
            if row is None:
                row = self._begun(seen, k, stamp_ns)
            self._fuse(row, seen, k, stamp_ns)
            keys.append(self._things[row].key)
            if seen.track_ids[k]:
                self._tracks[source, int(seen.track_ids[k])] = keys[-1]
        self._note_neighbours(keys)
        self._tidy(set(keys), stamp_ns)

    def boxes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the low and high corners, (N, 3) each, of all objects, confirmed or not."""
        return self._ends[:, 0], self._ends[:, 1]

    def known(self) -> tuple[Landmark, ...]:
        """Return the confirmed objects, by id; an object keeps its id while it is doubted."""
        rows = [k for k, thing in enumerate(self._things) if thing.is_sure]
        return tuple(sorted((self._landmark(k) for k in rows), key=lambda one: one.id))

    def miss(self, stamp_ns: int, shown: NDArray[np.bool_], behind: NDArray[np.bool_]) -> None:
        """
        Count a view against the objects that it should show and does not.

        :param shown: (N,) which of :meth:`boxes` are in sight. :param behind: (N,) which the view sees behind of:
            they are gone when that happened more often than they were seen.
        """
        gone = set()
        for row in np.flatnonzero(shown | behind):
            thing = self._things[row]
            if thing.last_ns != stamp_ns:
                thing.missed += 1
                thing.gone += int(behind[row])
                if thing.gone > max(thing.views, self.settings.confirm_views):
                    gone.add(thing.key)
        self._drop(gone)

    def memory(self) -> Arrays:
        """Return all that is remembered, lasting ids of every camera included, for :meth:`recall`."""
        return {**remembered(self._things),
                'sources': np.array([source for source, _ in self._tracks], np.str_),
                'tracks': np.array([(track, key) for (_, track), key in self._tracks.items()], np.int64).reshape(-1, 2),
                'given': np.array([self._keys, self._ids, self._tidied_ns], np.int64)}

    def recall(self, memory: Arrays) -> None:
        """Become the objects whose :meth:`memory` this is."""
        self.clear()
        self._keys, self._ids, self._tidied_ns = (int(v) for v in memory['given'])
        self._things = recalled(memory)
        self._row_of = {one.key: row for row, one in enumerate(self._things)}
        self._tracks = {(str(source), int(track)): int(key)
                        for source, (track, key) in zip(memory['sources'], memory['tracks'])}
        self._ends = np.array([one.ends() for one in self._things]).reshape(-1, 2, 3)
        self._class_ids = np.array([one.class_id for one in self._things], np.int64)

    def clear(self) -> None:
        """Forget every object; ids begin again."""
        self._things, self._row_of, self._ids = [], {}, 0
        self._ends, self._class_ids = np.zeros((0, 2, 3)), np.zeros(0, np.int64)
        self._tracks.clear()
        self._tidied_ns = 0

    def _matched(self, seen: Sightings, source: str) -> dict[int, int]:
        """Return which sighting is which row."""
        if not len(seen) or not self._things:
            return {}
        near = self._near(seen)
        cost = self._costs(seen, source, near)
        rows, columns = linear_sum_assignment(cost)
        return {int(k): int(near[column]) for k, column in zip(rows, columns) if cost[k, column] < NEVER}

    def _near(self, seen: Sightings) -> NDArray[np.intp]:
        """Return the rows of the things that may be among what is seen."""
        low, high = self.boxes()
        margin = self.settings.gate_m + float((seen.high - seen.low)[:, :2].max()) / 2 + (high - low)[:, :2].max(axis=1)
        apart = np.maximum(low - seen.high.max(axis=0), seen.low.min(axis=0) - high).max(axis=1)
        return np.flatnonzero(apart <= margin)

    def _costs(self, seen: Sightings, source: str, near: NDArray[np.intp]) -> Floats:
        """Return (sightings, near things) metres, NEVER where they cannot be the same."""
        low, high = (side[near] for side in self.boxes())
        column_of = {self._things[row].key: column for column, row in enumerate(near)}
        known = [(k, self._tracks.get((source, int(track)), 0)) for k, track in enumerate(seen.track_ids) if track]
        tracks = [(k, column_of[key]) for k, key in known if key in column_of]
        return costs(seen, low, high, self._class_ids[near], self.settings.gate_m, tracks)

    def _begun(self, seen: Sightings, k: int, stamp_ns: int) -> int:
        self._keys += 1
        x, y, z = (Coverage(float(v)) for v in seen.centres[k])
        self._things.append(Thing((x, y, z), key=self._keys, first_ns=stamp_ns))
        self._ends = np.concatenate([self._ends, np.zeros((1, 2, 3))])
        self._class_ids = np.append(self._class_ids, int(seen.class_ids[k]))
        self._row_of[self._keys] = len(self._things) - 1
        return self._row_of[self._keys]

    def _fuse(self, row: int, seen: Sightings, k: int, stamp_ns: int) -> None:
        thing = self._things[row]
        for axis, low, high in zip(thing.axes, seen.low[k], seen.high[k]):
            axis.add(float(low), float(high))
        thing.count(int(seen.class_ids[k]), float(seen.scores[k]))
        thing.views, thing.gone, thing.last_ns = thing.views + 1, max(thing.gone - 1, 0), stamp_ns
        thing.information += 1 / (DOUBT_M + DOUBT_PER_M * float(seen.ranges_m[k])) ** 2
        self._ends[row], self._class_ids[row] = thing.ends(), thing.class_id
        if not thing.id and thing.views >= self.settings.confirm_views:
            self._ids += 1
            thing.id = self._ids

    def _note_neighbours(self, keys: list[int]) -> None:
        """Remember of things seen in one view, as far as they overlap, that they are two."""
        rows = [self._row_of[key] for key in keys]
        low, high = (side[rows] for side in self.boxes())
        within, _ = overlaps(low, high, low, high, 0.0)
        for a, b in np.argwhere(np.triu(within > 0, 1)):
            one, other = self._things[rows[a]], self._things[rows[b]]
            one.beside.add(other.key)
            other.beside.add(one.key)

    def _tidy(self, keys: set[int], stamp_ns: int) -> None:
        """Make one of doubles, and forget what was seen too rarely too long ago."""
        dead: set[int] = set()
        rows = [self._row_of[key] for key in sorted(keys)]
        low, high = self.boxes()
        within, _ = overlaps(low[rows], high[rows], low, high, 0.0)
        for row, shares in zip(rows, within):
            if self._things[row].key not in dead:
                dead |= self._swallowed(row, np.flatnonzero(shares >= DOUBLE), dead)
        if abs(stamp_ns - self._tidied_ns) >= TIDY_NS:
            dead |= {one.key for one in self._things if not one.id and stamp_ns - one.last_ns > TENTATIVE_NS}
            self._tidied_ns = stamp_ns
        self._drop(dead)

    def _swallowed(self, row: int, within: NDArray[np.intp], dead: set[int]) -> set[int]:
        """Merge into a thing those rows within it that are the same thing; return their keys."""
        thing, swallowed = self._things[row], set()
        for other_row in within:
            other = self._things[other_row]
            if other is thing or other.key in dead | thing.beside or other.class_id != thing.class_id:
                continue
            self._merge(row, other)
            swallowed.add(other.key)
        return swallowed

    def _merge(self, row: int, other: Thing) -> None:
        thing = self._things[row]
        for mine, theirs in zip(thing.axes, other.axes):
            mine.merge(theirs)
        for class_id, weight in other.weights.items():
            thing.count(class_id, weight)
        thing.views, thing.information = thing.views + other.views, thing.information + other.information
        thing.first_ns, thing.last_ns = min(thing.first_ns, other.first_ns), max(thing.last_ns, other.last_ns)
        thing.beside |= other.beside
        thing.id = min(filter(None, (thing.id, other.id)), default=0)
        self._tracks = {track: thing.key if key == other.key else key for track, key in self._tracks.items()}
        self._ends[row] = thing.ends()

    def _drop(self, keys: set[int]) -> None:
        if keys:
            kept = [thing.key not in keys for thing in self._things]
            self._things = [thing for thing in self._things if thing.key not in keys]
            self._ends, self._class_ids = self._ends[kept], self._class_ids[kept]
            self._row_of = {thing.key: row for row, thing in enumerate(self._things)}
            self._tracks = {track: key for track, key in self._tracks.items() if key in self._row_of}

    def _landmark(self, row: int) -> Landmark:
        thing, (low, high) = self._things[row], self._ends[row]
        total = sum(thing.weights.values()) or 1.0
        x, y, z = (float(v) for v in (low + high) / 2)
        size_x, size_y, size_z = (float(v) for v in high - low)
        covariance = np.eye(3) * (1 / thing.information + SHARED_DOUBT_M2)
        return Landmark(thing.id, thing.class_id, {k: v / total for k, v in sorted(thing.weights.items())}, (x, y, z),
                        covariance, (size_x, size_y, size_z), thing.views, thing.first_ns, thing.last_ns)
