# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a lesson has made better and what worse, by numbers and in pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from seg_ros.lab.datasets import LabelFolder
from seg_ros.lab.evaluation import evaluate
from seg_ros.lab.pictures import Worst, side_by_side
from seg_ros.lab.semantic_evaluation import SemanticScorer
from seg_ros.lab.taught_choice import POINT, Choice
from seg_ros.lab.taught_training import TaughtTask
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.records import Frame


@dataclass(frozen=True)
class Row:
    """A score before and after, within 0..1; NaN of what does not occur. ``on`` says on what."""

    on: str
    name: str
    before: float
    after: float

    @property
    def is_worse(self) -> bool:
        """Whether it has fallen by more than a point."""
        return self.after < self.before - POINT


@dataclass(frozen=True)
class Assessment:
    """
    What a lesson has changed.

    :param images: that judged. :param share: of what was learned, the rest is the model before; 0 when nothing of it
        was better. :param stayed: of the pixels of other pictures, the share answered as before.
    """

    images: int
    share: float
    stayed: float
    rows: tuple[Row, ...]

    @property
    def worse(self) -> tuple[Row, ...]:
        """What has become worse."""
        return tuple(row for row in self.rows if row.is_worse)

    def after(self) -> dict[str, float]:
        """Return the scores of the new model, of what occurs."""
        return {f'{row.on}: {row.name}': row.after for row in self.rows if row.after == row.after}


def labelled_pictures(folder: Path, taxonomy: Taxonomy) -> LabelFolder:
    """
    Open the folders ``images`` and ``labels`` of a folder.

    :raises DataError: when they are not there, or do not belong together.
    """
    return LabelFolder(folder / 'images', folder / 'labels', taxonomy)


def judged(task: TaughtTask, choice: Choice, device: torch.device, *, checks: Mapping[str, LabelFolder]) -> Assessment:
    """
    Compare what was chosen with the network before, on the held-out images of the drive and on labelled pictures.

    :param checks: labelled pictures by what they are called.
    :raises DataError: when one cannot be read.
    """
    before, after = (_on_drive(task, one, device) for one in (task.old, choice.network))
    rows = [Row('drive', name, value, after[name]) for name, value in before.items()]
    for on, data in checks.items():
        before, after = (_on_labels(task, one, device, data) for one in (task.old, choice.network))
        rows += [Row(on, name, value, after[name]) for name, value in before.items()]
    return Assessment(len(task.held_out), choice.share, choice.stayed, tuple(rows))


def draw_sheet(task: TaughtTask, network: nn.Module, device: torch.device, path: Path) -> None:
    """Write the held-out images, camera, before and after; first where the model found least of the floor before."""
    sheet, scorer = Worst(), task.scorer()
    with task.piped(task.old, device) as old, task.piped(network, device) as new:
        for index in range(len(task.held_out)):
            truth = task.held_out.read(index)
            before, after = (one.run([Frame('', index, '', truth.rgb)], scorer.asked(task.settings))[0].segmentation
                             for one in (old, new))
            panels = side_by_side(truth.rgb, before, after, old.classes)
            sheet.add(scorer.add(truth, before), truth.name, lambda: panels)  # noqa: B023
    sheet.write(path, 'camera, before, after; floor IoU before')


def _on_drive(task: TaughtTask, network: nn.Module, device: torch.device) -> dict[str, float]:
    with task.piped(network, device) as pipeline:
        rows: dict[str, float] = evaluate(pipeline, task.settings, task.held_out, task.scorer()).rows()
        return rows


def _on_labels(task: TaughtTask, network: nn.Module, device: torch.device, data: LabelFolder) -> dict[str, float]:
    with task.piped(network, device) as pipeline:
        scores = evaluate(pipeline, task.settings, data, SemanticScorer(pipeline.classes, task.settings))
    return {f'IoU {name}': value for name, value in scores.iou.items()} | {'mean IoU': scores.mean_iou}
