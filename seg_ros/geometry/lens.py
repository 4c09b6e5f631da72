# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a lens does to rays, and what undoes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError, nearest_of
from seg_ros.records import Intrinsics

Floats = NDArray[np.float64]

PINHOLE = (4, 5, 8, 12, 14)
LENS_MODELS = {'plumb_bob': PINHOLE, 'rational_polynomial': PINHOLE, 'equidistant': (4,)}
"""Distortion models that can be undone, and how many coefficients they may have (REP-104, OpenCV)."""

MAX_LENS_RESIDUAL_PX = 0.5
"""A pixel whose undistorted ray does not come back nearer than this has no ray: the polynomial folds there."""

WIDEST = 10.0  # a ray further out than this, 84 degrees off the axis, has next to no depth


def with_lens(camera: Intrinsics, model: str, coefficients: Sequence[float]) -> Intrinsics:
    """
    Return the camera with its lens; as it is when all coefficients are zero, as those of rectified images are.

    :param model: ``distortion_model`` of the camera_info.
    :param coefficients: ``D`` of the camera_info.
    :raises ImageError: when the model is none of ``LENS_MODELS``, or has another number of coefficients, or no numbers.
    """
    values = tuple(float(c) for c in coefficients)
    if not any(values):
        return camera
    if model not in LENS_MODELS:
        raise ImageError(f"camera_info has the distortion model '{model}'; {nearest_of(model, LENS_MODELS)}",
                         'name it so in the camera driver, or give rectified images and their camera_info')
    if len(values) not in LENS_MODELS[model]:
        raise ImageError(f'camera_info has {len(values)} coefficients of distortion, and {model} has '
                         f'{" or ".join(map(str, LENS_MODELS[model]))}', 'calibrate the camera, or mend its driver')
    if not np.isfinite(values).all():
        raise ImageError(f'the distortion in camera_info, D = {list(values)}, has numbers that are none',
                         'calibrate the camera, or mend its driver')
    return replace(camera, distortion=values, is_fisheye=model == 'equidistant')


def undistorted(pixels: Floats, camera: Intrinsics) -> Floats:
    """Return the (N, 2) rays x, y of (N, 2) pixels; NaN where the lens has no answer."""
    if not camera.distortion:
        return (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    matrix, lens = _matrix(camera), np.array(camera.distortion)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-8)
    if camera.is_fisheye:
        rays = cv2.fisheye.undistortPoints(pixels[:, None], matrix, lens, criteria=criteria)[:, 0]
        rays[~(np.abs(rays).max(axis=1) < WIDEST)] = np.nan
    else:
        rays = cv2.undistortPointsIter(pixels, matrix, lens, np.eye(3), np.eye(3), criteria)[:, 0]
    rays[~(np.abs(through_lens(rays, camera) - pixels).max(axis=1) < MAX_LENS_RESIDUAL_PX)] = np.nan
    return np.asarray(rays, np.float64)


def through_lens(rays: Floats, camera: Intrinsics) -> Floats:
    """Return the (N, 2) pixels that (N, 2) rays x, y meet."""
    if not camera.distortion:
        return rays * (camera.fx, camera.fy) + (camera.cx, camera.cy)
    points = np.concatenate([rays, np.ones((len(rays), 1))], axis=1)
    project = cv2.fisheye.projectPoints if camera.is_fisheye else cv2.projectPoints
    pixels = project(points[:, None], np.zeros(3), np.zeros(3), _matrix(camera), np.array(camera.distortion))[0]
    return np.asarray(pixels, np.float64).reshape(-1, 2)


def _matrix(camera: Intrinsics) -> Floats:
    return np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
