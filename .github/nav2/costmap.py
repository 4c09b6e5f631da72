# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A costmap as a file: what was published last, and where its cells lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LETHAL = 100  # of nav_msgs/OccupancyGrid


@dataclass(frozen=True)
class Costmap:
    """
    The cells of a costmap.

    :param cells: (H, W) int8, row along y, column along x; -1 unknown, 100 lethal.
    :param origin: x and y of the corner of the first cell, in metres. :param resolution: metres per cell.
    """

    cells: NDArray[np.int8]
    origin: tuple[float, float]
    resolution: float

    @property
    def lethal(self) -> NDArray[np.bool_]:
        """Where an obstacle is."""
        return np.asarray(self.cells == LETHAL)

    def mask_of(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return the (H, W) cells that hold one of (N, 2) points or more."""
        columns, rows = np.floor((points[:, :2] - self.origin) / self.resolution).astype(int).T
        inside = (columns >= 0) & (rows >= 0) & (columns < self.cells.shape[1]) & (rows < self.cells.shape[0])
        mask = np.zeros(self.cells.shape, bool)
        mask[rows[inside], columns[inside]] = True
        return mask

    def save(self, path: Path) -> None:
        """Write it as .npz."""
        np.savez_compressed(path, cells=self.cells, origin=self.origin, resolution=self.resolution)

    @staticmethod
    def load(path: Path) -> Costmap:
        """Read what was saved."""
        with np.load(path) as saved:
            x, y = saved['origin'].tolist()
            return Costmap(saved['cells'], (x, y), float(saved['resolution']))
