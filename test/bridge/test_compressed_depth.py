# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth as image_transport compresses it: millimetres come back exactly, metres to its quantisation."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scenes.bags import compressed_depth
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.compressed_depth import decode_compressed_depth, is_compressed_depth
from seg_ros.bridge.images import decode_depth
from seg_ros.errors import ImageError

MILLIMETRES = (np.arange(35, dtype=np.uint16) * 1800).reshape(5, 7)


def test_millimetres_come_back_exactly() -> None:
    message = compressed_depth(MILLIMETRES, 5)
    assert is_compressed_depth(message)
    depth = decode_compressed_depth(message)
    assert depth.dtype == np.uint16
    np.testing.assert_array_equal(depth, MILLIMETRES)


def test_metres_come_back_to_the_quantisation_and_nan_where_nothing_was_measured() -> None:
    metres = np.linspace(0.5, 4.0, 35, dtype=np.float32).reshape(5, 7)
    metres[0, 0] = np.nan
    depth = decode_compressed_depth(compressed_depth(metres, 5))
    assert depth.dtype == np.float32
    assert np.isnan(depth[0, 0])
    np.testing.assert_allclose(depth.ravel()[1:], metres.ravel()[1:], rtol=1e-3)


@pytest.mark.parametrize(('change', 'words'), [
    ({'format': '16UC1; compressedDepth zip'}, "compressed as '16UC1; compressedDepth zip', which is not known"),
    ({'format': 'rgb8; jpeg compressed bgr8'}, 'destroys depth'),
    ({'data': b''}, 'has 0 bytes'),
    ({'data': b'0123456789ab' + b'no picture'}, 'depth image cannot be read: .* an image.* Record depth'),
    ({'format': '32FC1; compressedDepth png', 'data': b'\0' * 12 + cv2.imencode('.png', MILLIMETRES)[1].tobytes()},
     'a = 0 and b = 0, and metres are a / depth'),
    ({'data': b'0123456789ab' + cv2.imencode('.png', np.zeros((5, 7), np.uint8))[1].tobytes()}, 'no 16-bit PNG'),
    ({'format': '16UC1; png compressed ', 'data': cv2.imencode('.png', np.zeros((5, 7), np.uint8))[1].tobytes()},
     'is of uint8'),
    ({'format': '16UC1; png compressed ', 'data': cv2.imencode('.png', np.zeros((5, 7, 3), np.uint16))[1].tobytes()},
     'one channel'),
], ids=['another codec', 'a colour image', 'empty', 'damaged', 'quantised by nothing', 'of 8 bits', 'plain of 8 bits',
        'of three channels'])
def test_what_is_no_such_depth_is_an_error(change: dict[str, object], words: str) -> None:
    message = compressed_depth(MILLIMETRES, 5)
    for name, value in change.items():
        setattr(message, name, value)
    with pytest.raises(ImageError, match=words):
        decode_compressed_depth(message)


def test_depth_in_a_plain_png_comes_back_exactly() -> None:
    message = CompressedImage(format='16UC1; png compressed ', data=cv2.imencode('.png', MILLIMETRES)[1].tobytes())
    assert is_compressed_depth(message)
    np.testing.assert_array_equal(decode_depth(message), MILLIMETRES)


def test_metres_in_a_tiff_come_back_exactly() -> None:
    metres = MILLIMETRES.astype(np.float32) / 1000
    message = CompressedImage(format='32FC1; tiff compressed ', data=cv2.imencode('.tiff', metres)[1].tobytes())
    np.testing.assert_array_equal(decode_depth(message), metres)


def test_depth_larger_than_asked_is_refused() -> None:
    message = compressed_depth(MILLIMETRES, 5)
    assert decode_depth(message, 35).shape == (5, 7)
    with pytest.raises(ImageError, match='7x5, 35 pixels'):
        decode_depth(message, 34)


def test_a_colour_image_is_no_depth() -> None:
    assert not is_compressed_depth(CompressedImage(format='rgb8; jpeg compressed bgr8'))
