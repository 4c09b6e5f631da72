# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every encoding, byte order and step gives the right pixels; a message that lies is refused, with why."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from seg_ros.bridge.images import compressed_message, decode_bytes, decode_depth, decode_image, header_of, image_message
from seg_ros.errors import ImageError

# Two pixels in each of two rows.
RGB = [(200, 10, 20), (30, 210, 40), (50, 60, 220), (7, 8, 9)]
BGR = [(b, g, r) for r, g, b in RGB]
GREY = [(0,), (90,), (200,), (255,)]
GREY_AS_RGB = [value * 3 for value in GREY]
FOUR = {'rgb': [(*p, 77) for p in RGB], 'bgr': [(*p, 77) for p in BGR]}


def sixteen(pixels: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return 16-bit samples that round to these 8-bit ones, and to quite others when their bytes are swapped."""
    return [tuple(value * 257 + (100 if value < 128 else -100) for value in pixel) for pixel in pixels]


# encoding, struct letter of a sample, stored pixels, expected rgb
ENCODINGS = [
    ('rgb8', 'B', RGB, RGB),
    ('bgr8', 'B', BGR, RGB),
    ('rgba8', 'B', FOUR['rgb'], RGB),
    ('bgra8', 'B', FOUR['bgr'], RGB),
    ('mono8', 'B', GREY, GREY_AS_RGB),
    ('mono16', 'H', sixteen(GREY), GREY_AS_RGB),
    ('8UC1', 'B', GREY, GREY_AS_RGB),
    ('8UC3', 'B', BGR, RGB),  # OpenCV's order, as RViz shows it
    ('8UC4', 'B', FOUR['bgr'], RGB),
    ('16UC1', 'H', sixteen(GREY), GREY_AS_RGB),
    ('rgb16', 'H', sixteen(RGB), RGB),
    ('bgr16', 'H', sixteen(BGR), RGB),
    ('rgba16', 'H', sixteen(FOUR['rgb']), RGB),
    ('bgra16', 'H', sixteen(FOUR['bgr']), RGB),
    ('16UC3', 'H', sixteen(BGR), RGB),
    ('16UC4', 'H', sixteen(FOUR['bgr']), RGB),
]


def message_of(encoding: str, letter: str, pixels: Sequence[tuple[float, ...]], *, width: int = 2,
               padding: int = 0, big: bool = False) -> Image:
    """Return an image message packed sample by sample, its rows followed by ``padding`` bytes of 0xEE."""
    order = '>' if big else '<'
    rows = [pixels[start:start + width] for start in range(0, len(pixels), width)]
    packed = [b''.join(struct.pack(f'{order}{len(pixel)}{letter}', *pixel) for pixel in row) for row in rows]
    return Image(encoding=encoding, width=width, height=len(rows), step=len(packed[0]) + padding,
                 is_bigendian=int(big), data=b''.join(row + b'\xee' * padding for row in packed))


def bare(encoding: str, width: int, height: int, step: int, data: bytes) -> Image:
    return Image(encoding=encoding, width=width, height=height, step=step, data=data)


@pytest.mark.parametrize('big', [False, True], ids=['little', 'big'])
@pytest.mark.parametrize('padding', [0, 4, 3], ids=['tight', 'padded', 'oddly padded'])
@pytest.mark.parametrize(('encoding', 'letter', 'stored', 'expected'), ENCODINGS)
def test_an_encoding_becomes_rgb(encoding: str, letter: str, stored: list[Any], expected: list[Any],
                                 padding: int, big: bool) -> None:
    rgb = decode_image(message_of(encoding, letter, stored, padding=padding, big=big))
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    np.testing.assert_array_equal(rgb, np.array(expected).reshape(2, 2, 3))


def test_sixteen_bits_are_scaled_and_rounded() -> None:
    rgb = decode_image(message_of('mono16', 'H', [(128,), (129,), (65535 - 129,), (65535 - 128,)]))
    assert rgb[:, :, 0].tolist() == [[0, 1], [254, 255]]


def test_a_tight_rgb_image_is_not_copied() -> None:
    message = message_of('rgb8', 'B', RGB)
    rgb = decode_image(message)
    message.data[0] = 1
    assert rgb[0, 0].tolist() == [1, 10, 20]


@pytest.mark.parametrize('size', [(1, 1), (8000, 6000)], ids=['1x1', '8000x6000'])
def test_the_smallest_and_a_huge_image_are_read(size: tuple[int, int]) -> None:
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[-1, -1] = 1, 2, 3
    rgb = decode_image(image_message(pixels, 'bgr8', Header()))
    assert rgb.shape == (height, width, 3)
    assert rgb[-1, -1].tolist() == [3, 2, 1]


def test_bytes_behind_the_last_row_are_ignored() -> None:
    message = message_of('rgb8', 'B', RGB)
    message.data.extend(b'tail')
    np.testing.assert_array_equal(decode_image(message), np.array(RGB).reshape(2, 2, 3))


# what is wrong, message, words of the fact, words of the remedy
LIES = [
    ('no columns', bare('rgb8', 0, 2, 0, b''), 'empty (0x2)', 'camera driver'),
    ('no rows', bare('mono8', 2, 0, 2, b''), 'empty (2x0)', 'camera driver'),
    ('never filled in', Image(), 'name no encoding', 'rgb8'),
    ('data too short', bare('rgb8', 2, 2, 6, bytes(11)), '11 bytes instead of 12', 'camera driver'),
    ('data missing', bare('bgr8', 2, 2, 6, b''), '0 bytes instead of 12', 'camera driver'),
    ('last padding missing', bare('mono8', 2, 2, 3, bytes(5)), '5 bytes instead of 6', 'camera driver'),
    ('step too small', bare('rgb8', 2, 2, 5, bytes(12)), 'take 6', 'camera driver'),
    ('step of 8 bits for 16', bare('mono16', 2, 2, 2, bytes(8)), 'take 4', 'camera driver'),
    ('step zero', bare('bgra8', 2, 2, 0, bytes(16)), 'take 8', 'camera driver'),
    ('mistyped encoding', bare('rbg8', 2, 2, 6, bytes(12)), "nearest known is 'rgb8'", 'rgb8'),
    ('depth as image', bare('32FC1', 2, 2, 8, bytes(16)), 'depth image', 'remap'),
    ('too wide', bare('mono8', 16385, 1, 16385, bytes(16385)), '16385x1', '16384'),
    ('too high', bare('mono8', 1, 16385, 1, bytes(16385)), '1x16385', '16384'),
    ('absurd header', bare('rgb8', 2**32 - 1, 2**32 - 1, 2**32 - 1, b'x'), '4294967295', '16384'),
    ('short Bayer', bare('bayer_rggb8', 2, 2, 2, bytes(3)), '3 bytes instead of 4', 'camera driver'),
    ('empty Bayer', bare('bayer_rggb16', 0, 0, 0, b''), 'empty', 'camera driver'),
    ('YUV of one byte', bare('yuyv', 2, 2, 2, bytes(8)), 'take 4', 'camera driver'),
]


@pytest.mark.parametrize(('message', 'fact', 'remedy'), [row[1:] for row in LIES], ids=[r[0] for r in LIES])
def test_a_message_that_contradicts_itself_is_refused(message: Image, fact: str, remedy: str) -> None:
    with pytest.raises(ImageError) as caught:
        decode_image(message)
    assert fact in caught.value.fact
    assert remedy in caught.value.remedy


@pytest.mark.parametrize('big', [False, True], ids=['little', 'big'])
@pytest.mark.parametrize('padding', [0, 4, 1], ids=['tight', 'padded', 'oddly padded'])
@pytest.mark.parametrize(('encoding', 'letter', 'values', 'dtype'), [
    ('16UC1', 'H', [0, 513, 4000, 65535], np.uint16),
    ('mono16', 'H', [0, 513, 4000, 65535], np.uint16),
    ('32FC1', 'f', [0.0, 0.5, float('nan'), float('inf')], np.float32),
])
def test_depth_keeps_its_values(encoding: str, letter: str, values: list[float], dtype: type, padding: int,
                                big: bool) -> None:
    message = message_of(encoding, letter, [(v,) for v in values], padding=padding, big=big)
    depth = decode_depth(message)
    assert depth.dtype == dtype
    assert depth.dtype.isnative
    np.testing.assert_array_equal(depth, np.array(values, dtype).reshape(2, 2))


@pytest.mark.parametrize(('message', 'fact', 'remedy'), [
    (CompressedImage(format='16UC1; jpeg compressed '), 'destroys depth', 'republish'),
    (bare('rgb8', 2, 2, 6, bytes(12)), "'rgb8'", '32FC1'),
    (bare('16UC1', 2, 2, 4, bytes(7)), '7 bytes instead of 8', 'camera driver'),
    (bare('32FC1', 2, 2, 4, bytes(16)), 'take 8', 'camera driver'),
    (bare('16UC1', 0, 0, 0, b''), 'empty', 'camera driver'),
], ids=['compressed', 'colours', 'short', 'step of 16 bits', 'empty'])
def test_depth_that_cannot_be_read_is_refused(message: Any, fact: str, remedy: str) -> None:
    with pytest.raises(ImageError) as caught:
        decode_depth(message)
    assert fact in caught.value.fact
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(('encoding', 'shape', 'dtype', 'step'), [
    ('mono8', (3, 5), np.uint8, 5), ('rgb8', (3, 5, 3), np.uint8, 15), ('bgra8', (3, 5, 4), np.uint8, 20),
    ('mono16', (3, 5), np.uint16, 10), ('16UC1', (3, 5), np.uint16, 10), ('32FC1', (3, 5), np.float32, 20),
    ('mono8', (0, 5), np.uint8, 5),
])
def test_an_array_becomes_a_tight_message(encoding: str, shape: tuple[int, ...], dtype: type,
                                          step: int) -> None:
    pixels: NDArray[Any] = (np.arange(np.prod(shape)) * 17 % 251).reshape(shape).astype(dtype)
    message = image_message(pixels, encoding, header_of(12_000_000_034, 'eye'))
    assert (message.height, message.width, message.step) == (*shape[:2], step)
    assert (message.encoding, message.is_bigendian) == (encoding, 0)
    stamp = message.header.stamp
    assert (stamp.sec, stamp.nanosec, message.header.frame_id) == (12, 34, 'eye')
    assert bytes(message.data) == pixels.astype(np.dtype(dtype).newbyteorder('<')).tobytes()


@pytest.mark.parametrize('pixels', [
    np.arange(24, dtype=np.uint16).reshape(4, 6)[::2, ::-1],
    np.asfortranarray(np.arange(12, dtype=np.uint16).reshape(2, 6)),
    np.arange(12, dtype='>u2').reshape(2, 6),
], ids=['strided and mirrored', 'by columns', 'big-endian'])
def test_an_array_of_any_layout_survives_the_message(pixels: NDArray[np.uint16]) -> None:
    message = image_message(pixels, 'mono16', Header())
    np.testing.assert_array_equal(decode_depth(message), pixels)


@pytest.mark.parametrize(('pixels', 'encoding'), [
    (np.zeros((2, 2), np.uint16), 'mono8'), (np.zeros((2, 2), np.int16), 'mono16'),
    (np.zeros((2, 2, 4), np.uint8), 'rgb8'), (np.zeros((2, 2), np.uint8), 'grey8'),
    (np.zeros(4, np.uint8), 'mono8'),
], ids=['too deep', 'signed', 'too many channels', 'no such encoding', 'a row'])
def test_an_array_that_is_not_of_its_encoding_is_refused(pixels: NDArray[Any], encoding: str) -> None:
    with pytest.raises(ImageError, match=f"is not a '{encoding}' image"):
        image_message(pixels, encoding, Header())


def halves() -> NDArray[np.uint8]:
    """Red on the left, blue on the right: what JPEG keeps but for a few grey levels."""
    rgb = np.empty((32, 64, 3), np.uint8)
    rgb[:, :32], rgb[:, 32:] = (220, 30, 20), (20, 40, 230)
    return rgb


def away_from_the_edge(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the columns where JPEG does not blend the two halves."""
    assert rgb.shape == (32, 64, 3)
    return np.delete(rgb.astype(np.int64), np.s_[30:34], axis=1)


def coded(suffix: str, rgb: NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(suffix, rgb[:, :, ::-1])[1])


@pytest.mark.parametrize(('words', 'suffix', 'atol'), [
    ('rgb8; jpeg compressed bgr8', '.jpg', 6), ('bgr8; jpeg compressed bgr8', '.jpg', 6), ('jpeg', '.jpg', 6),
    ('', '.jpg', 6), ('bgr8; png compressed bgr8', '.png', 0), ('png', '.png', 0),
    ('rgba8; png compressed', '.png', 0),
])
def test_a_compressed_image_becomes_rgb(words: str, suffix: str, atol: int) -> None:
    rgb = decode_image(CompressedImage(format=words, data=coded(suffix, halves())))
    np.testing.assert_allclose(away_from_the_edge(rgb), away_from_the_edge(halves()), atol=atol)


def test_channels_stored_in_the_other_order_are_put_right() -> None:
    swapped = coded('.png', np.ascontiguousarray(halves()[:, :, ::-1]))
    rgb = decode_image(CompressedImage(format='rgb8; png compressed rgb8', data=swapped))
    np.testing.assert_array_equal(rgb, halves())


def test_a_compressed_grey_image_becomes_rgb() -> None:
    grey = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (8, 1))
    data = bytes(cv2.imencode('.png', grey)[1])
    rgb = decode_image(CompressedImage(format='mono8; png compressed ', data=data))
    np.testing.assert_array_equal(rgb, np.dstack([grey] * 3))


