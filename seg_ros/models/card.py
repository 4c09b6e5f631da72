# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is known of a model without loading it: the card beside its weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from seg_ros.errors import ModelError, nearest_of
from seg_ros.plain_yaml import plain_yaml
from seg_ros.records import Mode

CARD, WEIGHTS = 'card.yaml', 'weights.safetensors'


@dataclass(frozen=True)
class Card:
    """
    What is known of a model without loading it: the file ``card.yaml`` beside its weights.

    :param kind: ``semantic`` or ``instance``. :param architecture: a network of ``models.networks``.
    :param classes: its words, in the order of its outputs. :param input_size: (width, height) in pixels.
    :param mean: of red, green and blue in 0..255, subtracted; likewise ``std``, divided by.
    :param temperature: divides the logits, so that confidence means probability.
    :param licence: terms of the weights. :param data: what it was trained on, with terms.
    :param scores: measured, by name. :param recipe: the command that trains it.
    """

    name: str
    kind: str
    architecture: str
    classes: tuple[str, ...]
    input_size: tuple[int, int]
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    std: tuple[float, float, float] = (127.5, 127.5, 127.5)
    temperature: float = 1.0
    licence: str = ''
    data: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    recipe: str = ''

    def __post_init__(self) -> None:
        if self.kind not in (Mode.SEMANTIC.value, Mode.INSTANCE.value):
            raise ModelError(f"the card of model '{self.name}' has kind '{self.kind}'",
                             'kind is semantic or instance')
        if not self.classes or len(set(self.classes)) != len(self.classes):
            raise ModelError(f"the card of model '{self.name}' must list each class once")
        sides = len(self.input_size) == 2 and all(32 <= side <= 4096 for side in self.input_size)
        if not sides or not 0.0 < self.temperature < math.inf:
            raise ModelError(f"the card of model '{self.name}' has input size {list(self.input_size)} and "
                             f'temperature {self.temperature}', 'sides are 32 to 4096, temperature is positive')
        if not len(self.mean) == len(self.std) == 3 or not all(0.0 < v < math.inf for v in self.std) or not all(
                0.0 <= v <= 255.0 for v in self.mean):
            raise ModelError(f"the card of model '{self.name}' has mean {list(self.mean)} and std "
                             f'{list(self.std)}', 'give three numbers each, of red, green and blue in 0..255, '
                                                  'those of std positive')
        if 0.0 < max(self.mean) <= 1.0 or max(self.std) < 1.0:
            raise ModelError(f"the card of model '{self.name}' has mean {list(self.mean)} and std {list(self.std)}, "
                             'which are of colours in 0..1', 'multiply them by 255: colours here are 0..255')


def read_card(folder: Path, name: str = CARD) -> Card:
    """
    Read and check the card of a model.

    :raises ModelError: when it is unreadable or something in it is missing, unknown or of the wrong kind.
    """
    path = folder / name
    try:
        text = path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f'the card {path} cannot be read: {" ".join(str(error).split())}') from error
    return card_of(text, str(path))


def card_of(text: str, source: str) -> Card:
    """
    Return the card that a text in YAML describes.

    :param source: where the text is from, for the error.
    :raises ModelError: when something in it is missing, unknown or of the wrong kind.
    """
    try:
        table = plain_yaml(text)
    except yaml.YAMLError as error:
        raise ModelError(f'the card {source} cannot be read: {" ".join(str(error).split())}') from error
    if not isinstance(table, dict):
        raise ModelError(f'the card {source} is not a table of names and values')
    known = [item.name for item in fields(Card)]
    absent = [item.name for item in fields(Card) if item.default is item.default_factory and item.name not in table]
    if absent:
        raise ModelError(f'the card {source} lacks {", ".join(absent)}', 'see docs/models.md')
    for key in table:
        if key not in known:
            raise ModelError(f"the card {source} has an entry '{key}'; {nearest_of(str(key), known)}",
                             'correct or remove the entry')
    try:
        return Card(**{key: _FROM_YAML.get(key, _same)(value) for key, value in table.items()})
    except (TypeError, ValueError) as error:
        raise ModelError(f'the card {source} is malformed: {error}') from error


def write_card(folder: Path, card: Card) -> None:
    """Write a card where :func:`read_card` finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD).write_text(card_text(card), encoding='utf-8')


def card_text(card: Card) -> str:
    """Return a card in YAML, as :func:`card_of` reads it."""
    table = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(card).items()}
    text: str = yaml.safe_dump(table, sort_keys=False, allow_unicode=True, width=110)
    return text


def different(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words, with its number behind each that is there already, as a card wants them."""
    return tuple(word if words.index(word) == k else f'{word} {k}' for k, word in enumerate(words))


def in_bytes(shares: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean or deviation of colours in 0..1 as one in 0..255."""
    red, green, blue = (round(255.0 * share, 4) for share in shares)
    return red, green, blue


def _same(value: Any) -> Any:
    return value


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple(float(v) for v in value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f'{value!r} is not a list')
    if any(isinstance(word, (list, dict)) for word in value):
        raise TypeError('a list holds a list or a table, where words are wanted')
    return tuple(str(v) for v in value)


_FROM_YAML: dict[str, Any] = {
    'classes': _texts, 'data': _texts, 'input_size': lambda v: tuple(int(side) for side in v),
    'mean': _numbers, 'std': _numbers, 'temperature': float, 'scores': dict,
}
