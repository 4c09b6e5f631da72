# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores of individual objects: mask average precision as COCO defines it, and confusion of classes."""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from seg_ros.lab.coco import OutlinedImage
from seg_ros.lab.metrics import mean_of, share_of
from seg_ros.records import Instances

RunLengths = dict[str, Any]

SIZES = ('small', 'medium', 'large')
"""Below 32x32 pixels, below 96x96, and above, as COCO has them."""

MATCH_IOU = 0.5
"""A found object is the true one that it overlaps by at least so much."""


class InstanceScores:
    """
    Found objects compared with true ones over many images.

    :param class_names: in the order of the class positions of the true objects; the found objects'
        ``class_ids`` are those positions as well.
    """

    def __init__(self, class_names: Sequence[str]) -> None:
        self.class_names = tuple(class_names)
        self._true: list[dict[str, Any]] = []
        self._found: list[dict[str, Any]] = []
        self._images: list[dict[str, int]] = []

    def add(self, true: OutlinedImage, found: Instances) -> None:
        """Count one image; both have the same size."""
        image_id = len(self._images) + 1
        self._images.append({'id': image_id, 'width': found.size[0], 'height': found.size[1]})
        for mask, k, crowd in zip(true.masks, true.classes, true.crowd, strict=True):
            lengths = coco_masks.encode(np.asfortranarray(mask))
            self._true.append({'id': len(self._true) + 1, 'image_id': image_id, 'category_id': int(k) + 1,
                               'segmentation': lengths, 'area': int(mask.sum()), 'iscrowd': int(crowd),
                               'bbox': [float(v) for v in coco_masks.toBbox(lengths)]})
        self._found += [{'image_id': image_id, 'category_id': int(k) + 1, 'score': float(score),
                         'segmentation': lengths}
                        for lengths, k, score in zip(run_lengths(found), found.class_ids, found.scores, strict=True)]

    def average_precision(self) -> dict[str, float]:
        """
        Return ``AP`` (over IoU 0.5 to 0.95), ``AP50``, ``AP75``, ``AP50_<class>`` and ``AP_<size>``, each in 0..1.

        A class without a true object has NaN and does not count in the means (Lin et al. 2014, COCOeval).
        """
        found = self._precision()
        precision, *of_size = np.moveaxis(np.where(found > -1, found, np.nan), 3, 0)
        means = {'AP': mean_of(precision), 'AP50': mean_of(precision[0]), 'AP75': mean_of(precision[5])}
        sizes = {f'AP_{name}': mean_of(one) for name, one in zip(SIZES, of_size, strict=True)}
        return means | sizes | {f'AP50_{name}': mean_of(precision[0, :, k]) for k, name in enumerate(self.class_names)}

    def _precision(self) -> NDArray[np.float64]:
        """
        Return (10 overlaps, 101 recalls, classes, 4) precision, -1 where a class has no true object.

        The last axis is all objects, small, medium and large ones.
        """
        n_classes = len(self.class_names)
        if not self._found or not self._true:
            present = np.isin(np.arange(n_classes) + 1, [t['category_id'] for t in self._true])
            return np.broadcast_to(np.where(present, 0.0, -1.0)[:, None], (10, 101, n_classes, 4))
        truth = COCO()
        truth.dataset = {'images': self._images, 'annotations': [dict(one) for one in self._true],
                         'categories': [{'id': k + 1} for k in range(n_classes)]}
        with contextlib.redirect_stdout(io.StringIO()):
            truth.createIndex()
            evaluation = COCOeval(truth, truth.loadRes([dict(one) for one in self._found]), 'segm')
            evaluation.evaluate()
            evaluation.accumulate()
        return evaluation.eval['precision'][..., -1]

    def confusion(self, *, score_threshold: float = 0.5) -> NDArray[np.int64]:
        """
        Return (classes, classes) counts of matched objects by true class (row) and found class (column).

        Objects are matched whatever their class, best score first, each to the free true object that it
        overlaps most, if by at least IoU 0.5.
        """
        counts = np.zeros((len(self.class_names),) * 2, np.int64)
        for true, found, matches in self._matched(score_threshold):
            for k, match in enumerate(matches):
                if match is not None:
                    counts[true[match]['category_id'] - 1, found[k]['category_id'] - 1] += 1
        return counts

    def found_shares(self, score_threshold: float) -> tuple[float, float]:
        """
        Return precision and recall of the objects of at least this score, matched as :meth:`confusion` does.

        What lies in a crowd region is neither right nor wrong. NaN when nothing was found, or nothing is there.
        """
        right = claimed = 0
        for true, found, matches in self._matched(score_threshold):
            right += sum(match is not None and true[match]['category_id'] == found[k]['category_id']
                         for k, match in enumerate(matches))
            claimed += len(found)
        real = sum(not one['iscrowd'] for one in self._true)
        return share_of(right, claimed), share_of(right, real)

    def judged(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the score of each found object, and whether it is real, matched as :meth:`confusion` does."""
        judged = [(one['score'], match is not None and true[match]['category_id'] == one['category_id'])
                  for true, found, matches in self._matched(0.0)
                  for one, match in zip(found, matches, strict=True)]
        scores, right = zip(*judged) if judged else ((), ())
        return np.array(scores, np.float64), np.array(right, np.bool_)

    def _matched(self, score_threshold: float) -> Iterator[tuple[list[Any], list[Any], list[int | None]]]:
        """Yield the true and the found objects of each image, crowds left out, and the match of each found one."""
        true: dict[int, list[Any]] = defaultdict(list)
        found: dict[int, list[Any]] = defaultdict(list)
        crowds: dict[int, list[Any]] = defaultdict(list)
        for one in self._true:
            (crowds if one['iscrowd'] else true)[one['image_id']].append(one)
        for one in self._found:
            if one['score'] >= score_threshold:
                found[one['image_id']].append(one)
        for image in (row['id'] for row in self._images):
            matches = _matches(true[image], found[image])
            inside = _within(found[image], crowds[image])
            kept = [k for k, match in enumerate(matches) if match is not None or not inside[k]]
            yield true[image], [found[image][k] for k in kept], [matches[k] for k in kept]


def found_share(true: OutlinedImage, found: Instances) -> float:
    """
    Return the F1 score of one image: 1 when every object was found and none invented, NaN when there is none.

    A found object counts when it overlaps a true one of its class by IoU 0.5. Crowds are left out.
    """
    masks, kinds = true.masks[~true.crowd], true.classes[~true.crowd]
    real = [{'segmentation': coco_masks.encode(np.asfortranarray(mask))} for mask in masks]
    seen = [{'segmentation': lengths} for lengths in run_lengths(found)]
    matches = _matches(real, seen)
    hits = sum(match is not None and kinds[match] == found.class_ids[k] for k, match in enumerate(matches))
    total = len(real) + len(seen)
    return share_of(2 * hits, total)


def wrong_class_share(counts: NDArray[np.int64]) -> float:
    """Return the share of matched objects that were given another class; NaN when none was matched."""
    total = int(counts.sum())
    return share_of(total - int(np.trace(counts)), total)


def run_lengths(found: Instances) -> list[RunLengths]:
    """Return the COCO run lengths of each object, made from its crop."""
    width, height = found.size
    return [_run_lengths(mask, int(x), int(y), height, width)
            for mask, (x, y) in zip(found.masks, found.corners, strict=True)]


def _run_lengths(mask: NDArray[np.bool_], x: int, y: int, height: int, width: int) -> RunLengths:
    """Encode a crop as run lengths of its image, counted down the columns."""
    columns = np.zeros((mask.shape[1], height), bool)
    columns[:, y:y + mask.shape[0]] = mask.T
    edges = np.flatnonzero(np.diff(columns.ravel(), prepend=False, append=False)) + x * height
    last = [] if len(edges) and edges[-1] == height * width else [height * width]
    counts = np.diff(np.concatenate([[0], edges, last]))
    return coco_masks.frPyObjects({'counts': counts.tolist(), 'size': [height, width]}, height, width)


def _matches(true: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[int | None]:
    """Return for each found object, which come best first, the position of its true object or None."""
    if not true or not found:
        return [None] * len(found)
    overlap = coco_masks.iou([f['segmentation'] for f in found], [t['segmentation'] for t in true], [0] * len(true))
    matches: list[int | None] = []
    for row in overlap:
        best = int(row.argmax())
        matches.append(best if row[best] >= MATCH_IOU else None)
        if matches[-1] is not None:
            overlap[:, best] = -1.0
    return matches


def _within(found: list[dict[str, Any]], crowds: list[dict[str, Any]]) -> NDArray[np.bool_]:
    """Tell of each found object whether at least half of it lies in a crowd region."""
    if not found or not crowds:
        return np.zeros(len(found), bool)
    shares = coco_masks.iou([f['segmentation'] for f in found], [c['segmentation'] for c in crowds], [1] * len(crowds))
    return np.asarray(shares).max(axis=1) >= 0.5
