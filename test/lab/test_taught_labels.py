# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth says floor, wall and not floor; the model keeps what depth does not contradict."""

from __future__ import annotations

import numpy as np
import pytest

from seg_ros.errors import SettingError
from seg_ros.geometry.structure import Structure
from seg_ros.lab.taught_labels import MAYBE_FLOOR, NOT_FLOOR, Kinds, agreed, geometry_labels, kept_labels
from seg_ros.labels.taxonomy import load_taxonomy

KINDS = Kinds(0, 1)
FURNITURE, PERSON = 6, 7


def image(*values: float, dtype: type = np.uint8) -> np.ndarray:
    return np.array([values], dtype)


def test_depth_says_what_is_floor_and_what_is_not() -> None:
    found = Structure(image(1, 0, 0, 0), image(0, 1, 0, 0), image(0, 0, 1, 0), image(0, 0, 0, 0))
    labels = geometry_labels(found, np.zeros((1, 4), np.float32), KINDS)
    assert labels.tolist() == [[0, NOT_FLOOR, MAYBE_FLOOR, 255]]


@pytest.mark.parametrize(('wall', 'labels'), [
    ((0.9, 0.9, 0.5, 0.3), [1, 1, 1, NOT_FLOOR]),  # a wall with a window in it
    ((0.3, 0.2, 0.3, 0.1), [NOT_FLOOR] * 4)])  # a cupboard
def test_an_upright_plane_is_wall_where_the_model_mostly_says_so(wall: tuple[float, ...], labels: list[int]) -> None:
    found = Structure(image(0, 0, 0, 0), image(1, 1, 1, 1), image(0, 0, 0, 0), image(1, 1, 1, 1))
    assert geometry_labels(found, image(*wall, dtype=np.float32), KINDS).tolist() == [labels]


def test_the_model_keeps_sure_answers_that_depth_does_not_contradict() -> None:
    geometry = image(0, 1, NOT_FLOOR, NOT_FLOOR, MAYBE_FLOOR, 255, 255, 255)
    sure = image(FURNITURE, FURNITURE, PERSON, 0, FURNITURE, PERSON, 1, 255)
    assert kept_labels(geometry, sure, KINDS).tolist() == [[255, 255, PERSON, 255, 255, PERSON, 255, 255]]


def test_a_sure_answer_falls_to_another_sure_answer_about_the_same_place() -> None:
    sure, other = image(FURNITURE, FURNITURE, FURNITURE, 255, PERSON), image(PERSON, FURNITURE, 255, 255, 255)
    again = np.array([[0, 1, 2, 0, -1]], np.intp)
    assert agreed(sure, again, other).tolist() == [[255, FURNITURE, FURNITURE, 255, PERSON]]


def test_a_taxonomy_needs_floor_and_wall() -> None:
    assert Kinds.of(load_taxonomy('indoor')) == KINDS
    with pytest.raises(SettingError, match='has no floor and wall'):
        Kinds.of(load_taxonomy('outdoor'))
