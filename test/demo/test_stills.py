# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A person is shown what was found: of each part of a run the picture with most in it."""

from __future__ import annotations

import numpy as np
import pytest

from seg_ros.demo.stills import MOST, Stills, content_of
from seg_ros.recordings.recorded_answers import Objects, RecordedAnswer
from seg_ros.records import Instances, Mode

NAMES = {0: 'floor', 1: 'wall', 2: 'furniture', 3: 'door', 4: 'person'}


def answer(*classes: int) -> RecordedAnswer:
    """Return an answer whose labels are stripes of some classes; 255 is unlabelled."""
    labels = np.repeat(np.array(classes, np.uint8), 40)[None].repeat(40, axis=0)
    return RecordedAnswer(0, '', 0, None, Mode.SEMANTIC, np.zeros((*labels.shape, 3), np.uint8), labels=labels,
                          names=NAMES)


def tools(*names: str) -> RecordedAnswer:
    known = tuple(dict.fromkeys(names))
    found = Instances((8, 8), np.zeros((len(names), 4), np.float32), np.ones(len(names), np.float32),
                      np.array([known.index(name) for name in names], np.uint8),
                      np.zeros((len(names), 2), np.int32), (np.ones((1, 1), np.bool_),) * len(names),
                      np.arange(len(names)))
    return RecordedAnswer(0, '', 0, None, Mode.INSTANCE, np.zeros((8, 8, 3), np.uint8), objects=Objects(found, known))


def shown(answers: list[RecordedAnswer]) -> list[tuple[str, int]]:
    """Return the words of each picture that is kept, and which one it is."""
    stills = Stills(len(answers))
    for k, one in enumerate(answers):
        stills.offer(one, 0.1 * k, lambda k=k: np.full((1, 1, 3), k, np.uint8))  # type: ignore[misc]
    return [(words, int(picture[0, 0, 0])) for words, picture in stills.kept()]


def test_what_was_found_is_counted() -> None:
    assert content_of(answer(0, 1, 3, 255)) == {'floor': 1, 'wall': 1, 'door': 1}
    assert content_of(tools('hammer', 'pliers', 'hammer')) == {'hammer': 2, 'pliers': 1}


def test_of_each_part_the_picture_with_most_in_it_is_kept() -> None:
    run = [answer(0)] * 20
    run[3], run[8], run[12], run[19] = answer(0, 1), answer(0, 4), answer(0, 1, 2), tools('hammer', 'pliers', 'pliers')
    kept = shown(run)
    assert [number for _, number in kept] == [3, 8, 12, 19]
    assert kept[0][0] == '0.3 s, semantic: floor, wall'
    assert kept[3][0] == '1.9 s, instance: hammer, pliers × 2'


def test_a_person_or_a_door_counts_more_than_more_furniture() -> None:
    assert next(number for _, number in shown([answer(0, 1, 2), answer(0, 3), *[answer(0)] * 6])) == 1


@pytest.mark.parametrize('count', [0, 1, 3, MOST])
def test_of_a_few_pictures_all_are_shown(count: int) -> None:
    assert [number for _, number in shown([answer(255)] * count)] == list(range(count))
