# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pictures as files and messages hold them: how large one is, is known before it is decoded."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError, ImageError
from seg_ros.settings import Settings

MAX_SIDE = 16384
"""Images with a longer side are refused: such a header is wrong, or the robot has no memory for it."""

MAX_PIXELS: int = Settings.max_pixels
"""Images of more pixels are refused unless somebody asks for them: about 8000x8000, 200 MB when decoded."""

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')
"""How the names of pictures end, in small letters."""

PNG = b'\x89PNG\r\n\x1a\n'
JPEG_BEGIN, JPEG_SCAN, JPEG_END = b'\xff\xd8', b'\xff\xda', b'\xff\xd9'  # ITU T.81, table B.1
SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # the JPEG markers that begin a frame
BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # the JPEG markers without a length
PNM = re.compile(rb'P[1-6]\s+(?:#[^\n]*\n\s*)*(\d{1,9})\s+(?:#[^\n]*\n\s*)*(\d{1,9})\s')

Size = tuple[int, int]


def decoded(coded: bytes, flags: int, *, most_pixels: int = MAX_PIXELS) -> NDArray[Any]:
    """
    Return what OpenCV makes of a picture, (H, W) or (H, W, channels) in its order.

    :param coded: the content of a JPEG, PNG, WebP, BMP, TIFF, GIF or PNM file.
    :param flags: of ``cv2.imdecode``.
    :param most_pixels: larger pictures are refused by their header, before memory is taken for them.
    :raises ImageError: when it is too large, empty, cut off, damaged or none of these.
    """
    check_whole(coded)
    size = size_of(coded)
    if size is None:
        raise ImageError('the data is not an image that OpenCV can decode', 'use JPEG or PNG')
    check_size(*size, most_pixels)
    try:
        pixels = cv2.imdecode(np.frombuffer(coded, np.uint8), flags)
    except cv2.error as error:
        raise ImageError(f'OpenCV cannot decode the image ({error.err})', 'check its source') from error
    if pixels is None:
        raise ImageError(f'the {size[0]}x{size[1]} image is damaged', 'check the link to the camera, or the file')
    check_size(pixels.shape[1], pixels.shape[0], most_pixels)
    return pixels


