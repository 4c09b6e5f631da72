# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Words lie beside what they name, not on objects, and never on each other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.labels.plates import Box, Plates

RED, BLUE = (255, 0, 0), (0, 0, 255)
Picture = NDArray[np.uint8]


def black(width: int = 320, height: int = 240) -> Picture:
    return np.zeros((height, width, 3), np.uint8)


def write(plates: Plates, words: str, box: Box, colour: tuple[int, int, int] = RED) -> None:
    plates.beside(words, box, colour)
    plates.draw()


def plate_of(picture: Picture, colour: tuple[int, int, int]) -> Box:
    """Return the box around all pixels of a colour."""
    rows, columns = np.nonzero((picture == colour).all(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_words_stand_above_their_box_where_there_is_room() -> None:
    picture = black()
    write(Plates(picture), 'hammer', (100, 100, 200, 150))
    left, _, _, bottom = plate_of(picture, RED)
    assert (left, bottom) == (100, 100)


def test_words_at_the_upper_edge_stand_below() -> None:
    picture, occupied = black(), np.zeros((240, 320), np.uint8)
    occupied[:50, 100:200] = 1
    write(Plates(picture, occupied), 'hammer', (100, 0, 200, 50))
    assert plate_of(picture, RED)[:2] == (100, 50)


def test_words_hide_no_object_that_they_can_avoid() -> None:
    picture, occupied = black(), np.zeros((240, 320), np.uint8)
    occupied[40:150, 60:260] = 1  # the box and what is around it on three sides
    write(Plates(picture, occupied), 'hammer', (100, 100, 200, 150))
    left, top, right, bottom = plate_of(picture, RED)
    assert not occupied[int(top):int(bottom), int(left):int(right)].any()
    assert top == 150


@pytest.mark.parametrize('count', [2, 40])
def test_no_words_lie_on_others(count: int) -> None:
    """Forty objects in one place: their plates fill the picture from there on, and each is whole."""
    picture = black()
    plates, whole = Plates(picture), black()
    for k in range(count):
        plates.beside('hammer', (150, 110, 170, 130), (10 + 5 * k, 0, 0))
    plates.draw()
    write(Plates(whole), 'hammer', (150, 110, 170, 130), (10, 0, 0))
    area = int((whole == (10, 0, 0)).all(axis=2).sum())
    assert [int((picture == (10 + 5 * k, 0, 0)).all(axis=2).sum()) >= area for k in range(count)] == [True] * count


def test_what_has_no_free_place_is_not_written() -> None:
    picture = black(60, 20)
    plates = Plates(picture)
    plates.beside('hammer', (0, 0, 60, 20), RED)
    write(plates, 'hammer', (0, 0, 60, 20), BLUE)
    assert (picture == RED).all(axis=2).any()
    assert not (picture == BLUE).all(axis=2).any()


def test_words_avoid_the_legend() -> None:
    picture = black()
    plates = Plates(picture)
    plates.legend([(BLUE, 'floor'), (BLUE, 'wall')])
    write(plates, 'hammer', (0, 5, 60, 60))
    assert plate_of(picture, RED)[1] >= plate_of(picture, BLUE)[3]
    assert plate_of(picture, BLUE)[:2] == (0, 0)


def test_words_far_from_their_box_are_joined_to_it() -> None:
    picture, occupied = black(), np.ones((240, 320), np.uint8)
    occupied[200:] = 0
    write(Plates(picture, occupied), 'hammer', (100, 150, 200, 160))
    assert plate_of(picture, RED)[1] > 190
    assert picture[162:198].any(axis=(1, 2)).all()  # a line from the plate below to the box
