"""From camera images to what a network eats, on the network's device."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from seg_ros.models.device import Placement
from seg_ros.stages import stage


def network_size(image: tuple[int, int], card: tuple[int, int], stride: int) -> tuple[int, int]:
    """
    Return the (width, height) at which an image is shown to a network.

    As many pixels as the card's size, the shape of the image, both sides multiples of the stride. An image
    longer than 1:4 is squeezed to 1:4.
    """
    aspect = min(4.0, max(0.25, image[0] / image[1]))
    area = card[0] * card[1]
    sides = sqrt(area * aspect), sqrt(area / aspect)
    width, height = (max(stride, round(side / stride) * stride) for side in sides)
    return width, height


def to_network(images: Sequence[NDArray[np.uint8]], size: tuple[int, int], mean: Sequence[float],
               std: Sequence[float], where: Placement, *, antialias: bool = True,
               in_floats: bool = False) -> Tensor:
    """
    Return a batch ready for the network; bytes travel to the device, floats are born there.

    :param images: (H, W, 3) uint8 rgb, any sizes. :param size: (width, height) of the batch.
    :param mean: of red, green, blue in 0..255; likewise ``std``.
    :param antialias: false resizes as networks do that were trained so: no smoothing, and no rounding to bytes.
    :param in_floats: resize floats and round the result to bytes; elsewhere bytes are resized on CPUs, which is
        faster and now and then one step of 255 apart.
    :return: (N, 3, height, width) of the placement's dtype, channels last: (image - mean) / std.
    """
    pixels = [on_device(image, where) for image in images]
    with stage('preprocess'):
        batch = torch.cat([_resized(one, size, where, antialias, in_floats) for one in pixels])
        return _normalised(batch, mean, std, where)


def _normalised(batch: Tensor, mean: Sequence[float], std: Sequence[float], where: Placement) -> Tensor:
    scale = torch.tensor(std, device=where.device).reciprocal().view(1, 3, 1, 1)
    shift = -torch.tensor(mean, device=where.device).view(1, 3, 1, 1) * scale
    normalised = torch.addcmul(shift, batch.to(torch.float32), scale)
    return normalised.to(where.dtype, memory_format=torch.channels_last)


def on_device(image: NDArray[np.uint8], where: Placement) -> Tensor:
    """Return an (H, W, 3) image as bytes on the device."""
    with stage('to device'):
        pixels = torch.from_numpy(np.require(image, requirements=('C', 'W')))  # torch warns of read-only memory
        if where.device.type == 'cuda':
            pixels = pixels.pin_memory().to(where.device, non_blocking=True)
        return pixels


def _resized(pixels: Tensor, size: tuple[int, int], where: Placement, antialias: bool,
             in_floats: bool) -> Tensor:
    planes = pixels.permute(2, 0, 1)[None]
    if planes.shape[-2:] == (size[1], size[0]):
        return planes
    if in_floats or not antialias or where.device.type != 'cpu':  # torch resizes bytes on CPUs only
        planes = planes.to(torch.float32)
    resized = F.interpolate(planes, (size[1], size[0]), mode='bilinear', antialias=antialias)
    return resized.round_() if in_floats else resized
