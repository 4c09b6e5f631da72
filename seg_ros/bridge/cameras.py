# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Camera descriptions become records, and records become messages (REP-104)."""

from __future__ import annotations

from copy import deepcopy
from math import isfinite

from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from seg_ros.errors import ImageError
from seg_ros.records import Intrinsics


def intrinsics_of(message: CameraInfo, size: tuple[int, int] | None, *, rectified: bool | None = None) -> Intrinsics:
    """
    Return the pinhole camera of an image that came with this description.

    Region of interest, binning and a later change of size without change of shape are taken into account.

    :param size: (width, height) of the image; None for the one that is described.
    :param rectified: whether the image is rectified (then P holds, else K); None judges by the distortion
        in the description: a rectified stream has none.
    :raises ImageError: when the camera is uncalibrated, or the description belongs to an image of another shape.
    """
    taken_rectified = not any(message.d) if rectified is None else rectified
    whole = _whole_sensor(message, taken_rectified)
    seen = _binned(_cropped(whole, message), message)
    if size is None:
        return seen
    if abs(seen.width * size[1] - seen.height * size[0]) > max(seen.width, seen.height):
        raise ImageError(f'camera_info is of a {seen.width}x{seen.height} image, but the image is '
                         f'{size[0]}x{size[1]}, another shape', 'remap camera_info to that of this image')
    return seen if (seen.width, seen.height) == size else seen.scaled_to(*size)


def camera_info_message(intrinsics: Intrinsics, header: Header) -> CameraInfo:
    """Return the description of a camera without distortion: plumb_bob of zeros, K, R = 1, P = [K 0]."""
    fx, fy, cx, cy = (float(v) for v in (intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy))
    return CameraInfo(header=header, width=intrinsics.width, height=intrinsics.height,
                      distortion_model='plumb_bob', d=[0.0] * 5,
                      k=[fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0],
                      r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
                      p=[fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0])


def scaled_info(message: CameraInfo, size: tuple[int, int], new: tuple[int, int]) -> CameraInfo:
    """
    Return the description of a camera whose images are shown at another size (K, P and region scaled, REP-104).

    :param size: (width, height) of the images described. :param new: of those shown.
    """
    sx, sy = new[0] / size[0], new[1] / size[1]
    scaled = deepcopy(message)
    scaled.width, scaled.height = round(message.width * sx), round(message.height * sy)
    for matrix, row in ((scaled.k, 3), (scaled.p, 4)):
        for at in range(row):
            matrix[at] *= sx
            matrix[row + at] *= sy
        if matrix[0]:  # calibrated
            matrix[2] += (sx - 1) / 2  # pixel centres lie at integers
            matrix[row + 2] += (sy - 1) / 2
    roi = scaled.roi
    roi.x_offset, roi.width = round(roi.x_offset * sx), round(roi.width * sx)
    roi.y_offset, roi.height = round(roi.y_offset * sy), round(roi.height * sy)
    return scaled


def _whole_sensor(message: CameraInfo, rectified: bool) -> Intrinsics:
    """Return the camera at full resolution: P of a rectified image where it is filled in, else K."""
    if rectified and message.p[0] > 0:
        fx, cx, fy, cy = (float(message.p[i]) for i in (0, 2, 5, 6))
    else:
        fx, cx, fy, cy = (float(message.k[i]) for i in (0, 2, 4, 5))
    if fx == 0 or not all(isfinite(value) for value in (fx, fy, cx, cy)):
        raise ImageError(f'the camera is uncalibrated: camera_info has the focal lengths {fx:g}, {fy:g} '
                         f'and the centre {cx:g}, {cy:g}',
                         'calibrate the camera and let its driver load the calibration')
    return Intrinsics(message.width, message.height, fx, fy, cx, cy)


def _cropped(camera: Intrinsics, message: CameraInfo) -> Intrinsics:
    roi = message.roi
    if not (roi.width and roi.height):
        return camera
    return Intrinsics(roi.width, roi.height, camera.fx, camera.fy, camera.cx - roi.x_offset,
                      camera.cy - roi.y_offset)


def _binned(camera: Intrinsics, message: CameraInfo) -> Intrinsics:
    across, down = max(1, message.binning_x), max(1, message.binning_y)
    if across == down == 1:
        return camera
    return camera.scaled_to(camera.width // across, camera.height // down)
