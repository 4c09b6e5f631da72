# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The published YOLOX-nano, a file in ONNX, as weights of the house's own network ``yolox_nano``."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from seg_ros.errors import ModelError
from seg_ros.lab.onnx_file import convolutions
from seg_ros.labels.label_sets import words_of_label_set
from seg_ros.models.card import Card
from seg_ros.models.yolox import YoloxNano

WORDS = words_of_label_set('coco')
PARTS = ((0, 0), (1, 0), (0, 1), (1, 1))
"""The rows and columns of 2x2 pixels, in the order in which the file lays them beside each other."""


def yolox_card(path: Path) -> Card:
    """Return what is known of the published network."""
    return Card(path.stem, 'instance', 'yolox_nano', WORDS, (416, 416), (0.0,) * 3, (1.0,) * 3, licence='Apache-2.0')


def yolox_weights(path: Path) -> dict[str, Tensor]:
    """
    Return the weights in the file, by the layers of :class:`seg_ros.models.yolox.YoloxNano`; none for the masks.

    :raises ModelError: when onnx is not installed, or the file is missing, damaged or of another network.
    """
    given, network = list(convolutions(path)), YoloxNano(len(WORDS))
    layers = {name: layer for name, layer in network.named_modules()
              if isinstance(layer, nn.Conv2d) and not name.startswith('masks.')}
    if given:
        given[0] = _of_pixels(given[0][0]), given[0][1]
    shapes = [(layer.weight.shape, (layer.out_channels,)) for layer in layers.values()]
    if [(kernel.shape, bias.shape) for kernel, bias in given] != shapes:
        raise ModelError(f'{path} is not the published YOLOX-nano', 'give yolox_nano.onnx')
    return {f'{name}.{part}': value for name, parts in zip(layers, given)
            for part, value in zip(('weight', 'bias'), parts)}


def _of_pixels(kernel: Tensor) -> Tensor:
    """Return the (O, 3, 2k, 2k) kernel for rgb pixels, given the (O, 12, k, k) one for 2x2 pixels of bgr."""
    outputs, _, height, width = kernel.shape
    whole = kernel.new_empty(outputs, 3, 2 * height, 2 * width)
    for (row, column), part in zip(PARTS, kernel.split(3, dim=1)):
        whole[:, :, row::2, column::2] = part.flip(1)
    return whole
