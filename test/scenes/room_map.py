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
from seg_ros.mapping.agreement import CellScores, cell_scores, laid
from seg_ros.mapping.charts import Chart

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


def scored(chart: Chart, reference: Chart | None = None) -> CellScores:
    """
    Compare a map with the true one.

    :param reference: what could be seen, for recall: the map of the true labels.
    """
    corner, shape = (round(LEFT_M / CELL_M), round(LOW_M / CELL_M)), (LONG, WIDE)
    truth, (occupancy, classes) = true_map(), laid(chart, corner, shape)
    names = {c.id: c.name for c in load_taxonomy('indoor').classes}
    named = [(classes == k) & truth.may[name] for k, name in names.items() if name in truth.may]
    there = occupancy if reference is None else laid(reference, corner, shape)[0]
    return cell_scores(occupancy, near=truth.occupied, reaching=truth.must, named=np.any(named, axis=0), there=there)


def _coarse(fine: Cells) -> Cells:
    return fine.reshape(LONG, PARTS, WIDE, PARTS).any(axis=(1, 3))