def test_a_picture_survives_compression_and_says_how_it_was_made() -> None:
    message = compressed_message(halves(), header_of(5_000_000_006, 'eye'), quality=95)
    assert message.format == 'rgb8; jpeg compressed bgr8'
    assert (message.header.stamp.nanosec, message.header.frame_id) == (6, 'eye')
    kept = away_from_the_edge(decode_image(message))
    np.testing.assert_allclose(kept, away_from_the_edge(halves()), atol=4)


def test_less_quality_is_fewer_bytes() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    sizes = [len(compressed_message(noise, Header(), quality).data) for quality in (20, 95)]
    assert sizes[0] < sizes[1] / 2


def with_exif_turned(jpeg: bytes) -> bytes:
    """Return the JPEG with an EXIF note that says: turn me by 90 degrees clockwise."""
    tiff = b'MM\0*\0\0\0\x08' + struct.pack('>HHHIHHI', 1, 0x0112, 3, 1, 6, 0, 0)
    note = b'Exif\0\0' + tiff
    return jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(note) + 2) + note + jpeg[2:]


def test_a_camera_stream_is_never_turned_but_a_photo_is() -> None:
    photo = with_exif_turned(coded('.jpg', halves()))
    assert decode_image(CompressedImage(format='jpeg', data=photo)).shape == (32, 64, 3)
    assert decode_bytes(photo, upright=True).shape == (64, 32, 3)


