# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whether what a network gives can be what its card promises, looked at once, before any camera's image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ModelError
from seg_ros.models.card import Card

INSTANCE_OUTPUTS = ('boxes', 'scores', 'labels', 'masks')
RANKS = {'boxes': 2, 'scores': 1, 'labels': 1, 'masks': 3}

SUMS_TO_ONE = 0.01
"""Probabilities in few bits sum to 1 no better than this."""


def check_logits(source: str, card: Card, given: NDArray[Any]) -> None:
    """
    Refuse what a semantic network should not give for one image.

    :raises ModelError: when it is no (1, classes, height, width) array of floats.
    """
    before_its_end = 'a semantic network gives logits, (images, classes, height, width): export it before its argmax'
    if given.ndim != 4 or given.shape[0] != 1:
        raise ModelError(f'{source} gives an answer of shape {given.shape} for one image', before_its_end)
    if not np.issubdtype(given.dtype, np.floating):
        raise ModelError(f'{source} gives whole numbers ({given.dtype}), class numbers it seems', before_its_end)
    if given.shape[1] != len(card.classes):
        last = ', in the last place (NHWC): export it with classes first' if given.shape[3] == len(card.classes) else ''
        raise ModelError(f'{source} gives {given.shape[1]} classes and its card has {len(card.classes)}{last}',
                         'the card must list the classes of this network, in the order of its outputs')
    if not np.isfinite(given).any():
        raise ModelError(f'{source} gives no number (NaN) for a plain picture', 'its weights are damaged: export it '
                                                                               'again, or copy the file again')


def check_objects(source: str, outputs: Sequence[NDArray[Any]]) -> None:
    """
    Refuse what a network that finds objects should not give for one image.

    :raises ModelError: when its arrays have other shapes.
    """
    wrong = [f'{name} of shape {one.shape}' for name, one in zip(INSTANCE_OUTPUTS, outputs)
             if one.ndim != RANKS[name] or len(one) != len(outputs[0])]
    if wrong or outputs[0].shape[1] != 4:
        raise ModelError(f'{source} gives {", ".join(wrong) or f"boxes of shape {outputs[0].shape}"} for one image',
                         'boxes are (objects, 4), scores and labels (objects,), masks (objects, m, m)')


def are_probabilities(given: NDArray[Any]) -> bool:
    """
    Tell whether what should be logits has gone through a softmax already, or through a sigmoid where there is one word.

    :param given: (1, words, h, w), what a network says of noise.
    """
    values = np.asarray(given[0], np.float32)
    if not (np.isfinite(values).all() and values.min() >= 0.0 and values.max() <= 1.0):
        return False
    if len(values) == 1:
        return bool(np.ptp(values) > 0.0)
    return bool(np.abs(values.sum(axis=0) - 1.0).max() < SUMS_TO_ONE)
