# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The map of the bundled drive is the room: with true labels, with worse sensors; its objects are those in it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.drawn_floor import FLOOR, OBSTACLE, PERSON, drawn_classes, drawn_view
from scenes.rendered_room import things
from scenes.room_map import scored
from scenes.true_views import true_drive, without_tracks, worse

from seg_ros.geometry.cutout import window_of
from seg_ros.mapping.charts import FREE, OCCUPIED, UNKNOWN, Chart
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.view import View
from seg_ros.space import Plane
from seg_ros.tracking.overlap import id_image

pytest.importorskip('rosbags')
BIN_M, LOW_M, BINS = 0.01, -4.0, 1600


@lru_cache(maxsize=1)
def true_map_of_the_drive() -> Mapper:
    classes, views = true_drive()
    mapper = Mapper(classes)
    for view in views:
        mapper.update(view)
    return mapper


def test_seen_cells_are_right() -> None:
    scores = scored(true_map_of_the_drive().chart())
    assert scores.seen > 6000
    assert scores.accuracy >= 0.99
    assert scores.occupied_precision >= 0.99
    assert scores.free_precision >= 0.99
    assert scores.classes_right >= 0.99


def test_every_object_in_sight_is_there_once_where_it_is() -> None:
    classes, views = true_drive()
    names, marks = {c.id: c.name for c in classes}, true_map_of_the_drive().objects()
    true = {number: (word, middle) for number, (word, middle) in visible(views).items() if word != 'person'}
    assert sorted(names[mark.class_id] for mark in marks) == sorted(word for word, _ in true.values())
    off = {number: min(float(np.linalg.norm(np.subtract(mark.position, middle))) for mark in marks
                       if names[mark.class_id] == word) for number, (word, middle) in true.items()}
    assert len(off) == 25 and max(off.values()) < 0.015, off
    scene = things()
    for number in (34, 39, 40, 41, 42, 43, 44, 45, 46, 47):  # seen from all sides
        corners = scene[number].triangles.reshape(-1, 3)
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        beside = min(np.linalg.norm(np.subtract(mark.position, middle)[:2]) for mark in marks
                     if names[mark.class_id] == scene[number].word)
        assert beside < 0.02, (number, beside)


def visible(views: list[View]) -> dict[int, tuple[str, NDArray[np.float64]]]:
    """
    Return word and middle of each object: of the box around what two views at least show of it.

    Left out is depth that may be a mixture of two surfaces: the top of a box that is one pixel high in the image say.
    """
    words, seen_in = {number: thing.word for number, thing in things().items()}, dict[int, NDArray[np.int64]]()
    for view in views:
        assert view.instances is not None
        shown, width = id_image(view.instances) * (view.surface.usable > 0), view.surface.size[0]
        for k, number in enumerate(view.instances.track_ids.tolist()):
            rows, columns = window_of(view.instances.masks[k], view.instances.corners[k])
            own = np.argwhere(shown[rows, columns] == k + 1)
            points = view.surface.points_at((own + np.array([rows.start, columns.start])) @ (width, 1)).astype(float)
            if len(own) >= 12 and 0.2 < np.linalg.norm(np.median(points, axis=1)) < 5.0:
                placed = view.map_from_camera[:3, :3] @ points + view.place[:, None]
                counts = seen_in.setdefault(number, np.zeros((3, BINS), int))
                counts += [np.bincount(bins, minlength=BINS) > 0 for bins in ((placed - LOW_M) / BIN_M).astype(int)]
    ends = {number: [np.flatnonzero(axis >= 2)[[0, -1]] for axis in counts]
            for number, counts in seen_in.items() if counts.max() >= 3}
    return {number: (words[number], (np.mean(found, axis=1) + 0.5) * BIN_M + LOW_M) for number, found in ends.items()}


def test_a_person_leaves_no_trace() -> None:
    chart = true_map_of_the_drive().chart()
    column, row = (int((at - origin) / 0.05) for at, origin in zip((4.9, 0.36), chart.origin_m))
    around = slice(row - 4, row + 4), slice(column - 4, column + 4)
    assert not (chart.occupancy[around] == OCCUPIED).any()
    assert 'person' not in true_map_of_the_drive().counts()


def test_worse_poses_depth_and_labels_leave_the_map_right() -> None:
    classes, views = true_drive()
    mapper = Mapper(classes)
    for view in worse(views):
        mapper.update(view)
    scores = scored(mapper.chart(), true_map_of_the_drive().chart())
    assert scores.accuracy >= 0.95
    assert scores.free_precision >= 0.98
    assert scores.occupied_precision >= 0.9
    assert scores.occupied_recall >= 0.9
    assert scores.classes_right >= 0.95
    assert mapper.counts() == true_map_of_the_drive().counts()


