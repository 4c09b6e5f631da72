# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How well the answers to a recording agree with what is truly in it: labels, objects, ids, and distances."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.spaces import Roles, Spaces
from seg_ros.lab.coco import OutlinedImage
from seg_ros.lab.instance_metrics import InstanceScores
from seg_ros.lab.metrics import ConfusionMatrix
from seg_ros.labels.taxonomy import Role, Taxonomy
from seg_ros.records import UNLABELLED, Frame, Instances, Segmentation
from seg_ros.settings import Settings
from seg_ros.tracking.overlap import mask_overlap

STRANGE = 254  # a class the truth does not know: wrong, whatever is there
MATCH_IOU = 0.5
SECTOR_RAD = math.radians(5.0)
MISSED_M = 0.5  # an obstacle seen farther away than it is by this much, or not at all, is missed
LEAST_POINTS = 5  # a sector with fewer points has no obstacle

_Places = Mapping[int, tuple[float, float, float]]


@dataclass(frozen=True)
class Scores:
    """
    What is known at the end; None or NaN for what could not be judged.

    :param label_frames: label images compared. :param iou: by class name, of the classes that occur.
    :param object_frames: images whose objects were compared. :param precision: AP, AP50, AP75 and AP50_<class>.
    :param judged: the classes of objects that were compared. :param switches: how often a true object changed its id;
        None where py-motmetrics is not installed. :param matched: objects found, over all images, of ``true_objects``.
    :param object_error_m: distances of found objects against those of the true ones, absolute.
    :param obstacle_error_m: of the nearest obstacle per sector of 5 degrees. :param obstacles_missed: share of the
        sectors with a true obstacle in which none was seen, or one more than 0.5 m behind it.
    """

    label_frames: int
    iou: dict[str, float]
    mean_iou: float
    pixel_accuracy: float
    object_frames: int
    precision: dict[str, float]
    judged: tuple[str, ...]
    switches: int | None
    idf1: float | None
    matched: int
    true_objects: int
    object_error_m: NDArray[np.float64]
    obstacle_error_m: NDArray[np.float64]
    obstacles_missed: float


class RecordingScores:
    """
    Compares answers with the truth, image by image and in order.

    :param taxonomy: whose classes the true labels are. :param object_names: classes the instance model finds; true
        objects of other classes do not count.
    """

    def __init__(self, taxonomy: Taxonomy, object_names: Sequence[str], settings: Settings) -> None:
        self._taxonomy, self._names, self._settings = taxonomy, tuple(object_names), settings
        self._matrix = ConfusionMatrix(1 + max(c.id for c in taxonomy.classes))
        self._objects = InstanceScores(self._names)
        self._judged: set[str] = set()
        self._tracks = _Tracks()
        self._spaces = Spaces()
        roles = [np.isin(np.arange(256), [c.id for c in taxonomy.classes if c.role is role])
                 for role in (Role.OBSTACLE, Role.TRAVERSABLE)]
        self._roles = Roles(roles[0], roles[1])
        self._label_frames = self._object_frames = self._matched = self._true = 0
        self._object_errors: list[float] = []
        self._obstacle_errors: list[float] = []
        self._sectors = self._sectors_missed = 0

    def add_labels(self, found: NDArray[np.uint8], names: Mapping[int, str], true: NDArray[np.uint8],
                   true_names: Mapping[int, str]) -> None:
        """Compare a label image with the true one; classes are the same when their names are."""
        ids = {c.name: c.id for c in self._taxonomy.classes}
        self._matrix.add(_renamed(found, names, ids, STRANGE), _renamed(true, true_names, ids, UNLABELLED))
        self._label_frames += 1

    def add_objects(self, found: Instances, names: Sequence[str], places: _Places, true: Instances,
                    true_names: Sequence[str], frame: Frame) -> None:
        """Compare the objects of an image with the true ones; ``class_ids`` count the names that go with them."""
        found, true = self._judgeable(found, names), self._judgeable(true, true_names)
        self._judged |= {self._names[k] for k in true.class_ids}
        masks = np.stack([true.whole_mask(k) for k in range(len(true))]).view(np.uint8) if len(true) else \
            np.zeros((0, *true.size[::-1]), np.uint8)
        self._objects.add(OutlinedImage('', frame.rgb, masks, true.class_ids.astype(np.int64),
                                        np.zeros(len(true), np.bool_)), found)
        same = true.class_ids[:, None] == found.class_ids[None]
        iou = np.where(same, mask_overlap(true, found).iou, 0) if same.size else np.zeros(same.shape)
        self._tracks.add(true.track_ids, found.track_ids, iou)
        self._object_frames += 1
        self._true += len(true)
        pairs = [(t, int(iou[t].argmax())) for t in range(len(true)) if iou.size and iou[t].max() >= MATCH_IOU]
        self._matched += len(pairs)
        true_places = self._places(true, frame) if places and pairs else {}
        for t, k in pairs:
            place, true_place = places.get(int(found.track_ids[k])), true_places.get(t)
            if place is not None and true_place is not None:
                self._object_errors.append(abs(math.dist(place, (0, 0, 0)) - math.dist(true_place, (0, 0, 0))))

    def add_obstacles(self, found: NDArray[np.float32], true: NDArray[np.uint8], true_names: Mapping[int, str],
                      frame: Frame) -> None:
        """
        Compare the nearest obstacle of each sector with that of the true labels.

        Both come from the same depth image, by the same rules for height and range; so this tells what wrong labels
        do to distances.

        :param found: (N, 3) metres in the optical frame.
        """
        labels = _renamed(true, true_names, {c.name: c.id for c in self._taxonomy.classes}, UNLABELLED)
        space = self._spaces.made(frame, Segmentation(frame.size, labels), frozenset({'obstacles'}), self._roles,
                                  self._settings)
        if space.obstacles is None:
            return
        seen, there = _nearest(found), _nearest(space.obstacles.xyz)
        for sector, distance in there.items():
            gap = seen.get(sector, math.inf) - distance
            self._sectors += 1
            self._sectors_missed += gap > MISSED_M
            if gap <= MISSED_M:
                self._obstacle_errors.append(abs(gap))

    def scores(self) -> Scores:
        """Return what came out."""
        iou = self._matrix.iou()
        occurring = {c.name: float(iou[c.id]) for c in self._taxonomy.classes if not math.isnan(iou[c.id])}
        precision = self._objects.average_precision() if self._object_frames and self._judged else {}
        switches, idf1 = self._tracks.outcome()
        return Scores(self._label_frames, occurring, float(np.mean([*occurring.values()])) if occurring else math.nan,
                      self._matrix.pixel_accuracy() if self._label_frames else math.nan, self._object_frames, precision,
                      tuple(sorted(self._judged)), switches, idf1, self._matched, self._true,
                      np.array(self._object_errors), np.array(self._obstacle_errors),
                      self._sectors_missed / self._sectors if self._sectors else math.nan)

    def _judgeable(self, objects: Instances, names: Sequence[str]) -> Instances:
        """Return the objects whose class counts, ``class_ids`` counting the names of the model."""
        kept = objects.taken([k for k in range(len(objects)) if names[int(objects.class_ids[k])] in self._names])
        ids = np.array([self._names.index(names[int(k)]) for k in kept.class_ids], np.uint8)
        return replace(kept, class_ids=ids)

    def _places(self, true: Instances, frame: Frame) -> dict[int, tuple[float, float, float]]:
        """Return where the true objects are by the same depth, by index."""
        space = self._spaces.made(frame, Segmentation(frame.size, instances=true), frozenset({'objects'}), self._roles,
                                  self._settings)
        if space.objects is None:
            return {}
        centres = space.objects.centres
        return {int(k): (float(centres[k, 0]), float(centres[k, 1]), float(centres[k, 2]))
                for k in np.flatnonzero(space.objects.known)}


