"""What the encoding strings of sensor_msgs say about the bytes of an image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image

from seg_ros.errors import ImageError, nearest_of

MAX_SIDE = 16384
"""Images with a longer side are refused: such a header is wrong, or the robot has no memory for it."""


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

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel."""
        return int(self.dtype[1]) * self.channels


# 8UC3 and 8UC4 name no colours; they are read in OpenCV's order, as RViz shows them.
PLAIN = {
    'rgb8': Encoding('u1', 3), 'bgr8': Encoding('u1', 3, cv2.COLOR_BGR2RGB),
    'rgba8': Encoding('u1', 4, cv2.COLOR_RGBA2RGB), 'bgra8': Encoding('u1', 4, cv2.COLOR_BGRA2RGB),
    'mono8': Encoding('u1', 1, cv2.COLOR_GRAY2RGB), 'mono16': Encoding('u2', 1, cv2.COLOR_GRAY2RGB),
    '8UC1': Encoding('u1', 1, cv2.COLOR_GRAY2RGB), '8UC3': Encoding('u1', 3, cv2.COLOR_BGR2RGB),
    '8UC4': Encoding('u1', 4, cv2.COLOR_BGRA2RGB), '16UC1': Encoding('u2', 1, cv2.COLOR_GRAY2RGB),
    'rgb16': Encoding('u2', 3), 'bgr16': Encoding('u2', 3, cv2.COLOR_BGR2RGB),
    'rgba16': Encoding('u2', 4, cv2.COLOR_RGBA2RGB), 'bgra16': Encoding('u2', 4, cv2.COLOR_BGRA2RGB),
}
"""Encodings read here, without any other package."""

DEPTH = {'16UC1': Encoding('u2', 1), 'mono16': Encoding('u2', 1), '32FC1': Encoding('f4', 1)}
"""Encodings of a depth image (REP-118): millimetres, millimetres, metres."""

BRIDGED = {
    **{f'bayer_{order}8': Encoding('u1', 1) for order in ('rggb', 'bggr', 'gbrg', 'grbg')},
    **{f'bayer_{order}16': Encoding('u2', 1) for order in ('rggb', 'bggr', 'gbrg', 'grbg')},
    **{name: Encoding('u1', 2) for name in ('yuv422', 'yuv422_yuy2', 'uyvy', 'yuyv')},
    **{name: Encoding('u1', 1) for name in ('nv12', 'nv21', 'nv24')},
}
"""Encodings that cv_bridge reads."""


def pixels_of(message: Image, encoding: Encoding) -> NDArray[np.generic]:
    """
    Return the pixels of a message as they are stored: a view that skips padding and knows the byte order.

    :return: (H, W) or (H, W, channels), rows ``step`` bytes apart, in the message's byte order.
    :raises ImageError: when size, step and data contradict each other.
    """
    check_size(message.width, message.height)
    row_bytes = message.width * encoding.pixel_bytes
    if message.step < row_bytes:
        raise ImageError(f'the step of the {message.encoding} image is {message.step} bytes, but its '
                         f'{message.width} pixels take {row_bytes}', 'check the camera driver')
    if len(message.data) < message.height * message.step:
        raise ImageError(f'the {message.width}x{message.height} {message.encoding} image has '
                         f'{len(message.data)} bytes instead of {message.height * message.step}',
                         'check the camera driver')
    dtype = np.dtype(encoding.dtype).newbyteorder('>' if message.is_bigendian else '<')
    pixels: NDArray[np.generic] = np.ndarray(
        (message.height, message.width, encoding.channels), dtype, buffer=message.data,
        strides=(message.step, encoding.pixel_bytes, dtype.itemsize))
    return pixels[:, :, 0] if encoding.channels == 1 else pixels


def check_size(width: int, height: int) -> None:
    """
    Pass when an image of this size can be worked on.

    :raises ImageError: when it is empty, or a side is longer than 16384 pixels.
    """
    if width < 1 or height < 1:
        raise ImageError(f'the image is empty ({width}x{height})', 'check the camera driver')
    if max(width, height) > MAX_SIDE:
        raise ImageError(f'the image is {width}x{height}', f'seg_ros takes sides of up to {MAX_SIDE} pixels: '
                                                           'check the camera driver')


def unknown_encoding(encoding: str) -> ImageError:
    """Return the error that names an encoding no image can be made of."""
    if encoding in DEPTH:
        return ImageError(f'the image is {encoding}, a depth image',
                          'remap the input image to a colour or grey camera topic')
    nearest = nearest_of(encoding, {**PLAIN, **BRIDGED})
    return ImageError(f"the image encoding '{encoding}' is unknown; {nearest}",
                      'set the camera driver to rgb8 or bgr8')
