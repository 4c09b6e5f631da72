# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How a map compares with the truth: cell by cell, and object by object."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from seg_ros.mapping.charts import FREE, OCCUPIED, UNKNOWN, Chart
from seg_ros.mapping.mapper import Mapper

SAME_M = 0.5  # objects of a class no farther apart than this may be the same
NEVER = 1e6

_Cells = NDArray[np.bool_]
Laid = tuple[NDArray[np.int8], NDArray[np.int16]]


@dataclass(frozen=True)
class CellScores:
    """How the cells of a map compare with the truth; shares within 0..1, NaN where there is none to judge."""

    seen: int
    accuracy: float
    occupied_precision: float
    occupied_recall: float
    free_precision: float
    free_recall: float
    classes_right: float


@dataclass(frozen=True)
class PlaceScores:
    """
    How the objects of a map compare with the true ones.

    :param found: how many the map has. :param there: how many there truly are.
    :param error_m: (N,) how far from its true place each is that is truly there, once and of its class.
    """

    found: int
    there: int
    error_m: NDArray[np.float64]


def cell_scores(occupancy: NDArray[np.int8], *, near: _Cells, reaching: _Cells, named: _Cells,
                there: NDArray[np.int8]) -> CellScores:
    """
    Compare (H, W) cells with the truth: a cell is right when it is occupied and something comes near, or free and
    nothing reaches well into it.

    :param near: where something comes near a cell. :param reaching: where it reaches well into it.
    :param named: where the class of a cell is a true one. :param there: what could be seen, for recall.
    """
    free, occupied = occupancy == FREE, occupancy == OCCUPIED
    right = (occupied & near) | (free & ~reaching)
    return CellScores(int((free | occupied).sum()), _share(right, free | occupied), _share(near, occupied),
                      _share(occupied, (there == OCCUPIED) & reaching), _share(~reaching, free),
                      _share(free, (there == FREE) & ~near), _share(named, occupied & near))


def cells_against(mapped: Mapper, true: Mapper) -> CellScores:
    """Compare the cells of a map with those of the map of the true labels, as far as that knows them."""
    chart, other = mapped.chart(), true.chart()
    corner, shape = _around(chart, other)
    (occupancy, class_ids), (there, true_ids) = laid(chart, corner, shape), laid(other, corner, shape)
    occupied = there == OCCUPIED
    named = _renamed(mapped, true)[class_ids] == true_ids
    return cell_scores(np.where(there == UNKNOWN, UNKNOWN, occupancy).astype(np.int8), near=occupied, reaching=occupied,
                       named=named, there=there)


def objects_against(mapped: Mapper, true: Mapper, judged: Collection[str]) -> PlaceScores:
    """
    Compare the objects of a map with those of the map of the true objects.

    :param judged: the names of the true objects that could be found.
    """
    names, true_names = ({c.id: c.name for c in one.classes} for one in (mapped, true))
    found = [(names.get(one.class_id), one.position) for one in mapped.objects()]
    there = [(name, one.position) for one in true.objects() if (name := true_names.get(one.class_id)) in judged]
    apart = np.array([[np.linalg.norm(np.subtract(at, place)) if word == name else NEVER for word, at in found]
                      for name, place in there]).reshape(len(there), len(found))
    apart[apart > SAME_M] = NEVER
    distances = apart[linear_sum_assignment(apart)]
    return PlaceScores(len(found), len(there), distances[distances < NEVER])


def laid(chart: Chart, corner: tuple[int, int], shape: tuple[int, int]) -> Laid:
    """
    Return occupancy and classes of a map over other cells, -1 where it has none.

    :param corner: column and row, counted from the origin of the map's frame, of the first of these cells.
    :param shape: (H, W) of these, which hold the whole map.
    """
    (column, row), (height, width) = np.subtract(_corner(chart), corner), chart.occupancy.shape
    assert 0 <= column <= shape[1] - width and 0 <= row <= shape[0] - height, 'the map is larger than these'
    occupancy, class_ids = np.full(shape, UNKNOWN, np.int8), np.full(shape, UNKNOWN, np.int16)
    occupancy[row:row + height, column:column + width] = chart.occupancy
    class_ids[row:row + height, column:column + width] = chart.class_ids
    return occupancy, class_ids


def _around(*charts: Chart) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return corner and shape of the cells that hold all maps."""
    low = np.min([_corner(one) for one in charts], axis=0)
    high = np.max([np.add(_corner(one), one.occupancy.shape[::-1]) for one in charts], axis=0)
    return (int(low[0]), int(low[1])), (int(high[1] - low[1]), int(high[0] - low[0]))


def _corner(chart: Chart) -> tuple[int, int]:
    x, y = (round(v / chart.resolution_m) for v in chart.origin_m)
    return x, y


def _renamed(mapped: Mapper, true: Mapper) -> NDArray[np.int16]:
    """Return the id in the true map of each class id of a map, by name; the last, of unknown cells, is no class."""
    ids = {c.name: c.id for c in true.classes}
    table = np.full(257, UNKNOWN - 1, np.int16)
    for one in mapped.classes:
        table[one.id] = ids.get(one.name, UNKNOWN - 1)
    return table


def _share(which: _Cells, of: _Cells) -> float:
    return float((which & of).sum() / of.sum()) if of.any() else float('nan')
