# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How well a model labels pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seg_ros.errors import DataError
from seg_ros.lab.datasets import LabelFolder, LabelledImage
from seg_ros.lab.metrics import Calibration, ConfusionMatrix, mean_of
from seg_ros.labels.taxonomy import RobotClass, load_taxonomy
from seg_ros.pipeline import Pipeline
from seg_ros.records import UNLABELLED, Segmentation
from seg_ros.settings import Settings

THRESHOLDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Above:
    """What a threshold buys: the share of pixels at or above it, and the share of right ones among them."""

    threshold: float
    kept: float
    accuracy: float


@dataclass(frozen=True)
class SemanticScores:
    """
    Scores of a semantic model; every one but the time is a share within 0..1.

    :param milliseconds: from picture to answer, of the median picture.
    :param iou: intersection over union by class name, NaN for a class that does not occur.
    :param mean_iou: mean over the classes that occur. :param pixel_accuracy: share of right pixels.
    :param calibration_error: expected calibration error of the confidence (Guo et al. 2017), 15 bins.
    :param kept: share of the pixels at or above the unlabelled threshold.
    :param kept_accuracy: share of right pixels among those. :param thresholds: the same for other thresholds.
    :param confusion: of the pixels of each true class, the share called each class; classes that occur alone.
    """

    images: int
    milliseconds: float
    iou: dict[str, float]
    mean_iou: float
    pixel_accuracy: float
    calibration_error: float
    threshold: float
    kept: float
    kept_accuracy: float
    thresholds: tuple[Above, ...]
    confusion: dict[str, dict[str, float]]


class SemanticScorer:
    """
    Labels compared with true ones; see ``Scorer``.

    IoU and pixel accuracy count every pixel by its best class; ``kept`` and ``kept_accuracy`` say what the settings'
    unlabelled threshold buys.
    """

    word = 'mean IoU'

    def __init__(self, classes: Sequence[RobotClass], settings: Settings) -> None:
        self.classes, self._settings = classes, settings
        self._n_classes = 1 + max(c.id for c in classes)
        self.matrix, self._calibration = ConfusionMatrix(self._n_classes), Calibration()

    def asked(self, settings: Settings) -> Settings:
        """Return settings that give every pixel of the picture its best class."""
        return settings.changed({'unlabelled_threshold': 0.0, 'output_size': ''})

    def add(self, truth: LabelledImage, found: Segmentation) -> float:
        """Count a picture and return its mean IoU."""
        labels, confidence = found.labels, found.confidence
        if labels is None or confidence is None:
            raise DataError(f"mode '{self._settings.mode}' gives no label image to evaluate")
        alone = ConfusionMatrix(self._n_classes)
        alone.add(labels, truth.labels)
        self.matrix.counts += alone.counts
        self._calibration.add(confidence, labels == truth.labels, truth.labels != UNLABELLED)
        return mean_of(alone.iou())

    def shown(self, truth: LabelledImage, found: Segmentation) -> tuple[Segmentation, Segmentation]:
        """Return the truth, and the labels that are surer than the robot's threshold."""
        labels, confidence = found.labels, found.confidence
        assert labels is not None and confidence is not None
        sure = confidence >= round(self._settings.unlabelled_threshold * 255)
        return (Segmentation(found.size, truth.labels),
                Segmentation(found.size, np.where(sure, labels, UNLABELLED).astype(np.uint8)))

    def scores(self, images: int, milliseconds: float) -> SemanticScores:
        """Return the scores of all pictures."""
        iou, threshold = self.matrix.iou(), self._settings.unlabelled_threshold
        return SemanticScores(images, milliseconds, {c.name: float(iou[c.id]) for c in self.classes}, mean_of(iou),
                              self.matrix.pixel_accuracy(), self._calibration.error(), threshold,
                              *self._calibration.above(threshold),
                              tuple(Above(one, *self._calibration.above(one)) for one in THRESHOLDS), self._confusion())

    def _confusion(self) -> dict[str, dict[str, float]]:
        totals = self.matrix.counts.sum(axis=1)
        return {true.name: {c.name: float(self.matrix.counts[true.id, c.id] / totals[true.id]) for c in self.classes}
                for true in self.classes if totals[true.id]}


def on_labels(settings: Settings, images: Path, labels: Path, words: str = '',
              hold_out: int | None = None) -> Callable[[Pipeline], tuple[LabelFolder, SemanticScorer]]:
    """
    Return how to score on a folder of images with a folder of label images.

    :param hold_out: score on so many of them alone, which a training holds out, 0 for a fifth; None for all.
    """
    data = LabelFolder(images, labels, load_taxonomy(settings.taxonomy), words)
    data = data if hold_out is None else data.part(hold_out, 'val')
    return lambda pipeline: (data, SemanticScorer(pipeline.classes, settings))