class _Tracks:
    """How well ids last, by py-motmetrics where it is installed."""

    def __init__(self) -> None:
        self._accumulator: Any = None
        try:
            import motmetrics
        except ImportError:
            return
        self._accumulator = motmetrics.MOTAccumulator(auto_id=True)

    def add(self, true: NDArray[np.int64], found: NDArray[np.int64], iou: NDArray[Any]) -> None:
        """Note an image; only objects that overlap by half are the same."""
        if self._accumulator is not None:
            known = np.flatnonzero(found > 0)
            distances = np.where(iou[:, known] >= MATCH_IOU, 1 - iou[:, known], np.nan)
            self._accumulator.update(true.tolist(), found[known].tolist(), distances)

    def outcome(self) -> tuple[int | None, float | None]:
        """Return how often a true object changed its id, and IDF1 (Ristani et al. 2016)."""
        if self._accumulator is None or not len(self._accumulator.events):
            return None, None
        import motmetrics
        metrics = motmetrics.metrics.create().compute(self._accumulator, metrics=['num_switches', 'idf1'])
        switches, idf1 = metrics.iloc[0]
        return int(switches), float(idf1)


def _renamed(labels: NDArray[np.uint8], names: Mapping[int, str], ids: Mapping[str, int],
             otherwise: int) -> NDArray[np.uint8]:
    """Return a label image with the ids of other names; 255 stays."""
    table = np.full(256, otherwise, np.uint8)
    for label, name in names.items():
        table[label] = ids.get(name, otherwise)
    table[UNLABELLED] = UNLABELLED
    return table[labels]


def _nearest(points: NDArray[np.float32]) -> dict[int, float]:
    """Return the distance ahead of the nearest points of each sector; of many points the 5th nearest, against noise."""
    points = points[np.isfinite(points).all(axis=1)]
    ranges = np.hypot(points[:, 0], points[:, 2])
    sectors = np.round(np.arctan2(points[:, 0], points[:, 2]) / SECTOR_RAD).astype(int)
    return {int(sector): float(np.partition(ranges[sectors == sector], LEAST_POINTS - 1)[LEAST_POINTS - 1])
            for sector in np.unique(sectors) if np.count_nonzero(sectors == sector) >= LEAST_POINTS}
