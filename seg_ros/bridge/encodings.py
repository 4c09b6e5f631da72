# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the encoding strings of sensor_msgs say about the bytes of an image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2

from seg_ros.errors import ImageError, nearest_of


@dataclass(frozen=True)
class Encoding:
    """
    How one pixel is stored.

    :param dtype: numpy letter and size of one channel, ``'u1'``, ``'u2'`` or ``'f4'``.
    :param channels: channels per pixel.
    :param to_rgb: the OpenCV code that makes rgb of it; None when it is rgb already.
    """

    dtype: str
    channels: int
    to_rgb: int | None = None

    @cached_property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel."""
        return int(self.dtype[1]) * self.channels


# 8UC3 and 8UC4 name no colours; they are read in OpenCV's order, as RViz shows them, and 16UC3 and 16UC4 likewise.
PLAIN = {
    'rgb8': Encoding('u1', 3), 'bgr8': Encoding('u1', 3, cv2.COLOR_BGR2RGB),
    'rgba8': Encoding('u1', 4, cv2.COLOR_RGBA2RGB), 'bgra8': Encoding('u1', 4, cv2.COLOR_BGRA2RGB),
    'mono8': Encoding('u1', 1, cv2.COLOR_GRAY2RGB), 'mono16': Encoding('u2', 1, cv2.COLOR_GRAY2RGB),
    '8UC1': Encoding('u1', 1, cv2.COLOR_GRAY2RGB), '8UC3': Encoding('u1', 3, cv2.COLOR_BGR2RGB),
    '8UC4': Encoding('u1', 4, cv2.COLOR_BGRA2RGB), '16UC1': Encoding('u2', 1, cv2.COLOR_GRAY2RGB),
    'rgb16': Encoding('u2', 3), 'bgr16': Encoding('u2', 3, cv2.COLOR_BGR2RGB),
    'rgba16': Encoding('u2', 4, cv2.COLOR_RGBA2RGB), 'bgra16': Encoding('u2', 4, cv2.COLOR_BGRA2RGB),
    '16UC3': Encoding('u2', 3, cv2.COLOR_BGR2RGB), '16UC4': Encoding('u2', 4, cv2.COLOR_BGRA2RGB),
    **{name: Encoding('u1', 2, cv2.COLOR_YUV2RGB_UYVY) for name in ('yuv422', 'uyvy')},
    **{name: Encoding('u1', 2, cv2.COLOR_YUV2RGB_YUYV) for name in ('yuv422_yuy2', 'yuyv')},
    # ROS names a mosaic by its first two rows, as OpenCV's longer names do; BayerBG, its old name of rggb, does not.
    **{f'bayer_{order}{bits}': Encoding(dtype, 1, code) for bits, dtype in ((8, 'u1'), (16, 'u2')) for order, code in (
        ('rggb', cv2.COLOR_BayerRGGB2RGB), ('bggr', cv2.COLOR_BayerBGGR2RGB),
        ('gbrg', cv2.COLOR_BayerGBRG2RGB), ('grbg', cv2.COLOR_BayerGRBG2RGB))},
}
"""Encodings whose pixels lie one after another."""

HALVED = (cv2.COLOR_YUV2RGB_UYVY, cv2.COLOR_YUV2RGB_YUYV)

DEPTH = {'16UC1': Encoding('u2', 1), 'mono16': Encoding('u2', 1), '32FC1': Encoding('f4', 1)}
"""Encodings of a depth image (REP-118): millimetres, millimetres, metres."""

PLANAR = {'nv12': cv2.COLOR_YUV2RGB_NV12, 'nv21': cv2.COLOR_YUV2RGB_NV21, 'nv24': cv2.COLOR_YUV2RGB_UYVY}
"""Encodings whose colours lie behind the rows of brightness, and the OpenCV code that makes rgb of them."""


def unknown_encoding(encoding: str) -> ImageError:
    """Return the error that names an encoding no image can be made of."""
    if encoding in DEPTH:
        return ImageError(f'the image is {encoding}, a depth image',
                          'remap the input image to a colour or grey camera topic')
    if not encoding:
        return ImageError('the images name no encoding', 'set the camera driver to rgb8 or bgr8')
    nearest = nearest_of(encoding, {*PLAIN, *PLANAR} - {*DEPTH})
    return ImageError(f"the image encoding '{encoding}' is unknown; {nearest}",
                      'set the camera driver to rgb8 or bgr8')
