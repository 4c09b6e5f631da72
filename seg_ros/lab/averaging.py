# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Several trainings of one network become one model, often better than each: model soups (Wortsman et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from seg_ros.errors import DataError
from seg_ros.lab.starting import opened
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.weights import write_weights

ALIKE = 'average trainings of one network on the same classes'


def average(shares: Mapping[str, float], name: str, out: Path) -> Card:
    """
    Write the mean of the weights of models, and return its card: all data, no scores.

    :param shares: of each model, by a name that a training can begin from, more than 0; they need not add up to 1.
    :raises DataError: when they are not of one network with the same words.
    :raises ModelError: when one cannot be read.
    """
    models = {model: opened(model) for model in shares}
    cards = {model: card for model, (card, _) in models.items()}
    first, card = next(iter(cards.items()))
    for model, other in cards.items():
        for what in ('kind', 'architecture', 'classes', 'input_size', 'mean', 'std'):
            if getattr(other, what) != getattr(card, what):
                raise DataError(f'{model} and {first} differ in {what}', ALIKE)
    parts = {model: share / sum(shares.values()) for model, share in shares.items()}
    write_weights(_mean({model: network.state_dict() for model, (_, network) in models.items()}, parts), out / WEIGHTS)
    words = ' '.join(f'{model}={share:g}' for model, share in shares.items())
    card = replace(card, name=name, scores={}, recipe=f'seg_ros average {words} --name {name} --out {out}',
                   temperature=round(sum(part * cards[model].temperature for model, part in parts.items()), 3),
                   licence=_terms({one.licence for one in cards.values() if one.licence}),
                   data=tuple(dict.fromkeys(source for one in cards.values() for source in one.data)))
    write_card(out, card)
    return card


def _terms(licences: set[str]) -> str:
    """Return the terms that hold for the mean, those once that a training has from what it was begun from."""
    return '; '.join(sorted(one for one in licences
                            if not any(one != other and one.endswith(f', {other}') for other in licences)))


def _mean(weights: Mapping[str, Mapping[str, Tensor]], parts: Mapping[str, float]) -> dict[str, Tensor]:
    layers = next(iter(weights.values()))
    return {key: sum((parts[model] * weights[model][key].float() for model in parts), start=one.new_zeros(()).float())
            for key, one in layers.items()}
