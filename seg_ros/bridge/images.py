# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Image messages and their headers become arrays and numbers, and these become messages."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from builtin_interfaces.msg import Time
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from seg_ros.bridge.compressed_depth import decode_compressed_depth
from seg_ros.bridge.encodings import DEPTH, HALVED, PLAIN, PLANAR, Encoding, unknown_encoding
from seg_ros.bridge.quiet_jpeg import doubt_of_jpeg, quiet_jpeg
from seg_ros.errors import Doubt, ImageError
from seg_ros.picture_files import MAX_PIXELS, MAX_SIDE, check_size, decoded
from seg_ros.records import Depth

SECOND_NS = 1_000_000_000
SENSOR_BITS = (10, 12, 14)
"""How few of 16 bits a camera may use."""

Told = Callable[[Doubt], object]
"""Is told what is doubtful about a picture that can be decoded."""


def _unheard(_: Doubt) -> None:
    """Let a doubt go."""


def decode_image(message: Image | CompressedImage, most_pixels: int = MAX_PIXELS,
                 told: Told = _unheard) -> NDArray[np.uint8]:
    """
    Return the picture of a message as (H, W, 3) uint8 in red-green-blue order, contiguous.

    Images of 16 bits are scaled so that the largest number of the camera's 10, 12, 14 or 16 bits becomes 255: as
    few bits as the brightest pixel takes. A tight rgb8 image is a view of the message.

    :param told: is told when a JPEG is damaged.
    :raises ImageError: when the message contradicts itself, is too large, or its encoding cannot be read.
    """
    if hasattr(message, 'format'):
        return _decode_compressed(message, most_pixels, told)
    if message.encoding in PLANAR:
        return _decode_planar(message, most_pixels)
    if message.encoding not in PLAIN:
        raise unknown_encoding(message.encoding)
    encoding = PLAIN[message.encoding]
    pixels = pixels_of(message, encoding, most_pixels)
    if pixels.dtype == np.uint8 and encoding.to_rgb is None:
        return np.ascontiguousarray(pixels)
    return _rgb(pixels, encoding)


def _rgb(pixels: NDArray[Any], encoding: Encoding) -> NDArray[np.uint8]:
    pixels = _eight_bits(pixels)
    return np.ascontiguousarray(pixels if encoding.to_rgb is None else cv2.cvtColor(pixels, encoding.to_rgb))


def decode_depth(message: Image | CompressedImage, most_pixels: int = MAX_PIXELS) -> Depth:
    """
    Return a depth image as (H, W), in the machine's byte order (REP-118).

    :return: uint16 millimetres (16UC1, mono16) or float32 metres (32FC1); 0 or NaN: nothing was measured.
    :raises ImageError: when the message contradicts itself, is too large, or is not a depth image.
    """
    if hasattr(message, 'format'):
        return decode_compressed_depth(message, most_pixels)
    if message.encoding not in DEPTH:
        raise ImageError(f"the depth image is '{message.encoding}'", 'depth must be 16UC1 in millimetres or '
                                                                      '32FC1 in metres (REP-118)')
    return _native(pixels_of(message, DEPTH[message.encoding], most_pixels))


def stamp_ns_of(header: Header) -> int:
    """Return the stamp of a header in nanoseconds, exactly."""
    return int(header.stamp.sec) * SECOND_NS + int(header.stamp.nanosec)


def header_of(stamp_ns: int, frame_id: str) -> Header:
    """Return the header of a moment in nanoseconds, exactly; the inverse of :func:`stamp_ns_of`."""
    sec, nanosec = divmod(stamp_ns, SECOND_NS)
    return Header(stamp=Time(sec=sec, nanosec=nanosec), frame_id=frame_id)


