"""Depth as image_transport compresses it: millimetres come back exactly, metres to its quantisation."""

from __future__ import annotations

import numpy as np
import pytest
from scenes.bags import compressed_depth
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.compressed_depth import decode_compressed_depth, is_compressed_depth
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
    ({'format': '16UC1; compressedDepth rvl'}, "compressed as '16UC1; compressedDepth rvl', which is not known"),
    ({'format': 'rgb8; jpeg compressed bgr8'}, 'which is not known'),
    ({'data': b''}, 'has 0 bytes'),
    ({'data': b'0123456789ab' + b'no picture'}, 'cut off or no 16-bit PNG'),
], ids=['another codec', 'a colour image', 'empty', 'damaged'])
def test_what_is_no_such_depth_is_an_error(change: dict[str, object], words: str) -> None:
    message = compressed_depth(MILLIMETRES, 5)
    for name, value in change.items():
        setattr(message, name, value)
    with pytest.raises(ImageError, match=words):
        decode_compressed_depth(message)


def test_a_colour_image_is_no_depth() -> None:
    assert not is_compressed_depth(CompressedImage(format='rgb8; jpeg compressed bgr8'))
