"""Depth images as compressed_depth_image_transport writes them."""

from __future__ import annotations

import struct

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.encodings import check_size
from seg_ros.errors import ImageError

HEADER = struct.Struct('<iff')  # which compression, then the two numbers the metres were quantised with
REMEDY = 'record depth as 16UC1 png, or run image_transport republish compressedDepth raw'


def is_compressed_depth(message: CompressedImage) -> bool:
    """Tell whether a compressed image holds depth."""
    return 'compressedDepth' in message.format


def decode_compressed_depth(message: CompressedImage) -> NDArray[np.uint16] | NDArray[np.float32]:
    """
    Return a depth image as (H, W): uint16 millimetres of ``16UC1``, float32 metres of ``32FC1``.

    Metres were stored as a / depth + b (the transport's inverse depth quantisation); NaN where nothing was measured.

    :raises ImageError: when it is compressed with anything but PNG, or is cut off.
    """
    encoding, _, how = message.format.partition(';')
    data = bytes(message.data)
    if 'compressedDepth' not in how or how.split()[-1] not in ('compressedDepth', 'png'):
        raise ImageError(f"the depth image is compressed as '{message.format}', which is not known", REMEDY)
    if len(data) <= HEADER.size:
        raise ImageError(f'the compressed depth image has {len(data)} bytes', 'check the recording')
    _, a, b = HEADER.unpack_from(data)
    stored = cv2.imdecode(np.frombuffer(data, np.uint8, offset=HEADER.size), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.dtype != np.uint16 or stored.ndim != 2:
        raise ImageError('the compressed depth image is cut off or no 16-bit PNG', REMEDY)
    check_size(stored.shape[1], stored.shape[0])
    if encoding.strip() != '32FC1':
        return stored  # type: ignore[return-value]
    with np.errstate(divide='ignore'):
        return np.where(stored == 0, np.nan, a / (stored.astype(np.float32) - b)).astype(np.float32)