def image_message(pixels: NDArray[Any], encoding: str, header: Header) -> Image:
    """
    Return an array as a message without padding, little-endian; one copy.

    :param pixels: (H, W) or (H, W, channels) with the dtype and channels of ``encoding``; H may be 0.
    :raises ImageError: when array and encoding do not belong together.
    """
    stored = {**PLAIN, **DEPTH}.get(encoding)
    channels = 1 if pixels.ndim == 2 else pixels.shape[-1]
    if stored is None or pixels.ndim not in (2, 3) or (pixels.dtype.str[1:], channels) != (stored.dtype,
                                                                                           stored.channels):
        raise ImageError(f"an array of {pixels.shape} {pixels.dtype} is not a '{encoding}' image")
    tight = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder('<'))
    message = Image(header=header, height=pixels.shape[0], width=pixels.shape[1], encoding=encoding,
                    is_bigendian=0, step=pixels.shape[1] * stored.pixel_bytes)
    message.data = array.array('B')
    message.data.frombytes(memoryview(tight.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
    return message


def compressed_message(rgb: NDArray[np.uint8], header: Header, quality: int = 90) -> CompressedImage:
    """
    Return a picture as a JPEG message with the format string image_transport writes.

    :param rgb: (H, W, 3) uint8 in red-green-blue order.
    :param quality: JPEG quality, 1..100.
    """
    _, coded = cv2.imencode('.jpg', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, quality))
    message = CompressedImage(header=header, format='rgb8; jpeg compressed bgr8')
    message.data = _byte_array(coded.reshape(-1))
    return message


def decode_bytes(coded: bytes | array.array[int], *, upright: bool = False,
                 most_pixels: int = MAX_PIXELS, told: Told = _unheard) -> NDArray[np.uint8]:
    """
    Return the content of a JPEG, PNG or other image file as (H, W, 3) uint8 in red-green-blue order.

    :param upright: turn the picture as its EXIF note says, as photo viewers do; a camera stream is not.
    :param told: is told when a JPEG is damaged.
    :raises ImageError: when the data is too large, empty, cut off or not an image.
    """
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | (0 if upright else cv2.IMREAD_IGNORE_ORIENTATION)
    return _rgb(_pictured(coded, flags, most_pixels, told), PLAIN['bgr8'])


def _decode_compressed(message: CompressedImage, most_pixels: int, told: Told) -> NDArray[np.uint8]:
    """Return the picture as the subscriber of compressed_image_transport reads it."""
    if 'compressedDepth' in message.format:
        raise ImageError(f"the image is compressed depth ('{message.format}')",
                         'remap the input image to a colour or grey camera topic')
    word, _, how = message.format.partition(';')
    if word.strip().startswith('bayer_') and word.strip() in PLAIN:
        mosaic = _pictured(message.data, cv2.IMREAD_UNCHANGED, most_pixels, told)
        if mosaic.ndim == 2:  # else it was made a colour picture before
            return _rgb(mosaic, PLAIN[word.strip()])
    rgb = decode_bytes(message.data, most_pixels=most_pixels, told=told)
    # 'rgb' behind the semicolon says that red was stored where JPEG has blue.
    return np.ascontiguousarray(rgb[:, :, ::-1]) if 'compressed rgb' in how else rgb


def _pictured(coded: bytes | array.array[int], flags: int, most_pixels: int, told: Told) -> NDArray[Any]:
    with quiet_jpeg() as said:
        pixels = decoded(bytes(coded), flags, most_pixels=most_pixels)
    if (doubt := doubt_of_jpeg(said)) is not None:
        told(doubt)
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ImageError(f'the image is of {pixels.dtype}', 'use pictures of 8 or 16 bits')
    return pixels


def _decode_planar(message: Image, most_pixels: int) -> NDArray[np.uint8]:
    light, colours = planes_of(message, most_pixels)
    if message.encoding == 'nv24':  # every pixel once more as two alike that share its colour: half of uyvy is left
        wide = np.stack([colours[..., 0], light, colours[..., 1], light], axis=-1)
        rgb = cv2.cvtColor(wide.reshape(message.height, -1, 2), PLANAR['nv24'])[:, ::2]
    else:
        rgb = cv2.cvtColorTwoPlane(np.ascontiguousarray(light), np.ascontiguousarray(colours), PLANAR[message.encoding])
    return np.ascontiguousarray(rgb)


def _eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the pixels in 8 bits; of 16 bits those are taken that a camera of 10, 12 or 14 bits uses."""
    if pixels.dtype == np.uint8:
        return pixels
    native = _native(pixels)
    brightest = int(native.max())
    bits = next((bits for bits in SENSOR_BITS if brightest < 1 << bits), 16)
    return cv2.convertScaleAbs(native, alpha=255 / ((1 << bits) - 1))  # type: ignore[return-value]


def _native(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the array in the machine's byte order, tight and aligned; a view where it is so already."""
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder('='))


def _byte_array(flat: NDArray[np.uint8]) -> array.array[int]:
    data = array.array('B')
    data.frombytes(memoryview(flat))  # type: ignore[arg-type]
    return data


def pixels_of(message: Image, encoding: Encoding, most_pixels: int = MAX_PIXELS) -> NDArray[np.generic]:
    """
    Return the pixels of a message as they are stored: a view that skips padding and knows the byte order.

    :return: (H, W) or (H, W, channels), rows ``step`` bytes apart, in the message's byte order.
    :raises ImageError: when size, step and data contradict each other.
    """
    if not 0 < message.width * message.height <= most_pixels or max(message.width, message.height) > MAX_SIDE:
        check_size(message.width, message.height, most_pixels)
    if encoding.to_rgb in HALVED and message.width % 2:
        raise _odd(message)
    if message.step < message.width * encoding.pixel_bytes or len(message.data) < message.height * message.step:
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
