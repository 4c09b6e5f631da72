# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How the robot drives and its arm lifts the camera: a pose for every moment."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

RATE = 10.0
FRAMES = 130
# seconds; the base in the room: x y (m), heading; the camera on the base: x y z (m), pitch down, heading; degrees
KEYS = np.array([
    (0.0, 0.00, 0.35, 26, 0.20, 0.00, 0.40, -3, 0),
    (1.0, 0.30, 0.42, 8, 0.20, 0.00, 0.40, -3, 0),
    (2.0, 0.90, 0.52, -26, 0.20, 0.00, 0.40, -3, 0),
    (3.0, 1.58, 0.52, -20, 0.20, 0.00, 0.40, -3, 0),
    (4.0, 2.25, 0.46, -8, 0.20, 0.00, 0.40, -3, 0),
    (5.0, 2.88, 0.34, -16, 0.20, 0.00, 0.40, -3, 0),
    (6.0, 3.42, 0.06, -36, 0.20, 0.00, 0.40, -3, 0),
    (7.0, 3.92, -0.38, -44, 0.20, 0.00, 0.41, -3, 0),
    (8.0, 4.38, -0.84, -34, 0.22, 0.00, 0.50, 2, 0),
    (8.7, 4.65, -1.06, -15, 0.30, 0.00, 0.88, 20, 0),
    (9.4, 4.74, -1.15, -3, 0.50, -0.02, 1.28, 54, 0),
    (10.0, 4.75, -1.16, 0, 0.62, -0.06, 1.40, 68, 0),
    (11.0, 4.75, -1.16, 0, 0.65, -0.13, 1.40, 69, -4),
    (12.0, 4.75, -1.16, 0, 0.66, 0.02, 1.38, 70, 2),
    (13.0, 4.75, -1.16, 0, 0.65, 0.16, 1.40, 69, 5)])

Pose = NDArray[np.float64]


def poses(number: int) -> tuple[Pose, Pose]:
    """Return (odom from base, base from camera) of a frame, (4, 4) each; the camera looks along its x (REP-103)."""
    x, y, heading, cx, cy, cz, pitch, turn = _smooth(number / RATE)
    return _pose((x, y, 0.0), heading, 0.0), _pose((cx, cy, cz), turn, pitch)


def _smooth(time: float) -> list[float]:
    """Return the keys at a time, by a cubic through them without overshoot (Fritsch & Carlson 1980)."""
    times, values = KEYS[:, 0], KEYS[:, 1:]
    steps = np.diff(times)[:, None]
    slopes = np.diff(values, axis=0) / steps
    same = slopes[:-1] * slopes[1:] > 0
    with np.errstate(divide='ignore', invalid='ignore'):
        inner = np.where(same, 2 / (1 / slopes[:-1] + 1 / slopes[1:]), 0.0)
    tangents = np.vstack([np.zeros(values.shape[1]), inner, np.zeros(values.shape[1])])
    k = int(np.clip(np.searchsorted(times, time, side='right') - 1, 0, len(steps) - 1))
    h, t = float(steps[k, 0]), (time - times[k]) / float(steps[k, 0])
    blend = (2 * t**3 - 3 * t**2 + 1) * values[k] + (t**3 - 2 * t**2 + t) * h * tangents[k]
    blend += (3 * t**2 - 2 * t**3) * values[k + 1] + (t**3 - t**2) * h * tangents[k + 1]
    return [float(value) for value in blend]


def _pose(place: tuple[float, float, float], heading: float, pitch: float) -> Pose:
    c, s, cp, sp = (f(math.radians(angle)) for angle in (heading, pitch) for f in (math.cos, math.sin))
    pose = np.eye(4)
    pose[:3, :3] = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    pose[:3, 3] = place
    return pose
