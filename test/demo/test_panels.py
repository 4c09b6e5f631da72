# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The overlay is large; what was computed beside it is small, and nothing stands for what was not."""

from __future__ import annotations

import numpy as np

from seg_ros.demo.panels import CAPTION, SHOWN_WIDTH, SIDE, film_panels, still_panels

RED = np.full((48, 64, 3), (200, 0, 0), np.uint8)


def test_a_film_shows_one_panel_large_and_the_others_in_a_column() -> None:
    whole = film_panels(('semantic', RED), {'camera': RED // 2, 'above': RED // 4})
    column = 2 * (SIDE * 3 // 4 + CAPTION)
    assert whole.shape == (column, (column - CAPTION) * 4 // 3 + SIDE, 3)
    assert (whole[column // 2, 100] == (200, 0, 0)).all()
    assert (whole[CAPTION + 50, -50] == (100, 0, 0)).all()
    assert (whole[-50, -50] == (50, 0, 0)).all()


def test_without_a_third_panel_two_stand_side_by_side() -> None:
    whole = film_panels(('semantic', RED), {'camera': RED // 2})
    assert whole.shape == (SHOWN_WIDTH * 3 // 4 + CAPTION, 2 * SHOWN_WIDTH, 3)
    assert [int(whole[200, column, 0]) for column in (100, -100)] == [200, 100]


def test_a_still_has_the_small_panels_below() -> None:
    large = SHOWN_WIDTH * 3 // 4 + CAPTION
    three = still_panels(('semantic', RED), {'camera': RED // 2, 'above': RED // 4})
    assert three.shape == (large + SHOWN_WIDTH * 3 // 8 + CAPTION, SHOWN_WIDTH, 3)
    assert [int(three[-50, column, 0]) for column in (100, -100)] == [100, 50]
    assert still_panels(('semantic', RED), {'camera': RED}).shape == (2 * large, SHOWN_WIDTH, 3)
    assert still_panels(('semantic', RED), {}).shape == (large, SHOWN_WIDTH, 3)
