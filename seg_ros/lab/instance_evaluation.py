# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How well a model finds objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from seg_ros.errors import DataError
from seg_ros.lab.coco import InstanceData, OutlinedImage
from seg_ros.lab.instance_metrics import InstanceScores, found_share, wrong_class_share
from seg_ros.lab.pictures import true_objects
from seg_ros.lab.sources import ObjectSource
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.pipeline import Pipeline
from seg_ros.records import Instances, Segmentation
from seg_ros.settings import Settings

LEAST_SCORE = 0.05
"""Average precision looks at doubtful objects too; below this they no longer matter."""


@dataclass(frozen=True)
class ObjectScores:
    """
    Scores of a model that finds objects; every one but the time is a share within 0..1.

    :param milliseconds: from picture to answer, of the median picture.
    :param ap: mask average precision over IoU 0.5 to 0.95 (COCO). :param ap50: at IoU 0.5. :param ap75: at 0.75.
    :param ap_of_size: ``ap`` of objects below 32x32 pixels, below 96x96, and above.
    :param ap50_of: at IoU 0.5 by class name, NaN for a class that does not occur.
    :param precision: share of the objects reported at the threshold that are real, by class and IoU 0.5.
    :param recall: share of the real objects reported.
    :param wrong_class: share of the objects matched at the score threshold that have another class.
    """

    images: int
    milliseconds: float
    ap: float
    ap50: float
    ap75: float
    ap_of_size: dict[str, float]
    ap50_of: dict[str, float]
    precision: float
    recall: float
    wrong_class: float
    threshold: float


class ObjectScorer:
    """
    Found objects compared with outlined ones; see ``Scorer``.

    :param classes: of the found objects, in the order of the data's ``class_names``.
    """

    word = 'F1'

    def __init__(self, classes: Sequence[RobotClass], settings: Settings) -> None:
        self._threshold = settings.score_threshold
        self._ids = [c.id for c in classes]
        self._position = np.zeros(256, np.uint8)
        self._position[self._ids] = np.arange(len(classes))
        self.counted = InstanceScores([c.name for c in classes])

    def asked(self, settings: Settings) -> Settings:
        """Return settings that report doubtful objects too, each picture by itself."""
        return settings.changed({'score_threshold': LEAST_SCORE, 'tracking': False, 'output_size': '', 'min_area': 1})

    def add(self, truth: OutlinedImage, found: Segmentation) -> float:
        """Count a picture and return the F1 score of its objects at the threshold."""
        objects = self._counted(found.instances or Instances.none(found.size))
        self.counted.add(truth, objects)
        return found_share(truth, self._sure(objects))

    def shown(self, truth: OutlinedImage, found: Segmentation) -> tuple[Segmentation, Segmentation]:
        """Return the outlined objects, and those that are surer than the robot's threshold."""
        sure = self._sure(found.instances or Instances.none(found.size))
        return (Segmentation(found.size, instances=true_objects(truth, self._ids)),
                Segmentation(found.size, instances=sure))

    def scores(self, images: int, milliseconds: float) -> ObjectScores:
        """Return the scores of all pictures."""
        names = self.counted.class_names
        ap = self.counted.average_precision()
        return ObjectScores(images, milliseconds, ap['AP'], ap['AP50'], ap['AP75'],
                            {size: ap[f'AP_{size}'] for size in ('small', 'medium', 'large')},
                            {name: ap[f'AP50_{name}'] for name in names},
                            *self.counted.found_shares(self._threshold),
                            wrong_class_share(self.counted.confusion(score_threshold=self._threshold)),
                            self._threshold)

    def _counted(self, found: Instances) -> Instances:
        return replace(found, class_ids=self._position[found.class_ids])

    def _sure(self, found: Instances) -> Instances:
        return found.taken(np.flatnonzero(found.scores >= self._threshold))


def on_outlines(settings: Settings, source: ObjectSource) -> Callable[[Pipeline], tuple[InstanceData, ObjectScorer]]:
    """Return how to score on outlined images."""
    def begin(pipeline: Pipeline) -> tuple[InstanceData, ObjectScorer]:
        data = source.opened([c.name for c in pipeline.classes])
        if wrong := data.strays():
            raise DataError(wrong[0], 'mend or remove this first')
        return data, ObjectScorer(pipeline.classes, settings)

    return begin
