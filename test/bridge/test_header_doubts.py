# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Headers and names that can hardly be right are doubted, the usual ones are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, RegionOfInterest

from seg_ros.bridge.header_doubts import (
    doubt_of_depth_frame,
    doubt_of_empty_projection,
    doubt_of_encoding,
    doubt_of_form,
    doubt_of_frame_id,
    doubt_of_info_frame,
    doubt_of_matrices,
    doubt_of_rectified,
    doubt_of_region,
    doubt_of_shape,
    doubt_of_stamp,
)

D = (0.1, -0.05, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(('frame_id', 'words'), [
    ('camera_optical_frame', ''), ('robot/camera', ''), ('', 'frame_id is empty'), (' ', 'frame_id is empty'),
    ('/camera', "Name it 'camera'")])
def test_frames_that_tf_cannot_know(frame_id: str, words: str) -> None:
    doubt = doubt_of_frame_id(frame_id)
    assert words in str(doubt) if words else doubt is None


@pytest.mark.parametrize(('image', 'depth', 'is_doubted'), [
    ('color', 'color', False), ('/color', 'color', False), ('color', '', False), ('color', 'depth', True),
    ('', 'depth', True)])
def test_depth_of_another_frame(image: str, depth: str, is_doubted: bool) -> None:
    doubt = doubt_of_depth_frame(image, depth)
    assert (doubt is not None) == is_doubted
    assert doubt is None or 'registered' in doubt.remedy


@pytest.mark.parametrize(('topic', 'distortion', 'rectified', 'is_doubted'), [
    ('/camera/image_rect', D, False, True), ('/camera/image_rect_color/compressed', D, False, True),
    ('/camera/image_rect', D, True, False), ('/camera/image_rect', (0.0,) * 5, False, False),
    ('/camera/image_rect', (), False, False), ('/camera/image_raw', D, False, False),
    ('/camera/depth/image_rect_raw', D, False, False), ('/image_rect/image_raw', D, False, False)])
def test_images_rectified_twice(topic: str, distortion: tuple[float, ...], rectified: bool, is_doubted: bool) -> None:
    doubt = doubt_of_rectified(topic, distortion, rectified=rectified)
    assert (doubt is not None) == is_doubted
    assert doubt is None or (topic in doubt.fact and 'rectified' in doubt.remedy)


@pytest.mark.parametrize(('encoding', 'is_doubted'), [('16UC1', True), ('mono16', False), ('rgb8', False)])
def test_depth_given_as_a_picture(encoding: str, is_doubted: bool) -> None:
    assert (doubt_of_encoding(encoding) is not None) == is_doubted


@pytest.mark.parametrize(('image', 'info', 'is_doubted'), [
    ('color', 'color', False), ('/color', 'color', False), ('color', '', False), ('color', 'infra', True)])
def test_a_description_of_another_frame(image: str, info: str, is_doubted: bool) -> None:
    doubt = doubt_of_info_frame(image, info)
    assert (doubt is not None) == is_doubted
    assert doubt is None or ('frame infra, the image in color' in doubt.fact and 'remap camera_info' in doubt.remedy)


@pytest.mark.parametrize(('nanosec', 'is_doubted'), [(0, False), (999_999_999, False), (1_000_000_000, True)])
def test_a_stamp_has_no_more_than_a_second_in_its_part_of_one(nanosec: int, is_doubted: bool) -> None:
    doubt = doubt_of_stamp(nanosec)
    assert (doubt is not None) == is_doubted
    assert doubt is None or '1000000000 as nanosec' in doubt.fact


K = (250.0, 0.0, 160.0, 0.0, 251.0, 120.0, 0.0, 0.0, 1.0)
P = (250.0, 0.0, 160.0, -30.0, 0.0, 251.0, 120.0, 0.0, 0.0, 0.0, 1.0, 0.0)  # of the right one of two
ONE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
TURNED = (0.995, 0.0, 0.0998, 0.0, 1.0, 0.0, -0.0998, 0.0, 0.995)


def of_k(fx: float, cx: float = 160.0, fy: float = 251.0, cy: float = 120.0) -> dict[str, Any]:
    return {'k': (fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0)}


@pytest.mark.parametrize(('meaning', 'change', 'is_doubted'), [
    ('alike', {}, False), ('without R', {'r': (0.0,) * 9}, False), ('nearly alike', of_k(255.0, 165.0), False),
    ('without P', {'p': (0.0,) * 12, **of_k(25.0)}, False), ('a lens to undo', {'d': D, **of_k(200.0)}, False),
    ('turned by rectification', {'r': TURNED, **of_k(230.0, 200.0)}, False),
    ('in millimetres', of_k(2.5, 1.6, 2.5, 1.2), True), ('only down', of_k(250.0, fy=2.51), True),
    ('of twice the size', of_k(500.0, 320.0, 502.0, 240.0), True), ('another centre', of_k(250.0, 16.0), True),
    ('no K at all', of_k(0.0, 0.0, 0.0, 0.0), True), ('without R, too', {'r': (0.0,) * 9, **of_k(2.5)}, True),
    ('not a number', of_k(float('nan')), True),
])
def test_two_matrices_of_two_cameras(meaning: str, change: dict[str, Any], is_doubted: bool) -> None:
    doubt = doubt_of_matrices(CameraInfo(width=320, height=240, **{'k': K, 'p': P, 'r': ONE, 'd': (0.0,) * 5} | change))
    assert (doubt is not None) == is_doubted, meaning
    assert doubt is None or 'P the focal lengths 250, 251 and the centre 160, 120; P is taken' in doubt.fact


@pytest.mark.parametrize(('meaning', 'change', 'words'), [
    ('good', {}, ''), ('not calibrated', {'k': (0.0,) * 9, 'p': (0.0,) * 12}, ''),
    ('not a number', of_k(float('nan')), ''),  # said elsewhere
    ('by columns', {'k': np.reshape(K, (3, 3)).T.ravel()}, 'K of camera_info, 250, 0, 0, 0, 251, 0, 160, 120, 1, is'),
    ('skewed', {'k': (250.0, 100.0, *K[2:])}, 'K of camera_info, 250, 100, 160'),
    ('a trace of skew', {'k': (250.0, 0.5, *K[2:])}, ''),
    ('no last one', {'k': (*K[:8], 0.0)}, 'is no matrix of a camera'),
    ('of K in the place of P', {'p': (*K, 0.0, 0.0, 0.0)}, 'P of camera_info, 250, 0, 160'),
    ('centre left out', of_k(250.0, 0.0, cy=0.0), 'K of camera_info has its centre at 0, 0, and the image is of'),
    ('of half the size', of_k(250.0, 79.5, cy=59.5), 'K of camera_info has its centre at 79.5, 59.5, and the image is'),
    ('of twice the size', of_k(250.0, 320.0, cy=240.0), 'has its centre at 320, 240'),
    ('cut out from the middle on', of_k(250.0, 0.0), ''),
])
def test_a_matrix_that_no_camera_has(meaning: str, change: dict[str, Any], words: str) -> None:
    doubt = doubt_of_form(CameraInfo(width=320, height=240, **{'k': K, 'p': P, 'r': ONE, 'd': (0.0,) * 5} | change))
    assert words in doubt.fact if doubt else not words, meaning


@pytest.mark.parametrize(('size', 'output', 'is_doubted'), [
    ((640, 480), None, False), ((640, 480), (424, 240), False), ((1920, 1080), (320, 240), False),
    ((640, 480), (240, 424), True), ((480, 640), (424, 240), True), ((640, 480), (640, 48), True)])
def test_an_output_that_squeezes_the_image(size: tuple[int, int], output: tuple[int, int] | None,
                                           is_doubted: bool) -> None:
    doubt = doubt_of_shape(size, output)
    assert (doubt is not None) is is_doubted
    assert doubt is None or doubt.fact.endswith('what is published is squeezed')


@pytest.mark.parametrize(('p', 'd', 'rectified', 'is_doubted'), [
    ((0.0,) * 12, D, True, True), (P, D, True, False), ((0.0,) * 12, D, False, False),
    ((0.0,) * 12, (0.0,) * 5, True, False)])
def test_a_rectified_image_without_its_matrix(p: tuple[float, ...], d: tuple[float, ...], rectified: bool,
                                              is_doubted: bool) -> None:
    doubt = doubt_of_empty_projection(CameraInfo(k=K, p=p, d=d), rectified=rectified)
    assert (doubt is not None) == is_doubted
    assert doubt is None or 'K is taken' in doubt.fact


@pytest.mark.parametrize(('offset', 'binning', 'is_doubted'), [
    (0, 0, False), (160, 0, False), (161, 0, True), (161, 2, False)])
def test_a_region_beyond_the_sensor(offset: int, binning: int, is_doubted: bool) -> None:
    info = CameraInfo(width=320, height=240, binning_x=binning,
                      roi=RegionOfInterest(x_offset=offset, width=160, height=240))
    doubt = doubt_of_region(info)
    assert (doubt is not None) is is_doubted
    if doubt:
        assert '160x240 at 161, 0, reaches beyond' in doubt.fact
