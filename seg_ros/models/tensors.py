# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From camera images to the tensors a network of PyTorch eats, on its device."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from seg_ros.models.device import Placement
from seg_ros.models.preprocess import Normalisation, resized
from seg_ros.stages import stage


def to_network(images: Sequence[NDArray[np.uint8]], size: tuple[int, int], mean: tuple[float, float, float],
               std: tuple[float, float, float], where: Placement) -> Tensor:
    """
    Return a batch ready for the network; OpenCV makes pictures small, and bytes travel to a GPU, all at once.

    :param images: (H, W, 3) uint8 rgb, any sizes. :param size: (width, height) of the batch.
    :param mean: of red, green, blue in 0..255; likewise ``std``.
    :return: (N, 3, height, width) of the placement's dtype, channels last: (image - mean) / std.
    """
    if where.device.type == 'cpu':
        pixels = torch.from_numpy(_normalisation(mean, std).pixels(images, size))
        return pixels.permute(0, 3, 1, 2).to(where.dtype)
    with stage('preprocess'):
        small = np.stack([resized(image, size) for image in images])
    return _normalised(on_device(small, where).permute(0, 3, 1, 2), mean, std, where)


def as_the_library_does(images: Sequence[NDArray[np.uint8]], size: tuple[int, int], mean: tuple[float, float, float],
                        std: tuple[float, float, float], where: Placement, *, antialias: bool) -> Tensor:
    """
    Return a batch resized as the transforms of torchvision resize it, which its networks were published with.

    :param antialias: smooth, and round the result to bytes; false interpolates floats between the nearest pixels.
    """
    pixels = [on_device(image, where).permute(2, 0, 1)[None] for image in images]
    with stage('preprocess'):
        floats = [F.interpolate(one.to(torch.float32), (size[1], size[0]), mode='bilinear', antialias=antialias)
                  for one in pixels]
        batch = torch.cat(floats)
        return _normalised(batch.round_() if antialias else batch, mean, std, where)


def on_device(pixels: NDArray[np.uint8], where: Placement) -> Tensor:
    """Return an array of bytes on the device; a GPU fetches it while the CPU goes on."""
    with stage('to device'):
        bytes_ = torch.from_numpy(np.require(pixels, requirements=('C', 'W')))  # torch warns of read-only memory
        if where.device.type == 'cuda':
            return bytes_.pin_memory().to(where.device, non_blocking=True)
        return bytes_


@lru_cache(maxsize=8)
def _normalisation(mean: tuple[float, float, float], std: tuple[float, float, float]) -> Normalisation:
    return Normalisation(mean, std)


@lru_cache(maxsize=8)
def _scale_and_shift(mean: tuple[float, float, float], std: tuple[float, float, float],
                     device: torch.device) -> tuple[Tensor, Tensor]:
    """Return (1, 3, 1, 1) factors and summands, which stay on the device: to send them makes the CPU wait."""
    scale = torch.tensor(std).reciprocal()
    shift = -torch.tensor(mean) * scale
    return scale.view(1, 3, 1, 1).to(device), shift.view(1, 3, 1, 1).to(device)


def _normalised(batch: Tensor, mean: tuple[float, float, float], std: tuple[float, float, float],
                where: Placement) -> Tensor:
    scale, shift = _scale_and_shift(mean, std, where.device)
    return torch.addcmul(shift, batch.to(torch.float32), scale).to(where.dtype, memory_format=torch.channels_last)
