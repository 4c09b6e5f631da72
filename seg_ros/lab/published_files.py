# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MOSAIC and YOLOX-nano, published as files in ONNX, as weights of the house's own ``mosaic`` and ``yolox_nano``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seg_ros.errors import ModelError
from seg_ros.labels.label_sets import words_of_label_set
from seg_ros.models.card import Card
from seg_ros.models.download import check_fetched
from seg_ros.models.libraries import needing
from seg_ros.models.mosaic import Mosaic
from seg_ros.models.yolox import YoloxNano

MOSAIC_WORDS = ('background', *words_of_label_set('ade20k')[:31])
"""What its outputs mean: none of the others, which is never answered, and the first words of ADE20K."""

SPLIT = {'classifier.high': ('classifier.pyramid.0.joined', 'classifier.pyramid.1.joined',
                             'classifier.pyramid.2.joined', 'classifier.high'),
         'classifier.from_low': ('classifier.from_high', 'classifier.from_low')}
"""The layers that are one layer in the file, in the order of its input channels, by the last, which has its bias."""

YOLOX_WORDS = words_of_label_set('coco')

PARTS = ((0, 0), (1, 0), (0, 1), (1, 1))
"""The rows and columns of 2x2 pixels, in the order in which the file lays them beside each other."""


def mosaic_card(path: Path) -> Card:
    """Return what is known of the published network; its images are normalised as by default."""
    return Card(path.stem, 'semantic', 'mosaic', MOSAIC_WORDS, (512, 512), licence='Apache-2.0')


def mosaic_weights(path: Path) -> dict[str, Tensor]:
    """
    Return the weights in the file, by the layers of :class:`seg_ros.models.mosaic.Mosaic`.

    :raises ModelError: when onnx is not installed, or the file is missing, damaged or of another network.
    """
    given, network = list(_convolutions(path)), Mosaic(len(MOSAIC_WORDS))
    wanted = list(_mosaic_layers(network))
    weights = {'classifier.bias': torch.zeros(len(MOSAIC_WORDS))}
    for (kernel, bias), names in zip(given, wanted):
        widths = [network.get_parameter(f'{name}.weight').shape[1] for name in names]
        parts = kernel.split(widths, 1) if kernel.shape[1] == sum(widths) else [kernel]
        weights |= {f'{name}.weight': _as_wide(part, network.get_parameter(f'{name}.weight'))
                    for name, part in zip(names, parts)}
        weights[f'{names[-1]}.bias'] = bias
    shapes = {key: value.shape for key, value in network.state_dict().items()}
    if len(given) != len(wanted) or {key: value.shape for key, value in weights.items()} != shapes:
        raise ModelError(f'{path} is not the published MOSAIC', 'give mosaic_r4_ade31.onnx')
    return weights


def yolox_card(path: Path) -> Card:
    """Return what is known of the published network."""
    return Card(path.stem, 'instance', 'yolox_nano', YOLOX_WORDS, (416, 416), (0.0,) * 3, (1.0,) * 3,
                licence='Apache-2.0')


def yolox_weights(path: Path) -> dict[str, Tensor]:
    """
    Return the weights in the file, by the layers of :class:`seg_ros.models.yolox.YoloxNano`; none for the masks.

    :raises ModelError: when onnx is not installed, or the file is missing, damaged or of another network.
    """
    given, network = list(_convolutions(path)), YoloxNano(len(YOLOX_WORDS))
    layers = {name: layer for name, layer in network.named_modules()
              if isinstance(layer, nn.Conv2d) and not name.startswith('masks.')}
    if given:
        given[0] = _of_pixels(given[0][0]), given[0][1]
    shapes = [(layer.weight.shape, (layer.out_channels,)) for layer in layers.values()]
    if [(kernel.shape, bias.shape) for kernel, bias in given] != shapes:
        raise ModelError(f'{path} is not the published YOLOX-nano', 'give yolox_nano.onnx')
    return {f'{name}.{part}': value for name, parts in zip(layers, given)
            for part, value in zip(('weight', 'bias'), parts)}


def _convolutions(path: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """
    Yield the kernel and the bias of each convolution of a file, in its order.

    :raises ModelError: when onnx is not installed, or the file is missing or damaged.
    """
    with needing('onnx'):
        import onnx
    if path.is_file():
        check_fetched(path)
    try:
        graph = onnx.load(path).graph
    except Exception as error:  # of a missing or damaged file onnx says so in its own and in protobuf's exceptions
        raise ModelError(f'{path} cannot be read as an ONNX file ({error})', 'copy it again') from error
    tensors = {one.name: torch.from_numpy(onnx.numpy_helper.to_array(one).copy()) for one in graph.initializer}
    for node in graph.node:
        if node.op_type == 'Conv':
            yield tensors[node.input[1]], tensors[node.input[2]]


def _mosaic_layers(network: nn.Module) -> Iterator[tuple[str, ...]]:
    """Yield the names of the network's convolutions in the order of the file, those that are one in it together."""
    parts = {name for names in SPLIT.values() for name in names}
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d) and (name in SPLIT or name not in parts):
            yield SPLIT.get(name, (name,))


def _as_wide(kernel: Tensor, like: Tensor) -> Tensor:
    """Return a kernel with zeros before its first row and column where the network's has one more of each."""
    more = like.shape[-1] - kernel.shape[-1]
    return F.pad(kernel, (more, 0, more, 0))


def _of_pixels(kernel: Tensor) -> Tensor:
    """Return the (O, 3, 2k, 2k) kernel for rgb pixels, given the (O, 12, k, k) one for 2x2 pixels of bgr."""
    outputs, _, height, width = kernel.shape
    whole = kernel.new_empty(outputs, 3, 2 * height, 2 * width)
    for (row, column), part in zip(PARTS, kernel.split(3, dim=1)):
        whole[:, :, row::2, column::2] = part.flip(1)
    return whole
