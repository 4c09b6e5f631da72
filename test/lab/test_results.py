# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Curves are drawn of every number there is, and missing tools are named before hours are spent."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from seg_ros.errors import SettingError
from seg_ros.lab.results import Results, draw_curves, shown_of


@pytest.mark.parametrize(('n_images', 'shown'), [(1, [0]), (2, [0, 1]), (4, [0, 1, 2, 3]), (100, [0, 33, 66, 99])])
def test_a_few_images_are_shown_evenly_spread(n_images: int, shown: list[int]) -> None:
    assert shown_of(n_images) == shown


def drawn(path: Path, scores: list[float]) -> cv2.typing.MatLike:
    history = [{'epoch': float(k), 'loss': 1.0 / (1 + k), 'score': score, 'iou_0': score, 'iou_1': math.nan}
               for k, score in enumerate(scores)]
    draw_curves(history, {'floor': 'iou_0', 'stairs': 'iou_1'}, path)
    return cv2.imread(str(path))


@pytest.mark.parametrize('scores', [[0.5], [0.1, 0.4, 0.3], [math.nan, 0.2], [math.nan]],
                         ids=['one epoch', 'three', 'a gap', 'no score at all'])
def test_curves_are_drawn_of_what_there_is(tmp_path: Path, scores: list[float]) -> None:
    assert drawn(tmp_path / 'curves.png', scores).shape == (360, 1200, 3)


def test_other_scores_give_other_curves(tmp_path: Path) -> None:
    one, other = drawn(tmp_path / 'a.png', [0.1, 0.4]), drawn(tmp_path / 'b.png', [0.4, 0.1])
    assert (one[:, :400] == other[:, :400]).all()  # the loss
    assert (one[:, 400:800] != other[:, 400:800]).any()
    assert (one[:, 800:] != other[:, 800:]).any()


def test_without_matplotlib_nothing_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, 'matplotlib', None)
    with pytest.raises(SettingError, match=r'matplotlib, which is not installed.* pip install matplotlib'):
        Results(tmp_path, {}, lambda network: ())


def test_the_score_before_training_is_a_line_among_the_scores(tmp_path: Path) -> None:
    history = [{'epoch': float(k), 'loss': 1.0, 'score': 0.6 + 0.1 * k, 'iou_0': 0.5} for k in range(3)]
    for name, start in (('without', None), ('with', 0.3)):
        draw_curves(history, {'floor': 'iou_0'}, tmp_path / f'{name}.png', start)
    one, other = (cv2.imread(str(tmp_path / f'{name}.png')) for name in ('without', 'with'))
    changed = np.flatnonzero((one != other).any(axis=(0, 2)))
    assert 400 < changed.min() < changed.max() < 800


def test_the_scales_begin_at_nothing_epochs_are_whole_and_the_legend_lies_on_no_curve(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    figures: list[Figure] = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, 'savefig', lambda self, *given, **more: (figures.append(self),
                                                                         save(self, *given, **more)))
    drawn(tmp_path / 'curves.png', [0.70, 0.72, 0.75])
    for axes in figures[0].axes:
        assert axes.get_ylim()[0] == 0
        assert axes.get_xlim() == (1, 3)
        assert all(float(tick).is_integer() for tick in axes.get_xticks())
    assert figures[0].axes[1].get_ylim()[1] == pytest.approx(1.05 * 0.75)
    by_class = figures[0].axes[2]
    assert by_class.get_legend().get_window_extent().x0 >= by_class.get_window_extent().x1
