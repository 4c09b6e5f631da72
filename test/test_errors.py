# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Errors are sentences: the fact, then the remedy."""

from __future__ import annotations

import pytest

from seg_ros.errors import (
    DataError,
    ImageError,
    ModelError,
    SegRosError,
    SettingError,
    TaxonomyError,
    nearest_of,
)


@pytest.mark.parametrize(('fact', 'remedy', 'sentence'), [
    ('the disk is full', 'free some space', 'the disk is full. Free some space.'),
    ('the disk is full', '', 'the disk is full.'),
    ('the disk is full', 'a', 'the disk is full. A.'),
])
def test_an_error_reads_as_sentences(fact: str, remedy: str, sentence: str) -> None:
    error = SegRosError(fact, remedy)
    assert str(error) == sentence  # the fact begins as it was written: with a name, say
    assert (error.fact, error.remedy) == (fact, remedy)


@pytest.mark.parametrize('kind', [SettingError, ImageError, TaxonomyError, ModelError, DataError])
def test_one_clause_catches_every_error(kind: type[SegRosError]) -> None:
    with pytest.raises(SegRosError, match=r'^it broke\. Mend it\.$'):
        raise kind('it broke', 'mend it')


@pytest.mark.parametrize(('word', 'known', 'answer'), [
    ('flor', ['wall', 'floor'], "the nearest known is 'floor'"),
    ('floor', ['floors', 'floor'], "the nearest known is 'floor'"),
    ('RGB8', ['bgr8', 'rgb8', '16UC1'], "the nearest known is 'rgb8'"),
    ('house-Plant', ['Hose', 'House Plant'], "the nearest known is 'House Plant'"),
    ('zebra', ['wall', 'floor'], 'known: floor, wall'),  # none is near: all, sorted
    ('zebra', [], 'known: none'),
])
def test_the_nearest_word_is_named(word: str, known: list[str], answer: str) -> None:
    assert nearest_of(word, known) == answer


def test_a_long_list_is_cut_and_counted() -> None:
    known = [f'{k:02d}' for k in range(15)]
    assert nearest_of('zebra', known, noun='shipped') == (
        'shipped: 00, 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 11 and 3 more')
