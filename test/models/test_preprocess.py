# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Camera images become what a network eats, against plain arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.models.preprocess import Normalisation, network_size, resized

MEAN, STD = (120.0, 110.0, 100.0), (60.0, 55.0, 50.0)
AS_THEY_ARE = Normalisation((0.0,) * 3, (1.0,) * 3)


@pytest.mark.parametrize(('image', 'size'), [
    ((640, 480), (384, 288)),  # the shape of the card
    ((384, 288), (384, 288)),
    ((8000, 6000), (384, 288)),
    ((480, 640), (288, 384)),  # a camera on its side
    ((1280, 720), (448, 256)),  # 16:9: sqrt(110592 * 16/9) = 443.4, 249.4
    ((848, 480), (448, 256)),
    ((1, 1), (336, 336)),  # sqrt(110592) = 332.6
    ((100, 1), (672, 160)),  # longer than 1:4: 665.1, 166.3
    ((1, 100), (160, 672)),
])
def test_the_network_sees_the_shape_of_the_image(image: tuple[int, int], size: tuple[int, int]) -> None:
    assert network_size(image, (384, 288), 16) == size


def test_a_side_is_never_less_than_a_stride() -> None:
    assert network_size((640, 160), (32, 32), 32) == (64, 32)


def textured(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return a picture with shapes of every size."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize('value', [0, 1, 127, 255])
@pytest.mark.parametrize('shape', [(1, 1), (5, 9), (96, 128), (480, 640)])
def test_an_even_image_stays_even(shape: tuple[int, int], value: int) -> None:
    batch = Normalisation(MEAN, STD).planes([np.full((*shape, 3), value, np.uint8)], (64, 48))
    assert batch.shape == (1, 3, 48, 64) and batch.dtype == np.float32
    for channel in range(3):
        np.testing.assert_allclose(batch[0, channel], (value - MEAN[channel]) / STD[channel], atol=1e-6)


def test_the_order_is_red_green_blue() -> None:
    image = np.full((48, 64, 3), (120, 165, 200), np.uint8)
    assert Normalisation(MEAN, STD).planes([image], (64, 48))[0, :, 0, 0].tolist() == pytest.approx([0.0, 1.0, 2.0])


def test_left_is_left_and_top_is_top() -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    image[:24, :32] = 255
    small = resized(image, (32, 24))[:, :, 0]
    assert (small[:12, :16].min(), small[12:].max(), small[:, 16:].max()) == (255, 0, 0)


def averaged(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float64]:
    """Return the mean of the area that each new pixel covers, in float64."""
    def weights(many: int, few: int) -> NDArray[np.float64]:
        edges = np.arange(few + 1) * many / few
        over = np.minimum(edges[1:, None], np.arange(1, many + 1)) - np.maximum(edges[:-1, None], np.arange(many))
        return over.clip(min=0.0) * few / many

    rows, columns = weights(image.shape[0], size[1]), weights(image.shape[1], size[0])
    return np.einsum('ry,cx,yxk->rck', rows, columns, image.astype(np.float64), optimize=True)


@pytest.mark.parametrize('shape', [(49, 65), (60, 90), (95, 127), (96, 128), (192, 256), (480, 640), (720, 1280)])
def test_a_pixel_of_a_smaller_picture_is_the_mean_of_its_area(shape: tuple[int, int]) -> None:
    image = textured(*shape)
    small = resized(image, (64, 48))
    assert small.shape == (48, 64, 3) and small.dtype == np.uint8
    away = np.abs(small - averaged(image, (64, 48)))
    assert away.max() <= (1.0 if shape[0] < 96 else 5.0)  # halves share pixels with their neighbours
    assert away.mean() <= 1.0  # halving rounds up


@pytest.mark.parametrize('size', [(213, 160), (198, 148), (164, 123), (160, 120), (90, 70)])
def test_fine_stripes_become_grey_and_not_other_stripes(size: tuple[int, int]) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    image[:, ::2] = 255
    small = resized(image, size)
    assert np.ptp(small) <= 1
    assert abs(int(small[0, 0, 0]) - 128) <= 1


@pytest.mark.parametrize('size', [(256, 192), (224, 168)])
def test_of_two_to_three_times_the_size_they_stay_at_most_twice_as_strong_as_true(size: tuple[int, int]) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    image[:, ::2] = 255
    assert resized(image, size).std() < 2.0 * averaged(image, size).std()


def test_a_picture_squeezed_along_one_side_is_averaged_there() -> None:
    stripes = np.zeros((1080, 1920, 3), np.uint8)
    stripes[:, ::2] = 255
    assert resized(stripes, (512, 512)).std() < 20.0
    image = np.random.default_rng(0).integers(0, 256, (240, 2000, 3), np.uint8)
    assert np.abs(resized(image, (200, 120)) - averaged(image, (200, 120))).max() <= 2.0


@pytest.mark.parametrize('shape', [(37, 53), (24, 32), (1, 1), (30, 100)])
def test_a_larger_picture_is_interpolated(shape: tuple[int, int]) -> None:
    image = textured(*shape)
    expected = cv2.resize(image.astype(np.float64), (64, 48), interpolation=cv2.INTER_LINEAR)
    if shape != (30, 100):  # which shrinks along one side
        assert np.abs(resized(image, (64, 48)) - expected).max() <= 1.0
    assert resized(image, (64, 48)).shape == (48, 64, 3)


def test_an_image_of_the_right_size_is_not_touched() -> None:
    image = textured(48, 64)
    np.testing.assert_array_equal(resized(image, (64, 48)), image)
    np.testing.assert_array_equal(AS_THEY_ARE.planes([image], (64, 48))[0].transpose(1, 2, 0), image)


def test_images_of_any_size_share_a_batch_in_both_layouts() -> None:
    images = [textured(480, 640, 1), textured(48, 64, 2), textured(10, 10, 3)]
    together = Normalisation(MEAN, STD).planes(images, (64, 48))
    assert together.shape == (3, 3, 48, 64) and together.flags.c_contiguous
    np.testing.assert_array_equal(Normalisation(MEAN, STD).pixels(images, (64, 48)), together.transpose(0, 2, 3, 1))
    for row, image in enumerate(images):
        np.testing.assert_array_equal(together[row:row + 1], Normalisation(MEAN, STD).planes([image], (64, 48)))


@pytest.mark.parametrize('view', [
    lambda image: image[:, ::-1],
    lambda image: image[:, :, ::-1],
    lambda image: image[3:40, 5:60],
    lambda image: np.frombuffer(image.tobytes(), np.uint8).reshape(image.shape),
], ids=['mirrored', 'blue first', 'a part', 'read-only'])
@pytest.mark.parametrize('shape', [(48, 64), (480, 640)])
def test_any_array_is_taken(view: Callable[[NDArray[np.uint8]], NDArray[np.uint8]], shape: tuple[int, int]) -> None:
    image = view(textured(*shape))
    for way in (AS_THEY_ARE.planes, AS_THEY_ARE.pixels):
        np.testing.assert_array_equal(way([image], (64, 48)), way([image.copy()], (64, 48)))
