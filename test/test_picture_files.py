# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The size in the header is the size that is decoded, for every kind; too large ones take no memory."""

from __future__ import annotations

import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.picture_files import check_size, decoded, read_picture, size_of, write_pixels

KINDS = ('.png', '.jpg', '.webp', '.bmp', '.tiff', '.ppm', '.pgm', '.gif')
PICTURE = np.random.default_rng(0).integers(0, 255, (37, 53, 3)).astype(np.uint8)


def coded(kind: str, pixels: NDArray[np.uint8] = PICTURE, *flags: int) -> bytes:
    try:
        return bytes(cv2.imencode(kind, pixels if kind != '.pgm' else pixels[..., 0], flags)[1])
    except cv2.error:
        pytest.skip(f'this OpenCV writes no {kind}')


def png_of(width: int, height: int) -> bytes:
    """Return a whole PNG of one black bit per pixel: some kilobytes for any size."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack('>I', len(content)) + kind + content + struct.pack('>I', zlib.crc32(kind + content))
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = b''.join(packer.compress(row) for _ in range(height)) + packer.flush()
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 1, 0, 0, 0, 0))
            + chunk(b'IDAT', packed) + chunk(b'IEND', b''))


@pytest.mark.parametrize('kind', KINDS)
def test_the_header_says_the_size(kind: str) -> None:
    data = coded(kind)
    assert size_of(data) == (53, 37)
    assert decoded(data, cv2.IMREAD_COLOR).shape == (37, 53, 3)


@pytest.mark.parametrize(('name', 'data'), [
    ('a lossless WebP', lambda: coded('.webp', PICTURE, cv2.IMWRITE_WEBP_QUALITY, 101)),
    ('a WebP with alpha', lambda: coded('.webp', np.dstack([PICTURE, PICTURE[..., 0]]))),
    ('a progressive JPEG', lambda: coded('.jpg', PICTURE, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)),
    ('a JPEG with restarts', lambda: coded('.jpg', PICTURE, cv2.IMWRITE_JPEG_RST_INTERVAL, 1)),
    ('a JPEG with bytes between its parts', lambda: (j := coded('.jpg'))[:20] + b'\x00\x12' + j[20:]),
    ('a PNM with comments', lambda: b'P5 # made by hand\n# twice\n53 37\n255\n' + bytes(53 * 37)),
])
def test_unusual_headers_too(name: str, data: object) -> None:
    content = data()  # type: ignore[operator]
    assert size_of(content) == (53, 37), name
    assert decoded(content, cv2.IMREAD_COLOR).shape[:2] == (37, 53)


def test_a_jpeg_with_a_preview_has_its_own_size() -> None:
    preview = coded('.jpg', PICTURE[:8, :8])
    whole = coded('.jpg')
    segment = b'\xff\xe1' + struct.pack('>H', 2 + len(preview)) + preview
    assert size_of(whole[:2] + segment + whole[2:]) == (53, 37)


def test_a_huge_picture_is_refused_without_being_decoded() -> None:
    bomb = png_of(16000, 16000)
    assert len(bomb) < 100_000
    tracemalloc.start()
    with pytest.raises(ImageError, match=r'16000x16000, 256000000 pixels.*max_pixels \(64000000\)'):
        decoded(bomb, cv2.IMREAD_COLOR)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    with pytest.raises(ImageError, match='up to 16384'):
        decoded(png_of(20000, 20), cv2.IMREAD_COLOR)


def test_the_largest_picture_is_as_large_as_asked() -> None:
    assert decoded(coded('.png'), cv2.IMREAD_COLOR, most_pixels=53 * 37).shape == (37, 53, 3)
    with pytest.raises(ImageError, match='max_pixels'):
        decoded(coded('.png'), cv2.IMREAD_COLOR, most_pixels=53 * 37 - 1)


@pytest.mark.parametrize('kind', KINDS)
def test_any_damage_is_a_sentence(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    data = coded(kind)
    random = np.random.default_rng(1)
    for k in range(200):
        hurt = bytearray(data)
        if k % 2:
            hurt = hurt[:random.integers(0, len(data))]
        else:
            for place in random.integers(0, min(len(data), 300), 3):
                hurt[place] = random.integers(256)
        try:
            pixels = decoded(bytes(hurt), cv2.IMREAD_COLOR, most_pixels=1_000_000)
        except ImageError:
            continue
        assert pixels.shape[0] * pixels.shape[1] <= 1_000_000
    if kind == '.png':
        assert 'libpng' not in capfd.readouterr().err


@pytest.mark.parametrize(('data', 'words'), [
    (b'', 'is empty'), (b'no picture at all', 'not an image'), (b'\xff\xd8', 'cut off'), (b'\x89PNG', 'cut off'),
    (b'\x89PNG\r\n\x1a\n', 'cut off'), (b'BM', 'not an image'), (b'RIFF\0\0\0\0WAVE', 'not an image'),
    (b'P5\n# no size', 'not an image')])
def test_what_is_no_picture_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        decoded(data, cv2.IMREAD_COLOR)


@pytest.mark.parametrize(('size', 'words'), [((0, 5), 'empty'), ((5, -1), 'empty'), ((16385, 1), 'sides of up to')])
def test_sizes_that_cannot_be(size: tuple[int, int], words: str) -> None:
    with pytest.raises(ImageError, match=words):
        check_size(*size)


def test_a_missing_directory_entry_is_no_size(tmp_path: Path) -> None:
    assert size_of(b'II*\0' + struct.pack('<I', 8) + struct.pack('<H', 0)) == (0, 0)
    assert size_of(b'MM\0*' + struct.pack('>I', 8)) is None


@pytest.mark.parametrize('name', ['a.png', 'two\nlines.png', os.fsdecode(b'\xff\xfe.png')])
def test_a_picture_is_written_under_any_name_that_a_file_may_have(tmp_path: Path, name: str) -> None:
    pixels = np.arange(24, dtype=np.uint16).reshape(4, 6) * 1000
    write_pixels(tmp_path / name, pixels)
    assert np.array_equal(read_picture(tmp_path / name, cv2.IMREAD_UNCHANGED), pixels)
