# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Camera descriptions become the pinhole camera of the image at hand; stamps survive to the nanosecond."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sensor_msgs.msg import CameraInfo, RegionOfInterest
from std_msgs.msg import Header

from seg_ros.bridge.cameras import camera_info_message, intrinsics_of, scaled_info
from seg_ros.bridge.images import header_of, stamp_ns_of
from seg_ros.errors import ImageError
from seg_ros.records import Intrinsics

K = [500.0, 0.0, 320.0, 0.0, 510.0, 240.0, 0.0, 0.0, 1.0]
P = [400.0, 0.0, 310.0, -40.0, 0.0, 420.0, 230.0, 0.0, 0.0, 0.0, 1.0, 0.0]
BENT = [0.1, -0.2, 0.0, 0.0, 0.05]
BY_K = Intrinsics(640, 480, 500.0, 510.0, 320.0, 240.0)
BY_P = Intrinsics(640, 480, 400.0, 420.0, 310.0, 230.0)


def info(**fields: Any) -> CameraInfo:
    """Return the description of a calibrated camera without distortion, with these fields changed."""
    return CameraInfo(**({'width': 640, 'height': 480, 'distortion_model': 'plumb_bob', 'd': [0.0] * 5,
                          'k': K, 'p': P} | fields))


@pytest.mark.parametrize(('message', 'rectified', 'expected'), [
    (info(), None, BY_P),
    (info(d=[]), None, BY_P),
    (info(p=[0.0] * 12), None, BY_K),
    (info(d=BENT), None, BY_K),
    (info(d=BENT), True, BY_P),
    (info(d=BENT), False, BY_K),
    (info(), False, BY_K),
    (info(d=BENT, p=[0.0] * 12), True, BY_K),
], ids=['rectified stream', 'no coefficients', 'P not filled in', 'raw image', 'known to be rectified',
        'known to be raw', 'raw without distortion', 'rectified but P not filled in'])
def test_p_holds_for_rectified_images_and_k_for_raw_ones(message: CameraInfo, rectified: bool | None,
                                                         expected: Intrinsics) -> None:
    assert intrinsics_of(message, (640, 480), rectified=rectified) == expected


def test_a_resized_image_has_a_scaled_camera() -> None:
    camera = intrinsics_of(info(), (320, 240))
    assert (camera.width, camera.height, camera.fx, camera.fy) == (320, 240, 200.0, 210.0)
    # The centre of pixel 310 lies 310.5 pixels from the left edge; half of that is 155.25: pixel 154.75.
    assert (camera.cx, camera.cy) == (154.75, 114.75)


def test_a_region_of_interest_moves_the_centre() -> None:
    region = RegionOfInterest(x_offset=100, y_offset=50, width=200, height=300)
    assert intrinsics_of(info(roi=region), (200, 300)) == Intrinsics(200, 300, 400.0, 420.0, 210.0, 180.0)


def test_binning_shrinks_what_the_region_left() -> None:
    region = RegionOfInterest(x_offset=100, y_offset=50, width=200, height=300)
    camera = intrinsics_of(info(roi=region, binning_x=2, binning_y=2), (100, 150))
    assert camera == Intrinsics(100, 150, 200.0, 210.0, 104.75, 89.75)


def test_binning_of_one_or_none_is_none() -> None:
    assert intrinsics_of(info(binning_x=1, binning_y=0), (640, 480)) == BY_P


def test_binning_may_differ_across_and_down() -> None:
    camera = intrinsics_of(info(binning_x=2), (320, 480))
    assert (camera.fx, camera.fy) == (200.0, 420.0)


def test_an_image_one_pixel_off_is_the_same_shape() -> None:
    assert intrinsics_of(info(width=641, height=481), (320, 240)).width == 320


