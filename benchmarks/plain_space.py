# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of seg_ros.geometry written plainly: NumPy, float64, one idea per line, nothing fused or sampled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.boxes import COARSE_RAD, EDGE_M, FINE_RAD, FLOOR_SNAP_M, REACH_PX, SAMPLES, TRIM
from seg_ros.geometry.cloud import RAMP, Band
from seg_ros.geometry.cutout import FLOOR_SKIN_M, FLOOR_SKIN_PER_M2, GAP_M, GAP_PER_M
from seg_ros.geometry.ground import level_from_optical
from seg_ros.geometry.scan import Beams
from seg_ros.records import UNLABELLED, Instances, Intrinsics
from seg_ros.space import XYZ_LABELLED, Plane

Array = NDArray[Any]


def rays(camera: Intrinsics) -> tuple[Array, Array]:
    """Return x and y of each pixel's ray, computed once per camera as in seg_ros."""
    columns, rows = np.meshgrid(np.arange(camera.width), np.arange(camera.height))
    return (columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy


def points(depth_mm: Array, ray_x: Array, ray_y: Array) -> Array:
    """Return (H, W, 3) points, NaN where depth is invalid."""
    z = depth_mm.astype(np.float64) / 1000.0
    z[depth_mm < 130] = np.nan
    return np.stack([ray_x * z, ray_y * z, z], axis=-1)


def usable(z: Array) -> Array:
    """Return where depth is valid and not a mixture along a row or a column."""
    inverse = np.nan_to_num(1.0 / z)
    mixed = np.zeros(z.shape, np.bool_)
    for image, found in ((inverse, mixed), (inverse.T, mixed.T)):
        steps = np.diff(image, axis=1)
        far_before, before, after, far_after = (steps[:, k:steps.shape[1] - 3 + k] for k in range(4))
        threshold = image[:, 2:-2] / 32
        jump = (np.abs(before) > threshold) & (np.abs(after) > threshold) & ((before > 0) == (after > 0))
        inner, outer = np.abs(before) + np.abs(after), np.abs(far_before) + np.abs(far_after)
        found[:, 2:-2] |= jump & (2 * inner > 3 * outer)
    return np.isfinite(z) & ~mixed


def organised(xyz: Array, rgb: Array, labels: Array, ids: Array) -> Array:
    """Return the (H, W) structured cloud."""
    cloud = np.zeros(labels.shape, XYZ_LABELLED)
    cloud['x'], cloud['y'], cloud['z'] = xyz[..., 0], xyz[..., 1], xyz[..., 2]
    channels = rgb.astype(np.uint32)
    cloud['rgb'] = channels[..., 0] << 16 | channels[..., 1] << 8 | channels[..., 2]
    cloud['label'], cloud['instance'] = labels, ids
    return cloud


def obstacles(xyz: Array, good: Array, labels: Array, meaning: tuple[Array, Array], heights: Array,
              band: Band) -> Array:
    """Return where the robot must not drive."""
    is_obstacle, is_ground = meaning
    known = is_obstacle[labels] & (heights >= band.min_height_m)
    unknown = (labels == UNLABELLED) & (heights >= band.min_rise_m)
    called_floor = is_ground[labels] & (heights - RAMP * xyz[..., 2] >= band.min_rise_m)
    return good & in_range(xyz, band) & (known | unknown | called_floor) & (heights <= band.max_height_m)


def ground(xyz: Array, good: Array, labels: Array, is_ground: Array, heights: Array, band: Band) -> Array:
    """Return where the robot may drive."""
    return good & in_range(xyz, band) & is_ground[labels] & (np.abs(heights) <= band.min_height_m)


def in_range(xyz: Array, band: Band) -> Array:
    """Return which points are neither too near nor too far."""
    distances = np.linalg.norm(xyz, axis=-1)
    return (distances >= band.min_range_m) & (distances <= band.max_range_m)


def thinned(chosen: Array, voxel_m: float) -> Array:
    """Return one of the (N, 3) points per voxel."""
    cells = np.floor(chosen / voxel_m).astype(np.int64)
    cells -= cells.min(axis=0)
    spans = cells.max(axis=0) + 1
    keys = (cells[:, 0] * spans[1] + cells[:, 1]) * spans[2] + cells[:, 2]
    return chosen[np.unique(keys, return_index=True)[1]]


def target(xyz: Array, good: Array, instances: Instances, k: int, cloud: Array) -> Array:
    """Return the points of one object with colour."""
    window = window_of(instances, k)
    return cloud[window][object_pixels(xyz[window], good[window], instances.masks[k])]


def window_of(instances: Instances, k: int) -> tuple[slice, slice]:
    """Return the rows and columns an object's crop covers."""
    (height, width), (left, top) = instances.masks[k].shape, instances.corners[k]
    return slice(top, top + height), slice(left, left + width)


def object_pixels(xyz: Array, good: Array, mask: Array) -> Array:
    """Return where in its crop an object is: the largest run of depths under its mask without a gap."""
    depths = np.sort(xyz[..., 2][mask & good])
    breaks = np.flatnonzero(np.diff(depths) > np.maximum(GAP_M, GAP_PER_M * depths[:-1])) + 1
    edges = np.concatenate([[0], breaks, [len(depths)]])
    largest = int(np.diff(edges).argmax())
    nearest, farthest = depths[edges[largest]], depths[edges[largest + 1] - 1]
    return mask & good & (xyz[..., 2] >= nearest) & (xyz[..., 2] <= farthest)


def box(xyz: Array, good: Array, instances: Instances, k: int, plane: Plane, heights: Array) -> Array:
    """Return centre and size of one object's upright box in the level frame."""
    window = window_of(instances, k)
    xyz = xyz[window]
    above = heights[window] > FLOOR_SKIN_M + FLOOR_SKIN_PER_M2 * xyz[..., 2] ** 2
    pixels = object_pixels(xyz, good[window] & above, instances.masks[k])
    inverse = np.where(pixels, 1.0 / xyz[..., 2], 0.0)
    padded = np.pad(inverse, REACH_PX)
    sums, counts = inverse.copy(), np.ones(inverse.shape)
    for y in range(REACH_PX + 1):
        for x in range(-REACH_PX, REACH_PX + 1):
            if (y, x) > (0, 0):
                one, other = (shifted(padded, s * y, s * x) for s in (1, -1))
                paired = (one > 0) & (other > 0)
                sums += np.where(paired, one + other, 0.0)
                counts += 2.0 * paired
    rows, columns = np.nonzero(pixels)
    spread = np.linspace(0, len(rows) - 1, SAMPLES).astype(np.intp)
    rows, columns = rows[spread], columns[spread]
    depth = counts[rows, columns] / sums[rows, columns]
    found = xyz[rows, columns] * (depth / xyz[rows, columns, 2])[:, None]
    return level_box(found @ level_from_optical(plane).astype(np.float64).T, -plane.camera_height_m)


def shifted(padded: Array, down: int, right: int) -> Array:
    """Return the inner image moved so far."""
    height, width = padded.shape[0] - 2 * REACH_PX, padded.shape[1] - 2 * REACH_PX
    return padded[REACH_PX + down:REACH_PX + down + height, REACH_PX + right:REACH_PX + right + width]


def level_box(found: Array, floor_m: float) -> Array:
    """Return centre and size of the rectangle that has most points near its sides."""
    flat = found[:, :2] - np.median(found[:, :2], axis=0)
    coarse = COARSE_RAD[np.argmax([closeness(flat[::2], yaw) for yaw in COARSE_RAD])]
    yaw = coarse + FINE_RAD[np.argmax([closeness(flat[::2], coarse + step) for step in FINE_RAD])]
    low, high = ends(turned(flat, yaw))
    bottom, top = ends(found[:, 2:])
    bottom = np.where(bottom - floor_m < FLOOR_SNAP_M, floor_m, bottom)
    return np.concatenate([(low + high) / 2, (bottom + top) / 2, high - low, top - bottom])


def closeness(flat: Array, yaw: float) -> float:
    """Return the closeness criterion for one yaw."""
    corners = turned(flat, yaw)
    low, high = ends(corners)
    sides = np.minimum(np.abs(corners - low), np.abs(high - corners)).min(axis=1)
    return float(np.sum(1.0 / np.maximum(sides, EDGE_M)))


def turned(flat: Array, yaw: float) -> Array:
    """Return (N, 2) points as seen from turned axes."""
    cos, sin = math.cos(yaw), math.sin(yaw)
    return flat @ np.array([[cos, -sin], [sin, cos]])


def ends(values: Array) -> tuple[Array, Array]:
    """Return the low and high end of (N, C) values."""
    trim = len(values) // TRIM
    ordered = np.sort(values, axis=0)
    return ordered[trim], ordered[-1 - trim]


def scan(xyz: Array, good: Array, chosen: Array, plane: Plane, beams: Beams) -> Array:
    """Return the ranges of obstacle points."""
    level = level_from_optical(plane).astype(np.float64)
    ranges = np.full(beams.count, np.nan)
    first = beams.angle_min_rad - beams.angle_increment_rad / 2
    for mask, free in ((good & (np.arange(len(good)) % 8 == 4)[:, None], True), (chosen, False)):
        ahead = xyz[mask] @ level.T
        met = np.floor((np.arctan2(ahead[:, 1], ahead[:, 0]) - first) / beams.angle_increment_rad).astype(np.int64)
        inside = (met >= 0) & (met < beams.count)
        distances = np.full(len(ahead), np.inf) if free else np.hypot(ahead[:, 0], ahead[:, 1])
        np.fmin.at(ranges, met[inside], distances[inside])
    ranges[ranges > beams.range_max_m] = np.inf
    ranges[ranges < beams.range_min_m] = -np.inf
    return ranges
