# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pictures that stay black or of one colour are doubted, dark ones and those that are black for a moment are not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.health.darkness import PATIENCE_S, Darkness

BLACK = np.zeros((48, 64, 3), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 14, BLACK.shape, np.uint8)  # a sensor behind its cap
DIM = NOISE + 17
WHITE = np.full((120, 160, 3), 255, np.uint8)  # overexposed
GREEN, WALL = np.full_like(WHITE, (0, 135, 0)), np.full_like(WHITE, 200)  # YUV of zeros: no data
WALL[1, 1] = 201
LAMP = BLACK.copy()
LAMP[16:24, 16:24] = 255  # one of 48 looked at


@pytest.mark.parametrize(('meaning', 'picture', 'is_doubted'), [
    ('black', BLACK, True), ('noise', NOISE, True), ('dim', DIM, False), ('a lamp in the night', LAMP, False),
    ('overexposed', WHITE, True), ('no data', GREEN, True), ('a white wall', WALL, False)])
def test_what_shows_nothing(meaning: str, picture: NDArray[np.uint8], is_doubted: bool) -> None:
    darkness = Darkness()
    darkness.doubt(GREEN if meaning in ('black', 'noise') else BLACK, 0.0)  # that is another matter
    assert darkness.doubt(picture, 100.0) is None
    assert (darkness.doubt(picture, 100.0 + PATIENCE_S) is not None) == is_doubted, meaning


def test_it_is_told_how_long_it_lasts_and_over_with_the_first_picture() -> None:
    darkness = Darkness()
    doubts = [darkness.doubt(picture, now_s) for picture, now_s in (
        (BLACK, 0.0), (BLACK, 4.0), (BLACK, 7.0), (DIM, 8.0), (BLACK, 9.0), (BLACK, 13.0), (BLACK, 15.0))]
    assert [doubt.fact.partition(':')[0] if doubt else '' for doubt in doubts] == [
        '', '', 'the images have been black for 7 s', '', '', '', 'the images have been black for 6 s']
    assert '(255, 255, 255) for 6 s' in [str(darkness.doubt(WHITE, now_s)) for now_s in (20.0, 26.0)][1]
