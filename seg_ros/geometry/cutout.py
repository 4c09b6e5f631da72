# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which pixels of a mask are the object's: background, floor and occluders leak into masks."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.surface import Surface
from seg_ros.space import Plane

MIN_PIXELS = 12  # of an object, to say where it is
MAX_JUDGED = 1024  # depths that show where an object's gaps are
FLOOR_SKIN_M, FLOOR_SKIN_PER_M2 = 0.01, 0.002  # so near the floor, growing with z squared, it is floor
GAP_M, GAP_PER_M = 0.08, 0.04  # an empty stretch of depth this long parts an object from what leaked in

_Mask = NDArray[np.uint8]
Window = tuple[slice, slice]


def window_of(mask: NDArray[Any], corner: NDArray[np.int32]) -> Window:
    """Return the rows and columns of an image that a crop covers, whose left column and top row are ``corner``."""
    left, top = int(corner[0]), int(corner[1])
    return slice(top, top + mask.shape[0]), slice(left, left + mask.shape[1])


def thinned(mask: NDArray[np.bool_], corner: NDArray[np.int32],
            step: int) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Return a crop of an image and its corner as they are in :meth:`Surface.thinned`."""
    left, top = -corner % step
    return np.ascontiguousarray(mask[top::step, left::step]), -(-corner // step)


def object_mask(surface: Surface, mask: NDArray[np.bool_], corner: NDArray[np.int32],
                plane: Plane | None = None) -> _Mask:
    """
    Return (h, w) uint8, not 0 where a pixel of the mask is the object's; nowhere when it has next to no depth.

    What lies in the plane of the floor is left out (but for flat things that lie there altogether), and of the other
    depths, sorted, the largest run without a gap is the object.

    :param mask: (h, w) crop, inside the image. :param corner: (2,) its left column and top row.
    """
    window = window_of(mask, corner)
    inside = cv2.bitwise_and(mask.view(np.uint8), surface.usable[window])
    if plane is not None:
        above = cv2.bitwise_and(inside, _above(surface, window, plane))
        inside = above if 2 * cv2.countNonZero(above) > cv2.countNonZero(inside) else inside
    if cv2.countNonZero(inside) < MIN_PIXELS:
        return np.zeros(mask.shape, np.uint8)
    z = surface.z[window]
    run = _largest_run(z, inside)
    return inside if run is None else cv2.bitwise_and(inside, cv2.inRange(z, *run))


def object_pixels(surface: Surface, mask: NDArray[np.bool_], corner: NDArray[np.int32],
                  plane: Plane | None = None) -> NDArray[np.intp]:
    """Return the flat indices of the pixels of :func:`object_mask`."""
    rows, columns = np.divmod(np.flatnonzero(object_mask(surface, mask, corner, plane)), mask.shape[1])
    return np.asarray((rows + int(corner[1])) * surface.size[0] + columns + int(corner[0]))


def _above(surface: Surface, window: Window, plane: Plane) -> _Mask:
    """Return (h, w) uint8, 1 where a point lies above the skin of the floor."""
    right, down, ahead = plane.normal
    rise = cv2.addWeighted(surface.rays.x[window], right, surface.rays.y[window], down, ahead)
    rise = cv2.scaleAdd(surface.z[window], -FLOOR_SKIN_PER_M2, rise, dst=rise)
    rise = cv2.multiply(rise, surface.z[window], dst=rise)
    return (rise > np.float32(FLOOR_SKIN_M - plane.camera_height_m)).view(np.uint8)


def _largest_run(z: NDArray[np.float32], inside: _Mask) -> tuple[float, float] | None:
    """Return the nearest and the farthest depth of the largest run without a gap; None when there is no gap."""
    depths = z[inside.view(np.bool_)]  # of every row and column: a face seen at a grazing angle covers few
    ordered = np.sort(depths[::1 + len(depths) // MAX_JUDGED])
    breaks = np.flatnonzero(np.diff(ordered) > np.maximum(GAP_M, GAP_PER_M * ordered[:-1])) + 1
    if not len(breaks):
        return None
    largest = max(np.split(ordered, breaks), key=len)
    return float(largest[0]) - GAP_M / 2, float(largest[-1]) + GAP_M / 2
