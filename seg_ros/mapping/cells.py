# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The cells of a map: evidence of many views added up, and what it amounts to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seg_ros.mapping.charts import FREE, OCCUPIED, UNKNOWN, Chart
from seg_ros.mapping.evidence import Ground, Meaning, Standing, columns, ground, seen_through, standing
from seg_ros.mapping.grid import NOWHERE, Extent, Grid
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.sight import Cells, Floats, Sight
from seg_ros.records import UNLABELLED

FULL = 30.0  # observations a cell remembers: what changed since prevails in time
OCCUPIED_SHARE = 0.4  # of the observations of a cell, to call it occupied
LEAST_OCCUPIED, LEAST_FREE = 0.3, 0.1  # observations without which nothing is said
LEVELS = 12  # heights at which the space above a cell is looked at, nearer to each other below
ALL_CLEAR = 2 ** LEVELS - 1
TURNS = 3  # a cell that was looked above is looked above again in one of so many views


class CellMap:
    """
    What stands where, what is floor, and of which class.

    A cell is free when its floor was seen, or a ray passed lower over it than what may stand there; never where the
    space above was only ever seen to be hidden. It is occupied when enough views met something there, of those that
    saw so far; the moving count as nothing met.
    """

    def __init__(self, meaning: Meaning, settings: MapSettings) -> None:
        self.settings, self._meaning = settings, meaning
        self.grid = Grid(settings.resolution_m, limit_m=settings.limit_m, limit_mib=settings.limit_mib)
        low = settings.min_height_m + 0.02
        self._levels_m = [low + (settings.max_height_m - low) * (k / LEVELS) ** 1.3 for k in range(LEVELS)]

    def add(self, sight: Sight, number: int) -> None:
        """Add what one view says, the ``number``-th of the map."""
        things, floor = standing(sight, self._meaning), ground(sight, self._meaning)
        index = self.grid.block(sight.extent, np.concatenate([things.cells, floor.cells]))
        self._look_through(sight, things, index)
        self._add_standing(things, index)
        self._add_ground(floor, index)
        self._look_up(sight, floor.cells, index, number % TURNS)

    def fade(self, share: float) -> None:
        """Let all that was seen so far weigh only this share."""
        for name in self.grid.names:
            if name not in ('low', 'high', 'clear', 'hidden'):
                self.grid.layer(name)[:] *= np.float32(share)

    def chart(self, views: int) -> Chart:
        """Return what the cells say, as far as anything was seen."""
        occupancy = self._occupancy()
        evidence = {int(name.partition(' ')[2]): self.grid.layer(name) for name in self.grid.names
                    if name.startswith('class ')}
        extent = self.grid.extent()
        classes = self.grid.spread(self._classes(occupancy, evidence), extent, UNKNOWN)
        shown = self.grid.spread(occupancy, extent, UNKNOWN)
        window = _seen_window((classes != UNKNOWN) | (shown != UNKNOWN))
        total = sum(evidence.values(), np.full(len(occupancy), 1e-9, np.float32))
        percent = {label: np.where(total > LEAST_FREE, np.rint(100 * layer / total), UNKNOWN).astype(np.int8)
                   for label, layer in evidence.items() if label != UNLABELLED}
        heights = np.where(occupancy == OCCUPIED, self.grid.layer('high'), np.float32(np.nan)).astype(np.float32)
        return Chart(self.settings.resolution_m, _origin(extent, window, self.settings.resolution_m), shown[window],
                     classes[window], {k: self.grid.spread(p, extent, UNKNOWN)[window] for k, p in percent.items()},
                     self.grid.spread(heights, extent, np.nan)[window], views, self.grid.bytes)

    @property
    def seen_m2(self) -> float:
        """The area of the cells that are free or occupied."""
        return float(np.count_nonzero(self._occupancy() != UNKNOWN)) * self.settings.resolution_m ** 2

    def _occupancy(self) -> NDArray[np.int8]:
        """Return the value of each flat cell."""
        occupied, through, free, barred = (self.grid.layer(name) for name in ('occupied', 'through', 'free', 'barred'))
        clear, hidden = (self.grid.layer(name).astype(np.uint16) for name in ('clear', 'hidden'))
        values = np.full(len(occupied), UNKNOWN, np.int8)
        values[(hidden & ~clear == 0) & (free > barred) & (free >= LEAST_FREE)] = FREE
        values[(occupied > OCCUPIED_SHARE * (occupied + through)) & (occupied >= LEAST_OCCUPIED)] = OCCUPIED
        return values

    def _classes(self, occupancy: NDArray[np.int8], evidence: dict[int, Floats]) -> NDArray[np.int16]:
        """Return the likeliest class of each flat cell: of ground where it is free, of others where it is occupied."""
        best, most = np.full(len(occupancy), UNKNOWN, np.int16), np.full(len(occupancy), LEAST_FREE, np.float32)
        for label, layer in evidence.items():
            if label == UNLABELLED:
                continue
            fits = (occupancy == UNKNOWN) | ((occupancy == FREE) == self._meaning.is_ground[label])
            better = fits & (layer > most)
            best[better], most[better] = label, layer[better]
        return best

    def _add_standing(self, things: Standing, index: Cells) -> None:
        there = index[things.cells] != NOWHERE
        cells, weights, moving = index[things.cells][there], things.weights[there], things.moving[there]
        occupied, through, low, high = (self.grid.layer(name) for name in ('occupied', 'through', 'low', 'high'))
        first = occupied[cells] == 0
        low[cells] = np.where(first, things.low_m[there], np.minimum(low[cells], things.low_m[there]))
        high[cells] = np.where(first, things.high_m[there], np.maximum(high[cells], things.high_m[there]))
        occupied[cells] += weights * (1 - moving)
        through[cells] += weights * moving
        for label, share in things.shares.items():
            self.grid.layer(f'class {label}')[cells] += weights * share[there]
        self._bound(cells, 'occupied', 'through')

    def _look_through(self, sight: Sight, things: Standing, index: Cells) -> None:
        """Count the view against what was thought to stand where it now sees so far or farther."""
        known = index != NOWHERE
        known[things.cells] = False
        spots = np.flatnonzero(known)
        spots = spots[self.grid.layer('occupied')[index[spots]] > 0]
        cells = index[spots]
        through = seen_through(sight, spots, self.grid.layer('low')[cells], self.grid.layer('high')[cells])
        self.grid.layer('through')[cells[through]] += sight.weights(spots[through])
        self._bound(cells[through], 'occupied', 'through')

    def _add_ground(self, floor: Ground, index: Cells) -> None:
        there = index[floor.cells] != NOWHERE
        cells, weights, labels = index[floor.cells][there], floor.weights[there], floor.labels[there]
        free = self._meaning.is_ground[labels] | (labels == UNLABELLED)
        for name, chosen in (('free', free), ('barred', ~free)):
            self.grid.layer(name)[cells[chosen]] += weights[chosen]
        for label in np.flatnonzero(np.bincount(labels[labels != UNLABELLED], minlength=256)):
            own = labels == label
            self.grid.layer(f'class {label}')[cells[own]] += weights[own]
        self._bound(cells, 'free', 'barred')

    def _look_up(self, sight: Sight, spots: Cells, index: Cells, turn: int) -> None:
        """Note at which heights above the floor the space is seen to be empty, and at which it is hidden."""
        clear, hidden = self.grid.layer('clear'), self.grid.layer('hidden')
        spots = spots[index[spots] != NOWHERE]
        cells = index[spots]
        never = clear[cells] + hidden[cells] == 0
        due = never | ((clear[cells] < ALL_CLEAR) & (spots % TURNS == turn))
        spots, cells = spots[due], cells[due]
        for layer, bits in zip((clear, hidden), columns(sight, spots, self._levels_m)):
            layer[cells] = layer[cells].astype(np.uint16) | bits

    def _bound(self, cells: Cells, one: str, other: str) -> None:
        first, second = self.grid.layer(one), self.grid.layer(other)
        total = first[cells] + second[cells]
        over = total > FULL
        cells, share = cells[over], FULL / total[over]
        first[cells] *= share
        second[cells] *= share


def _seen_window(seen: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the smallest window (rows, columns) that holds all that was seen."""
    rows, columns_ = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns_[0]), int(columns_[-1]) + 1)


def _origin(extent: Extent, window: tuple[slice, slice], resolution_m: float) -> tuple[float, float]:
    return ((extent.column + window[1].start) * resolution_m, (extent.row + window[0].start) * resolution_m)
