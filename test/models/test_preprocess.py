"""Camera images become what a network eats, against plain arithmetic."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from seg_ros.models.device import Placement
from seg_ros.models.preprocess import network_size, to_network

CPU = Placement(torch.device('cpu'), 'fp32')
MEAN, STD = (120.0, 110.0, 100.0), (60.0, 55.0, 50.0)


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
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.integers(0, 256, (1, 3, 8, 8)).astype(np.float32))
    smooth = F.interpolate(coarse, (height, width), mode='bicubic').clamp(0, 255)
    return smooth[0].permute(1, 2, 0).numpy().astype(np.uint8)


@pytest.mark.parametrize('value', [0, 1, 127, 255])
@pytest.mark.parametrize('shape', [(1, 1), (5, 9), (96, 128), (480, 640)])
def test_an_even_image_stays_even(shape: tuple[int, int], value: int) -> None:
    image = np.full((*shape, 3), value, np.uint8)
    batch = to_network([image], (64, 48), MEAN, STD, CPU)
    assert batch.shape == (1, 3, 48, 64)
    for channel in range(3):
        expected = (value - MEAN[channel]) / STD[channel]
        assert torch.allclose(batch[0, channel], torch.tensor(expected), atol=1e-5)


def test_the_order_is_red_green_blue() -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    image[:] = (120, 165, 200)
    batch = to_network([image], (64, 48), MEAN, STD, CPU)
    assert batch[0, :, 0, 0].tolist() == pytest.approx([0.0, 1.0, 2.0], abs=1e-5)


def test_left_is_left_and_top_is_top() -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    image[:24, :32] = 255
    batch = to_network([image], (32, 24), (0.0,) * 3, (255.0,) * 3, CPU)[0, 0]
    assert (batch[:11, :15].min(), batch[13:].max(), batch[:, 17:].max()) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize('shape', [(480, 640), (37, 53), (48, 64), (720, 1280)])
def test_resizing_is_torchs_antialiased_one_to_a_grey_level(shape: tuple[int, int]) -> None:
    image = textured(*shape)
    batch = to_network([image], (64, 48), (0.0,) * 3, (1.0,) * 3, CPU)
    planes = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    expected = F.interpolate(planes, (48, 64), mode='bilinear', antialias=True, align_corners=False)
    assert (batch - expected).abs().max() <= 1.0  # a byte rounds twice, once per direction
    assert (batch - expected).abs().mean() <= 0.5


def test_an_image_of_the_right_size_is_not_touched() -> None:
    image = textured(48, 64)
    batch = to_network([image], (64, 48), (0.0,) * 3, (1.0,) * 3, CPU)
    assert torch.equal(batch[0].permute(1, 2, 0), torch.from_numpy(image).float())


def test_images_of_any_size_share_a_batch() -> None:
    images = [textured(480, 640, 1), textured(48, 64, 2), textured(10, 10, 3)]
    together = to_network(images, (64, 48), MEAN, STD, CPU)
    assert together.shape == (3, 3, 48, 64)
    for row, image in enumerate(images):
        assert torch.equal(together[row:row + 1], to_network([image], (64, 48), MEAN, STD, CPU))


@pytest.mark.parametrize('precision', ['fp32', 'bf16'])
def test_the_batch_is_in_the_arithmetic_and_order_of_the_network(precision: str) -> None:
    where = Placement(torch.device('cpu'), precision)
    batch = to_network([textured(48, 64)] * 2, (64, 48), MEAN, STD, where)
    assert batch.dtype == where.dtype
    assert batch.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize('view', [
    lambda image: image[:, ::-1],
    lambda image: image[:, :, ::-1],
    lambda image: image[3:40, 5:60],
    lambda image: np.frombuffer(image.tobytes(), np.uint8).reshape(image.shape),
], ids=['mirrored', 'blue first', 'a part', 'read-only'])
def test_any_array_is_taken_silently(view: object) -> None:
    image = view(textured(48, 64))  # type: ignore[operator]
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        batch = to_network([image], (64, 48), MEAN, STD, CPU)
    assert torch.equal(batch, to_network([image.copy()], (64, 48), MEAN, STD, CPU))