@pytest.mark.parametrize(('message', 'size', 'fact', 'remedy'), [
    (info(k=[0.0] * 9, p=[0.0] * 12), (640, 480), 'uncalibrated', 'calibrate'),
    (CameraInfo(), (640, 480), 'uncalibrated', 'calibrate'),
    (info(k=[math.nan, *K[1:]], p=[0.0] * 12), (640, 480), 'uncalibrated', 'calibrate'),
    (info(p=[400.0, 0.0, math.inf, *P[3:]]), (640, 480), 'uncalibrated', 'calibrate'),
    (info(p=[400.0, 0.0, 310.0, 0.0, 0.0, -1.0, *P[6:]]), (640, 480), 'focal lengths 400.0, -1.0', ''),
    (info(width=0, height=0), (640, 480), 'size 0x0', 'driver'),
    (info(), (1280, 720), '640x480 image, but the image is 1280x720', 'remap'),
    (info(), (480, 640), 'but the image is 480x640', 'remap'),
    (info(roi=RegionOfInterest(width=200, height=300)), (640, 480), 'of a 200x300 image', 'remap'),
], ids=['zero K', 'never filled in', 'NaN', 'infinite', 'negative', 'no size', 'wide image', 'turned image',
        'region of another shape'])
def test_a_description_that_does_not_fit_is_refused(message: CameraInfo, size: tuple[int, int], fact: str,
                                                    remedy: str) -> None:
    with pytest.raises(ImageError) as caught:
        intrinsics_of(message, size)
    assert fact in caught.value.fact
    assert remedy in caught.value.remedy


def test_of_a_fisheye_too_k_holds_until_it_is_rectified() -> None:
    fisheye = info(distortion_model='equidistant', d=[0.1, 0.0, 0.0, 0.0])
    assert intrinsics_of(fisheye, (640, 480)) == BY_K
    assert intrinsics_of(fisheye, (640, 480), rectified=True) == BY_P


def test_a_camera_becomes_a_description_without_distortion() -> None:
    message = camera_info_message(BY_K, header_of(7, 'eye'))
    assert (message.width, message.height, message.distortion_model) == (640, 480, 'plumb_bob')
    assert list(message.d) == [0.0] * 5
    assert list(message.k) == K
    assert list(message.r) == [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert list(message.p) == [500.0, 0.0, 320.0, 0.0, 0.0, 510.0, 240.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    assert (message.header.stamp.nanosec, message.header.frame_id) == (7, 'eye')
    assert intrinsics_of(message, (640, 480)) == BY_K


@pytest.mark.parametrize(('stamp_ns', 'sec', 'nanosec'), [
    (0, 0, 0), (1, 0, 1), (999_999_999, 0, 999_999_999), (1_000_000_000, 1, 0),
    (1_712_345_678_987_654_321, 1_712_345_678, 987_654_321), ((2**31 - 1) * 10**9 + 1, 2**31 - 1, 1),
    (-1, -1, 999_999_999),
])
def test_a_stamp_survives_to_the_nanosecond(stamp_ns: int, sec: int, nanosec: int) -> None:
    header = header_of(stamp_ns, 'eye')
    assert (header.stamp.sec, header.stamp.nanosec, header.frame_id) == (sec, nanosec, 'eye')
    assert stamp_ns_of(header) == stamp_ns
    assert stamp_ns_of(Header()) == 0


def test_a_description_at_another_size_describes_the_same_camera() -> None:
    message = camera_info_message(Intrinsics(640, 480, 520.0, 521.0, 318.5, 242.5), header_of(7, 'head'))
    message.d = [0.1, -0.2, 0.0, 0.0, 0.0]
    scaled = scaled_info(message, (640, 480), (320, 240))
    assert (scaled.width, scaled.height, list(scaled.d)) == (320, 240, [0.1, -0.2, 0.0, 0.0, 0.0])
    assert intrinsics_of(scaled, (320, 240), rectified=False) == intrinsics_of(message, (320, 240), rectified=False)
    assert (scaled.p[0], scaled.p[5]) == (260.0, 521.0 / 2)
    assert (message.width, message.k[0]) == (640, 520.0)


def test_a_region_of_the_sensor_at_another_size_stays_that_region() -> None:
    message = camera_info_message(Intrinsics(640, 480, 520.0, 520.0, 319.5, 239.5), header_of(7, 'head'))
    message.roi.x_offset, message.roi.y_offset, message.roi.width, message.roi.height = 160, 120, 320, 240
    scaled = scaled_info(message, (320, 240), (160, 120))
    assert intrinsics_of(scaled, (160, 120)) == intrinsics_of(message, (160, 120))
