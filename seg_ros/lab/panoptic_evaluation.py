"""How well labels and objects together describe images, by the same code path as the node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seg_ros.errors import DataError
from seg_ros.lab.coco import InstanceData, OutlinedImage
from seg_ros.lab.datasets import LabelFolder, LabelledImage
from seg_ros.lab.evaluation import Progress
from seg_ros.lab.panoptic_metrics import PanopticQuality, found_segments, true_segments
from seg_ros.lab.pictures import Worst, side_by_side, true_objects, write_picture
from seg_ros.labels.palette import overlay
from seg_ros.labels.taxonomy import RobotClass, load_taxonomy
from seg_ros.models.catalog import open_model
from seg_ros.models.segmenter import classes_of
from seg_ros.pipeline import Pipeline
from seg_ros.records import Frame, Instances, Mode, Segmentation
from seg_ros.settings import Settings


@dataclass(frozen=True)
class PanopticScores:
    """
    Scores of labels and objects together; every one is a share within 0..1.

    :param pq: mean panoptic quality over the classes that occur, the product of segmentation quality ``sq`` (overlap
        of what was found) and recognition quality ``rq`` (how much was found, and how little invented).
    :param pq_things: of the classes of objects alone; ``pq_stuff`` of the others.
    :param of: ``pq``, ``sq`` and ``rq`` by class name, NaN for a class that does not occur.
    """

    images: int
    pq: float
    sq: float
    rq: float
    pq_things: float
    pq_stuff: float
    of: dict[str, dict[str, float]]
    unlabelled_threshold: float
    score_threshold: float


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

    def read(self, index: int) -> tuple[LabelledImage, OutlinedImage]:
        """Read the labels and the objects of an image."""
        label_row, object_row = self._rows[index]
        return self._labels.read(label_row), self._objects.read(object_row)


def panoptic_scores_of_folders(settings: Settings, images: Path, labels: Path, coco: Path, *,
                               overlays: Path | None = None,
                               progress: Progress = lambda indices: indices) -> PanopticScores:
    """
    Load the settings' models and score them on images with label images and a COCO instance file.

    :param overlays: a folder to write one picture per image into, and ``worst.jpg``.
    :raises SegRosError: when the data or a model is unusable.
    """
    pipeline = Pipeline(open_model)
    pipeline.configure(settings)
    try:
        objects = InstanceData(images, coco, [c.name for c in things_of_pipeline(pipeline)])
        data = PanopticData(LabelFolder(images, labels, load_taxonomy(settings.taxonomy)), objects)
        return evaluate_panoptic(pipeline, settings, data, overlays=overlays, progress=progress)
    finally:
        pipeline.close()


def things_of_pipeline(pipeline: Pipeline) -> tuple[RobotClass, ...]:
    """Return the classes of the objects that the pipeline's models find."""
    return classes_of(pipeline.segmenters[-1], Mode.INSTANCE)


def evaluate_panoptic(pipeline: Pipeline, settings: Settings, data: PanopticData, *, overlays: Path | None = None,
                      progress: Progress = lambda indices: indices) -> PanopticScores:
    """Run a configured pipeline over the images as the node would, thresholds included, and score it."""
    things = things_of_pipeline(pipeline)
    quality = PanopticQuality(things, [c for c in pipeline.classes if c not in things])
    asked, worst = settings.changed({'tracking': False, 'output_size': ''}), Worst()
    for index in progress(range(len(data))):
        labelled, outlined = data.read(index)
        result, = pipeline.run([Frame('', index, '', labelled.rgb)], asked)
        found = result.segmentation
        if found.labels is None:
            raise DataError(f"mode '{settings.mode}' gives no label image to evaluate")
        instances = found.instances or Instances.none(found.size)
        pq = quality.add(found_segments(found.labels, instances, things),
                         true_segments(labelled.labels, outlined, things))
        if overlays is not None:
            write_picture(overlays / f'{labelled.name}.jpg', overlay(labelled.rgb, found, pipeline.classes))
            truth = Segmentation(found.size, labelled.labels, instances=true_objects(outlined, [c.id for c in things]))
            worst.add(pq, labelled.name, lambda: side_by_side(labelled.rgb, truth, found, pipeline.classes))  # noqa: B023
    if overlays is not None:
        worst.write(overlays / 'worst.jpg', 'PQ')
    return _scores(len(data), quality, settings)


def _scores(images: int, quality: PanopticQuality, settings: Settings) -> PanopticScores:
    of = {c.name: dict(zip(('pq', 'sq', 'rq'), map(float, column), strict=True))
          for c, column in zip(quality.classes, quality.by_class().T, strict=True)}
    return PanopticScores(images, *quality.means(), quality.means(things=True)[0], quality.means(things=False)[0], of,
                          settings.unlabelled_threshold, settings.score_threshold)
