# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MOSAIC pads and enlarges as TensorFlow does, and answers for the middle of its cells."""

from __future__ import annotations

import pytest
import torch
from scenes.networks import random_network
from torch.nn import functional as F

from seg_ros.models.mosaic import Encoder, Mosaic, interpolated
from seg_ros.models.networks import semantic_logits


@pytest.mark.parametrize(('factor', 'size', 'wanted'), [
    (4, 12, [0, 1, 2, 3, 4, 6, 8, 10, 12, 12, 12, 12]),  # place i is taken from i / 4; behind the last there is no more
    (2, 6, [0, 2, 4, 8, 12, 12]),
    (2, 5, [0, 2, 4, 8, 12]),  # what it is joined with may be odd
])
def test_enlarging_takes_place_i_from_i_divided_by_the_factor(factor: int, size: int, wanted: list[int]) -> None:
    row = torch.tensor([0.0, 4.0, 12.0])
    across, down = row.expand(1, 1, 2, 3), row[:, None].expand(1, 1, 3, 2)
    assert torch.equal(interpolated(across, factor, like=torch.zeros(1, size))[0, 0, 0], torch.tensor(wanted).float())
    assert torch.equal(interpolated(down, factor, like=torch.zeros(size, 1))[0, 0, :, 0], torch.tensor(wanted).float())


@pytest.mark.parametrize(('block', 'before', 'behind'), [(1, 0, 1), (2, 1, 1), (3, 1, 2), (14, 4, 4)])
def test_depthwise_kernels_see_what_tensorflow_pads(block: int, before: int, behind: int) -> None:
    """Stride 2 pads (0, 1) for a kernel of 3 and (1, 2) for one of 5; others pad alike on both sides."""
    layer = list(Encoder())[block].inside[2]  # type: ignore[index]
    side = layer.kernel_size[0] - (layer.stride[0] > 1)
    kernel, images = torch.randn(layer.groups, 1, side, side), torch.randn(1, layer.groups, 12, 16)
    layer.weight.data.zero_()
    layer.weight.data[:, :, -side:, -side:] = kernel
    padded = F.pad(images, (before, behind, before, behind))
    wanted = F.conv2d(padded, kernel, layer.bias, layer.stride, 0, layer.dilation, layer.groups)
    torch.testing.assert_close(layer(images), wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize('size', [(64, 96), (48, 80), (272, 16), (60, 100)])
def test_a_picture_of_any_size_is_answered_at_a_quarter_of_it(size: tuple[int, int]) -> None:
    with torch.inference_mode():
        logits = semantic_logits(random_network('mosaic', 3), torch.zeros(1, 3, *size))
    assert logits.shape == (1, 3, size[0] // 4, size[1] // 4)


def test_the_logits_of_a_cell_are_those_of_the_middle_of_its_pixels() -> None:
    """Pixels 0 to 3 of a cell have their middle at 1.5: there the logits of the whole picture are taken."""
    network, images = random_network('mosaic', 3), torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        whole, cells = network(images)['out'], semantic_logits(network, images)
    one, other = whole[..., 1::4], whole[..., 2::4]
    middle = ((one + other) / 2)[:, :, 1::4] / 2 + ((one + other) / 2)[:, :, 2::4] / 2
    assert cells.std(dim=(2, 3)).max() > 0.01
    torch.testing.assert_close(cells, middle, rtol=1e-5, atol=1e-5)


def test_it_learns_everywhere_and_at_once() -> None:
    network = Mosaic(3)
    semantic_logits(network.train(), torch.randn(2, 3, 64, 64)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
