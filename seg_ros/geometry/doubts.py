# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Numbers that cannot be, though they can be worked with: said once, with the likely cause."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import Doubt
from seg_ros.geometry.pinhole import Rays
from seg_ros.records import Depth, Intrinsics
from seg_ros.space import Plane

MIN_RAYS = 0.3  # share of the pixels that a lens leaves, and of the view without it; a fisheye's round image has more
MIN_IN_REACH = 0.01  # share of the measured pixels that lie between nearest and farthest
MIN_MEASURED = 0.5  # share of the pixels
STRIDE = 8  # every so manieth row and column is looked at
MOST_TIMES = 8.0  # as high is no camera held over what it takes for floor: the mounting is wrong, by its unit say
MOST_TIMES_LOWER = 3.0  # a camera may look down from a kerb
HIGHEST_M = 3.0  # of a camera on a robot that may be near above a table
RAISED, RAISED_M = 0.6, 0.25  # so much nearer than the floor is a bench, a table or a shelf, and no ramp
MOST_TILT_DEG = 45.0  # a ramp is flatter, a wall is steeper
NARROWEST, WIDEST = 0.01, 12.0  # half a side of an image by its focal length: of a view of 1 and of 170 degrees
MOST_OBLONG = 4.0  # a pixel; several in a row may be binned
LOOKS_UP = 0.7  # the sine of 45 degrees: a camera that drives or picks looks ahead or down


def doubt_of_lens(camera: Intrinsics, rays: Rays) -> Doubt | None:
    """Doubt a view that no lens has, and distortion that leaves hardly a pixel a ray, or squeezes all rays together."""
    if not (NARROWEST <= camera.width / 2 / camera.fx <= WIDEST and
            1 / MOST_OBLONG <= camera.fy / camera.fx <= MOST_OBLONG and -1 <= camera.cx / camera.width <= 2
            and -1 <= camera.cy / camera.height <= 2):
        return Doubt('lens', f'camera_info has the focal lengths {camera.fx:g}, {camera.fy:g} and the centre '
                     f'{camera.cx:g}, {camera.cy:g} for an image of {camera.width}x{camera.height}',
                     'no lens is like this: all of them are in pixels; calibrate the camera, or mend its driver')
    if not camera.distortion:
        return None
    some = rays.x[::STRIDE, ::STRIDE]
    share = float(np.isfinite(some).mean())
    plain = max(camera.cx, camera.width - 1 - camera.cx) / camera.fx
    width = float(np.nanmax(np.abs(some), initial=0.0)) / plain
    if min(share, width) >= MIN_RAYS:
        return None
    words = ', '.join(f'{value:g}' for value in camera.distortion)
    return Doubt('lens', f'the distortion in camera_info, D = [{words}], leaves {share:.0%} of the pixels a ray, over '
                 f'{width:.0%} of the width', 'no lens is like this: calibrate the camera, or mend its driver')


def doubts_of_depth(depth: Depth, *, nearest_m: float, farthest_m: float) -> tuple[Doubt, ...]:
    """
    Doubt depth of which nothing lies within reach, or that is mostly missing.

    :param depth: (h, w) as it came: uint16 millimetres or float32 metres, 0 or NaN where nothing was measured.
    """
    some = depth[::STRIDE, ::STRIDE]
    measured = some[np.isfinite(some) & (some > 0)] * (0.001 if depth.dtype == np.uint16 else 1.0)
    share = measured.size / some.size
    if not measured.size and (some < 0).any():
        return (Doubt('depth_range', 'the depth image has no numbers above 0, but some below',
                      'depth is the distance along the optical axis (REP-118), positive: correct the driver'),)
    if not measured.size:
        return ()  # said elsewhere: the image holds no measurement
    in_reach = float(np.mean((measured >= nearest_m) & (measured <= farthest_m)))
    if in_reach < MIN_IN_REACH:
        kind, unit = ('16UC1', 'millimetres') if depth.dtype == np.uint16 else ('32FC1', 'metres')
        return (Doubt('depth_range', f'next to nothing of the depth lies within min_range_m ({nearest_m:g}) and '
                      f'max_range_m ({farthest_m:g}): half of it is beyond {float(np.median(measured)):.5g} m',
                      f'check its unit, for {kind} is {unit} (REP-118), or change these two'),)
    if share < MIN_MEASURED:
        return (Doubt('depth_missing', f'{1 - share:.0%} of the depth image was not measured',
                      'check the depth camera (covered, too near, sunlight, glass), and that its image covers that of '
                      'the camera'),)
    return ()


def doubt_of_floor(measured: Plane, mounted: Plane) -> Doubt | None:
    """
    Doubt a floor that the mounting of the camera contradicts: something else was called floor, and is in the way.

    It stands more upright than flat, a wall; or it lies well above the floor, a bench.
    """
    tilt = math.degrees(math.acos(max(-1.0, min(1.0, float(np.dot(measured.normal, mounted.normal))))))
    raised_m, by_mounting_m = mounted.camera_height_m - measured.camera_height_m, mounted.camera_height_m
    if tilt > MOST_TILT_DEG:
        fact = f'what is labelled floor is tilted by {tilt:.0f} degrees against the floor that the mounting gives'
    elif raised_m >= RAISED_M and by_mounting_m <= max(HIGHEST_M, MOST_TIMES * measured.camera_height_m) and (
            measured.camera_height_m <= RAISED * by_mounting_m):
        fact = f'what is labelled floor lies {raised_m:.2f} m above the floor that the mounting gives'
    else:
        return None
    return Doubt('floor', f'{fact}, which is taken instead', 'check base_frame, or camera_height_m, camera_pitch_deg '
                 'and camera_roll_deg; else the model takes something else for floor')


def doubt_of_height(measured: Plane, mounted: Plane) -> Doubt | None:
    """Doubt a mounting that holds the camera far higher over the floor than depth does, another unit say, or lower."""
    by_depth_m, by_mounting_m = measured.camera_height_m, mounted.camera_height_m
    if by_mounting_m / MOST_TIMES <= by_depth_m <= MOST_TIMES_LOWER * by_mounting_m:
        return None
    return Doubt('floor_height', f'what is labelled floor lies {by_depth_m:.2f} m under the camera by its depth, and '
                 f'{by_mounting_m:.3g} m by the mounting', 'check base_frame, or camera_height_m; else the model takes '
                 'something else for floor')


def doubt_of_optical_axis(base_from_camera: NDArray[np.floating], frame_id: str) -> Doubt | None:
    """
    Doubt a camera that looks up: mostly it is the frame of its body, whose z is up, in place of the optical one.

    :param base_from_camera: (3, 3) rotation into a frame whose z is up.
    """
    right_up, down_up, ahead_up = (float(value) for value in base_from_camera[2])
    if ahead_up < LOOKS_UP or abs(right_up) > ahead_up or abs(down_up) > ahead_up:
        return None
    return Doubt('optical_frame', f'by TF the camera {frame_id} looks straight up', 'stamp its images with the optical '
                 'frame (REP-103: x right, y down, z ahead), which mostly ends in _optical_frame, not with that of its '
                 'body')
