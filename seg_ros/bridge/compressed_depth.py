# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth images as image_transport compresses them: compressedDepth by PNG or RVL, and plain PNG or TIFF of 16 bits."""

from __future__ import annotations

import math
import struct
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.rvl import rvl_decoded
from seg_ros.errors import ImageError
from seg_ros.picture_files import MAX_PIXELS, decoded
from seg_ros.records import Depth

HEADER = struct.Struct('<iff')  # which compression, then the two numbers the metres were quantised with
REMEDY = 'record depth as 16UC1 png, or run image_transport republish compressedDepth raw'
CODECS = {'compressedDepth': 'png', 'png': 'png', 'rvl': 'rvl'}  # the last word of the format; png where none is named


def is_compressed_depth(message: CompressedImage) -> bool:
    """Tell whether a compressed image holds depth."""
    return 'compressedDepth' in message.format or message.format.partition(';')[0].strip() in ('16UC1', '32FC1')


def decode_compressed_depth(message: CompressedImage, most_pixels: int = MAX_PIXELS) -> Depth:
    """
    Return a depth image as (H, W): uint16 millimetres of ``16UC1``, float32 metres of ``32FC1``.

    Metres were stored as a / depth + b (the transport's inverse depth quantisation); NaN where nothing was measured.

    :raises ImageError: when it is compressed in a way that loses depth or is not known, is cut off, or too large.
    """
    encoding, _, how = message.format.partition(';')
    data = bytes(message.data)
    if 'compressedDepth' not in how:
        return _plain(data, message.format, most_pixels)
    codec = CODECS.get(how.split()[-1])
    if codec is None:
        raise ImageError(f"the depth image is compressed as '{message.format}', which is not known", REMEDY)
    if len(data) <= HEADER.size:
        raise ImageError(f'the compressed depth image has {len(data)} bytes', 'check the recording')
    _, a, b = HEADER.unpack_from(data)
    read = rvl_decoded if codec == 'rvl' else _sixteen_bits
    stored = read(data[HEADER.size:], most_pixels)
    if encoding.strip() != '32FC1':
        return stored
    if not 0.0 < a < math.inf or not math.isfinite(b):
        raise ImageError(f'the header of the compressed depth image has a = {a:g} and b = {b:g}, and metres are '
                         'a / depth + b', REMEDY)
    with np.errstate(divide='ignore'):
        return np.where(stored == 0, np.nan, a / (stored.astype(np.float32) - b)).astype(np.float32)


def _plain(data: bytes, kind: str, most_pixels: int) -> Depth:
    """Return the depth of an ordinary picture that loses nothing."""
    if 'jpeg' in kind:
        raise ImageError(f"the depth image is compressed as '{kind}', which destroys depth", REMEDY)
    stored = _picture(data, most_pixels)
    if stored.ndim != 2 or stored.dtype not in (np.uint16, np.float32):
        raise ImageError(f"the depth image ('{kind}') is of {stored.dtype}, {stored.shape}",
                         'depth is one channel of 16 bits in millimetres, or of floats in metres')
    return stored  # type: ignore[return-value]


def _sixteen_bits(data: bytes, most_pixels: int) -> NDArray[np.uint16]:
    stored = _picture(data, most_pixels)
    if stored.dtype != np.uint16 or stored.ndim != 2:
        raise ImageError('the compressed depth image is no 16-bit PNG', REMEDY)
    return stored  # type: ignore[return-value]


def _picture(data: bytes, most_pixels: int) -> NDArray[Any]:
    """Return a picture file as it is stored; what is wrong with it is said of depth, not of an image."""
    try:
        return decoded(data, cv2.IMREAD_UNCHANGED, most_pixels=most_pixels)
    except ImageError as error:
        raise ImageError(f'the compressed depth image cannot be read: {error.fact}', REMEDY) from error
