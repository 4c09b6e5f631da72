# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores against the truth are those worked out by hand on exact scenes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scenes.raycast import FLOOR, OBJECT, WALL, Scene, Solid, View, seen

from seg_ros.demo.scores import RecordingScores
from seg_ros.geometry.spaces import Roles, Spaces
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.records import UNLABELLED, Instances, Segmentation
from seg_ros.settings import Settings

INDOOR = load_taxonomy('indoor')
NAMES = {c.id: c.name for c in INDOOR.classes}
TOOLS = ('hammer', 'wrench')
SCENE = Scene((Solid(2.0, 0.4, (0.3, 0.3, 0.4)), Solid(3.0, -0.5, (0.3, 0.3, 0.4))), 0.5, 0.1)
VIEW = seen(SCENE)


def scores() -> RecordingScores:
    return RecordingScores(INDOOR, TOOLS, Settings())


def objects(view: View, *track_ids: int) -> Instances:
    """Return the two solids, the first a hammer and the second a wrench."""
    found = view.instances
    return replace(found, class_ids=np.arange(len(found), dtype=np.uint8), track_ids=np.array(track_ids, np.int64))


def obstacles(view: View, labels: np.ndarray) -> Any:
    roles = Roles(np.isin(np.arange(256), [WALL, OBJECT]), np.arange(256) == FLOOR)
    frame = view.frame()
    segmentation = Segmentation(frame.size, labels)
    made = Spaces().made(frame, segmentation, frozenset({'obstacles'}), roles, Settings())
    assert made.obstacles is not None
    return made.obstacles.xyz


def test_labels_are_compared_by_name_and_unlabelled_is_wrong() -> None:
    true = np.array([[0, 0, 1, 1, 255]], np.uint8)
    found = np.array([[20, 255, 21, 21, 20]], np.uint8)  # floor, nothing, wall, wall, and what is not judged
    judged = scores()
    judged.add_labels(found, {20: 'floor', 21: 'wall'}, true, NAMES)
    result = judged.scores()
    assert result.iou == {'floor': 0.5, 'wall': 1.0}
    assert (result.mean_iou, result.pixel_accuracy, result.label_frames) == (0.75, 0.75, 1)


def test_perfect_objects_have_full_precision_no_switch_and_no_error() -> None:
    judged, frame = scores(), VIEW.frame()
    for _ in range(3):
        places = {k: tuple(SCENE.optical(solid.centre)) for k, solid in zip((4, 5), SCENE.solids, strict=True)}
        judged.add_objects(objects(VIEW, 4, 5), TOOLS, places, objects(VIEW, 1, 2), TOOLS, frame)
    result = judged.scores()
    assert (result.precision['AP'], result.precision['AP50_hammer']) == (pytest.approx(1.0), pytest.approx(1.0))
    assert (result.matched, result.true_objects, result.judged) == (6, 6, TOOLS)
    assert result.object_error_m.max() < 0.05
    assert len(result.object_error_m) == 6


def test_an_id_that_changes_is_a_switch() -> None:
    pytest.importorskip('motmetrics')
    judged = scores()
    for found in ((4, 5), (4, 5), (4, 6)):
        judged.add_objects(objects(VIEW, *found), TOOLS, {}, objects(VIEW, 1, 2), TOOLS, VIEW.frame())
    result = judged.scores()
    assert result.switches == 1
    assert result.idf1 is not None
    assert 0.6 < result.idf1 < 1.0


def test_what_the_model_does_not_know_does_not_count_and_a_wrong_class_is_no_match() -> None:
    judged, true = scores(), objects(VIEW, 1, 2)
    judged.add_objects(objects(VIEW, 4, 5), ('wrench', 'hammer'), {}, true, ('hammer', 'chair'), VIEW.frame())
    result = judged.scores()
    assert result.judged == ('hammer',)
    assert (result.matched, result.true_objects) == (0, 1)
    assert result.precision['AP50'] == 0.0
    assert math.isnan(result.precision['AP50_wrench'])


def test_images_without_objects_are_counted_too() -> None:
    judged, none = scores(), Instances.none(VIEW.frame().size)
    judged.add_objects(none, (), {}, none, (), VIEW.frame())
    result = judged.scores()
    assert (result.object_frames, result.true_objects, result.precision, result.judged) == (1, 0, {}, ())


def test_true_labels_give_obstacles_at_no_error() -> None:
    judged = scores()
    judged.add_obstacles(obstacles(VIEW, VIEW.labels), VIEW.labels, NAMES, VIEW.frame())
    result = judged.scores()
    assert len(result.obstacle_error_m) >= 4  # sectors of 5 degrees in which there is one
    assert result.obstacle_error_m.max() == 0.0
    assert result.obstacles_missed == 0.0


def test_an_obstacle_taken_for_ceiling_is_missed() -> None:
    wrong = VIEW.labels.copy()
    wrong[VIEW.ids == 1] = next(c.id for c in INDOOR.classes if c.name == 'ceiling')
    judged = scores()
    judged.add_obstacles(obstacles(VIEW, wrong), VIEW.labels, NAMES, VIEW.frame())
    assert 0.3 < judged.scores().obstacles_missed < 0.8  # of two, the nearer


def test_nothing_compared_is_nothing_known() -> None:
    result = scores().scores()
    assert (result.label_frames, result.object_frames, result.iou) == (0, 0, {})
    assert math.isnan(result.mean_iou) and math.isnan(result.obstacles_missed) and math.isnan(result.pixel_accuracy)


def test_pixels_without_a_true_label_do_not_count() -> None:
    judged = scores()
    judged.add_labels(np.zeros((2, 2), np.uint8), NAMES, np.full((2, 2), UNLABELLED, np.uint8), NAMES)
    assert judged.scores().iou == {}
