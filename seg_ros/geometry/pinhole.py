# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where each pixel looks: rays of a camera at any image size, and which depth pixel each of them meets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.geometry.lens import through_lens, undistorted
from seg_ros.records import Intrinsics

FITTED_POINTS, FEWEST_POINTS, NARROWEST = 4096, 50, 0.1  # of a camera told by its points; share of the image
FARTHEST_OFF_PX = 1.5  # depth that is coarser than the image moves its points by half a pixel of its own
KEPT_RANGES = 4  # nearest and farthest, of what a robot drives and of what it picks


@dataclass(frozen=True, eq=False)
class Rays:
    """
    The direction (x, y, 1) each pixel looks in, in the optical frame (x right, y down, z forward).

    :param x: (H, W) float32, metres to the right per metre of depth; NaN where the lens has no answer.
    :param y: (H, W) float32, metres downwards per metre of depth.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    _limits: dict[float, NDArray[np.float32]] = field(default_factory=dict, repr=False)
    _thinned: dict[int, Rays] = field(default_factory=dict, repr=False)

    @cached_property
    def widest(self) -> float:
        """The largest of all x and y, either way."""
        return float(max(np.nanmax(np.abs(self.x)), np.nanmax(np.abs(self.y))))

    @cached_property
    def gaps(self) -> NDArray[np.intp]:
        """The flat indices of the pixels that have no ray."""
        return np.flatnonzero(np.isnan(self.x))

    def depths_at(self, range_m: float) -> NDArray[np.float32]:
        """Return the (H, W) float32 depths of the points so far from the camera; the last few are kept."""
        if range_m not in self._limits:
            while len(self._limits) >= KEPT_RANGES:
                self._limits.pop(next(iter(self._limits)))
            lengths = np.sqrt(1 + self.x.astype(np.float64) ** 2 + self.y.astype(np.float64) ** 2)
            self._limits[range_m] = _constant(range_m / lengths)
        return self._limits[range_m]

    def thinned(self, step: int) -> Rays:
        """Return the rays of the first of so many rows and columns each, which are kept."""
        if step not in self._thinned:
            self._thinned[step] = Rays(_constant(self.x[::step, ::step]), _constant(self.y[::step, ::step]))
        return self._thinned[step]


@dataclass(frozen=True, eq=False)
class Sampling:
    """
    Which depth pixel each output pixel takes, and the ray of that depth pixel.

    The ray belongs to the depth pixel, not to the output pixel: each point is then one that was measured,
    and lies off the output pixel's own ray by half a depth pixel at most.

    :param pixels: (H, W, 2) int16 column and row in the depth image, -1 outside it; None for the pixel itself.
    """

    rays: Rays
    pixels: NDArray[np.int16] | None


class Optics:
    """The sampling of one camera, computed once and kept for as long as image and depth stay what they are."""

    def __init__(self) -> None:
        self._kept: tuple[Intrinsics, Intrinsics, Sampling] | None = None

    def sampling(self, output: Intrinsics, depth: Intrinsics) -> Sampling:
        """Return :func:`sampling_of` the two."""
        if self._kept is None or self._kept[:2] != (output, depth):
            self._kept = None  # the old one is let go before the new one is made
            self._kept = output, depth, sampling_of(output, depth)
        return self._kept[2]


def depth_camera(image: Intrinsics, depth_size: tuple[int, int]) -> Intrinsics:
    """
    Return the intrinsics of a depth image that is registered to the image: both show the same field of view.

    :raises ImageError: when their shapes differ.
    """
    width, height = depth_size
    if width * image.height != height * image.width:
        raise ImageError(f'depth has {width}x{height}, the image {image.width}x{image.height}: they do not '
                         'show the same view', 'remap depth to the depth image that is registered to this image')
    return image if (image.width, image.height) == depth_size else image.scaled_to(width, height)


def rays_at(camera: Intrinsics, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> tuple[
        NDArray[np.float64], NDArray[np.float64]]:
    """Return the rays (x, y) of points of the image, distortion undone; NaN where the lens has no answer."""
    if not camera.distortion:
        return (columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy
    rays = undistorted(np.stack([columns.ravel(), rows.ravel()], -1), camera)
    return rays[:, 0].reshape(columns.shape), rays[:, 1].reshape(columns.shape)


def rays_of(camera: Intrinsics) -> Rays:
    """Return the rays of all pixels."""
    columns, rows = np.meshgrid(np.arange(camera.width, dtype=np.float64),
                                np.arange(camera.height, dtype=np.float64))
    x, y = rays_at(camera, columns, rows)
    return Rays(_constant(x), _constant(y))


def camera_of_points(xyz: NDArray[np.float32]) -> Intrinsics:
    """
    Return the pinhole camera whose pixels see organised points, (H, W, 3) metres in the optical frame.

    :raises ImageError: when too few pixels have a point, or the points are not those of a pinhole camera.
    """
    height, width = xyz.shape[:2]
    step = max(1, math.isqrt(height * width // FITTED_POINTS))
    part = xyz[::step, ::step]
    with np.errstate(invalid='ignore'):
        rows, columns = np.nonzero(part[..., 2] > 0)
    if len(rows) < FEWEST_POINTS or min(np.ptp(rows) / part.shape[0], np.ptp(columns) / part.shape[1]) < NARROWEST:
        raise ImageError('the organised points are too few to say through which camera they were seen',
                         'see whether the depth camera is covered, or too near')
    x, y, z = part[rows, columns].T.astype(np.float64)
    found, off = [], 0.0
    for rays, pixels in ((x / z, columns * step), (y / z, rows * step)):
        focal, centre = np.polyfit(rays, pixels, 1)
        found.append((float(focal), float(centre)))
        off = max(off, float(np.abs(focal * rays + centre - pixels).max()))
    if off > FARTHEST_OFF_PX:
        raise ImageError(f'the organised points lie up to {off:.1f} pixels beside those of a pinhole camera',
                         'set source to depth: the lens is undone there')
    (fx, cx), (fy, cy) = found
    return Intrinsics(width, height, fx, fy, cx, cy)


def sampling_of(output: Intrinsics, depth: Intrinsics) -> Sampling:
    """Return how an image of ``output`` reads a depth image of ``depth``; both share one optical frame."""
    if output == depth:
        return Sampling(rays_of(depth), None)
    rays = rays_of(output)
    columns, rows = pixels_of_rays(rays, depth)
    inside = (columns >= 0) & (columns < depth.width) & (rows >= 0) & (rows < depth.height)
    pixels = np.where(inside[..., None], np.stack([columns, rows], -1), -1).astype(np.int16)
    pixels.setflags(write=False)
    source = rays_of(depth)
    x, y = (np.where(inside, axis[pixels[..., 1], pixels[..., 0]], np.nan) for axis in (source.x, source.y))
    return Sampling(Rays(_constant(x), _constant(y)), pixels)


def pixels_of_rays(rays: Rays, camera: Intrinsics) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the whole column and row each ray meets; -1 for rays that are NaN."""
    pairs = np.stack([rays.x.ravel(), rays.y.ravel()], -1).astype(np.float64)
    pixels = through_lens(pairs, camera)
    # float32 rays come back within 1e-3 px; a tie (2:1 scaling) must not flicker between two pixels
    whole = np.floor(np.nan_to_num(pixels + 0.5 + 1e-3, nan=-1.0, posinf=-1.0, neginf=-1.0)).astype(np.int64)
    return whole[:, 0].reshape(rays.x.shape), whole[:, 1].reshape(rays.x.shape)


def _constant(values: NDArray[np.floating]) -> NDArray[np.float32]:
    image = np.ascontiguousarray(values, np.float32)
    image.setflags(write=False)
    return image
