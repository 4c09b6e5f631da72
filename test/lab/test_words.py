# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Of a network that says more words than there are classes, each class has the probability of its words."""

from __future__ import annotations

import pytest
import torch

from seg_ros.lab.words import class_logits, kept_words
from seg_ros.labels.taxonomy import load_taxonomy

WORDS = ('wall', 'rug', 'road', 'floor')
"""Two words of the class floor, and one that means none."""

MERGE = torch.tensor([[0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]])


def test_the_probabilities_of_words_add_up_to_those_of_their_class() -> None:
    chances = torch.tensor([0.1, 0.3, 0.2, 0.4])
    classes = class_logits(chances.log()[None, :, None, None] + 5.0, MERGE)
    assert classes.shape == (1, 3, 1, 1)
    assert torch.softmax(classes, 1)[0, :, 0, 0].tolist() == pytest.approx([0.7, 0.1, 0.2])  # floor, wall, none


def test_where_every_word_means_a_class_there_is_no_row_more() -> None:
    assert class_logits(torch.zeros(5, 3), MERGE[:, [0, 1, 3]]).tolist() == [pytest.approx([0.6931, 0.0], abs=1e-4)] * 5


def test_where_each_word_is_a_class_nothing_changes() -> None:
    logits = torch.randn(2, 4, 3, 3)
    assert class_logits(logits, None) is logits
    assert torch.equal(class_logits(logits, torch.eye(4)), logits)


def test_classes_whose_name_is_no_word_become_words() -> None:
    """A car is an object, and most objects are no cars; a list of synonyms has the name of its class."""
    given = ('wall', 'floor, flooring', 'road', 'car', 'windowpane, window', 'Person')
    words = kept_words(given, load_taxonomy('indoor'))
    assert words[:6] == given
    assert words[6:] == ('ceiling', 'door', 'window', 'stairs', 'furniture', 'plant', 'object')
