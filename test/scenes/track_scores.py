# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How well lasting ids fit the truth, by py-motmetrics: MOTA and IDF1 as in the MOT challenge, and id switches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import motmetrics
import numpy as np
from scenes.moving_shapes import Seen, full_iou

from seg_ros.records import Instances

RecordedAnswer = Callable[[Seen], Instances]
"""Fills the ``track_ids`` of what was detected in a frame."""


@dataclass(frozen=True)
class TrackScores:
    """MOTA (at most 1) and IDF1 (0 to 1), both best at 1; how often a true object changed its id; ids given."""

    mota: float
    idf1: float
    switches: int
    ids: int


def track_scores(frames: Sequence[Seen], answer: RecordedAnswer) -> TrackScores:
    """Return the scores of a tracker; an object is found when its class is right and masks overlap by half."""
    accumulator, ids = motmetrics.MOTAccumulator(auto_id=True), set()
    for seen in frames:
        found = answer(seen)
        found = found.taken(np.flatnonzero(found.track_ids > 0))
        ids |= set(found.track_ids.tolist())
        accumulator.update(seen.truth.track_ids.tolist(), found.track_ids.tolist(), distances(seen.truth, found))
    metrics = motmetrics.metrics.create().compute(accumulator, metrics=['mota', 'idf1', 'num_switches'])
    mota, idf1, switches = metrics.iloc[0]
    return TrackScores(float(mota), float(idf1), int(switches), len(ids))


def distances(truth: Instances, found: Instances) -> np.ndarray:
    """Return the (T, F) 1 - IoU of masks, NaN where a pair is no match."""
    iou = full_iou(truth, found)
    match = (iou >= 0.5) & (truth.class_ids[:, None] == found.class_ids[None])
    return np.where(match, 1 - iou, np.nan)


def perfect(seen: Seen) -> Instances:
    """Return what a tracker could do at best with these detections: each has the id of the truth it shows."""
    iou = full_iou(seen.detected, seen.truth)
    iou[seen.detected.class_ids[:, None] != seen.truth.class_ids[None]] = 0
    ids = np.zeros(len(seen.detected), np.int64)
    if iou.size:
        best = iou.argmax(axis=1)
        ids = np.where(iou.max(axis=1) >= 0.5, seen.truth.track_ids[best], 0)
    detected = seen.detected
    return Instances(detected.size, detected.boxes, detected.scores, detected.class_ids, detected.corners,
                     detected.masks, ids)
