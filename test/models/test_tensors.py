# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pictures become tensors: ours as OpenCV makes them small, published ones as torchvision does."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from seg_ros.models.device import Placement
from seg_ros.models.preprocess import resized
from seg_ros.models.tensors import _normalised, as_the_library_does, on_device, to_network

CPU = Placement(torch.device('cpu'), 'fp32')
MEAN, STD = (120.0, 110.0, 100.0), (60.0, 55.0, 50.0)
RAW: tuple[tuple[float, float, float], tuple[float, float, float]] = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(height).integers(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize('precision', ['fp32', 'bf16'])
def test_a_batch_is_in_the_arithmetic_and_order_of_the_network(precision: str) -> None:
    where = Placement(torch.device('cpu'), precision)
    images = [noise(480, 640), noise(48, 64)]
    batch = to_network(images, (64, 48), MEAN, STD, where)
    assert batch.shape == (2, 3, 48, 64) and batch.dtype == where.dtype
    assert batch.is_contiguous(memory_format=torch.channels_last)
    small = np.stack([resized(image, (64, 48)) for image in images]).astype(np.float64)
    expected = torch.from_numpy((small - MEAN) / STD).permute(0, 3, 1, 2)
    assert torch.allclose(batch.double(), expected, atol=1e-6 if precision == 'fp32' else 0.02)


def test_bytes_that_are_normalised_on_a_device_give_the_same() -> None:
    """What a GPU is sent, worked out on the CPU."""
    image = noise(48, 64)
    there = _normalised(on_device(image[None], CPU).permute(0, 3, 1, 2), MEAN, STD, CPU)
    assert torch.allclose(there, to_network([image], (64, 48), MEAN, STD, CPU), atol=1e-6)
    assert there.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize('antialias', [True, False])
@pytest.mark.parametrize('shape', [(480, 640), (37, 53)])
def test_published_networks_see_what_torchvision_would_show_them(shape: tuple[int, int], antialias: bool) -> None:
    image = noise(*shape)
    planes = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    expected = F.interpolate(planes, (48, 64), mode='bilinear', antialias=antialias, align_corners=False)
    batch = as_the_library_does([image], (64, 48), *RAW, CPU, antialias=antialias)
    assert torch.equal(batch, expected.round() if antialias else expected)


def test_an_array_that_must_not_be_written_is_taken_silently() -> None:
    image = np.frombuffer(noise(48, 64).tobytes(), np.uint8).reshape(48, 64, 3)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        batch = as_the_library_does([image[:, ::-1]], (64, 48), *RAW, CPU, antialias=True)
    assert torch.equal(batch[0].permute(1, 2, 0), torch.from_numpy(image[:, ::-1].copy()).float())
