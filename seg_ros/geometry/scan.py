# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The nearest obstacle of each bearing: from points, or without depth from where obstacles meet the floor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.geometry.blind import MIN_RUN_PX, Blind
from seg_ros.geometry.ground import level_from_optical
from seg_ros.geometry.pinhole import rays_at, rays_of
from seg_ros.geometry.surface import Surface
from seg_ros.records import UNLABELLED, Intrinsics
from seg_ros.space import Plane, Scan

Image = NDArray[np.uint8]
Floats = NDArray[np.float32] | NDArray[np.float64]

ACROSS = np.array([[-0.5], [0.0], [0.5]])  # a column may be two beams wide
NARROWEST = 1e-3  # an image of one column sees one direction, and a lens that cannot be none
LEVEL = Plane((0.0, -1.0, 0.0), 1.0)  # how a camera is held of which nothing is known


@dataclass(frozen=True)
class Beams:
    """The bearings of a scan, counted to the left, and how near and how far it measures."""

    angle_min_rad: float
    angle_increment_rad: float
    count: int
    range_min_m: float = 0.1
    range_max_m: float = 5.0


def beams_of(camera: Intrinsics, plane: Plane | None = None, *, range_min_m: float = 0.1,
             range_max_m: float = 5.0) -> Beams:
    """
    Return beams that cover what the camera sees, one for two columns of its image.

    :param plane: how the camera is mounted; when it looks down, the lower corners of its image lie farther
        to the sides than its horizontal field of view. Take it once, so that the scan keeps its shape.
    """
    rays = rays_of(camera)
    edges = [np.concatenate([axis[[0, -1]].ravel(), axis[:, [0, -1]].ravel()]) for axis in (rays.x, rays.y)]
    directions = np.stack([*edges, np.ones_like(edges[0])], -1) @ _level(plane).T.astype(np.float64)
    bearings = np.arctan2(directions[:, 1], directions[:, 0])
    widest = float(np.nanmax(np.minimum(np.abs(bearings), math.pi / 2), initial=NARROWEST))
    count = max(1, camera.width // 2)
    return Beams(-widest + widest / count, 2 * widest / count, count, range_min_m, range_max_m)


def scan_of_points(surface: Surface, obstacles: Image, plane: Plane | None, beams: Beams,
                   blind: Blind | None = None) -> Scan:
    """
    Return the scan of obstacle points, as seen from above.

    A bearing in which depth was measured and no obstacle lies is free (+inf); one without depth is NaN. An obstacle
    without depth is where its lower edge meets the floor; where that is not known the bearing is NaN, unless an
    obstacle with depth stands before it.

    :param obstacles: (H, W) uint8 of 0 and 1, from ``obstacle_pixels``.
    :param blind: the obstacles without depth; None for none.
    """
    seen, hits = _polar(surface, _every_eighth_row(surface.usable), plane), _polar(surface, obstacles, plane)
    if blind is None or not len(blind.columns):
        return _scan(beams, seen_rad=seen[0], hits=hits)
    bearings, ranges = _on_floor(blind.camera, blind.columns + ACROSS, blind.edges + 0 * ACROSS, plane or LEVEL)
    placed = blind.on_floor & (plane is not None)
    on_floor = bearings[:, placed].ravel(), ranges[:, placed].ravel()
    return _scan(beams, seen_rad=seen[0], hits=(np.concatenate([hits[0], on_floor[0]]),
                                                np.concatenate([hits[1], on_floor[1]])),
                 unknown_rad=bearings[:, ~placed & ~blind.is_behind].ravel())


def scan_of_labels(labels: Image, camera: Intrinsics, plane: Plane, beams: Beams, *,
                   is_obstacle: NDArray[np.bool_], is_ground: NDArray[np.bool_]) -> Scan:
    """
    Return the scan without depth: an obstacle is where its lower edge meets the floor.

    In each column of the image the lowest obstacle counts, and unlabelled pixels beneath it as part of it. One
    that goes on below the image is reported where the floor leaves the image: it is there or nearer. What
    hangs in the air looks farther than it is. A bearing is free (+inf) when its column shows floor and no obstacle,
    or floor up to beyond the farthest range; NaN when it shows neither, or an obstacle above the horizon that does not
    stand on floor. To first order the error grows with the square of the range.

    :param camera: of the labels' size.
    :param is_obstacle: (256,) per label byte; likewise ``is_ground``.
    :raises ImageError: when the camera is of another size than the labels.
    """
    if labels.shape != (camera.height, camera.width):
        raise ImageError(f'a mask of {labels.shape[1]}x{labels.shape[0]} came with a camera of '
                         f'{camera.width}x{camera.height}', 'scale the camera to the mask')
    edges, hit, free, on_floor = _lower_edges(labels, is_obstacle, is_ground)
    bearings, ranges = _on_floor(camera, np.arange(camera.width) + ACROSS, edges + 0 * ACROSS, plane)
    return _scan(beams, seen_rad=bearings[:, free | hit].ravel(),
                 hits=(bearings[:, hit].ravel(), ranges[:, hit].ravel()),
                 unknown_rad=bearings[:, hit & ~on_floor & np.isinf(ranges[1])].ravel())


def _level(plane: Plane | None) -> NDArray[np.float32]:
    return level_from_optical(plane or LEVEL)


def _every_eighth_row(image: Image) -> Image:
    thin = np.zeros_like(image)
    thin[4::8] = image[4::8]
    return thin


def _polar(surface: Surface, pixels: Image, plane: Plane | None) -> tuple[Floats, Floats]:
    """Return bearings to the left and horizontal ranges of chosen pixels' points."""
    points = surface.points_at(np.flatnonzero(pixels != 0))
    if not points.size:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    # OpenCV's arc tangent is off by 0.0002 rad at most, a twentieth of a beam, and seven times faster
    ahead, left = (x * points[0] + y * points[1] + z * points[2] for x, y, z in _level(plane)[:2])
    ranges, bearings = cv2.cartToPolar(ahead, left)
    return bearings[:, 0], ranges[:, 0]


def _scan(beams: Beams, *, seen_rad: Floats, hits: tuple[Floats, Floats], unknown_rad: Floats | None = None) -> Scan:
    """Return the scan of hits (bearings, ranges); bearings that were seen and not hit are free, or unknown."""
    nearest = np.full(beams.count + 1, np.nan, np.float32)  # the last one is for what no beam meets
    nearest[_beams_met(seen_rad, beams)] = np.inf
    np.fmin.at(nearest, _beams_met(hits[0], beams), hits[1].astype(np.float32, copy=False))
    if unknown_rad is not None:
        nearest[_beams_met(unknown_rad, beams)] = np.nan
    nearest[nearest > beams.range_max_m] = np.inf
    nearest[nearest < beams.range_min_m] = -np.inf
    return Scan(nearest[:-1], beams.angle_min_rad, beams.angle_increment_rad, beams.range_min_m, beams.range_max_m)


def _beams_met(bearings: Floats, beams: Beams) -> NDArray[np.int32]:
    """Return the beam each bearing (-pi to 2 pi) falls into, ``beams.count`` for none."""
    first, scale = beams.angle_min_rad - beams.angle_increment_rad / 2, 1 / beams.angle_increment_rad
    turns = np.subtract(bearings, first, dtype=bearings.dtype)
    turns -= np.multiply(bearings > math.pi, 2 * math.pi, dtype=bearings.dtype)
    turns *= bearings.dtype.type(scale)
    turns[np.isnan(turns)] = -1  # as a whole number NaN is 0 on some processors
    met = np.floor(turns, out=turns).astype(np.int32)
    met[(met < 0) | (met > beams.count)] = beams.count
    return met


def _lower_edges(labels: Image, is_obstacle: NDArray[np.bool_], is_ground: NDArray[np.bool_]) -> tuple[
        NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """
    Return per column the row of the lower edge of its lowest obstacle, whether it has one, or only floor.

    :return: and, fourth, whether floor, or the end of the image, is under the obstacle.
    """
    height = labels.shape[0]
    upright = np.ones((MIN_RUN_PX, 1), np.uint8)
    solid = cv2.morphologyEx(cv2.LUT(labels, is_obstacle.astype(np.uint8)), cv2.MORPH_OPEN, upright)
    from_below, has_obstacle = _first_of_rows(cv2.rotate(solid, cv2.ROTATE_90_CLOCKWISE))
    _, has_ground = _first_of_rows(cv2.transpose(cv2.LUT(labels, is_ground.astype(np.uint8))))
    beneath = np.arange(height, dtype=np.int32)[:, None] > (height - 1 - from_below).astype(np.int32)
    beneath &= labels != UNLABELLED
    first_known, goes_on = _first_of_rows(cv2.transpose(beneath.view(np.uint8)))
    edges = np.where(has_obstacle & goes_on, first_known, height) - 0.5
    on_floor = ~goes_on | is_ground[labels[first_known, np.arange(labels.shape[1])]]
    return edges, has_obstacle, has_ground & ~has_obstacle, on_floor


def _first_of_rows(image: Image) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return for each row of 0 and 1 where the first 1 is, and whether there is one."""
    first = image.view(np.bool_).argmax(axis=1)  # stops at the first, and reads memory in order
    return first, image[np.arange(len(image)), first] != 0


def _on_floor(camera: Intrinsics, columns: NDArray[np.float64], rows: NDArray[np.float64],
              plane: Plane) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return bearings to the left and ranges of the floor at points of the image; inf above the horizon."""
    x, y = rays_at(camera, columns, rows)
    ahead, left, up = np.moveaxis(np.stack([x, y, np.ones_like(x)], -1) @ _level(plane).T.astype(np.float64), -1, 0)
    below = np.maximum(-up, 1e-9)
    return np.arctan2(left, ahead), np.where(up < 0, np.hypot(ahead, left) * plane.camera_height_m / below, np.inf)