def read_picture(path: Path, flags: int) -> NDArray[Any]:
    """
    Return what OpenCV makes of a picture file, as :func:`decoded` does.

    :raises DataError: when it is missing, too large, or no picture; names the file.
    """
    try:
        return decoded(path.read_bytes(), flags)
    except OSError as error:
        raise DataError(f'{path} cannot be read as an image: {error.strerror}') from error
    except ImageError as error:
        raise DataError(f'{path} cannot be read as an image: {error.fact}') from error


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """
    Return a picture file as (H, W, 3) uint8 in red, green, blue.

    :raises DataError: as :func:`read_picture` does.
    """
    return np.asarray(cv2.cvtColor(read_picture(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)


def write_pixels(path: Path, pixels: NDArray[Any]) -> None:
    """
    Write a picture as a file of the kind that its name ends in, in a folder that is there.

    OpenCV's own writer ends the process where a name is no UTF-8.

    :param pixels: (H, W) or (H, W, 3) in OpenCV's order, uint8, as PNG uint16 too.
    :raises DataError: when it cannot be written.
    """
    try:
        path.write_bytes(cv2.imencode(path.suffix, np.ascontiguousarray(pixels))[1].tobytes())
    except OSError as error:
        raise DataError(f'{path} cannot be written: {error.strerror}',
                        'look at the free space and the rights of its folder') from error
    except cv2.error as error:
        raise DataError(f'{path} cannot be written', 'end its name in .jpg or .png') from error


def check_size(width: int, height: int, most_pixels: int = MAX_PIXELS) -> None:
    """
    Pass when an image of this size can be worked on.

    :raises ImageError: when it is empty, a side is longer than 16384 pixels, or it has too many pixels.
    """
    if width < 1 or height < 1:
        raise ImageError(f'the image is empty ({width}x{height})', 'check the camera driver')
    if max(width, height) > MAX_SIDE:
        raise ImageError(f'the image is {width}x{height}', f'seg_ros takes sides of up to {MAX_SIDE} pixels: '
                                                           'check the camera driver')
    if width * height > most_pixels:
        raise ImageError(f'the image is {width}x{height}, {width * height} pixels',
                         f'raise max_pixels ({most_pixels}) if it is meant')


def size_of(coded: bytes) -> Size | None:
    """Return (width, height) as the header of a picture says; None for a kind that is not known, or no picture."""
    try:
        for begin, read in _READERS:
            if coded.startswith(begin):
                return read(coded)
    except (struct.error, IndexError):  # it ends within its header
        return None
    return None


def check_whole(coded: bytes) -> None:
    """
    Pass when a JPEG or PNG is all there: some decoders fill up with grey and do not say so, others print.

    :raises ImageError: when it is empty, cut off, or a part of a PNG is not what was written.
    """
    if not coded:
        raise ImageError('the compressed image is empty', 'check the camera driver')
    whole = _is_whole_png(coded) if coded.startswith(PNG[:4]) else not coded.startswith(JPEG_BEGIN)
    if coded.startswith(JPEG_BEGIN):
        # A preview inside the file has an end of its own, and cameras and phones add bytes behind the end.
        end = coded.rfind(JPEG_END)
        whole = end >= 0 and JPEG_SCAN not in coded[end:]
    if not whole:
        raise ImageError(f'the compressed image is cut off after {len(coded)} bytes, or damaged',
                         'check the link to the camera, or the file')


def _is_whole_png(coded: bytes) -> bool:
    """Tell whether the chunks of a PNG have their checksums, up to the last one."""
    at, view = len(PNG), memoryview(coded)
    while at + 12 <= len(coded):
        length, = struct.unpack_from('>I', coded, at)
        end = at + 8 + length
        if end + 4 > len(coded) or zlib.crc32(view[at + 4:end]) != struct.unpack_from('>I', coded, end)[0]:
            return False
        if coded[at + 4:at + 8] == b'IEND':
            return True
        at = end + 4
    return False


def _png(coded: bytes) -> Size | None:
    return struct.unpack_from('>II', coded, 16) if coded[12:16] == b'IHDR' else None  # type: ignore[return-value]


def _jpeg(coded: bytes) -> Size | None:
    """Walk from marker to marker, skipping what lies between, as libjpeg does."""
    at = 2
    while (at := coded.find(b'\xff', at)) >= 0:
        while coded[at] == 0xFF:
            at += 1
        marker, at = coded[at], at + 1
        if marker in SIZES:
            height, width = struct.unpack_from('>HH', coded, at + 3)
            return width, height
        if marker in (JPEG_SCAN[1], JPEG_END[1]):
            break
        if marker not in BARE and marker != 0:
            at += max(2, *struct.unpack_from('>H', coded, at))
    return None


def _gif(coded: bytes) -> Size | None:
    return struct.unpack_from('<HH', coded, 6)  # type: ignore[return-value]


def _bmp(coded: bytes) -> Size | None:
    old = struct.unpack_from('<I', coded, 14)[0] == 12
    width, height = struct.unpack_from('<HH' if old else '<ii', coded, 18)
    return abs(width), abs(height)


def _webp(coded: bytes) -> Size | None:
    kind = coded[12:16]
    if coded[8:12] != b'WEBP':
        return None
    if kind == b'VP8X':
        return (1 + int.from_bytes(coded[24:27], 'little'), 1 + int.from_bytes(coded[27:30], 'little'))
    if kind == b'VP8L':
        bits, = struct.unpack_from('<I', coded, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from('<HH', coded, 26)
    return width & 0x3FFF, height & 0x3FFF


def _tiff(coded: bytes) -> Size | None:
    """Return the size of the first image of the file; the largest where a size is given twice."""
    order = '<' if coded[0] == 0x49 else '>'
    at, = struct.unpack_from(f'{order}I', coded, 4)
    entries, = struct.unpack_from(f'{order}H', coded, at)
    sizes = {256: 0, 257: 0}
    for entry in range(entries):
        tag, kind = struct.unpack_from(f'{order}HH', coded, at + 2 + 12 * entry)
        if tag in sizes:
            value, = struct.unpack_from(order + {1: 'B', 3: 'H'}.get(kind, 'I'), coded, at + 10 + 12 * entry)
            sizes[tag] = max(sizes[tag], value)
    return sizes[256], sizes[257]


def _pnm(coded: bytes) -> Size | None:
    match = PNM.match(coded[:4096])
    return (int(match[1]), int(match[2])) if match else None


_READERS = ((PNG, _png), (JPEG_BEGIN, _jpeg), (b'GIF8', _gif), (b'BM', _bmp), (b'RIFF', _webp), (b'II*\0', _tiff),
            (b'MM\0*', _tiff), *((b'P%d' % kind, _pnm) for kind in range(1, 7)))
