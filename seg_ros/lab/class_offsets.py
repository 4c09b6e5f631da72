# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Classes that are answered more or less often than they are there: their odds are moved (Saerens et al. 2002)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from seg_ros.errors import DataError
from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy
from seg_ros.models.card import WEIGHTS, read_card, write_card
from seg_ros.models.catalog import model_folder
from seg_ros.models.weights import read_weights, write_weights

BIAS = 'classifier.bias'
"""The layer of MOSAIC that is added to the logits of its words."""

DEFAULT = 'indoor'
"""The taxonomy that is not said."""


def refuse_offsets(model: str, offsets: Mapping[str, float], taxonomy: str) -> None:
    """
    Look whether the classes of a model can be moved.

    :param taxonomy: a shipped name, or the path of a .yaml file.
    :raises DataError: when it has no such layer, or knows no word of a class.
    :raises TaxonomyError: when there is no such taxonomy, or it does not know a word of the model.
    """
    folder = model_folder(model)
    if BIAS not in read_weights(folder / WEIGHTS):
        raise DataError(f"the network of '{model}' has no bias of classes that can be moved", 'leave --offset out')
    words = words_of_classes(read_card(folder).classes, load_taxonomy(taxonomy))
    if unknown := [name for name in offsets if name not in words]:
        raise DataError(f"'{model}' has no word of the class '{unknown[0]}'", f'its classes are {", ".join(words)}')


def move_classes(folder: Path, offsets: Mapping[str, float], taxonomy: str) -> None:
    """
    Change the weights of a model so that classes are more or less likely everywhere; its card says so.

    :param offsets: by class, what is added to the logarithm of its odds: 0.7 doubles them, -0.7 halves them.
    :param taxonomy: see :func:`refuse_offsets`.
    """
    weights, card = read_weights(folder / WEIGHTS), read_card(folder)
    words, bias = words_of_classes(card.classes, load_taxonomy(taxonomy)), weights[BIAS].float()
    for name, offset in offsets.items():
        bias[words[name]] += offset * card.temperature
    write_weights({**weights, BIAS: bias}, folder / WEIGHTS)
    said = shlex.join(f'{name}={offset:g}' for name, offset in offsets.items())
    of = '' if taxonomy == DEFAULT else f' --taxonomy {shlex.quote(taxonomy)}'
    write_card(folder, replace(card, recipe=f'{card.recipe} --offset {said}{of}'))


def words_of_classes(words: tuple[str, ...], taxonomy: Taxonomy) -> dict[str, list[int]]:
    """Return of each class of the robot that a model has words for their numbers."""
    found = dict[str, list[int]]()
    for k, word in enumerate(words):
        if (one := taxonomy.class_of(word)) is not None:
            found.setdefault(one.name, []).append(k)
    return found