def test_objects_are_counted_without_ids_of_a_tracker_too() -> None:
    classes, views = true_drive()
    mapper = Mapper(classes)
    for view in views:
        assert view.instances is not None
        mapper.update(replace(view, labels=None, instances=without_tracks(view.instances)))
    assert mapper.counts() == true_map_of_the_drive().counts()


def at(chart: Chart, x: float, y: float) -> tuple[int, int]:
    """Return occupancy and class of the cell at a place, -1 and -1 outside of the map."""
    column, row = (int(np.floor((v - o) / chart.resolution_m)) for v, o in zip((x, y), chart.origin_m))
    inside = 0 <= row < chart.occupancy.shape[0] and 0 <= column < chart.occupancy.shape[1]
    return (int(chart.occupancy[row, column]), int(chart.class_ids[row, column])) if inside else (UNKNOWN, UNKNOWN)


def test_a_drawn_floor_with_a_box_is_free_occupied_and_unknown_behind() -> None:
    mapper = Mapper(drawn_classes())
    mapper.update(drawn_view(box_at=2.0))
    chart = mapper.chart()
    assert at(chart, 1.5, 0.0) == (FREE, FLOOR)
    assert at(chart, 2.02, 0.0) == (OCCUPIED, OBSTACLE)
    assert at(chart, 2.6, 0.0) == (UNKNOWN, UNKNOWN)
    assert at(chart, -1.0, 0.0) == (UNKNOWN, UNKNOWN)


def test_what_the_model_takes_for_floor_and_stands_is_occupied_by_something() -> None:
    mapper = Mapper(drawn_classes())
    mapper.update(drawn_view(box_at=2.0, label=FLOOR))
    chart = mapper.chart()
    assert at(chart, 2.02, 0.0) == (OCCUPIED, UNKNOWN)
    assert at(chart, 1.5, 0.0) == (FREE, FLOOR)
    assert at(chart, 2.6, 0.0) == (UNKNOWN, UNKNOWN)


def test_what_is_taken_away_is_free_again() -> None:
    mapper = Mapper(drawn_classes())
    for _ in range(5):
        mapper.update(drawn_view(box_at=2.0))
    for _ in range(12):
        mapper.update(drawn_view(box_at=None))
    assert at(mapper.chart(), 2.02, 0.0) == (FREE, FLOOR)


def test_who_moves_is_not_an_obstacle_and_hides_what_is_behind() -> None:
    mapper = Mapper(drawn_classes())
    mapper.update(drawn_view(box_at=2.0, label=PERSON))
    chart = mapper.chart()
    assert at(chart, 2.02, 0.0)[0] != OCCUPIED
    assert at(chart, 2.6, 0.0) == (UNKNOWN, UNKNOWN)
    kept = Mapper(drawn_classes(), MapSettings(moving=()))
    kept.update(drawn_view(box_at=2.0, label=PERSON))
    assert at(kept.chart(), 2.02, 0.0) == (OCCUPIED, PERSON)


def test_floor_under_a_table_is_not_free_before_the_space_above_is_seen() -> None:
    mapper = Mapper(drawn_classes())
    mapper.update(drawn_view(box_at=2.0, box_from_m=0.25))
    assert at(mapper.chart(), 2.3, 0.0)[0] == UNKNOWN
    assert at(mapper.chart(), 1.5, 0.0) == (FREE, FLOOR)


def test_old_evidence_fades_when_it_is_told_to() -> None:
    fading, lasting = (Mapper(drawn_classes(), MapSettings(forget_s=seconds)) for seconds in (1.0, 0.0))
    for mapper in (fading, lasting):
        mapper.update(drawn_view(box_at=2.0))
        mapper.update(drawn_view(box_at=None, stamp_ns=20_000_000_000, turned=True))
    assert at(lasting.chart(), 2.02, 0.0) == (OCCUPIED, OBSTACLE)
    assert at(fading.chart(), 2.02, 0.0)[0] == UNKNOWN


def test_a_measured_floor_that_cannot_be_the_floor_is_not_believed() -> None:
    mapper, table = Mapper(drawn_classes()), Plane((0.0, -1.0, 0.0), 0.1)
    mapper.update(replace(drawn_view(box_at=2.0), floor=table))
    assert at(mapper.chart(), 2.02, 0.0) == (OCCUPIED, OBSTACLE)


def test_a_cleared_map_is_empty() -> None:
    mapper = Mapper(drawn_classes())
    mapper.update(drawn_view(box_at=2.0))
    mapper.clear()
    assert mapper.chart().occupancy.size == 0
    assert mapper.views == 0 and not len(mapper.path)
