"""Where each pixel looks: rays of a camera at any image size, and which depth pixel each of them meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.records import Intrinsics

LENS_MODELS = {'plumb_bob': 5, 'rational_polynomial': 8}
"""Distortion models that can be undone, and how many coefficients they have (REP-104, OpenCV)."""

MAX_LENS_RESIDUAL_PX = 0.5
"""A pixel whose undistorted ray does not come back nearer than this has no ray: the polynomial folds there."""


@dataclass(frozen=True, eq=False)
class Rays:
    """
    The direction (x, y, 1) each pixel looks in, in the optical frame (x right, y down, z forward).

    :param x: (H, W) float32, metres to the right per metre of depth; NaN where the lens has no answer.
    :param y: (H, W) float32, metres downwards per metre of depth.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]

    @cached_property
    def widest(self) -> float:
        """The largest of all x and y, either way."""
        return float(max(np.nanmax(np.abs(self.x)), np.nanmax(np.abs(self.y))))


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


def lens_distortion(model: str, coefficients: Sequence[float]) -> tuple[float, ...]:
    """
    Return the coefficients for ``Intrinsics.distortion``, empty for a camera whose images are rectified.

    :param model: ``distortion_model`` of the camera_info; empty counts as none.
    :raises ImageError: when the model is none of ``LENS_MODELS`` and not all coefficients are zero.
    """
    values = tuple(float(c) for c in coefficients)
    if not any(values):
        return ()
    if len(values) != LENS_MODELS.get(model) or not np.isfinite(values).all():
        known = ' or '.join(f'{name} ({count})' for name, count in LENS_MODELS.items())
        raise ImageError(f"camera_info has the distortion model '{model}' with {len(values)} coefficients, "
                         f'known are {known}', 'give rectified images and their camera_info')
    return values


def depth_camera(image: Intrinsics, depth_size: tuple[int, int], given: Intrinsics | None = None) -> Intrinsics:
    """
    Return the intrinsics of a depth image that is registered to the image.

    :param given: the camera_info of the depth image; without it the image's own is scaled, which is
        right when both show the same field of view.
    :raises ImageError: when ``given`` is for another size, or is missing where shapes differ.
    """
    width, height = depth_size
    if given is not None:
        if (given.width, given.height) != depth_size:
            raise ImageError(f'the camera_info of the depth image is for {given.width}x{given.height}, '
                             f'the depth image has {width}x{height}', 'send the camera_info that belongs to it')
        return given
    if width * image.height != height * image.width:
        raise ImageError(f'depth has {width}x{height}, the image {image.width}x{image.height}: they do not '
                         'show the same view', 'register the depth to the image, or send its camera_info')
    return image if (image.width, image.height) == depth_size else image.scaled_to(width, height)


def rays_at(camera: Intrinsics, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> tuple[
        NDArray[np.float64], NDArray[np.float64]]:
    """Return the rays (x, y) of points of the image, distortion undone; NaN where the lens has no answer."""
    if camera.distortion:
        return _undistorted(columns, rows, camera)
    return (columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy


@lru_cache(maxsize=16)
def rays_of(camera: Intrinsics) -> Rays:
    """Return the rays of all pixels; computed once per camera and size."""
    columns, rows = np.meshgrid(np.arange(camera.width, dtype=np.float64),
                                np.arange(camera.height, dtype=np.float64))
    x, y = rays_at(camera, columns, rows)
    return Rays(_constant(x), _constant(y))


@lru_cache(maxsize=16)
def sampling_of(output: Intrinsics, depth: Intrinsics) -> Sampling:
    """Return how an image of ``output`` reads a depth image of ``depth``; both share one optical frame."""
    if output == depth:
        return Sampling(rays_of(depth), None)
    rays = rays_of(output)
    columns, rows = _projected(rays, depth)
    inside = (columns >= 0) & (columns < depth.width) & (rows >= 0) & (rows < depth.height)
    pixels = np.where(inside[..., None], np.stack([columns, rows], -1), -1).astype(np.int16)
    pixels.setflags(write=False)
    source = rays_of(depth)
    x, y = (np.where(inside, axis[pixels[..., 1], pixels[..., 0]], np.nan) for axis in (source.x, source.y))
    return Sampling(Rays(_constant(x), _constant(y)), pixels)


@lru_cache(maxsize=16)
def depth_limits(rays: Rays, nearest_m: float, farthest_m: float) -> tuple[
        NDArray[np.float32], NDArray[np.float32]]:
    """Return the (H, W) float32 depths at which a pixel's point is so near and so far from the camera."""
    lengths = np.sqrt(1 + rays.x.astype(np.float64) ** 2 + rays.y.astype(np.float64) ** 2)
    return _constant(nearest_m / lengths), _constant(farthest_m / lengths)


def _constant(values: NDArray[np.float64]) -> NDArray[np.float32]:
    image = np.ascontiguousarray(values, np.float32)
    image.setflags(write=False)
    return image


def _matrix(camera: Intrinsics) -> NDArray[np.float64]:
    return np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])


def _undistorted(columns: NDArray[np.float64], rows: NDArray[np.float64],
                 camera: Intrinsics) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pixels = np.stack([columns.ravel(), rows.ravel()], -1)
    matrix, lens = _matrix(camera), np.array(camera.distortion)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-8)
    rays = cv2.undistortPointsIter(pixels, matrix, lens, np.eye(3), np.eye(3), criteria)[:, 0]
    back = _through_lens(rays, camera)
    rays[~(np.abs(back - pixels).max(axis=1) < MAX_LENS_RESIDUAL_PX)] = np.nan
    return rays[:, 0].reshape(columns.shape), rays[:, 1].reshape(columns.shape)


def _through_lens(rays: NDArray[np.float64], camera: Intrinsics) -> NDArray[np.float64]:
    """Return the (N, 2) pixels that (N, 2) rays meet."""
    if not camera.distortion:
        return rays * (camera.fx, camera.fy) + (camera.cx, camera.cy)
    points = np.concatenate([rays, np.ones((len(rays), 1))], axis=1)
    pixels = cv2.projectPoints(points, np.zeros(3), np.zeros(3), _matrix(camera), np.array(camera.distortion))[0]
    return np.asarray(pixels[:, 0], np.float64)


def _projected(rays: Rays, camera: Intrinsics) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the whole column and row each ray meets; -1 for rays that are NaN."""
    pairs = np.stack([rays.x.ravel(), rays.y.ravel()], -1).astype(np.float64)
    pixels = _through_lens(pairs, camera)
    # float32 rays come back within 1e-3 px; a tie (2:1 scaling) must not flicker between two pixels
    whole = np.floor(np.nan_to_num(pixels + 0.5 + 1e-3, nan=-1.0, posinf=-1.0, neginf=-1.0)).astype(np.int64)
    return whole[:, 0].reshape(rays.x.shape), whole[:, 1].reshape(rays.x.shape)
