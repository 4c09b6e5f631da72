# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Lenses are undone as OpenCV does it, at every number of coefficients; what has no answer is NaN."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from seg_ros.errors import ImageError
from seg_ros.geometry.lens import through_lens, undistorted, with_lens
from seg_ros.geometry.pinhole import rays_of
from seg_ros.records import Intrinsics

CAMERA = Intrinsics(640, 480, 520.0, 521.0, 318.5, 242.5)
MATRIX = np.array([[520, 0, 318.5], [0, 521, 242.5], [0, 0, 1.0]])
WEBCAM = (-0.28, 0.07, 0.001, -0.0005, 0.0)
EIGHT = (0.1, -0.05, 0.001, 0.0005, 0.01, 0.05, -0.02, 0.01)
LENSES = {
    'four': ('plumb_bob', WEBCAM[:4]), 'five': ('plumb_bob', WEBCAM), 'eight': ('rational_polynomial', EIGHT),
    'plumb_bob of eight': ('plumb_bob', EIGHT), 'rational of five': ('rational_polynomial', EIGHT[:5]),
    'thin prism': ('rational_polynomial', (*EIGHT, 0.001, 0.0005, 0.001, -0.0002)),
    'tilted sensor': ('rational_polynomial', (*EIGHT, 0.001, 0.0, 0.001, 0.0, 0.02, -0.01)),
}
PIXELS = np.array([[0, 0], [639, 479], [320, 240], [100, 400], [60, 40]], np.float64)


@pytest.mark.parametrize('name', LENSES)
def test_a_lens_is_undone_as_opencv_does_it(name: str) -> None:
    model, coefficients = LENSES[name]
    camera = with_lens(CAMERA, model, coefficients)
    rays = undistorted(PIXELS, camera)
    points = np.concatenate([rays, np.ones((len(rays), 1))], axis=1)
    met = cv2.projectPoints(points, np.zeros(3), np.zeros(3), MATRIX, np.array(coefficients))[0][:, 0]
    np.testing.assert_allclose(met, PIXELS, atol=1e-3)
    assert np.abs(rays - undistorted(PIXELS, CAMERA)).max() > 0.003
    assert rays_of(camera).x[40, 60] == pytest.approx(rays[4, 0], abs=1e-6)


def test_an_equidistant_lens_sees_angles() -> None:
    camera = with_lens(Intrinsics(640, 480, 200.0, 200.0, 319.5, 239.5), 'equidistant', (0.01, 0.0, 0.0, 0.0))
    assert camera.is_fisheye
    angle = 1.0  # 57 degrees to the right: theta (1 + k1 theta^2) focal lengths from the centre
    ray, = undistorted(np.array([[319.5 + 200 * angle * 1.01, 239.5]]), camera)
    assert ray == pytest.approx([np.tan(angle), 0.0], abs=1e-4)
    np.testing.assert_allclose(through_lens(ray[None], camera), [[319.5 + 202, 239.5]], atol=1e-6)
    rays = rays_of(camera)
    assert np.isnan(rays.x[239, 0])  # 91 degrees to the side
    assert np.isfinite(rays.x[239, 30])
    assert rays.widest < 10.0


def test_a_lens_is_the_same_at_another_size() -> None:
    camera = with_lens(CAMERA, 'equidistant', (0.1, 0.0, 0.0, 0.0)).scaled_to(320, 240)
    assert (camera.is_fisheye, camera.distortion) == (True, (0.1, 0.0, 0.0, 0.0))


def test_where_a_lens_folds_there_is_no_ray() -> None:
    folding = Intrinsics(640, 480, 200.0, 200.0, 319.5, 239.5, (-0.5, 0.0, 0.0, 0.0, 0.0))
    rays = rays_of(folding)
    assert np.isfinite(rays.x[240, 320])
    assert np.isnan(rays.x[0, 0])


@pytest.mark.parametrize(('model', 'coefficients'), [
    ('plumb_bob', [0.0] * 5), ('', []), ('equidistant', [0.0] * 4), ('unheard of', [0.0, 0.0])])
def test_rectified_images_have_no_lens(model: str, coefficients: list[float]) -> None:
    assert with_lens(CAMERA, model, coefficients) is CAMERA


@pytest.mark.parametrize(('model', 'coefficients', 'sentence'), [
    ('equidistant', [0.1, 0.0, 0.0, 0.0, 0.0], '5 coefficients of distortion, and equidistant has 4'),
    ('plumb_bob', [0.1] * 6, '6 coefficients of distortion, and plumb_bob has 4 or 5 or 8 or 12 or 14'),
    ('mei', [0.1] * 5, "model 'mei'; known: equidistant, plumb_bob, rational_polynomial.*rectified"),
    ('Plumb Bob', [0.1] * 5, "model 'Plumb Bob'; the nearest known is 'plumb_bob'"),
    ('', [0.1] * 5, "model ''; known"),
    ('plumb_bob', [float('nan'), 0.0, 0.0, 0.0, 0.0], r'D = \[nan, 0.0, 0.0, 0.0, 0.0\], has numbers that are none')])
def test_a_lens_that_cannot_be_undone_is_refused_with_the_reason(model: str, coefficients: list[float],
                                                                  sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        with_lens(CAMERA, model, coefficients)


def test_without_a_lens_a_ray_is_the_pixel_over_the_focal_length() -> None:
    np.testing.assert_allclose(undistorted(np.array([[318.5 + 52, 242.5 - 52.1]]), CAMERA), [[0.1, -0.1]])
