# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The results folder of a training as a person reads it: curves, and what the network sees after each epoch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from seg_ros.errors import SettingError
from seg_ros.lab.pictures import Picture, write_picture
from seg_ros.lab.training import START, History

PICTURES = 4
"""Held-out images that are drawn after each epoch, the same ones each time."""


@dataclass(frozen=True)
class Results:
    """
    What is drawn after each epoch; drawing takes no random number.

    :param per_class: the score of each class in the history, by the name of the class.
    :param pictures: yields a name and a picture of each held-out image shown.
    :raises SettingError: when matplotlib is not installed, before hours are spent.
    """

    folder: Path
    per_class: Mapping[str, str]
    pictures: Callable[[nn.Module], Iterable[tuple[str, Picture]]]

    def __post_init__(self) -> None:
        try:
            import matplotlib  # noqa: F401
        except ModuleNotFoundError as error:
            raise SettingError('the curves of a training need the Python package matplotlib, which is not installed',
                               'type: pip install matplotlib') from error

    def add(self, history: History, network: nn.Module) -> None:
        """Draw ``curves.png``, and ``epochs/NNN/`` with a picture of each image shown."""
        start = self.folder / START
        before = json.loads(start.read_text(encoding='utf-8')) if start.is_file() else {}
        draw_curves(history, self.per_class, self.folder / 'curves.png', before.get('score'))
        for name, picture in self.pictures(network):
            write_picture(self.folder / 'epochs' / f'{len(history):03d}' / f'{name}.jpg', picture)


def shown_of(n_images: int) -> list[int]:
    """Return which of the held-out images are shown: a few, evenly spread, always the same."""
    return sorted({k * (n_images - 1) // max(1, PICTURES - 1) for k in range(PICTURES)})


def draw_curves(history: History, per_class: Mapping[str, str], path: Path, start: float | None = None) -> None:
    """
    Draw loss, score and the score of each class over the epochs from 0 on, and mark the best epoch.

    :param start: the score before the first epoch, drawn as a line; None for unknown.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    epochs = [1 + row['epoch'] for row in history]
    figure = Figure(figsize=(15, 4.5), layout='constrained')
    FigureCanvasAgg(figure)
    loss, score, classes = figure.subplots(1, 3)
    loss.plot(epochs, [row['loss'] for row in history], marker='.')
    score.plot(epochs, [row['score'] for row in history], marker='.')
    if start is not None:
        score.axhline(start, color='grey', linestyle='--', label=f'{start:.3f} before the first epoch')
    numbers = [row for row in history if row['score'] == row['score']]
    if numbers:
        best = max(numbers, key=lambda row: row['score'])
        score.plot(1 + best['epoch'], best['score'], 'o', label=f'{best["score"]:.3f} in epoch {1 + best["epoch"]:.0f}')
    if numbers or start is not None:
        score.legend()
    for name, key in per_class.items():
        classes.plot(epochs, [row[key] for row in history], marker='.', label=name)
    classes.legend(fontsize='small', ncols=1 + len(per_class) // 12, loc='upper left', bbox_to_anchor=(1.0, 1.0))
    for axes, title in ((loss, 'training loss'), (score, 'held-out score'), (classes, 'held-out score by class')):
        axes.set(title=title, xlabel='epoch')
        _limit(axes, epochs)
    figure.savefig(path, dpi=80)


def _limit(axes: Any, epochs: Sequence[float]) -> None:
    """Let an axis begin at 0, so that it exaggerates nothing, and end where the numbers do; epochs are whole."""
    from matplotlib.ticker import MaxNLocator

    axes.grid(alpha=0.3)
    values = [value for line in axes.lines for value in line.get_ydata() if value == value]
    axes.set_ylim(min([0.0, *values]), 1.05 * max(values, default=1.0) or 1.0)
    axes.set_xlim(epochs[0] - 0.5 * (len(epochs) == 1), epochs[-1] + 0.5 * (len(epochs) == 1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
