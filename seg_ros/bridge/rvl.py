# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
RVL, the codec that compressedDepth offers beside PNG.

Wilson, Fast Lossless Depth Image Compression (ISS 2017): runs of zeros, then runs of differences from pixel to pixel,
all of them numbers of 3 bits a nibble, eight nibbles a little-endian word, the first one in its highest bits.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.picture_files import check_size

SIZE = struct.Struct('<ii')
SHIFTS = np.arange(28, -1, -4, dtype=np.uint32)  # of the nibbles of a word
GOES_ON, BITS = 8, 7  # of a nibble: another one follows, and what it adds
MOST_NIBBLES = 10  # of one number: 30 bits count every pixel there can be


def rvl_decoded(data: bytes, most_pixels: int) -> NDArray[np.uint16]:
    """
    Return the (H, W) image that was compressed; its width and height stand before it, four bytes each.

    :raises ImageError: when it is cut off, too large, or no RVL.
    """
    if len(data) < SIZE.size:
        raise _damaged('it ends before its size')
    width, height = SIZE.unpack_from(data)
    check_size(width, height, most_pixels)
    flat = np.zeros(width * height, np.uint16)
    numbers = _numbers(data[SIZE.size:], 8 * flat.size + 64)
    places, differences = _runs(numbers, flat.size)
    values = np.cumsum((differences >> 1) ^ -(differences & 1), dtype=np.int64)
    flat[places] = values.astype(np.uint16)
    return flat.reshape(height, width)


def _numbers(data: bytes, most: int) -> NDArray[np.int32]:
    """Return the numbers of at most so many nibbles; each ends with the first nibble that says so."""
    words = np.frombuffer(data, '<u4', count=min(len(data) // 4, most // 8 + 1))
    nibbles = (words[:, None] >> SHIFTS & 15).astype(np.uint8).ravel()
    ends = np.flatnonzero(nibbles < GOES_ON)
    starts = np.concatenate([[0], ends[:-1] + 1])[:len(ends)]
    longest = int((ends - starts).max(initial=0)) + 1
    if longest > MOST_NIBBLES:
        raise _damaged(f'a number has {longest} digits')
    numbers = np.zeros(len(ends), np.int32)
    for place in range(longest):
        within = starts + place <= ends
        numbers[within] |= (nibbles[starts[within] + place] & BITS).astype(np.int32) << 3 * place
    return numbers


def _runs(numbers: NDArray[np.int32], count: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return which pixels have depth, and their differences, of ``count`` pixels."""
    at = pixel = 0
    places, taken = [], []
    while pixel < count:
        if at + 1 >= len(numbers):
            raise _damaged(f'it ends after {pixel} of {count} pixels')
        zeros, others = int(numbers[at]), int(numbers[at + 1])
        first, at, pixel = pixel + zeros, at + 2, pixel + zeros + others
        if zeros + others == 0 or pixel > count or at + others > len(numbers):
            raise _damaged(f'a run of {zeros} and {others} pixels does not fit')
        places.append(np.arange(first, pixel))
        taken.append(numbers[at:at + others])
        at += others
    return np.concatenate(places), np.concatenate(taken)


def _damaged(why: str) -> ImageError:
    return ImageError(f'the compressed depth image (rvl) is cut off or damaged: {why}', 'check the recording')
