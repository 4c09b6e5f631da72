# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Between the network that a training began with and the one it ended with: WiSE-FT (Wortsman et al. 2022)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from seg_ros.lab.starting import class_layers, rows_of
from seg_ros.labels.taxonomy import plain_word


def begun_weights(network: nn.Module, build: Callable[[int], nn.Module], known: Sequence[str],
                  class_names: Sequence[str]) -> dict[str, Tensor]:
    """
    Return a copy of the weights that a network begins with; those of classes that the start did not know are NaN.

    :param build: makes such a network for any number of classes. :param known: the classes of the start.
    """
    begun_with = rows_of(known)
    weights = {key: value.detach().clone() for key, value in network.state_dict().items()}
    for key, (rows, before) in class_layers(build).items():
        for k, name in enumerate(class_names):
            if plain_word(name) not in begun_with:
                weights[key][before + k * rows:before + (k + 1) * rows] = torch.nan
    return weights


@torch.no_grad()
def blend(network: nn.Module, begun: Mapping[str, Tensor], share: float) -> None:
    """
    Move a trained network back towards what it began with: less is forgotten of pictures unlike the new ones.

    :param begun: weights by layer; what is NaN stays as trained. :param share: of the trained network, 0..1.
    """
    for key, trained in network.state_dict().items():
        if trained.is_floating_point():
            start = begun[key].to(trained)
            trained.copy_(torch.where(start.isnan(), trained, torch.lerp(start, trained, share)))
