# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A network may know more words than the robot has classes: pixels labelled by class teach it words."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from seg_ros.labels.taxonomy import Taxonomy, plain_word, word_keys


def kept_words(known: Sequence[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    """
    Return the words of a network to begin with, and behind them the name of each class that is none of them.

    An ``object`` is also what has no word of its own: that a ``car`` is one does not make the word superfluous.
    """
    said = {key for word in known for key in word_keys(word)}
    return (*known, *(name for name in taxonomy.names if plain_word(name) not in said))


def class_logits(logits: Tensor, merge: Tensor | None) -> Tensor:
    """
    Return the logits of the robot's classes: softmax of them is the sum of the probabilities of each class's words.

    :param logits: (N, words, ...). :param merge: (classes, words) of 0 and 1; None where each word is a class.
    :return: (N, classes, ...); where words mean no class, those together are one row more, the last.
    """
    if merge is None:
        return logits
    rows = merge.bool()
    nobodys = ~rows.any(0, keepdim=True)
    rows = torch.cat([rows, nobodys]) if nobodys.any() else rows
    return torch.stack([logits[:, row].logsumexp(1) for row in rows], 1)
