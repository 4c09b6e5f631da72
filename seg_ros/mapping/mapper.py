"""Views in, a map out: the one class that node and command line share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.mapping.evidence import Ground, Standing, columns, ground, meaning_of, seen_through, standing
from seg_ros.mapping.grid import NOWHERE, Grid
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.sight import Cells, Sight
from seg_ros.mapping.view import View
from seg_ros.records import UNLABELLED

FULL = 30.0  # observations a cell remembers: what changed since prevails in time
OCCUPIED_SHARE = 0.4  # of the observations of a cell, to call it occupied
LEAST = 0.3  # observations without which nothing is said
LEAST_FREE = 0.1
LEVELS = 12  # heights at which the space above a cell is looked at
FLOOR_TILT_RAD, FLOOR_STEP_M = math.radians(4), 0.1  # a floor measured farther off than this is none


class Mapper:
    def __init__(self, classes: Sequence[RobotClass], settings: MapSettings | None = None) -> None:
        self.settings = settings or MapSettings()
        self.classes = tuple(classes)
        self._grid = Grid(self.settings.resolution_m, limit_m=self.settings.limit_m, limit_mib=self.settings.limit_mib)
        self._meaning = meaning_of(self.classes, self.settings.moving)
        lo, hi = self.settings.min_height_m + 0.02, self.settings.max_height_m
        self._levels = [float(v) for v in lo + (hi - lo) * (np.arange(LEVELS) / LEVELS) ** 1.3]
        self.views = 0

    def update(self, view: View) -> None:
        self.views += 1
        sight = Sight(view if self._believes(view) else replace(view, floor=None), self.settings)
        what, where = standing(sight, self._meaning), ground(sight, self._meaning)
        index = self._grid.block(sight.extent, np.concatenate([what.cells, where.cells]))
        self._look_through(sight, what, index)
        self._add_standing(what, index)
        self._add_ground(where, index)
        self._look_up(sight, where.cells, index)

    def _believes(self, view: View) -> bool:
        if view.floor is None:
            return True
        up = view.map_from_camera[2, :3] @ np.array(view.floor.normal)
        return bool(up > math.cos(FLOOR_TILT_RAD) and abs(view.floor.camera_height_m - view.place[2]) < FLOOR_STEP_M)

    def _add_standing(self, what: Standing, index: Cells) -> None:
        cells = index[what.cells]
        there = cells != NOWHERE
        cells, lo, hi, w, moving = (a[there] for a in (cells, what.low_m, what.high_m, what.weights, what.moving))
        occupied, through, low, high = (self._grid.layer(n) for n in ('occupied', 'through', 'low', 'high'))
        first = occupied[cells] == 0
        low[cells] = np.where(first, lo, np.minimum(low[cells], lo))
        high[cells] = np.where(first, hi, np.maximum(high[cells], hi))
        occupied[cells] += w * (1 - moving)
        through[cells] += w * moving
        for label, share in what.shares.items():
            self._grid.layer(f'class {label}')[cells] += w * share[there]
        self._bound(cells, 'occupied', 'through')

    def _look_through(self, sight: Sight, what: Standing, index: Cells) -> None:
        grid = self._grid
        occupied = grid.layer('occupied')
        known = index != NOWHERE
        known[what.cells] = False
        spots = np.flatnonzero(known)
        spots = spots[occupied[index[spots]] > 0]
        if not len(spots):
            return
        cells = index[spots]
        through = seen_through(sight, spots, grid.layer('low')[cells], grid.layer('high')[cells])
        grid.layer('through')[cells[through]] += sight.weights(spots[through])
        self._bound(cells[through], 'occupied', 'through')

    def _add_ground(self, where: Ground, index: Cells) -> None:
        cells = index[where.cells]
        there = cells != NOWHERE
        cells, w, labels = cells[there], where.weights[there], where.labels[there]
        free = self._meaning.is_ground[labels] | (labels == UNLABELLED)
        for name, chosen in (('free', free), ('barred', ~free)):
            self._grid.layer(name)[cells[chosen]] += w[chosen]
        for label in np.flatnonzero(np.bincount(labels, minlength=256)):
            if label != UNLABELLED:
                own = labels == label
                self._grid.layer(f'class {label}')[cells[own]] += w[own]
        self._bound(cells, 'free', 'barred')

    def _look_up(self, sight: Sight, spots: Cells, index: Cells) -> None:
        clear, hidden = self._grid.layer('clear'), self._grid.layer('hidden')
        spots = spots[index[spots] != NOWHERE]
        spots = spots[clear[index[spots]] < 2 ** LEVELS - 1]
        cells = index[spots]
        for layer, bits in zip((clear, hidden), columns(sight, spots, self._levels)):
            layer[cells] = layer[cells].astype(np.uint16) | bits

    def _bound(self, cells: Cells, one: str, other: str) -> None:
        a, b = self._grid.layer(one), self._grid.layer(other)
        total = a[cells] + b[cells]
        over = total > FULL
        cells, share = cells[over], FULL / total[over]
        a[cells] *= share
        b[cells] *= share

    def occupancy(self):
        g = self._grid
        o, t, f, b = (g.layer(n) for n in ('occupied', 'through', 'free', 'barred'))
        values = np.full(len(o), -1, np.int8)
        c, h = (g.layer(n).astype(np.uint16) for n in ('clear','hidden'))
        values[((h & ~c) == 0) & (f > b) & (f >= LEAST_FREE)] = 0
        values[(o > OCCUPIED_SHARE * (o + t)) & (o >= LEAST)] = 100
        e = g.extent()
        return g.spread(values, e, -1), e
