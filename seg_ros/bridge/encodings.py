"""What the encoding strings of sensor_msgs say about the bytes of an image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image

from seg_ros.errors import ImageError, nearest_of
from seg_ros.picture_files import MAX_PIXELS, check_size


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


def pixels_of(message: Image, encoding: Encoding, most_pixels: int = MAX_PIXELS) -> NDArray[np.generic]:
    """
    Return the pixels of a message as they are stored: a view that skips padding and knows the byte order.

    :return: (H, W) or (H, W, channels), rows ``step`` bytes apart, in the message's byte order.
    :raises ImageError: when size, step and data contradict each other.
    """
    check_size(message.width, message.height, most_pixels)
    if encoding.to_rgb in HALVED and message.width % 2:
        raise _odd(message)
    _check_bytes(message, message.width * encoding.pixel_bytes, message.height)
    dtype = np.dtype(encoding.dtype).newbyteorder('>' if message.is_bigendian else '<')
    pixels: NDArray[np.generic] = np.ndarray(
        (message.height, message.width, encoding.channels), dtype, buffer=message.data,
        strides=(message.step, encoding.pixel_bytes, dtype.itemsize))
    return pixels[:, :, 0] if encoding.channels == 1 else pixels


def planes_of(message: Image, most_pixels: int = MAX_PIXELS) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """
    Return the brightness and the colours of a ``PLANAR`` message, views that skip padding.

    :return: (H, W) and (h, w, 2); h and w are half of H and W, but all of them for nv24.
    :raises ImageError: when size, step and data contradict each other.
    """
    width, height, step = message.width, message.height, message.step
    check_size(width, height, most_pixels)
    is_whole = message.encoding == 'nv24'
    if not is_whole and (width % 2 or height % 2):
        raise _odd(message)
    across, down, behind = (width, height, 2 * step) if is_whole else (width // 2, height // 2, step)
    _check_bytes(message, width, height + down * behind // step if step else 0)
    light: NDArray[np.uint8] = np.ndarray((height, width), np.uint8, message.data, strides=(step, 1))
    colours: NDArray[np.uint8] = np.ndarray((down, across, 2), np.uint8, message.data, height * step, (behind, 2, 1))
    return light, colours


def _check_bytes(message: Image, row_bytes: int, rows: int) -> None:
    if message.step < row_bytes:
        raise ImageError(f'the step of the {message.encoding} image is {message.step} bytes, but its '
                         f'{message.width} pixels take {row_bytes}', 'check the camera driver')
    if len(message.data) < rows * message.step:
        raise ImageError(f'the {message.width}x{message.height} {message.encoding} image has '
                         f'{len(message.data)} bytes instead of {rows * message.step}', 'check the camera driver')


def _odd(message: Image) -> ImageError:
    return ImageError(f'the {message.encoding} image is {message.width}x{message.height}, but two pixels share a '
                      'colour in it', 'set the camera driver to an even size, or to rgb8')


def unknown_encoding(encoding: str) -> ImageError:
    """Return the error that names an encoding no image can be made of."""
    if encoding in DEPTH:
        return ImageError(f'the image is {encoding}, a depth image',
                          'remap the input image to a colour or grey camera topic')
    nearest = nearest_of(encoding, {**PLAIN, **PLANAR})
    return ImageError(f"the image encoding '{encoding}' is unknown; {nearest}",
                      'set the camera driver to rgb8 or bgr8')
