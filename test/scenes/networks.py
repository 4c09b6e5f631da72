# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Small random networks in which nothing is by chance 0 or 1."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models.segmentation.lraspp import LRASPP

from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.networks import semantic_logits, semantic_network
from seg_ros.models.weights import save_weights


def lively(network: nn.Module, seed: int = 0) -> nn.Module:
    """Return the network for inference, every batch norm with statistics and weights of its own."""
    make = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            n = module.num_features
            module.running_mean = torch.randn(n, generator=make) * 0.1
            module.running_var = torch.rand(n, generator=make) + 0.5
            nn.init.uniform_(module.weight, 0.8, 1.2, generator=make)
            nn.init.normal_(module.bias, 0.0, 0.2, generator=make)
    return network.eval()


def random_network(architecture: str, n_classes: int, seed: int = 0) -> nn.Module:
    """Return a semantic network for inference with random weights."""
    torch.manual_seed(seed)
    return lively(semantic_network(architecture, n_classes), seed)


def saved_rooms_model(folder: Path) -> Path:
    """Write a random model of the classes of ``indoor``, shown images of 64x48, and return its folder."""
    words = load_taxonomy('indoor').names
    save_weights(random_network('lraspp_mobilenet_v2', len(words)), folder / WEIGHTS)
    write_card(folder, Card('small', 'semantic', 'lraspp_mobilenet_v2', words, (64, 48)))
    return folder


def opinionated(network: nn.Module, images: Tensor, gain: float = 6.0) -> nn.Module:
    """
    Return an LR-ASPP network whose answers differ from place to place on the given images.

    The last layers are linear: each class's logits are given mean 0 and the standard deviation ``gain``.
    """
    assert isinstance(network, LRASPP)
    with torch.no_grad():
        logits = semantic_logits(network, images)
        mean, scale = logits.mean((0, 2, 3)), gain / logits.std((0, 2, 3))
        low, high = network.classifier.low_classifier, network.classifier.high_classifier
        for layer, shift in ((low, mean), (high, torch.zeros_like(mean))):
            layer.weight *= scale[:, None, None, None]
            layer.bias.sub_(shift).mul_(scale)
    return network
