# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores of a map are those counted by hand: cell by cell, object by object, whoever numbers the classes how."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scenes.drawn_floor import FLOOR, OBSTACLE, drawn_classes, drawn_view

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.mapping.agreement import cell_scores, cells_against, objects_against
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.view import View
from seg_ros.records import Instances

NAMES = {c.id: c.name for c in drawn_classes()}


def mapped(*views: View, classes: tuple[RobotClass, ...] = tuple(drawn_classes())) -> Mapper:
    mapper = Mapper(classes, MapSettings(confirm_views=1))
    for view in views:
        mapper.update(view)
    return mapper


def with_box(view: View, class_id: int = OBSTACLE) -> View:
    """Return a view in which the box is an object."""
    assert view.labels is not None
    return replace(view, instances=Instances(
        view.surface.size, np.array([[0, 0, *view.surface.size]], np.float32), np.ones(1, np.float32),
        np.array([class_id], np.uint8), np.zeros((1, 2), np.int32), (view.labels == OBSTACLE,), np.zeros(1, np.int64)))


def test_cells_are_right_near_what_is_there_and_free_where_nothing_reaches() -> None:
    occupancy = np.array([[100, 100, 100, 0, 0, 0, -1, -1]], np.int8)
    near, reaching = (np.array([row], bool) for row in ([1, 1, 0, 1, 1, 0, 1, 0], [1, 0, 0, 1, 0, 0, 1, 0]))
    there = np.array([[100, 100, -1, 100, 0, 0, 100, 0]], np.int8)
    scores = cell_scores(occupancy, near=near, reaching=reaching, named=near & (np.arange(8) == 0), there=there)
    assert scores.seen == 6
    assert scores.accuracy == pytest.approx(4 / 6)
    assert (scores.occupied_precision, scores.occupied_recall) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert (scores.free_precision, scores.free_recall) == (pytest.approx(2 / 3), pytest.approx(1 / 2))
    assert scores.classes_right == pytest.approx(1 / 2)


def test_a_map_agrees_with_itself_and_where_others_know_nothing_nothing_is_judged() -> None:
    one = mapped(drawn_view(box_at=2.0))
    same = cells_against(one, one)
    assert (same.accuracy, same.occupied_recall, same.free_recall, same.classes_right) == (1.0, 1.0, 1.0, 1.0)
    away = cells_against(one, mapped(drawn_view(box_at=2.0, turned=True)))
    assert away.seen == 0 and math.isnan(away.accuracy) and away.occupied_recall == 0.0


def test_an_obstacle_that_is_not_seen_as_one_costs_recall_and_the_precision_of_free_cells() -> None:
    true, view = mapped(drawn_view(box_at=2.0)), drawn_view(box_at=None)
    scores = cells_against(mapped(view), true)
    assert (scores.occupied_recall, scores.free_recall) == (0.0, 1.0)
    occupied = int((true.chart().occupancy == 100).sum())
    assert scores.free_precision == pytest.approx(1 - occupied / scores.seen)


def test_classes_are_the_same_when_their_names_are() -> None:
    def renumbered(label: int) -> int:
        return label + 50

    classes = tuple(replace(c, id=renumbered(c.id)) for c in drawn_classes())
    view = drawn_view(box_at=2.0)
    assert view.labels is not None
    labels = np.where(view.labels == 255, 255, view.labels + 50).astype(np.uint8)
    other = mapped(replace(view, labels=labels), classes=classes)
    assert cells_against(other, mapped(view)).classes_right == 1.0


def test_objects_are_there_once_of_their_class_and_near() -> None:
    true = mapped(with_box(drawn_view(box_at=2.0)))
    word = NAMES[OBSTACLE]
    near, far = (objects_against(mapped(with_box(drawn_view(box_at=x))), true, {word}) for x in (2.3, 2.8))
    assert (near.found, near.there) == (1, 1)
    assert near.error_m == pytest.approx([0.3], abs=0.02)
    assert (far.found, far.there, len(far.error_m)) == (1, 1, 0)
    other = objects_against(mapped(with_box(drawn_view(box_at=2.0), class_id=FLOOR)), true, {word})
    assert (other.found, other.there, len(other.error_m)) == (1, 1, 0)
    assert objects_against(true, true, ()).there == 0


def test_of_empty_maps_nothing_is_judged() -> None:
    nothing, box = mapped(), mapped(with_box(drawn_view(box_at=2.0)))
    both, one = cells_against(nothing, nothing), cells_against(nothing, box)
    assert both.seen == one.seen == 0 and math.isnan(both.free_recall) and one.free_recall == 0.0
    for first, second in ((nothing, nothing), (nothing, box), (box, nothing)):
        assert not len(objects_against(first, second, {NAMES[OBSTACLE]}).error_m)
