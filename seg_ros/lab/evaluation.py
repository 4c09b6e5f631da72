"""How well a model does on labelled images, by the same code path as the node."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from seg_ros.errors import DataError
from seg_ros.lab.datasets import LabelFolder, SemanticData
from seg_ros.lab.metrics import Calibration, ConfusionMatrix
from seg_ros.labels.palette import overlay
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.catalog import open_model
from seg_ros.pipeline import Pipeline
from seg_ros.records import UNLABELLED, Frame, Segmentation
from seg_ros.settings import Settings

Progress = Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True)
class SemanticScores:
    """
    Scores of a semantic model; every one is a share within 0..1.

    :param iou: intersection over union by class name, NaN for a class that does not occur.
    :param mean_iou: mean over the classes that occur. :param pixel_accuracy: share of right pixels.
    :param calibration_error: expected calibration error of the confidence (Guo et al. 2017), 15 bins.
    :param kept: share of the pixels at or above the unlabelled threshold.
    :param kept_accuracy: share of right pixels among those.
    """

    images: int
    iou: dict[str, float]
    mean_iou: float
    pixel_accuracy: float
    calibration_error: float
    threshold: float
    kept: float
    kept_accuracy: float


def scores_of_folders(settings: Settings, images: Path, labels: Path, *, overlays: Path | None = None,
                      progress: Progress = lambda indices: indices) -> SemanticScores:
    """
    Load the settings' semantic model and score it on a folder of images with a folder of label images.

    :param overlays: a folder to write one picture per image into.
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

    :param overlays: a folder to write one picture per image into.
    """
    n_classes = 1 + max(c.id for c in pipeline.classes)
    matrix, calibration = ConfusionMatrix(n_classes), Calibration()
    every_pixel = settings.changed({'unlabelled_threshold': 0.0, 'output_size': ''})
    for index in progress(range(len(data))):
        sample = data.read(index)
        result, = pipeline.run([Frame('', index, '', sample.rgb)], every_pixel)
        labels, confidence = result.segmentation.labels, result.segmentation.confidence
        if labels is None or confidence is None:
            raise DataError(f"mode '{settings.mode}' gives no label image to evaluate")
        matrix.add(labels, sample.labels)
        calibration.add(confidence, labels == sample.labels, sample.labels != UNLABELLED)
        if overlays is not None:
            _write_overlay(overlays / f'{sample.name}.jpg', result.frame, result.segmentation, pipeline, settings)
    return _scores(len(data), matrix, calibration, pipeline, settings.unlabelled_threshold)


def _scores(images: int, matrix: ConfusionMatrix, calibration: Calibration, pipeline: Pipeline,
            threshold: float) -> SemanticScores:
    iou = matrix.iou()
    by_name = {c.name: float(iou[c.id]) for c in pipeline.classes}
    kept, kept_accuracy = calibration.above(threshold)
    return SemanticScores(images, by_name, float(np.nanmean(iou)), matrix.pixel_accuracy(), calibration.error(),
                          threshold, kept, kept_accuracy)


def _write_overlay(path: Path, frame: Frame, segmentation: Segmentation, pipeline: Pipeline,
                   settings: Settings) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    labels, confidence = segmentation.labels, segmentation.confidence
    if labels is not None and confidence is not None:
        sure = confidence >= round(settings.unlabelled_threshold * 255)
        segmentation = Segmentation(segmentation.size, np.where(sure, labels, UNLABELLED).astype(np.uint8))
    picture = overlay(frame.rgb, segmentation, pipeline.classes)
    if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise DataError(f'{path} cannot be written')