@pytest.mark.parametrize('extra', [bytes(5000), b'an mp4 behind the photo'])
def test_bytes_behind_the_end_of_a_jpeg_do_not_matter(extra: bytes) -> None:
    assert decode_bytes(coded('.jpg', halves()) + extra).shape == (32, 64, 3)


JPEG, PNG = coded('.jpg', halves()), coded('.png', halves())


@pytest.mark.parametrize(('words', 'data', 'fact'), [
    ('jpeg', b'', 'empty'),
    ('jpeg', JPEG[:-20], f'cut off after {len(JPEG) - 20} bytes'),
    ('jpeg', JPEG[:2], 'cut off after 2 bytes'),
    ('jpeg', JPEG[:2] + JPEG + JPEG[2:-20], 'cut off'),  # a whole preview inside does not make it whole
    ('png', PNG[:-12], f'cut off after {len(PNG) - 12} bytes'),
    ('jpeg', b'not an image at all', 'not an image'),
    ('16UC1; compressedDepth png', PNG, 'compressed depth'),
], ids=['empty', 'cut JPEG', 'two bytes', 'cut behind its preview', 'cut PNG', 'text', 'compressed depth'])
def test_a_broken_compressed_image_is_refused(words: str, data: bytes, fact: str) -> None:
    with pytest.raises(ImageError, match=fact):
        decode_image(CompressedImage(format=words, data=data))


