# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Models with a card of ours, whose weights a training here wrote; torchvision is imported for those of its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from torch import nn

from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.labels.things import things_of
from seg_ros.models.card import Card
from seg_ros.models.card_semantic import CardSemantic
from seg_ros.models.device import placement
from seg_ros.models.networks import semantic_network
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.weights import load_weights
from seg_ros.records import Mode
from seg_ros.settings import Settings


def open_card(card: Card, weights: Path, settings: Settings) -> Segmenter:
    """
    Load the network of a card and its weights onto its device.

    :raises ModelError: when the architecture is unknown or the weights are unusable.
    """
    network = network_of(card)
    load_weights(network, weights)
    return segmenter_of(card, network, settings)


def network_of(card: Card) -> nn.Module:
    """
    Return the network of a card with random weights.

    :raises ModelError: when the architecture is unknown.
    """
    if card.kind == Mode.SEMANTIC.value:
        return semantic_network(card.architecture, len(card.classes))
    from seg_ros.models.instance_networks import instance_network
    return instance_network(card.architecture, len(card.classes), min(card.input_size), max(card.input_size))


def segmenter_of(card: Card, network: nn.Module, settings: Settings) -> Segmenter:
    """Return a network, which may be changed, as a model on its device."""
    where, taxonomy = placement(settings), load_taxonomy(settings.taxonomy)
    if card.kind == Mode.SEMANTIC.value:
        return CardSemantic(card, where.place(network), where, taxonomy)
    from seg_ros.models.card_instance import CardInstance
    return CardInstance(card, cast(Any, network), where, things_of(taxonomy, card.classes))
