"""Image messages become arrays, and arrays become image messages."""

from __future__ import annotations

import array
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from seg_ros.bridge.compressed_depth import decode_compressed_depth
from seg_ros.bridge.encodings import DEPTH, PLAIN, PLANAR, Encoding, pixels_of, planes_of, unknown_encoding
from seg_ros.errors import ImageError
from seg_ros.picture_files import MAX_PIXELS, decoded
from seg_ros.stages import stage

SENSOR_BITS = (10, 12, 14)
"""How few of 16 bits a camera may use."""


def decode_image(message: Image | CompressedImage, most_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """
    Return the picture of a message as (H, W, 3) uint8 in red-green-blue order, contiguous.

    Images of 16 bits are scaled so that the largest number of the camera's 10, 12, 14 or 16 bits becomes 255: as
    few bits as the brightest pixel takes. A tight rgb8 image is a view of the message.

    :raises ImageError: when the message contradicts itself, is too large, or its encoding cannot be read.
    """
    with stage('decode'):
        return _decode(message, most_pixels)


def _decode(message: Image | CompressedImage, most_pixels: int) -> NDArray[np.uint8]:
    if hasattr(message, 'format'):
        return _decode_compressed(message, most_pixels)
    if message.encoding in PLANAR:
        return _decode_planar(message, most_pixels)
    if message.encoding not in PLAIN:
        raise unknown_encoding(message.encoding)
    encoding = PLAIN[message.encoding]
    return _rgb(pixels_of(message, encoding, most_pixels), encoding)


def _rgb(pixels: NDArray[Any], encoding: Encoding) -> NDArray[np.uint8]:
    pixels = _eight_bits(pixels)
    return np.ascontiguousarray(pixels if encoding.to_rgb is None else cv2.cvtColor(pixels, encoding.to_rgb))


def decode_depth(message: Image | CompressedImage, most_pixels: int = MAX_PIXELS) -> (
        NDArray[np.uint16] | NDArray[np.float32]):
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
    message.data = _byte_array(tight.reshape(-1).view(np.uint8))
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
                 most_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """
    Return the content of a JPEG, PNG or other image file as (H, W, 3) uint8 in red-green-blue order.

    :param upright: turn the picture as its EXIF note says, as photo viewers do; a camera stream is not.
    :raises ImageError: when the data is too large, empty, cut off or not an image.
    """
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | (0 if upright else cv2.IMREAD_IGNORE_ORIENTATION)
    return _rgb(_pictured(coded, flags, most_pixels), PLAIN['bgr8'])


def _decode_compressed(message: CompressedImage, most_pixels: int) -> NDArray[np.uint8]:
    """Return the picture as the subscriber of compressed_image_transport reads it."""
    if 'compressedDepth' in message.format:
        raise ImageError(f"the image is compressed depth ('{message.format}')",
                         'remap the input image to a colour or grey camera topic')
    word, _, how = message.format.partition(';')
    if word.strip().startswith('bayer_') and word.strip() in PLAIN:
        mosaic = _pictured(message.data, cv2.IMREAD_UNCHANGED, most_pixels)
        if mosaic.ndim == 2:  # else it was made a colour picture before
            return _rgb(mosaic, PLAIN[word.strip()])
    rgb = decode_bytes(message.data, most_pixels=most_pixels)
    # 'rgb' behind the semicolon says that red was stored where JPEG has blue.
    return np.ascontiguousarray(rgb[:, :, ::-1]) if 'compressed rgb' in how else rgb


def _pictured(coded: bytes | array.array[int], flags: int, most_pixels: int) -> NDArray[Any]:
    pixels = decoded(bytes(coded), flags, most_pixels=most_pixels)
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
