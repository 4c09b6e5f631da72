# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The one way in which a model is scored: labelled pictures go through the node's own pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from seg_ros.lab.datasets import Data
from seg_ros.lab.pictures import Worst, side_by_side, write_picture
from seg_ros.labels.overlay import overlay
from seg_ros.models.catalog import open_model
from seg_ros.pipeline import Pipeline
from seg_ros.records import Frame, Segmentation
from seg_ros.settings import Settings

Progress = Callable[[Iterable[int]], Iterable[int]]


class Pictured(Protocol):
    """A labelled picture: its name, and (H, W, 3) uint8 rgb."""

    @property
    def name(self) -> str:
        """The name of its file, without suffix."""

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """The picture."""


AnyTruth = TypeVar('AnyTruth', bound=Pictured)
TruthIn = TypeVar('TruthIn', bound=Pictured, contravariant=True)
AnyScores = TypeVar('AnyScores')
ScoresOut = TypeVar('ScoresOut', covariant=True)


class Scorer(Protocol[TruthIn, ScoresOut]):
    """
    What is counted over many pictures.

    :ivar word: the name of a picture's own score.
    """

    word: str

    def asked(self, settings: Settings) -> Settings:
        """Return the settings with which the pipeline is asked."""
        ...

    def add(self, truth: TruthIn, found: Segmentation) -> float:
        """Count a picture and return its own score, NaN where it has none."""
        ...

    def shown(self, truth: TruthIn, found: Segmentation) -> tuple[Segmentation, Segmentation]:
        """Return the truth, and what the robot would see."""
        ...

    def scores(self, images: int, milliseconds: float) -> ScoresOut:
        """Return the scores of all pictures, of which the median took so long from picture to answer."""
        ...


def evaluate(pipeline: Pipeline, settings: Settings, data: Data[AnyTruth], scorer: Scorer[AnyTruth, AnyScores], *,
             overlays: Path | None = None, progress: Progress = lambda indices: indices) -> AnyScores:
    """
    Run a configured pipeline over labelled pictures and return the scores.

    :param overlays: a folder to write one picture per image into, and ``worst.jpg``: the images of lowest score.
    """
    asked, worst, spent = scorer.asked(settings), Worst(), []
    for index in progress(range(len(data))):
        truth = data.read(index)
        started = time.perf_counter()
        result, = pipeline.run([Frame('', index, '', truth.rgb)], asked)
        spent.append(time.perf_counter() - started)
        score = scorer.add(truth, result.segmentation)
        if overlays is not None:
            true, seen = scorer.shown(truth, result.segmentation)
            write_picture(overlays / f'{truth.name}.jpg', overlay(truth.rgb, seen, pipeline.classes))
            worst.add(score, truth.name, lambda: side_by_side(truth.rgb, true, seen, pipeline.classes))  # noqa: B023
    if overlays is not None:
        worst.write(overlays / 'worst.jpg', scorer.word)
    return scorer.scores(len(data), 1e3 * float(np.median(spent)))


def scored(settings: Settings, begin: Callable[[Pipeline], tuple[Data[AnyTruth], Scorer[AnyTruth, AnyScores]]], *,
           overlays: Path | None = None, progress: Progress = lambda indices: indices) -> AnyScores:
    """
    Load the settings' models, score them, and free them again.

    :param begin: opens the data and the scorer for the classes of a loaded pipeline.
    :raises SegRosError: when the data or a model is unusable.
    """
    with closing(Pipeline(open_model)) as pipeline:
        pipeline.configure(settings)
        return evaluate(pipeline, settings, *begin(pipeline), overlays=overlays, progress=progress)
