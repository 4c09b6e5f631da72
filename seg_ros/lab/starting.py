# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where a training may begin: the weights of a trained network, carried over class by class."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from seg_ros.errors import ModelError
from seg_ros.lab.published_files import mosaic_card, mosaic_weights, yolox_card, yolox_weights
from seg_ros.lab.training import CONFIGURATION
from seg_ros.labels.taxonomy import plain_word, word_keys
from seg_ros.models.card import Card
from seg_ros.models.catalog import source_of
from seg_ros.models.from_card import network_of
from seg_ros.models.published import IMAGENET
from seg_ros.models.weights import fill
from seg_ros.records import Mode

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Start:
    """
    A trained network.

    :param card: what is known of it; None for a file of torchvision's weights.
    :param weights: its tensors by layer.
    :param mean: of red, green and blue in 0..255 in its training; likewise ``std``.
    """

    name: str
    card: Card | None
    weights: Mapping[str, Tensor]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


def start_card(name: str, kind: str) -> Card | None:
    """
    Return the card of a model to start from; None for a ``.pth`` file of weights, which has none.

    :raises ModelError: when there is no such model, or it is of another kind.
    """
    if Path(name).suffix in ('.pt', '.pth'):
        return None
    card = _card(name, kind)
    if card.kind != kind:
        raise ModelError(f"'{name}' is a model of kind {card.kind}, and this trains one of kind {kind}",
                         f'choose another, or seg_ros train {card.kind}')
    return card


def opened(name: str) -> tuple[Card, nn.Module]:
    """
    Return the card of a model that a training can begin from, and its network; of files the published MOSAIC.

    :raises ModelError: when there is none.
    """
    card = _card(name, Mode.SEMANTIC.value)
    network = network_of(card)
    fill(network, _weights(name, card.kind), f'of {name}')
    return card, network


def read_start(name: str, kind: str, architecture: str) -> Start:
    """
    Read the network to start from.

    :param name: a shipped model, the folder of a model or of a finished training, ``torchvision:NAME`` or
        ``hf:ORG/NAME`` with its weights on this disk, a ``.pth`` file of torchvision's weights of the whole network, or
        the published MOSAIC or YOLOX-nano, ``.onnx``.
    :raises ModelError: when it cannot be read, or is another architecture or kind.
    """
    card = start_card(name, kind)
    if card is None:
        return Start(name, None, _published(Path(name)), *IMAGENET)
    if card.architecture != architecture:
        raise ModelError(f"'{name}' is a {card.architecture}, not a {architecture}", 'leave --architecture out')
    return Start(name, card, _weights(name, kind), card.mean, card.std)


def _card(name: str, kind: str) -> Card:
    if _is_file(name):
        return (mosaic_card if kind == Mode.SEMANTIC.value else yolox_card)(Path(name))
    source, reference = source_of(name)
    return source.card(reference)


def _weights(name: str, kind: str) -> Mapping[str, Tensor]:
    if _is_file(name):
        return (mosaic_weights if kind == Mode.SEMANTIC.value else yolox_weights)(Path(name))
    source, reference = source_of(name)
    return source.weights(reference)


def _is_file(name: str) -> bool:
    return Path(name).suffix == '.onnx' and not name.startswith('onnx:')


def begin_from(start: Start, network: nn.Module, build: Callable[[int], nn.Module], class_names: Sequence[str]) -> None:
    """
    Fill a network with the weights to start from.

    In layers with an output for each class, classes of the same name keep their weights and others stay new;
    ``floor`` is the same as ADE20K's ``floor, flooring``.
    Such a layer of which no class is known stays new altogether.

    :param build: makes such a network for any number of classes.
    :raises ModelError: when the backbone is another.
    """
    wanted, layers = network.state_dict(), class_layers(build)
    words = start.card.classes if start.card else ()
    known = rows_of(words)
    kept = {new: known[key] for new, name in enumerate(class_names) if (key := plain_word(name)) in known}
    fitting = {key: start.weights[key] for key, value in wanted.items()
               if key not in layers and key in start.weights and start.weights[key].shape == value.shape}
    missing = [key for key in wanted if key.startswith(('backbone.', 'network.')) and key not in fitting
               and key not in layers and not key.endswith('num_batches_tracked')]
    if missing:
        raise ModelError(f"the weights of '{start.name}' are of another network: {len(missing)} layers of the backbone "
                         f'are missing or of another shape, first {missing[0]}', 'name its --architecture')
    for key, (rows, before) in layers.items():
        if kept and key in start.weights and len(start.weights[key]) == before + rows * len(words):
            fitting[key] = _carried(wanted[key], start.weights[key], kept, rows, before)
    network.load_state_dict(fitting, strict=False)
    names = [class_names[k] for k in kept]
    log.info('starting from %s; %s', start.name,
             f'it knows {", ".join(names)}' if names else 'none of the classes is known to it')


def rows_of(words: Sequence[str]) -> dict[str, int]:
    """Return the number of the word that each name means; one that is the whole word comes before one of several."""
    ranked = [(rank, k, key) for k, word in enumerate(words) for rank, key in enumerate(word_keys(word))]
    return {key: k for _, k, key in sorted(ranked, reverse=True)}


def class_layers(build: Callable[[int], nn.Module]) -> dict[str, tuple[int, int]]:
    """Return of each layer that grows with the classes: rows per class, and rows before the first (background)."""
    with torch.device('meta'):
        two, three = (build(n).state_dict() for n in (2, 3))
    grown = {key: len(three[key]) - len(two[key]) for key in two if two[key].shape != three[key].shape}
    return {key: (rows, len(two[key]) - 2 * rows) for key, rows in grown.items()}


def _carried(fresh: Tensor, given: Tensor, kept: Mapping[int, int], rows: int, before: int) -> Tensor:
    weights = fresh.clone()
    weights[:before] = given[:before]
    for new, old in kept.items():
        weights[before + new * rows:before + (new + 1) * rows] = given[before + old * rows:before + (old + 1) * rows]
    return weights


def _published(path: Path) -> dict[str, Tensor]:
    if (path.parent / CONFIGURATION).is_file():
        raise ModelError(f'{path} is the checkpoint of a training', f'give its folder: {path.parent}')
    weights = tensors_of(path)
    if any(key.startswith('features.') for key in weights):
        raise ModelError(f'{path} holds a backbone alone', 'give it as --backbone')
    return weights


def tensors_of(path: Path) -> dict[str, Tensor]:
    """
    Read a ``.pth`` file of weights; one with anything but tensors is refused, not run.

    :raises ModelError: when the file is missing, truncated or holds code.
    """
    try:
        weights: dict[str, Tensor] = torch.load(path, map_location='cpu', weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for a missing, truncated or malicious file
        raise ModelError(f'the weights {path} cannot be read ({error})') from error
    if not isinstance(weights, dict) or not all(isinstance(value, Tensor) for value in weights.values()):
        raise ModelError(f'the weights {path} are no table of tensors',
                         "give a file written by torch.save(network.state_dict(), '...')")
    return weights
