# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Classes that are answered more or less often than they are there: their odds are moved (Saerens et al. 2002)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from seg_ros.errors import DataError
from seg_ros.lab.starting import opened
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, read_card, write_card
from seg_ros.models.weights import read_weights, write_weights
from seg_ros.settings import Settings

BIAS = 'classifier.bias'
"""The layer of MOSAIC that is added to the logits of its words."""


def refuse_offsets(model: str, offsets: Mapping[str, float], taxonomy: str) -> None:
    """
    Look whether the classes of a model can be moved.

    :param taxonomy: a shipped name, or the path of a .yaml file.
    :raises DataError: when it has no such layer, or knows no word of a class.
    :raises TaxonomyError: when there is no such taxonomy, or it does not know a word of the model.
    """
    card, network = opened(model)
    if BIAS not in network.state_dict():
        raise DataError(f"the network of '{model}' has no bias of classes that can be moved", 'leave --offset out')
    known = [name for name, words in words_of_classes(card, taxonomy).items() if words.any()]
    if unknown := [name for name in offsets if name not in known]:
        raise DataError(f"'{model}' has no word of the class '{unknown[0]}'", f'its classes are {", ".join(known)}')


def move_classes(folder: Path, offsets: Mapping[str, float], taxonomy: str) -> None:
    """
    Change the weights of a model so that classes are more or less likely everywhere; its card says so.

    :param offsets: by class, what is added to the logarithm of its odds: 0.7 doubles them, -0.7 halves them.
    :param taxonomy: see :func:`refuse_offsets`.
    """
    weights, card = read_weights(folder / WEIGHTS), read_card(folder)
    words = words_of_classes(card, taxonomy)
    moved = sum((offset * card.temperature * words[name] for name, offset in offsets.items()), weights[BIAS].float())
    write_weights({**weights, BIAS: moved}, folder / WEIGHTS)
    said = shlex.join(f'{name}={offset:g}' for name, offset in offsets.items())
    of = '' if taxonomy == Settings().taxonomy else f' --taxonomy {shlex.quote(taxonomy)}'
    write_card(folder, replace(card, recipe=f'{card.recipe} --offset {said}{of}'))


def words_of_classes(card: Card, taxonomy: str) -> dict[str, Tensor]:
    """Return of each class of the robot (words,) 1 for the words of a model that mean it, 0 for the others."""
    table = load_taxonomy(taxonomy)
    return dict(zip(table.names, torch.from_numpy(table.merge_matrix(card.classes)), strict=True))
