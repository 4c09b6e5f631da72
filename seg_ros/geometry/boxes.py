# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The upright box around each object, from its mask and depth."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.geometry.cutout import MIN_PIXELS, object_pixels
from seg_ros.geometry.ground import level_from_optical
from seg_ros.geometry.surface import Surface
from seg_ros.records import Instances
from seg_ros.space import Boxes3D, Plane

Points = NDArray[np.float32]

SAMPLES = 384  # points that stand for an object
TRIM = 256  # one point in so many is left outside at each end of a side
REACH_PX = 2  # depth is averaged so far around a pixel
FLOOR_SNAP_M = 0.05  # an object whose lowest point is nearer to the floor stands on it
EDGE_M = 0.01  # a point nearer than this to a side lies on it
TOGETHER = 16  # objects turned at once: bounds the memory

COARSE_RAD = np.radians(np.arange(0.0, 90.0, 3.0))
FINE_RAD = np.radians(np.arange(-2.5, 2.51, 0.5))


def upright_boxes(surface: Surface, instances: Instances, plane: Plane | None = None) -> Boxes3D:
    """
    Return the upright box of each object in the optical frame, in the order of ``instances``.

    A box encloses what is seen of its object: the unseen back of a face seen square-on has no depth. Its x
    axis is the horizontal one that points ahead most, its z axis points up. Background and occluder that leak
    into a mask are cut off where depth has a gap, and of the rest the largest part is the object.

    :param plane: the floor, which says what is up and where objects stand; None takes the image's own up.
    :raises ImageError: when the objects lie in an image of another size.
    """
    if instances.size != surface.size:
        raise ImageError(f'objects in {instances.size[0]}x{instances.size[1]} came with depth at '
                         f'{surface.size[0]}x{surface.size[1]}', 'make both at the output size')
    level = level_from_optical(plane or Plane((0.0, -1.0, 0.0), 1.0))
    floor_m = None if plane is None else -plane.camera_height_m
    samples = np.full((len(instances), 3, SAMPLES), np.nan, np.float32)
    for k in range(len(instances)):
        points = _points_of(surface, instances.masks[k], instances.corners[k], plane)
        if points.size:
            samples[k] = level @ points
    found = np.flatnonzero(np.isfinite(samples[:, 0, 0]))
    boxes = np.full((len(instances), 7), np.nan, np.float32)  # centre, size, yaw in the level frame
    for start in range(0, len(found), TOGETHER):
        some = found[start:start + TOGETHER]
        boxes[some] = _level_boxes(samples[some], floor_m)
    return _in_optical_frame(boxes, level)


def moved(boxes: Boxes3D, rotation: NDArray[np.floating], translation: NDArray[np.floating]) -> Boxes3D:
    """
    Return the boxes in another frame.

    :param rotation: (3, 3), turns the boxes' frame into the other; with ``translation`` what TF calls the
        transform from the boxes' frame to the other.
    """
    turn = quaternion_of(np.asarray(rotation, np.float64))
    centres = boxes.centres @ np.asarray(rotation, np.float32).T + np.asarray(translation, np.float32)
    return Boxes3D(centres.astype(np.float32), boxes.sizes, _product(turn, boxes.quaternions))


def _points_of(surface: Surface, mask: NDArray[np.bool_], corner: NDArray[np.int32], plane: Plane | None) -> Points:
    """Return (3, SAMPLES) points that lie on the object, evenly drawn and smoothed; (3, 0) when too few do."""
    pixels = object_pixels(surface, mask, corner, plane)
    if len(pixels) < MIN_PIXELS:
        return np.empty((3, 0), np.float32)
    rows, columns = np.divmod(pixels, surface.size[0])
    spread = np.linspace(0, len(pixels) - 1, SAMPLES).astype(np.intp)
    inverse = np.zeros((mask.shape[0] + 2 * REACH_PX, mask.shape[1] + 2 * REACH_PX), np.float32)
    rows, columns = rows - (int(corner[1]) - REACH_PX), columns - (int(corner[0]) - REACH_PX)
    inverse[rows, columns] = 1 / surface.z.reshape(-1)[pixels]
    depth = _smoothed_depth(inverse, rows[spread] * inverse.shape[1] + columns[spread])
    points = surface.points_at(pixels[spread])
    return np.asarray(points * (depth / points[2]))