def test_a_huge_picture_is_refused_by_its_header() -> None:
    claims = PNG[:16] + struct.pack('>II', 16000, 16000) + PNG[24:29]
    bomb = claims + struct.pack('>I', zlib.crc32(claims[12:])) + PNG[33:]
    with pytest.raises(ImageError, match='16000x16000, 256000000 pixels'):
        decode_image(CompressedImage(format='rgb8; png compressed bgr8', data=bomb))
    message = CompressedImage(format='png', data=PNG)
    assert decode_image(message, 64 * 32).shape == (32, 64, 3)
    with pytest.raises(ImageError, match=r'max_pixels \(2047\)'):
        decode_image(message, 64 * 32 - 1)
    with pytest.raises(ImageError, match='max_pixels'):
        decode_image(message_of('rgb8', 'B', RGB), 3)


BAYER = ('rggb', 'bggr', 'gbrg', 'grbg')
COLOUR = {'r': 200, 'g': 100, 'b': 30}


def mosaic(order: str, side: int = 9) -> NDArray[np.uint8]:
    """Return what a sensor behind this colour filter, named by its first two rows, sees of one colour."""
    tile = np.array([COLOUR[letter] for letter in order], np.uint8).reshape(2, 2)
    return np.tile(tile, (side, side))[:side, :side]


