"""How well a model finds objects in outlined images, by the same code path as the node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seg_ros.lab.coco import InstanceData
from seg_ros.lab.evaluation import Progress
from seg_ros.lab.instance_metrics import InstanceScores, found_share, wrong_class_share
from seg_ros.lab.pictures import Worst, side_by_side, true_objects, write_picture
from seg_ros.lab.sources import ObjectSource
from seg_ros.labels.palette import overlay
from seg_ros.models.catalog import open_model
from seg_ros.pipeline import Pipeline
from seg_ros.records import Frame, Instances, Segmentation
from seg_ros.settings import Settings

LEAST_SCORE = 0.05
"""Average precision looks at doubtful objects too; below this they no longer matter."""


@dataclass(frozen=True)
class ObjectScores:
    """
    Scores of a model that finds objects; every one is a share within 0..1.

    :param ap: mask average precision over IoU 0.5 to 0.95 (COCO). :param ap50: at IoU 0.5. :param ap75: at 0.75.
    :param ap50_of: at IoU 0.5 by class name, NaN for a class that does not occur.
    :param wrong_class: share of the objects matched at the score threshold that have another class.
    """

    images: int
    ap: float
    ap50: float
    ap75: float
    ap50_of: dict[str, float]
    wrong_class: float
    threshold: float


def object_scores_of_folder(settings: Settings, source: ObjectSource, *, overlays: Path | None = None,
                            progress: Progress = lambda indices: indices) -> ObjectScores:
    """
    Load the settings' instance model and score it on outlined images.

    :param overlays: a folder to write one picture per image into, with the objects above the score threshold, and
        ``worst.jpg``: the images with most objects missed or invented.
    :raises SegRosError: when the data or the model is unusable.
    """
    pipeline = Pipeline(open_model)
    pipeline.configure(settings)
    try:
        data = source.opened([c.name for c in pipeline.classes])
        return _scored(pipeline, settings, data, overlays, progress)
    finally:
        pipeline.close()


def _scored(pipeline: Pipeline, settings: Settings, data: InstanceData, overlays: Path | None,
            progress: Progress) -> ObjectScores:
    position = np.zeros(256, np.uint8)
    position[[c.id for c in pipeline.classes]] = np.arange(len(pipeline.classes))
    every = settings.changed({'score_threshold': LEAST_SCORE, 'tracking': False, 'output_size': '', 'min_area': 1})
    scores, worst = InstanceScores(data.class_names), Worst()
    for index in progress(range(len(data))):
        sample = data.read(index)
        result, = pipeline.run([Frame('', index, '', sample.rgb)], every)
        found = result.segmentation.instances or Instances.none(result.frame.size)
        scores.add(sample, replace(found, class_ids=position[found.class_ids]))
        if overlays is not None:
            sure = found.taken(np.flatnonzero(found.scores >= settings.score_threshold))
            seen = Segmentation(sure.size, instances=sure)
            truth = Segmentation(sure.size, instances=true_objects(sample, [c.id for c in pipeline.classes]))
            write_picture(overlays / f'{sample.name}.jpg', overlay(sample.rgb, seen, pipeline.classes))
            worst.add(found_share(sample, replace(sure, class_ids=position[sure.class_ids])), sample.name,
                      lambda: side_by_side(sample.rgb, truth, seen, pipeline.classes))  # noqa: B023
    if overlays is not None:
        worst.write(overlays / 'worst.jpg', 'F1')
    precision = scores.average_precision()
    confusion = scores.confusion(score_threshold=settings.score_threshold)
    return ObjectScores(len(data), precision['AP'], precision['AP50'], precision['AP75'],
                        {name: precision[f'AP50_{name}'] for name in data.class_names},
                        wrong_class_share(confusion), settings.score_threshold)
