# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The published MOSAIC, a file in ONNX, as weights of the house's own network ``mosaic``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional as F

from seg_ros.errors import ModelError
from seg_ros.lab.onnx_file import convolutions
from seg_ros.labels.label_sets import words_of_label_set
from seg_ros.models.card import Card
from seg_ros.models.mosaic import Mosaic

WORDS = ('background', *words_of_label_set('ade20k')[:31])
"""What its outputs mean: none of the others, which is never answered, and the first words of ADE20K."""

SPLIT = {'classifier.high': ('classifier.pyramid.0.joined', 'classifier.pyramid.1.joined',
                             'classifier.pyramid.2.joined', 'classifier.high'),
         'classifier.from_low': ('classifier.from_high', 'classifier.from_low')}
"""The layers that are one layer in the file, in the order of its input channels, by the last, which has its bias."""


def mosaic_card(path: Path) -> Card:
    """Return what is known of the published network; its images are normalised as by default."""
    return Card(path.stem, 'semantic', 'mosaic', WORDS, (512, 512), licence='Apache-2.0')


def mosaic_weights(path: Path) -> dict[str, Tensor]:
    """
    Return the weights in the file, by the layers of :class:`seg_ros.models.mosaic.Mosaic`.

    :raises ModelError: when onnx is not installed, or the file is missing, damaged or of another network.
    """
    given, network = list(convolutions(path)), Mosaic(len(WORDS))
    wanted = list(_layers(network))
    weights: dict[str, Tensor] = {}
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


def _layers(network: nn.Module) -> Iterator[tuple[str, ...]]:
    """Yield the names of the network's convolutions in the order of the file, those that are one in it together."""
    parts = {name for names in SPLIT.values() for name in names}
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d) and (name in SPLIT or name not in parts):
            yield SPLIT.get(name, (name,))


def _as_wide(kernel: Tensor, like: Tensor) -> Tensor:
    """Return a kernel with zeros before its first row and column where the network's has one more of each."""
    more = like.shape[-1] - kernel.shape[-1]
    return F.pad(kernel, (more, 0, more, 0))
