# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How well labels and objects together describe images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError
from seg_ros.lab.coco import InstanceData, OutlinedImage
from seg_ros.lab.datasets import LabelFolder, LabelledImage
from seg_ros.lab.panoptic_metrics import PanopticQuality, found_segments, true_segments
from seg_ros.lab.pictures import true_objects
from seg_ros.labels.taxonomy import RobotClass, load_taxonomy
from seg_ros.models.segmenter import classes_of
from seg_ros.pipeline import Pipeline
from seg_ros.records import Instances, Mode, Segmentation
from seg_ros.settings import Settings


@dataclass(frozen=True)
class PanopticScores:
    """
    Scores of labels and objects together; every one but the time is a share within 0..1.

    :param milliseconds: from picture to answer, of the median picture.
    :param pq: mean panoptic quality over the classes that occur, the product of segmentation quality ``sq`` (overlap
        of what was found) and recognition quality ``rq`` (how much was found, and how little invented).
    :param pq_things: of the classes of objects alone; ``pq_stuff`` of the others.
    :param of: ``pq``, ``sq`` and ``rq`` by class name, NaN for a class that does not occur.
    """

    images: int
    milliseconds: float
    pq: float
    sq: float
    rq: float
    pq_things: float
    pq_stuff: float
    of: dict[str, dict[str, float]]
    unlabelled_threshold: float
    score_threshold: float


@dataclass(frozen=True)
class DescribedImage:
    """An image with the class of each pixel and with its objects."""

    labelled: LabelledImage
    outlined: OutlinedImage

    @property
    def name(self) -> str:
        """The name of its file, without suffix."""
        return self.labelled.name

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """The (H, W, 3) uint8 picture."""
        return self.labelled.rgb


class PanopticData:
    """
    Images with both a label image and outlined objects, found by the names of the images.

    :raises DataError: when no image has both.
    """

    def __init__(self, labels: LabelFolder, objects: InstanceData) -> None:
        self._labels, self._objects = labels, objects
        row_of = {objects.file(k).stem: k for k in range(len(objects))}
        self._rows = [(k, row_of[image.stem]) for k, (image, _) in enumerate(labels.pairs) if image.stem in row_of]
        if not self._rows:
            raise DataError(f'no image has both a label image and an entry in {objects.source}',
                            'both are found by the name of the image')

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, index: int) -> DescribedImage:
        """Read the labels and the objects of an image."""
        label_row, object_row = self._rows[index]
        return DescribedImage(self._labels.read(label_row), self._objects.read(object_row))


class PanopticScorer:
    """
    Labels and objects compared with true ones, as the robot reports them, thresholds included; see ``Scorer``.

    :param things: the classes of the objects, in the order of the data's class names. :param classes: all classes.
    """

    word = 'PQ'

    def __init__(self, things: Sequence[RobotClass], classes: Sequence[RobotClass], settings: Settings) -> None:
        self._things, self._settings = things, settings
        self._quality = PanopticQuality(things, [c for c in classes if c not in things])

    def asked(self, settings: Settings) -> Settings:
        """Return the robot's settings for pictures that do not follow each other."""
        return settings.changed({'tracking': False, 'output_size': ''})

    def add(self, truth: DescribedImage, found: Segmentation) -> float:
        """Count a picture and return its mean PQ."""
        if found.labels is None:
            raise DataError(f"mode '{self._settings.mode}' gives no label image to evaluate")
        instances = found.instances or Instances.none(found.size)
        return self._quality.add(found_segments(found.labels, instances, self._things),
                                 true_segments(truth.labelled.labels, truth.outlined, self._things))

    def shown(self, truth: DescribedImage, found: Segmentation) -> tuple[Segmentation, Segmentation]:
        """Return the truth, and what the robot reports."""
        objects = true_objects(truth.outlined, [c.id for c in self._things])
        return Segmentation(found.size, truth.labelled.labels, instances=objects), found

    def scores(self, images: int, milliseconds: float) -> PanopticScores:
        """Return the scores of all pictures."""
        quality = self._quality
        of = {c.name: dict(zip(('pq', 'sq', 'rq'), map(float, column), strict=True))
              for c, column in zip(quality.classes, quality.by_class().T, strict=True)}
        return PanopticScores(images, milliseconds, *quality.means(), quality.means(things=True)[0],
                              quality.means(things=False)[0], of, self._settings.unlabelled_threshold,
                              self._settings.score_threshold)


Begin = Callable[[Pipeline], tuple[PanopticData, PanopticScorer]]


def on_both(settings: Settings, images: Path, labels: Path, coco: Path, words: str = '') -> Begin:
    """Return how to score on images with label images and a COCO instance file."""
    folder = LabelFolder(images, labels, load_taxonomy(settings.taxonomy), words)

    def begin(pipeline: Pipeline) -> tuple[PanopticData, PanopticScorer]:
        things = classes_of(pipeline.segmenters[-1], Mode.INSTANCE)
        data = PanopticData(folder, InstanceData(images, coco, [c.name for c in things]))
        return data, PanopticScorer(things, pipeline.classes, settings)

    return begin
