# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The floor plane, found robustly in the depth of pixels that are labelled floor."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.surface import Surface
from seg_ros.space import Plane

HYPOTHESES = 96  # 0.9999 sure to draw three inliers at least once with 50 % outliers, and cheap
MAX_SAMPLES = 2048
MIN_SAMPLES = 60
NOISE_FLOOR_M, NOISE_PER_M2 = 0.003, 0.003  # of depth: 3 mm, plus 3 mm at 1 m that grow with its square
INLIER_SIGMAS = 3.0
NEIGHBOURS = 25.0  # pixels whose depth errors are alike, so that count as one measurement
TILT_DOUBT_RAD = math.radians(0.5)  # at this uncertainty of tilt, trust is halved
MIN_TRUST = 0.3  # of a floor that is measured
MIN_CAMERA_HEIGHT_M, MAX_CAMERA_HEIGHT_M = 0.03, 10.0


def fit_floor(surface: Surface, floor: NDArray[np.uint8] | NDArray[np.bool_], *, seed: int = 0) -> Plane | None:
    """
    Return the plane through the floor, or None when too little of it is in view.

    A plane is a straight line in inverse depth, 1/z = m . (x/z, y/z, 1), and there the noise of stereo and
    structured light is the same everywhere: RANSAC (Fischler and Bolles 1981; scored as MSAC, Torr and
    Zisserman 2000) and least squares over its inliers both work on m, whose length is 1 / camera height.
    Trust is the share of floor pixels that lie on the plane, less where they leave the tilt uncertain.

    :param floor: (H, W), not 0 where the label is floor.
    :param seed: of the draws; the same input gives the same plane.
    """
    rays, inverse, sigma = _samples(surface, floor)
    if len(inverse) < MIN_SAMPLES:
        return None
    gradient = _best_of_draws(rays, inverse, INLIER_SIGMAS * sigma, np.random.default_rng(seed))
    for _ in range(3):
        on_plane = np.abs(rays @ gradient - inverse) < INLIER_SIGMAS * sigma
        if np.count_nonzero(on_plane) < MIN_SAMPLES:
            return None
        gradient, covariance = _least_squares(rays[on_plane], inverse[on_plane], sigma[on_plane])
    return _plane(gradient, covariance, float(np.mean(on_plane)))


def measured_floor(surface: Surface, labels: NDArray[np.uint8], is_ground: NDArray[np.bool_]) -> Plane | None:
    """
    Return the plane of :func:`fit_floor` where it is to be trusted, None otherwise.

    :param labels: (H, W). :param is_ground: (256,), by label.
    """
    fitted = fit_floor(surface, cv2.LUT(labels, is_ground.view(np.uint8)))
    return fitted if fitted is not None and fitted.trust > MIN_TRUST else None


def plane_of_camera(camera_height_m: float, pitch_rad: float, roll_rad: float = 0.0) -> Plane:
    """Return the floor of a camera mounted at a height, looking down by pitch, leaning right by roll."""
    level = math.cos(pitch_rad)
    normal = -level * math.sin(roll_rad), -level * math.cos(roll_rad), -math.sin(pitch_rad)
    return Plane(normal, camera_height_m)


def level_from_optical(plane: Plane) -> NDArray[np.float32]:
    """
    Return the (3, 3) rotation from the optical frame to the level frame at the camera.

    The level frame has x horizontally ahead, y left and z up against the floor (REP-103). For a camera that
    looks straight down, ahead is where the upper edge of its image is.
    """
    up = np.array(plane.normal, np.float64)
    ahead = np.array([0.0, 0.0, 1.0]) if abs(up[2]) < 0.999 else np.array([0.0, -1.0, 0.0])
    ahead = ahead - (ahead @ up) * up
    ahead /= np.linalg.norm(ahead)
    return np.stack([ahead, np.cross(up, ahead), up]).astype(np.float32)


def _samples(surface: Surface, floor: NDArray[np.uint8] | NDArray[np.bool_]) -> tuple[
        NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return (N, 3) rays, (N,) inverse depths and (N,) their standard deviations, spread over the floor."""
    step = max(1, math.isqrt(floor.size // (8 * MAX_SAMPLES)))
    grid = slice(step // 2, None, step)
    chosen = (surface.usable[grid, grid] != 0) & (floor[grid, grid] != 0)
    pixels = np.flatnonzero(chosen)
    pixels = pixels[np.linspace(0, len(pixels) - 1, min(len(pixels), MAX_SAMPLES)).astype(np.intp)]
    rows, columns = (step * index + step // 2 for index in np.divmod(pixels, chosen.shape[1]))
    inverse = 1.0 / surface.z[rows, columns].astype(np.float64)
    rays = np.stack([surface.rays.x[rows, columns], surface.rays.y[rows, columns], np.ones(len(rows))], -1)
    return rays, inverse, NOISE_FLOOR_M * inverse * inverse + NOISE_PER_M2


def _best_of_draws(rays: NDArray[np.float64], inverse: NDArray[np.float64], tolerance: NDArray[np.float64],
                   rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the (3,) plane in inverse depth that loses least among those through three drawn points."""
    draws = rng.integers(0, len(inverse), (HYPOTHESES, 3))
    corners = rays[draws]
    volumes = np.linalg.det(corners)
    good = np.abs(volumes) > 1e-4
    if not good.any():
        return np.zeros(3)
    planes = np.linalg.solve(corners[good], inverse[draws[good]][..., None])[..., 0].astype(np.float32)
    judged = slice(None, None, max(1, len(inverse) // 1024))
    given = (np.c_[rays[judged], inverse[judged]] / tolerance[judged, None]).astype(np.float32)
    misses = np.c_[planes, np.full(len(planes), -1, np.float32)] @ given.T
    misses *= misses
    return planes[np.minimum(misses, 1, out=misses).sum(axis=1).argmin()].astype(np.float64)


def _least_squares(rays: NDArray[np.float64], inverse: NDArray[np.float64], sigma: NDArray[np.float64]) -> tuple[
        NDArray[np.float64], NDArray[np.float64]]:
    """Return the (3,) plane in inverse depth and its (3, 3) covariance."""
    weighted, values = rays / sigma[:, None], inverse / sigma
    information = weighted.T @ weighted
    covariance = np.asarray(np.linalg.pinv(information), np.float64)
    gradient = covariance @ (weighted.T @ values)
    variance = float(np.mean((weighted @ gradient - values) ** 2))
    return gradient, covariance * max(variance, 0.01) * NEIGHBOURS


def _plane(gradient: NDArray[np.float64], covariance: NDArray[np.float64], share: float) -> Plane | None:
    steepness = float(np.linalg.norm(gradient))
    if not 1 / MAX_CAMERA_HEIGHT_M < steepness < 1 / MIN_CAMERA_HEIGHT_M:
        return None
    normal = -gradient / steepness
    across = np.eye(3) - np.outer(normal, normal)
    tilt_rad = math.sqrt(max(0.0, float(np.linalg.eigvalsh(across @ covariance @ across)[-1]))) / steepness
    trust = share / (1.0 + (tilt_rad / TILT_DOUBT_RAD) ** 2)
    return Plane((float(normal[0]), float(normal[1]), float(normal[2])), 1.0 / steepness, trust)
