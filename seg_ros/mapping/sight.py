# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A view laid over the cells around its camera: which pixel shows a place, which cell a pixel shows."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.mapping.grid import Extent
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.view import View
from seg_ros.records import UNLABELLED, Intrinsics

HALF_RANGE_M = 4.0  # what is seen from so far weighs half
REACHED_M, REACHED_PER_M2 = 0.02, 0.004  # depth that falls this short of a place, growing with z squared, reaches it
BESIDE = 0.02  # of the distance ahead: what lies so far beside the outermost ray may be in the image
POOL_ROWS = 17  # a height is hidden when something nearer is seen within so many rows of it

Floats = NDArray[np.float32]
Cells = NDArray[np.intp]
Pixels = NDArray[np.intp]


class Sight:
    """
    The pixels of a view that are looked at, and the square of cells around its camera.

    Cells are flat indices within ``extent``, row by row; pixels are flat indices within the images here.
    """

    def __init__(self, view: View, settings: MapSettings) -> None:
        self.settings, self._view = settings, view
        self.surface, step = view.thinned, view.step
        self.z = self.surface.z
        self.labels = (np.full(self.z.shape, UNLABELLED, np.uint8) if view.labels is None
                       else np.ascontiguousarray(view.labels[::step, ::step]))
        self.trust = (np.full(self.z.shape, 255, np.uint8) if view.confidence is None
                      else np.ascontiguousarray(view.confidence[::step, ::step]))
        reach = int(settings.max_range_m / settings.resolution_m) + 2
        column, row = (int(np.floor(v / settings.resolution_m)) - reach for v in view.place[:2])
        self.extent = Extent(column, row, 2 * reach + 1, 2 * reach + 1)

    @cached_property
    def heights(self) -> Floats:
        """(h, w) float32 metres above the floor, NaN where nothing was measured."""
        return self.surface.heights(self._view.ground)

    @cached_property
    def nearest_about(self) -> Floats:
        """(h, w) float32, the smallest depth within some rows above and below of all that is not flat floor."""
        solid = self.heights > np.float32(self.settings.min_height_m)
        depth = np.where(solid, self.z, np.float32(np.inf))
        return np.asarray(cv2.erode(depth, np.ones((POOL_ROWS, 1), np.uint8)), np.float32)

    @property
    def ahead(self) -> Cells:
        """The cells within range of the camera whose floor may be in the image: few others are among them."""
        inside = _disc(self.extent.width, (self.settings.max_range_m / self.settings.resolution_m) ** 2)
        side, (across, _, depth) = np.arange(self.extent.width, dtype=np.float32), self._foot_of_cell
        for edge in (across, -across):
            x, y, rest = edge + depth * np.float32(self.surface.rays.widest + BESIDE)
            inside = inside & (side * x >= -rest - side[:, None] * y)
        return np.flatnonzero(inside)

    def weights(self, cells: Cells) -> Floats:
        """Return what a cell's distance leaves of an observation, 0..1."""
        columns, rows = self._columns_and_rows(cells)
        middle, unit = np.float32(self.extent.width // 2), np.float32((self.settings.resolution_m / HALF_RANGE_M) ** 2)
        return np.asarray(1 / (1 + ((columns - middle) ** 2 + (rows - middle) ** 2) * unit), np.float32)

    def cells_of(self, pixels: Pixels) -> Cells:
        """Return the cell that the point of each pixel lies in; all must be within range."""
        view, res = self._view, self.settings.resolution_m
        corner = np.array([self.extent.column, self.extent.row]) * res
        flat = (view.map_from_camera[:2, :3] / res).astype(np.float32) @ self.surface.points_at(pixels)
        flat += ((view.place[:2] - corner) / res).astype(np.float32)[:, None]
        columns, rows = np.floor(flat, out=flat)
        rows *= np.float32(self.extent.width)
        rows += columns
        return rows.astype(np.intp)

    def feet(self, cells: Cells) -> Floats:
        """Return (3, N) metres right, down and ahead of the camera, where the middles of cells lie on the floor."""
        columns, rows = self._columns_and_rows(cells)
        return np.asarray(self._foot_of_cell @ np.stack([columns, rows, np.ones_like(rows)]))

    @cached_property
    def _foot_of_cell(self) -> Floats:
        """(3, 3), takes (column, row, 1) of a cell to where its middle lies on the floor."""
        view, res = self._view, self.settings.resolution_m
        axes = view.map_from_camera[:3, :3].T
        up = np.array(view.ground.normal) @ axes
        sloping = [axes[:, k] - axes[:, 2] * (up[k] / up[2]) for k in (0, 1)]
        x, y = (np.array([self.extent.column, self.extent.row]) + 0.5) * res - view.place[:2]
        base = sloping[0] * x + sloping[1] * y - axes[:, 2] * (view.ground.camera_height_m / up[2])
        return np.stack([sloping[0] * res, sloping[1] * res, base], axis=1).astype(np.float32)

    def pixels_of(self, feet: Floats, height_m: Floats | np.float32) -> tuple[Floats, Pixels]:
        """
        Return where places so high above those on the floor appear: (depth, pixel).

        Depth and pixel are 0 where a place is not in the image.

        :param feet: (3, N), of :meth:`feet`. :param height_m: for all, (N,), or (K, 1) or (K, N) for K places each.
        """
        axes = self._view.map_from_camera[:3, :3].T
        rise = (axes[:, 2] / (np.array(self._view.ground.normal) @ axes[:, 2])).astype(np.float32)
        across, down, depth = (foot + step * height_m for foot, step in zip(feet, rise))
        return self._imaged(across, down, depth)

    def reaches(self, depth: Floats, measured: Floats) -> NDArray[np.bool_]:
        """Return where a measured depth is not short of a place's depth."""
        return np.asarray(measured >= depth - np.float32(REACHED_M) - depth * depth * np.float32(REACHED_PER_M2))

    def _columns_and_rows(self, cells: Cells) -> tuple[Floats, Floats]:
        """Return where cells lie in the extent."""
        cells = cells.astype(np.int32)  # type: ignore[assignment]  # are divided five times faster
        rows = cells // np.int32(self.extent.width)
        return (cells - rows * np.int32(self.extent.width)).astype(np.float32), rows.astype(np.float32)

    def _imaged(self, across: Floats, down: Floats, depth: Floats) -> tuple[Floats, Pixels]:
        camera, height, width = self._view.camera, *self.z.shape
        ahead = depth > np.float32(max(self.settings.min_range_m, 0.01))
        inverse = 1 / np.where(ahead, depth, np.float32(1))
        u, v = projected(across * inverse, down * inverse, camera)
        shrink = np.float32(1 / self._view.step)
        u, v = u * shrink, v * shrink
        inside = ahead & (u > -0.5) & (u < width - 0.5) & (v > -0.5) & (v < height - 0.5)
        pixels = (v + np.float32(0.5)).astype(np.int32) * np.int32(width) + (u + np.float32(0.5)).astype(np.int32)
        return np.where(inside, depth, np.float32(0)), np.where(inside, pixels, 0).astype(np.intp)


def projected(x: NDArray[Any], y: NDArray[Any], camera: Intrinsics) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the (column, row) that rays (x, y, 1) meet."""
    if not camera.distortion:
        return (x * np.float32(camera.fx) + np.float32(camera.cx), y * np.float32(camera.fy) + np.float32(camera.cy))
    rays = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], -1)
    matrix = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
    pixels = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), matrix, np.array(camera.distortion))[0][:, 0]
    return pixels[:, 0].astype(np.float32).reshape(x.shape), pixels[:, 1].astype(np.float32).reshape(x.shape)


@lru_cache(maxsize=4)
def _disc(side: int, most: float) -> NDArray[np.bool_]:
    """Return (side, side), the cells of a square whose squared distance from its middle one is no more than this."""
    away = (np.arange(side) - side // 2) ** 2
    return np.asarray(away[:, None] + away <= most)