@pytest.mark.parametrize('padding', [0, 3], ids=['tight', 'padded'])
@pytest.mark.parametrize('side', [8, 9])
@pytest.mark.parametrize('order', BAYER)
def test_a_mosaic_of_8_bits_becomes_rgb(order: str, side: int, padding: int) -> None:
    rows = [(int(value),) for value in mosaic(order, side).ravel()]
    rgb = decode_image(message_of(f'bayer_{order}8', 'B', rows, width=side, padding=padding))
    assert (rgb == list(COLOUR.values())).all()
    assert rgb.shape == (side, side, 3)


@pytest.mark.parametrize('big', [False, True], ids=['little', 'big'])
@pytest.mark.parametrize(('bits', 'padding'), [(16, 0), (12, 2), (10, 0)])
@pytest.mark.parametrize('order', BAYER)
def test_a_mosaic_of_more_bits_becomes_rgb(order: str, bits: int, padding: int, big: bool) -> None:
    values = mosaic(order).astype(np.float64) * ((1 << bits) - 1) / 255
    rows = [(round(value),) for value in values.ravel()]
    rgb = decode_image(message_of(f'bayer_{order}16', 'H', rows, width=9, padding=padding, big=big))
    np.testing.assert_allclose(rgb.astype(int), np.broadcast_to(list(COLOUR.values()), rgb.shape), atol=1)


@pytest.mark.parametrize('suffix', ['.png', '.jpg'])
def test_a_compressed_mosaic_becomes_rgb(suffix: str) -> None:
    data = bytes(cv2.imencode(suffix, np.full((8, 8), 90, np.uint8) if suffix == '.jpg' else mosaic('grbg', 8))[1])
    rgb = decode_image(CompressedImage(format=f'bayer_grbg8; {suffix[1:]} compressed ', data=data))
    assert (rgb == ([90, 90, 90] if suffix == '.jpg' else list(COLOUR.values()))).all()


def test_a_compressed_mosaic_of_16_bits_becomes_rgb() -> None:
    data = bytes(cv2.imencode('.png', mosaic('rggb', 8).astype(np.uint16) * 257)[1])
    rgb = decode_image(CompressedImage(format='bayer_rggb16; png compressed ', data=data))
    assert (rgb == list(COLOUR.values())).all()


def test_a_mosaic_that_was_made_a_picture_before_it_was_compressed_stays_one() -> None:
    rgb = decode_image(CompressedImage(format='bayer_rggb8; png compressed bgr8', data=PNG))
    np.testing.assert_array_equal(rgb, halves())


@pytest.mark.parametrize(('bits', 'encoding'), [(10, 'mono16'), (12, 'mono16'), (14, '16UC1'), (16, 'mono16')])
def test_a_camera_of_few_bits_is_not_black(bits: int, encoding: str) -> None:
    top = (1 << bits) - 1
    message = message_of(encoding, 'H', [(0,), (round(top / 2),), (top,), (round(top * 0.9),)])
    assert decode_image(message)[..., 0].ravel().tolist() == pytest.approx([0, 128, 255, 230], abs=1)
    picture = np.array([[0, round(top / 2)], [top, round(top * 0.9)]], np.uint16)
    data = bytes(cv2.imencode('.png', picture)[1])
    rgb = decode_image(CompressedImage(format='mono16; png compressed ', data=data))
    assert rgb[..., 0].ravel().tolist() == pytest.approx([0, 128, 255, 230], abs=1)


