"""How well a model does on labelled images, by the same code path as the node."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError
from seg_ros.lab.datasets import LabelFolder, SemanticData
from seg_ros.lab.metrics import Calibration, ConfusionMatrix
from seg_ros.lab.pictures import Worst, side_by_side, write_picture
from seg_ros.labels.palette import overlay
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.catalog import open_model
from seg_ros.pipeline import Pipeline
from seg_ros.records import UNLABELLED, Frame, Segmentation
from seg_ros.settings import Settings

Progress = Callable[[Iterable[int]], Iterable[int]]


THRESHOLDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Kept:
    """What a threshold buys: the share of pixels at or above it, and the share of right ones among them."""

    threshold: float
    kept: float
    accuracy: float


@dataclass(frozen=True)
class SemanticScores:
    """
    Scores of a semantic model; every one is a share within 0..1.

    :param iou: intersection over union by class name, NaN for a class that does not occur.
    :param mean_iou: mean over the classes that occur. :param pixel_accuracy: share of right pixels.
    :param calibration_error: expected calibration error of the confidence (Guo et al. 2017), 15 bins.
    :param kept: share of the pixels at or above the unlabelled threshold.
    :param kept_accuracy: share of right pixels among those. :param thresholds: the same for other thresholds.
    """

    images: int
    iou: dict[str, float]
    mean_iou: float
    pixel_accuracy: float
    calibration_error: float
    threshold: float
    kept: float
    kept_accuracy: float
    thresholds: tuple[Kept, ...]


def scores_of_folders(settings: Settings, images: Path, labels: Path, *, overlays: Path | None = None,
                      progress: Progress = lambda indices: indices) -> SemanticScores:
    """
    Load the settings' semantic model and score it on a folder of images with a folder of label images.

    :param overlays: a folder to write one picture per image into, and ``worst.jpg``.
    :raises SegRosError: when the data or the model is unusable.
    """
    data = LabelFolder(images, labels, load_taxonomy(settings.taxonomy))
    pipeline = Pipeline(open_model)
    pipeline.configure(settings)
    try:
        return evaluate_semantic(pipeline, settings, data, overlays=overlays, progress=progress)
    finally:
        pipeline.close()


def evaluate_semantic(pipeline: Pipeline, settings: Settings, data: SemanticData, *, overlays: Path | None = None,
                      progress: Progress = lambda indices: indices) -> SemanticScores:
    """
    Run a configured pipeline over labelled images and score it.

    IoU and pixel accuracy count every pixel by its best class; ``kept`` and ``kept_accuracy`` say what the
    settings' unlabelled threshold buys.

    :param overlays: a folder to write one picture per image into, and ``worst.jpg``: the images of lowest mean IoU.
    """
    n_classes = 1 + max(c.id for c in pipeline.classes)
    matrix, calibration, worst = ConfusionMatrix(n_classes), Calibration(), Worst()
    every_pixel = settings.changed({'unlabelled_threshold': 0.0, 'output_size': ''})
    for index in progress(range(len(data))):
        sample = data.read(index)
        result, = pipeline.run([Frame('', index, '', sample.rgb)], every_pixel)
        labels, confidence = result.segmentation.labels, result.segmentation.confidence
        if labels is None or confidence is None:
            raise DataError(f"mode '{settings.mode}' gives no label image to evaluate")
        alone = ConfusionMatrix(n_classes)
        alone.add(labels, sample.labels)
        matrix.counts += alone.counts
        calibration.add(confidence, labels == sample.labels, sample.labels != UNLABELLED)
        if overlays is not None:
            seen, truth = _sure(result.segmentation, settings), Segmentation(result.segmentation.size, sample.labels)
            write_picture(overlays / f'{sample.name}.jpg', overlay(sample.rgb, seen, pipeline.classes))
            worst.add(_mean(alone.iou()), sample.name,
                      lambda: side_by_side(sample.rgb, truth, seen, pipeline.classes))  # noqa: B023
    if overlays is not None:
        worst.write(overlays / 'worst.jpg', 'mean IoU')
    return _scores(len(data), matrix, calibration, pipeline, settings.unlabelled_threshold)


def _scores(images: int, matrix: ConfusionMatrix, calibration: Calibration, pipeline: Pipeline,
            threshold: float) -> SemanticScores:
    iou = matrix.iou()
    by_name = {c.name: float(iou[c.id]) for c in pipeline.classes}
    kept, kept_accuracy = calibration.above(threshold)
    return SemanticScores(images, by_name, _mean(iou), matrix.pixel_accuracy(), calibration.error(),
                          threshold, kept, kept_accuracy,
                          tuple(Kept(one, *calibration.above(one)) for one in THRESHOLDS))


def _mean(iou: NDArray[np.float64]) -> float:
    present = iou[~np.isnan(iou)]
    return float(present.mean()) if present.size else float('nan')


def _sure(segmentation: Segmentation, settings: Settings) -> Segmentation:
    """Return what the robot would see: pixels below its threshold are unlabelled."""
    labels, confidence = segmentation.labels, segmentation.confidence
    if labels is None or confidence is None:
        return segmentation
    sure = confidence >= round(settings.unlabelled_threshold * 255)
    return Segmentation(segmentation.size, np.where(sure, labels, UNLABELLED).astype(np.uint8))