def _smoothed_depth(inverse: NDArray[np.float32], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
    """
    Return the depth of chosen pixels, averaged over the object's pixels around each.

    The mean is taken of 1/z, and of neighbours only in opposite pairs: then a face seen at any slant
    keeps its depth, up to the object's very edge.

    :param inverse: (h, w) 1/z of the object's pixels, 0 elsewhere and REACH_PX along the border.
    :param chosen: flat indices of object pixels.
    """
    steps = np.array([y * inverse.shape[1] + x for y in range(REACH_PX + 1)
                      for x in range(-REACH_PX, REACH_PX + 1) if (y, x) > (0, 0)])
    flat = inverse.reshape(-1)
    one, other = flat[chosen[:, None] + steps], flat[chosen[:, None] - steps]
    paired = (one > 0) & (other > 0)
    sums = flat[chosen] + ((one + other) * paired).sum(axis=1)
    return np.asarray((1 + 2 * paired.sum(axis=1)) / sums, np.float32)


def _level_boxes(samples: Points, floor_m: float | None) -> Points:
    """Return (K, 7) centre, size and yaw of (K, 3, SAMPLES) points, all in the level frame."""
    middle = np.median(samples[:, :2], axis=-1, keepdims=True)
    flat = samples[:, :2] - middle
    yaw = _best_yaw(flat[..., ::2], np.broadcast_to(COARSE_RAD, (len(flat), len(COARSE_RAD))))
    yaw = _best_yaw(flat[..., ::2], yaw[:, None] + FINE_RAD)
    low, high = _ends(_turned(flat, yaw[:, None])[:, 0])
    bottom, top = _ends(samples[:, 2])
    if floor_m is not None:
        bottom = np.where(bottom - floor_m < FLOOR_SNAP_M, np.float32(floor_m), bottom)
    centre, cos, sin = (low + high) / 2, np.cos(yaw), np.sin(yaw)
    x = cos * centre[:, 0] - sin * centre[:, 1] + middle[:, 0, 0]
    y = sin * centre[:, 0] + cos * centre[:, 1] + middle[:, 1, 0]
    return np.column_stack([x, y, (bottom + top) / 2, high - low, np.maximum(top - bottom, 0), yaw]).astype(np.float32)


def _best_yaw(flat: Points, yaws: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return for each object the yaw, of its (K, A), whose rectangle has most points near its sides.

    This is the closeness criterion of Zhang et al., Efficient L-Shape Fitting for Vehicle Detection Using
    Laser Scanners (IV 2017); the smallest rectangle cannot tell the legs of an L from its hypotenuse.

    :param flat: (K, 2, N) float32.
    """
    turned = _turned(flat, yaws)
    low, high = _ends(turned)
    middle, half = (low + high)[..., None] / 2, (high - low)[..., None] / 2
    turned -= middle
    inside = np.abs(np.subtract(half, np.abs(turned, out=turned), out=turned), out=turned)  # to the nearer side
    sides = np.maximum(np.minimum(inside[:, :, 0], inside[:, :, 1]), np.float32(EDGE_M))
    best = np.reciprocal(sides, out=sides).sum(axis=-1).argmax(axis=1)
    return yaws[np.arange(len(yaws)), best]


def _turned(flat: Points, yaws: NDArray[np.float64]) -> Points:
    """Return (K, A, 2, N): the (K, 2, N) points as seen from axes turned by (K, A) yaws."""
    cos, sin = np.cos(yaws).astype(np.float32), np.sin(yaws).astype(np.float32)
    axes = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], -2)  # (K, A, 2, 2)
    return np.asarray(axes @ flat[:, None], np.float32)


def _ends(values: Points) -> tuple[Points, Points]:
    """Return the low and high end of (..., N) values, leaving a share of them outside at either end."""
    count = values.shape[-1]
    trim = count // TRIM
    ordered = np.partition(values, (trim, count - 1 - trim), axis=-1)
    return ordered[..., trim], ordered[..., count - 1 - trim]


def _in_optical_frame(boxes: Points, level: NDArray[np.float32]) -> Boxes3D:
    yaws = boxes[:, 6].astype(np.float64)
    swap = yaws > math.pi / 4  # the other horizontal axis points ahead more
    yaws = np.where(swap, yaws - math.pi / 2, yaws)
    sizes = boxes[:, 3:6].copy()
    sizes[swap, :2] = sizes[swap, 1::-1]
    spins = np.zeros((len(boxes), 4))
    spins[:, 2], spins[:, 3] = np.sin(yaws / 2), np.cos(yaws / 2)
    spins[~np.isfinite(yaws)] = np.nan
    return Boxes3D((boxes[:, :3] @ level).astype(np.float32), sizes, _product(quaternion_of(level.T), spins))


def quaternion_of(rotation: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return x, y, z, w of a (3, 3) rotation (by way of its rotation vector, exact for every angle)."""
    vector = cv2.Rodrigues(np.asarray(rotation, np.float64))[0][:, 0]
    angle = float(np.linalg.norm(vector))
    axis = vector / angle if angle else vector
    return np.array([*(axis * math.sin(angle / 2)), math.cos(angle / 2)])


def _product(first: NDArray[np.float64], second: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the (N, 4) quaternions that turn by ``second`` (N, 4), then by ``first`` (4,)."""
    vectors, reals = second[:, :3], second[:, 3:]
    vector = first[3] * vectors + reals * first[:3] + np.cross(first[:3], vectors)
    real = first[3] * reals - (vectors @ first[:3])[:, None]
    return np.concatenate([vector, real], axis=1).astype(np.float32)
