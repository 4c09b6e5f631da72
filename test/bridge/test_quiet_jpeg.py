# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A damaged JPEG prints nothing; all else that goes to stderr meanwhile comes out."""

from __future__ import annotations

import logging
import os

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.images import decode_image
from seg_ros.bridge.quiet_jpeg import doubt_of_jpeg, quiet_jpeg
from seg_ros.errors import Doubt


def damaged() -> bytes:
    """Return a JPEG of noise with a run of bytes in the middle overwritten."""
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    data = bytearray(cv2.imencode('.jpg', noise)[1])
    data[len(data) // 2:len(data) // 2 + 40] = bytes(range(40))
    return bytes(data)


def test_a_damaged_picture_prints_nothing(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert decode_image(CompressedImage(format='jpeg', data=damaged())).shape == (120, 160, 3)
    assert capfd.readouterr().err == ''
    assert 'libjpeg: Corrupt JPEG data' in caplog.text


def test_a_damaged_picture_is_doubted_and_a_whole_one_is_not() -> None:
    told: list[Doubt] = []
    decode_image(CompressedImage(format='jpeg', data=damaged()), told=told.append)
    assert [one.cause for one in told] == ['jpeg']
    assert 'libjpeg says "Corrupt JPEG data' in told[0].fact
    told.clear()
    whole = cv2.imencode('.jpg', np.zeros((120, 160, 3), np.uint8))[1].tobytes()
    decode_image(CompressedImage(format='jpeg', data=whole), told=told.append)
    assert not told


@pytest.mark.parametrize(('line', 'is_doubted'), [
    (b'Corrupt JPEG data: bad Huffman code', True), (b'Corrupt JPEG data: premature end of data segment', True),
    (b'Premature end of JPEG file', True), (b'Corrupt JPEG data: 9120 extraneous bytes before marker 0xd9', True),
    (b'Corrupt JPEG data: 3 extraneous bytes before marker 0xd5', True),
    (b'Corrupt JPEG data: 2 extraneous bytes before marker 0xd9', False),  # a webcam that pads its pictures
    (b'Warning: unknown JFIF revision number 2.01', False),
])
def test_what_libjpeg_says_of_a_picture_that_lacks_nothing_is_no_doubt(line: bytes, is_doubted: bool) -> None:
    assert (doubt_of_jpeg([line]) is not None) == is_doubted


def test_what_others_print_comes_out(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_jpeg():
        os.write(2, b'one\nCorrupt JPEG data: bad Huffman code\ntwo')
    os.write(2, b' three\n')
    assert capfd.readouterr().err == 'one\ntwo three\n'


def torn() -> None:
    with quiet_jpeg():
        os.write(2, b'one\n')
        raise ValueError('torn')


def test_it_comes_out_after_an_error_too(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match='torn'):
        torn()
    assert capfd.readouterr().err == 'one\n'
