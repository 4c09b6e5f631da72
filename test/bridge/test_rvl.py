# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""RVL comes back as its author's encoder wrote it, and damage is a sentence."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.images import decode_depth
from seg_ros.bridge.rvl import rvl_decoded
from seg_ros.errors import ImageError

MOST = 1_000_000
Depth = NDArray[np.uint16]


def numbers_of(pixels: list[int]) -> Iterator[int]:
    """Yield what an encoder writes: how many zeros, how many others, then the zigzag differences of these."""
    at = previous = 0
    while at < len(pixels):
        first = next((k for k in range(at, len(pixels)) if pixels[k]), len(pixels))
        last = next((k for k in range(first, len(pixels)) if not pixels[k]), len(pixels))
        yield first - at
        yield last - first
        for value in pixels[first:last]:
            yield (value - previous) * 2 if value >= previous else (previous - value) * 2 - 1
            previous = value
        at = last


def rvl_of(depth: Depth) -> bytes:
    """Return width, height and the words of an image, as compressed_depth_image_transport writes them."""
    nibbles: list[int] = []
    for number in numbers_of(depth.ravel().tolist()):
        digits = [int(digit) for digit in reversed(f'{number:o}')]
        nibbles += [digit | 8 for digit in digits[:-1]] + digits[-1:]
    nibbles += [0] * (-len(nibbles) % 8)
    words = [sum(nibble << 28 - 4 * k for k, nibble in enumerate(nibbles[start:start + 8]))
             for start in range(0, len(nibbles), 8)]
    return struct.pack('<ii', depth.shape[1], depth.shape[0]) + struct.pack(f'<{len(words)}I', *words)


def images() -> dict[str, Depth]:
    random = np.random.default_rng(3)
    rough = random.integers(0, 65536, (48, 64)).astype(np.uint16)
    return {'by hand': np.array([[0, 0, 5, 6, 4, 0, 65535]], np.uint16), 'smooth': np.add.outer(
                np.arange(48), 1000 + np.arange(64)).astype(np.uint16), 'nothing': np.zeros((48, 64), np.uint16),
            'rough': rough, 'with holes': np.where(random.random((48, 64)) < 0.4, 0, rough).astype(np.uint16),
            'one pixel': np.array([[7]], np.uint16)}


@pytest.mark.parametrize('name', images())
def test_depth_comes_back_exactly(name: str) -> None:
    depth = images()[name]
    back = rvl_decoded(rvl_of(depth), MOST)
    assert back.dtype == np.uint16
    np.testing.assert_array_equal(back, depth)


def test_an_image_by_hand() -> None:
    # 2 zeros, 3 others: +5 +1 -2; then 1 zero, 0 others: nibbles 2 3 a(=10: 2 and more) 1 2 3 1 0
    data = struct.pack('<iiI', 6, 1, 0x23A12310)
    assert rvl_decoded(data, MOST).tolist() == [[0, 0, 5, 6, 4, 0]]


def test_a_message_of_rvl_is_depth() -> None:
    depth = images()['with holes']
    header = struct.pack('<iff', 0, 0.0, 0.0)
    message = CompressedImage(format='16UC1; compressedDepth rvl', data=header + rvl_of(depth))
    np.testing.assert_array_equal(decode_depth(message), depth)
    metres = CompressedImage(format='32FC1; compressedDepth rvl',
                             data=struct.pack('<iff', 0, 10100.0, -1009.0) + rvl_of(depth))
    with np.errstate(divide='ignore'):
        expected = np.where(depth == 0, np.nan, 10100.0 / (depth.astype(np.float32) + 1009.0))
    np.testing.assert_allclose(decode_depth(metres), expected, rtol=1e-6)


@pytest.mark.parametrize(('data', 'words'), [
    (b'', 'before its size'), (struct.pack('<ii', 0, 5), 'empty'), (struct.pack('<ii', -3, 5), 'empty'),
    (struct.pack('<ii', 16000, 16000), 'max_pixels'), (struct.pack('<ii', 64, 48), 'after 0 of 3072 pixels'),
    (struct.pack('<iiI', 6, 1, 0), '0 and 0 pixels'), (struct.pack('<iiI', 6, 1, 0x07000000), '0 and 7 pixels'),
    (struct.pack('<iiI', 6, 1, 0x24000000)[:-1], 'after 0'),
    (struct.pack('<iiII', 6, 1, 0xFFFFFFFF, 0xFFFFFFF0), 'digits'),
    (struct.pack('<iiI', 6, 1, 0x25111111)[:12], '2 and 5 pixels'),
])
def test_damage_is_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        rvl_decoded(data, MOST)


def test_random_bytes_are_refused_or_read() -> None:
    random = np.random.default_rng(5)
    for _ in range(300):
        data = struct.pack('<ii', 64, 48) + random.bytes(int(random.integers(0, 4000)))
        with suppress(ImageError):
            assert rvl_decoded(data, MOST).shape == (48, 64)
