# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Cells of a plane in tiles that are made where something is seen; the memory they take is bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHIFT = 6
SIDE = 1 << SHIFT  # cells along a tile's side
AREA = SIDE * SIDE
GROWTH = 1.25  # how much more room is made at once
NOWHERE = -1
INNER = np.arange(AREA).reshape(SIDE, SIDE)  # the cells of a tile

_Cells = NDArray[np.intp]


@dataclass(frozen=True)
class Extent:
    """A rectangle of cells: the first column and row, and how many there are."""

    column: int
    row: int
    width: int
    height: int


class Grid:
    """
    Layers of float32 values over the cells of a plane.

    Cell (column, row) covers x from ``column * resolution_m`` and y from ``row * resolution_m`` on. A layer is one flat
    array over the cells of all tiles; new cells hold 0.

    :param limit_m: cells farther than this from 0, along x or y, do not exist.
    :param limit_mib: no tile is made that would need more than this.
    """

    def __init__(self, resolution_m: float, *, limit_m: float, limit_mib: float) -> None:
        self.resolution_m = resolution_m
        self.problem = ''
        self._limit_m, self._limit_mib = limit_m, limit_mib
        self._reach = int(limit_m / resolution_m) >> SHIFT
        self._slots: dict[tuple[int, int], int] = {}
        self._layers: dict[str, NDArray[np.float32]] = {}
        self._room = 0

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return len(self._slots)

    @property
    def bytes(self) -> int:
        """The memory that the cells take."""
        return sum(layer.nbytes for layer in self._layers.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The layers there are."""
        return tuple(self._layers)

    def layer(self, name: str) -> NDArray[np.float32]:
        """Return the values of a layer by flat cell, to be read and written; made when it is first asked for."""
        if name not in self._layers:
            self._layers[name] = np.zeros(self._room * AREA, np.float32)
        return self._layers[name]

    def block(self, extent: Extent, touched: _Cells) -> _Cells:
        """
        Return the flat cells of an extent, (height * width,) row by row, NOWHERE where there is no tile.

        :param touched: cells of the extent, counted likewise, whose tiles are made as far as the limits allow.
        """
        index = np.full((extent.height, extent.width), NOWHERE, np.intp)
        for tile in self._tiles(extent, touched):
            (x, y), slot = tile, self._slots.get(tile, NOWHERE)
            if slot != NOWHERE:
                (rows, own_rows), (columns, own_columns) = _shared(y, extent.row, extent.height), _shared(
                    x, extent.column, extent.width)
                index[rows, columns] = slot * AREA + INNER[own_rows, own_columns]
        return index.reshape(-1)

    def extent(self) -> Extent:
        """Return the smallest rectangle of whole tiles that holds every tile."""
        if not self._slots:
            return Extent(0, 0, 0, 0)
        places = np.array(list(self._slots))
        low, high = places.min(axis=0), places.max(axis=0) + 1
        width, height = (high - low) * SIDE
        return Extent(int(low[0]) * SIDE, int(low[1]) * SIDE, int(width), int(height))

    def spread(self, values: NDArray[Any], extent: Extent, missing: float) -> NDArray[Any]:
        """Return flat ``values`` over an extent, (height, width), row 0 lowest in y; ``missing`` where no tile is."""
        picture = np.full((extent.height, extent.width), missing, values.dtype)
        for (x, y), slot in self._slots.items():
            row, column = y * SIDE - extent.row, x * SIDE - extent.column
            picture[row:row + SIDE, column:column + SIDE] = values[slot * AREA:(slot + 1) * AREA].reshape(SIDE, SIDE)
        return picture

    def clear(self) -> None:
        """Forget everything."""
        self._slots, self._layers, self._room, self.problem = {}, {}, 0, ''

    def memory(self) -> dict[str, NDArray[Any]]:
        """Return all there is as arrays, for :meth:`recall`."""
        return {'tiles': np.array(list(self._slots), np.int64).reshape(-1, 2),
                **{f'layer {name}': layer[:self.tiles * AREA] for name, layer in self._layers.items()}}

    def recall(self, memory: dict[str, NDArray[Any]]) -> None:
        """Become the grid whose :meth:`memory` this is."""
        self.clear()
        self._slots = {(int(x), int(y)): slot for slot, (x, y) in enumerate(memory['tiles'])}
        self._room = len(self._slots)
        self._layers = {name.removeprefix('layer '): np.array(layer, np.float32)
                        for name, layer in memory.items() if name.startswith('layer ')}

    def _tiles(self, extent: Extent, touched: _Cells) -> list[tuple[int, int]]:
        """Return the tiles that an extent reaches into; those that are touched are made as far as the limits allow."""
        (x0, y0), (x1, y1) = ((column >> SHIFT, row >> SHIFT) for column, row in (
            (extent.column, extent.row), (extent.column + extent.width - 1, extent.row + extent.height - 1)))
        rows = touched.astype(np.int32) // np.int32(extent.width)  # int64 takes five times as long
        columns = touched - rows * extent.width
        wide = x1 - x0 + 1
        places = ((rows + extent.row >> SHIFT) - y0) * wide + (columns + extent.column >> SHIFT) - x0
        for place in np.flatnonzero(np.bincount(places)).tolist():
            self._make((place % wide + x0, place // wide + y0))
        return [(x, y) for y in range(y0, y1 + 1) for x in range(x0, x1 + 1)]

    def _make(self, tile: tuple[int, int]) -> None:
        if tile in self._slots:
            return
        if not all(-self._reach - 1 <= side <= self._reach for side in tile):
            self.problem = (f'what is seen farther than limit_m = {self._limit_m:g} m from where the map began '
                            'is left out. Raise limit_m, or begin a new map')
            return
        if len(self._slots) >= self._room and not self._enlarged():
            self.problem = (f'the map holds {self.tiles * (SIDE * self.resolution_m) ** 2:.0f} m² in limit_mib = '
                            f'{self._limit_mib:g} MiB, and takes in no more ground. Raise limit_mib or resolution_m')
            return
        self._slots[tile] = len(self._slots)

    def _enlarged(self) -> bool:
        each = AREA * 4 * max(1, len(self._layers))
        most = int(self._limit_mib * 2**20 / each)
        room = min(max(self._room + 4, int(self._room * GROWTH)), most)
        if room <= self._room:
            return False
        more = np.zeros((room - self._room) * AREA, np.float32)
        for name, layer in self._layers.items():
            self._layers[name] = np.concatenate([layer, more])
        self._room = room
        return True


def _shared(tile: int, first: int, count: int) -> tuple[slice, slice]:
    """Return what a tile shares with cells from the ``first`` on, along an axis: counted from that, and in the tile."""
    low, high = max(tile * SIDE, first), min((tile + 1) * SIDE, first + count)
    return slice(low - first, high - first), slice(low - tile * SIDE, high - tile * SIDE)
