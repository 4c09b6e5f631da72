# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Clouds of what a robot sees: every pixel, what is in the way, the floor, one object, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.geometry.cutout import object_pixels
from seg_ros.geometry.surface import Surface
from seg_ros.records import UNLABELLED, Instances
from seg_ros.space import XYZ, XYZ_LABELLED, Cloud, Plane

Image = NDArray[np.uint8]

RAMP = np.float32(0.1)  # so much may floor rise per metre of depth: ramps and a tilt of the plane of 5 degrees


@dataclass(frozen=True)
class Band:
    """
    Which points count for driving.

    :param min_range_m: distance from the optical centre.
    :param min_height_m: obstacles lower than this above the floor are driven over; floor that lies farther
        than this above or below the plane is not taken for floor.
    :param max_height_m: obstacles higher than this are passed under.
    :param min_rise_m: a pixel at least this high above the floor is an obstacle, whatever it is called but ignored.
    """

    min_range_m: float = 0.2
    max_range_m: float = 5.0
    min_height_m: float = 0.05
    max_height_m: float = 2.0
    min_rise_m: float = 0.10


def organised_cloud(surface: Surface, rgb: Image, labels: Image | None = None,
                    instance_ids: NDArray[np.uint16] | None = None, overruled: Image | None = None) -> Cloud:
    """
    Return the (H, W) cloud aligned with the mask, NaN where depth is invalid, and where it overrules the label.

    :param rgb: (h, w, 3) uint8; resized when it has another size than the surface.
    :param labels: (H, W) uint8 class ids; without them every point has label 255.
    :param instance_ids: (H, W) uint16, 0 for no object; without them every point has 0.
    :param overruled: (H, W) uint8 of 0 and 1, from ``overruled_pixels``.
    """
    _same_size(surface, labels, instance_ids, overruled)
    rgb = _fitted(rgb, surface)
    height, width = surface.z.shape
    columns = np.empty((height, width, XYZ_LABELLED.itemsize // 4), np.float32)
    np.multiply(surface.rays.x, surface.z, out=columns[..., 0])
    np.multiply(surface.rays.y, surface.z, out=columns[..., 1])
    columns[..., 2] = surface.z
    if overruled is not None:
        columns[overruled.view(np.bool_), :3] = np.nan
    bits = columns.view(np.uint32)
    # alpha is 0: with 255 a bright red pixel, read as float32, is a NaN that readers skip
    np.bitwise_and(_bgra(rgb), np.uint32(0xFFFFFF), out=bits[..., 3])
    bits[..., 4] = UNLABELLED if labels is None else labels
    if instance_ids is not None:
        columns.view(np.uint16)[..., 9] = instance_ids
    return Cloud(columns.view(XYZ_LABELLED)[..., 0])


def obstacle_pixels(surface: Surface, labels: Image, is_obstacle: NDArray[np.bool_],
                    heights: NDArray[np.float32] | None, band: Band | None = None) -> Image:
    """
    Return (H, W) uint8, 1 where the class is an obstacle's and the point lies in the band.

    Without heights, only class and range decide.

    :param is_obstacle: (256,) per label byte.
    :param heights: ``surface.heights(plane)``, or None when no floor is known.
    """
    band = band or Band()
    _same_size(surface, labels, heights)
    table = np.where(is_obstacle, 255, 0).astype(np.uint8)
    table[UNLABELLED] = 0
    if heights is None:
        return cv2.bitwise_and(cv2.LUT(labels, table), _in_range(surface, band))
    chosen = cv2.bitwise_and(cv2.LUT(labels, table), _between(heights, band.min_height_m, band.max_height_m))
    return cv2.bitwise_and(chosen, _in_range(surface, band))


def rising_pixels(surface: Surface, labels: Image, is_ground: NDArray[np.bool_], heights: NDArray[np.float32] | None,
                  band: Band | None = None) -> Image:
    """
    Return (H, W) uint8, 1 where depth shows something in the way that the labels have no word for, or call floor.

    An unlabelled pixel counts from ``min_rise_m`` above the floor on, one that is called floor where it lies higher
    than a ramp would too: ``RAMP`` times its depth more. Without heights there is none.

    :param is_ground: (256,) per label byte. :param heights: ``surface.heights(plane)``.
    """
    if heights is None:
        return np.zeros(labels.shape, np.uint8)
    band = band or Band()
    _same_size(surface, labels, heights)
    lowest = max(band.min_rise_m, band.min_height_m)
    unknown = np.equal(labels, UNLABELLED).view(np.uint8)
    over_ramp = np.greater_equal(cv2.scaleAdd(surface.z, -RAMP, heights), np.float32(lowest)).view(np.uint8)
    called_floor = cv2.bitwise_and(cv2.LUT(labels, is_ground.view(np.uint8)), over_ramp)
    rising = cv2.bitwise_and(cv2.bitwise_or(unknown, called_floor), _between(heights, lowest, band.max_height_m))
    return cv2.bitwise_and(rising, _in_range(surface, band))


def overruled_pixels(labels: Image, is_obstacle: NDArray[np.bool_], heights: NDArray[np.float32],
                     min_height_m: float, instance_ids: NDArray[np.uint16] | None = None) -> Image:
    """
    Return (H, W) uint8, 1 where the class is an obstacle's and depth shows the floor: lower than ``min_height_m``.

    An object that was found keeps its pixels, however flat it lies.

    :param is_obstacle: (256,) per label byte. :param heights: ``surface.heights(plane)``.
    :param instance_ids: (H, W) uint16, 0 for no object.
    """
    table = np.where(is_obstacle, 1, 0).astype(np.uint8)
    table[UNLABELLED] = 0
    low = cv2.bitwise_and(cv2.LUT(labels, table), np.less(heights, np.float32(min_height_m)).view(np.uint8))
    return low if instance_ids is None else cv2.bitwise_and(low, np.equal(instance_ids, 0).view(np.uint8))


def ground_pixels(surface: Surface, labels: Image, is_ground: NDArray[np.bool_],
                  heights: NDArray[np.float32] | None, band: Band | None = None) -> Image:
    """
    Return (H, W) uint8, 1 where the robot may drive: the class is traversable and the point lies on the floor.

    :param is_ground: (256,) per label byte.
    :param heights: ``surface.heights(plane)``, or None when no floor is known; then the class decides.
    """
    band = band or Band()
    _same_size(surface, labels, heights)
    chosen = cv2.bitwise_and(cv2.LUT(labels, np.where(is_ground, 255, 0).astype(np.uint8)),
                             _in_range(surface, band))
    if heights is None:
        return chosen
    return cv2.bitwise_and(chosen, _between(heights, -band.min_height_m, band.min_height_m))


def chosen_cloud(surface: Surface, pixels: Image, voxel_m: float = 0.0) -> Cloud:
    """
    Return the points of chosen pixels, none of them NaN.

    :param pixels: (H, W) uint8 of 0 and 1, from ``obstacle_pixels`` or ``ground_pixels``.
    :param voxel_m: of the points in a cube of this side one is kept, a measured one and not their mean,
        which could float where nothing is; 0 keeps all.
    """
    if voxel_m > 0:
        return _plain(surface.points_at(surface.voxels(voxel_m).thinned(pixels)))
    return _plain(surface.points_at(np.flatnonzero(pixels.view(np.bool_))))


def scene_cloud(surface: Surface, targets: Image | None, *, margin_px: int = 3, max_range_m: float = 5.0,
                voxel_m: float = 0.0) -> Cloud:
    """
    Return the points of everything but the target: the world a planner must not hit.

    :param targets: (H, W) uint8, not 0 on the target (``target_pixels``); None for the whole scene.
    :param margin_px: so many pixels around the target are left out too, for the mask may be a bit small.
    """
    pixels = _in_range(surface, Band(min_range_m=0.0, max_range_m=max_range_m))
    if targets is not None:
        _same_size(surface, targets)
        square = np.ones((2 * margin_px + 1, 2 * margin_px + 1), np.uint8)
        pixels = cv2.bitwise_and(pixels, np.equal(cv2.dilate(targets, square), 0).view(np.uint8))
    return chosen_cloud(surface, pixels, voxel_m)


def target_pixels(instances: Instances, chosen: Sequence[int]) -> Image:
    """Return (H, W) uint8, 1 on the masks of the chosen objects (indices into ``instances``)."""
    pixels = np.zeros((instances.size[1], instances.size[0]), np.uint8)
    for k in chosen:
        pixels[instances.place(k)][instances.masks[k]] = 1
    return pixels


def target_cloud(surface: Surface, instances: Instances, chosen: Sequence[int], rgb: Image,
                 labels: Image | None = None, instance_ids: NDArray[np.uint16] | None = None,
                 plane: Plane | None = None) -> Cloud:
    """
    Return the points of the chosen objects with colour, none of them NaN; empty when nothing has depth.

    Background that leaks into a mask is left out where depth has a gap, and the floor where it is known.

    :param chosen: indices into ``instances``; none for a target that is not in view.
    """
    _same_size(surface, labels, instance_ids)
    if instances.size != surface.size:
        raise _other_size(instances.size, surface)
    rgb = _fitted(rgb, surface)
    parts = [object_pixels(surface, instances.masks[k], instances.corners[k], plane) for k in chosen]
    flat = np.unique(np.concatenate([np.zeros(0, np.intp), *parts]))
    points = np.zeros(len(flat), XYZ_LABELLED)
    for name, column in zip('xyz', surface.points_at(flat), strict=True):
        points[name] = column
    colours = rgb.reshape(-1, 3)[flat].astype(np.uint32)
    points['rgb'] = colours[:, 0] << 16 | colours[:, 1] << 8 | colours[:, 2]
    points['label'] = UNLABELLED if labels is None else labels.reshape(-1)[flat]
    if instance_ids is not None:
        points['instance'] = instance_ids.reshape(-1)[flat]
    return Cloud(points)


def _in_range(surface: Surface, band: Band) -> Image:
    nearest, farthest = (surface.rays.depths_at(range_m) for range_m in (band.min_range_m, band.max_range_m))
    return cv2.bitwise_and(surface.usable, _between(surface.z, nearest, farthest))


def _between(values: NDArray[np.float32], low: float | NDArray[np.float32], high: float | NDArray[np.float32]) -> Image:
    """Return uint8, 1 where values are neither lower nor higher, nor NaN; twice as fast as cv2.inRange."""
    low, high = (np.asarray(limit, np.float32) for limit in (low, high))
    return np.asarray(np.greater_equal(values, low) & np.less_equal(values, high)).view(np.uint8)


def _plain(points: NDArray[np.float32]) -> Cloud:
    return Cloud(np.ascontiguousarray(points.T).view(XYZ)[:, 0])


def _bgra(rgb: Image) -> NDArray[np.uint32]:
    """Return (H, W) uint32, 0xFFRRGGBB."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA), np.uint8).view('<u4')[..., 0]


def _fitted(rgb: Image, surface: Surface) -> Image:
    if rgb.shape[1::-1] == surface.size:
        return rgb
    return np.asarray(cv2.resize(rgb, surface.size, interpolation=cv2.INTER_AREA), np.uint8)


def _same_size(surface: Surface, *images: NDArray[np.generic] | None) -> None:
    for image in images:
        if image is not None and image.shape != surface.z.shape:
            raise _other_size((image.shape[1], image.shape[0]), surface)


def _other_size(size: tuple[int, int], surface: Surface) -> ImageError:
    return ImageError(f'an image of {size[0]}x{size[1]} came with depth at {surface.size[0]}x{surface.size[1]}',
                      'make both at the output size')