# Brightness and colours of pixels in pairs that share them, and the rgb that ITU-R BT.601 gives them.
YUV = [((81, 90, 240), (255, 0, 0)), ((145, 54, 34), (0, 255, 0)), ((41, 240, 110), (0, 0, 255)),
       ((235, 128, 128), (255, 255, 255))]
TRUE = np.array([[rgb for _, rgb in YUV for _ in (0, 1)]] * 2, np.uint8)
LIGHT = np.array([[y for (y, _, _), _ in YUV for _ in (0, 1)]] * 2, np.uint8)
CHROMA = np.array([[(u, v) for (_, u, v), _ in YUV]], np.uint8)


def packed(order: str) -> NDArray[np.uint8]:
    """Return two rows of pixel pairs, each of four bytes in this order."""
    byte = {'y': LIGHT[:, ::2], 'z': LIGHT[:, 1::2], 'u': np.repeat(CHROMA[..., 0], 2, 0),
            'v': np.repeat(CHROMA[..., 1], 2, 0)}
    return np.stack([byte[letter] for letter in order], axis=-1).reshape(2, -1)


def planar(name: str) -> NDArray[np.uint8]:
    """Return two rows of brightness and the colours behind them, as rows of as many bytes."""
    colours = CHROMA[..., ::-1] if name == 'nv21' else np.repeat(np.repeat(CHROMA, 2, 0), 2, 1) \
        if name == 'nv24' else CHROMA
    return np.concatenate([LIGHT, colours.reshape(-1, 8)])


YUV_IMAGES = {'uyvy': packed('uyvz'), 'yuv422': packed('uyvz'), 'yuyv': packed('yuzv'), 'yuv422_yuy2': packed('yuzv'),
              'nv12': planar('nv12'), 'nv21': planar('nv21'), 'nv24': planar('nv24')}


@pytest.mark.parametrize('padding', [0, 6], ids=['tight', 'padded'])
@pytest.mark.parametrize('name', YUV_IMAGES)
def test_yuv_becomes_rgb(name: str, padding: int) -> None:
    rows = YUV_IMAGES[name]
    if name == 'nv24':  # a row of colours is as long as two of brightness
        rows = rows.copy()
        both = np.full((4, 8 + padding), 0xEE, np.uint8)
        both[:2, :8], colours = rows[:2], np.full((2, 2 * (8 + padding)), 0xEE, np.uint8)
        colours[:, :16] = rows[2:].reshape(2, 16)
        data = np.concatenate([both[:2].ravel(), colours.ravel()])
    else:
        data = np.pad(rows, ((0, 0), (0, padding)), constant_values=0xEE).ravel()
    message = Image(encoding=name, width=8, height=2, step=rows.shape[1] + padding, data=data.tobytes())
    np.testing.assert_allclose(decode_image(message).astype(int), TRUE.astype(int), atol=2)


@pytest.mark.parametrize(('name', 'size', 'step', 'count', 'fact'), [
    ('yuyv', (7, 2), 14, 28, 'yuyv image is 7x2, but two pixels share a colour'),
    ('uyvy', (8, 2), 15, 30, 'step of the uyvy image is 15 bytes, but its 8 pixels take 16'),
    ('nv12', (7, 2), 7, 21, 'nv12 image is 7x2, but two'), ('nv21', (8, 3), 8, 40, 'nv21 image is 8x3, but two'),
    ('nv12', (8, 2), 8, 16, '16 bytes instead of 24'), ('nv24', (8, 2), 8, 47, '47 bytes instead of 48'),
    ('nv21', (8, 2), 7, 50, 'step of the nv21 image is 7 bytes'), ('nv24', (8, 2), 0, 50, 'is 0 bytes'),
])
def test_yuv_that_contradicts_itself_is_refused(name: str, size: tuple[int, int], step: int, count: int,
                                                fact: str) -> None:
    with pytest.raises(ImageError, match=fact):
        decode_image(Image(encoding=name, width=size[0], height=size[1], step=step, data=bytes(count)))


def test_nv24_of_odd_size_is_read() -> None:
    message = Image(encoding='nv24', width=3, height=1, step=3, data=bytes([126] * 3 + [128] * 6))
    assert np.abs(decode_image(message).astype(int) - 128).max() <= 1
