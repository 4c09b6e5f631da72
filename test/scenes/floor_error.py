# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How far a scan without depth may be off, for tests that compare one with the truth."""

from __future__ import annotations

import math


def floor_range_error(range_m: float, camera_height_m: float, *, focal_px: float, edge_px: float = 1.0,
                      pitch_error_rad: float = 0.0, height_error_m: float = 0.0) -> float:
    """
    Return how far a range of ``scan_of_labels`` may be off, in metres; inf where it may lie at the horizon.

    A floor point at range r is seen at phi = atan(h / r) below the horizon. An edge that is off by e pixels
    turns its ray by e / f at most, and a wrong pitch by as much as it is wrong; together d. With a height
    wrong by g, the range found is at most (h + g) / tan(phi - d). To first order the error is
    (r^2 + h^2) / h * d + r / h * g: it grows with the square of the range.

    :param focal_px: vertical focal length of the image the labels have.
    """
    turn = edge_px / focal_px + pitch_error_rad
    below = math.atan2(camera_height_m, range_m) - turn
    if below <= 0:
        return math.inf
    return (camera_height_m + height_error_m) / math.tan(below) - range_m
