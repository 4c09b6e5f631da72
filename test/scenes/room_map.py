# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The true map of the rendered room, rasterised from its meshes, and how a map compares with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scenes.rendered_room import things

from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.mapping.charts import FREE, OCCUPIED, Chart

CELL_M, PARTS = 0.05, 5
FINE_M = CELL_M / PARTS  # the truth knows a fifth of a cell
LEFT_M, LOW_M, WIDE, LONG = -1.5, -3.0, 170, 130  # cells
BAND_M = (0.05, 2.0)
OVERHEAD = ('floor', 'rug', 'ceiling')

Cells = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TrueMap:
    """
    What stands in each of (LONG, WIDE) cells, persons left out.

    :param may: class name → where its surface reaches into a cell, or comes within a fifth of a cell's side of it.
    :param must: where a surface reaches into a cell farther than that.
    """

    may: dict[str, Cells]
    must: Cells

    @property
    def occupied(self) -> Cells:
        """Where anything comes near."""
        return np.any(list(self.may.values()), axis=0)


@lru_cache(maxsize=1)
def true_map() -> TrueMap:
    """Return the true map of the room between 5 cm and 2 m above the floor."""
    taxonomy, fine = load_taxonomy('indoor'), dict[str, NDArray[np.uint8]]()
    for thing in things().values():
        if thing.word in OVERHEAD or thing.word == 'person' or not thing.measured:
            continue
        found = taxonomy.class_of(thing.word)
        assert found is not None
        image = fine.setdefault(found.name, np.zeros((LONG * PARTS, WIDE * PARTS), np.uint8))
        for points in thing.points(FINE_M):
            kept = points[(points[:, 2] >= BAND_M[0]) & (points[:, 2] <= BAND_M[1])]
            columns, rows = np.floor((kept[:, :2] - (LEFT_M, LOW_M)) / FINE_M).astype(int).T
            inside = (columns >= 0) & (columns < WIDE * PARTS) & (rows >= 0) & (rows < LONG * PARTS)
            image[rows[inside], columns[inside]] = 1
    square = np.ones((3, 3), np.uint8)
    inner = np.arange(PARTS) % (PARTS - 1) > 0
    core = np.any(list(fine.values()), axis=0) & np.tile(inner, LONG)[:, None] & np.tile(inner, WIDE)
    return TrueMap({name: _coarse(cv2.dilate(image, square) > 0) for name, image in fine.items()}, _coarse(core))


@dataclass(frozen=True)
class Scores:
    """How a map compares with the truth; shares of cells, 0..1."""

    seen: int
    accuracy: float
    occupied_precision: float
    occupied_recall: float
    free_precision: float
    free_recall: float
    classes_right: float


def scored(chart: Chart, reference: Chart | None = None) -> Scores:
    """
    Compare a map with the true one. A cell is right when it is free and nothing reaches well into it, or occupied and
    something comes near.

    :param reference: what could be seen, for recall: the map of the true labels.
    """
    truth, (occupancy, classes) = true_map(), _laid(chart)
    free, occupied = occupancy == FREE, occupancy == OCCUPIED
    right = (occupied & truth.occupied) | (free & ~truth.must)
    names = {c.id: c.name for c in load_taxonomy('indoor').classes}
    named = [occupied & (classes == k) & truth.may[name] for k, name in names.items() if name in truth.may]
    there = occupancy if reference is None else _laid(reference)[0]
    return Scores(int((free | occupied).sum()), _share(right, free | occupied), _share(truth.occupied, occupied),
                  _share(occupied, (there == OCCUPIED) & truth.must), _share(~truth.must, free),
                  _share(free, (there == FREE) & ~truth.occupied),
                  _share(np.any(named, axis=0), occupied & truth.occupied))


def _laid(chart: Chart) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
    """Return occupancy and classes over the cells of the truth; outside of it nothing may have been seen."""
    column, row = (round((a - b) / CELL_M) for a, b in zip(chart.origin_m, (LEFT_M, LOW_M)))
    height, width = chart.occupancy.shape
    assert 0 <= column <= WIDE - width and 0 <= row <= LONG - height, 'the map is larger than the room'
    laid = np.full((LONG, WIDE), -1, np.int8), np.full((LONG, WIDE), -1, np.int16)
    for image, part in zip(laid, (chart.occupancy, chart.class_ids)):
        image[row:row + height, column:column + width] = part
    return laid


def _coarse(fine: Cells) -> Cells:
    return fine.reshape(LONG, PARTS, WIDE, PARTS).any(axis=(1, 3))


def _share(which: Cells, of: NDArray[np.bool_]) -> float:
    return float((which & of).sum() / max(of.sum(), 1))
