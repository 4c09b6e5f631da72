# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The answers of a demo and the depth and places of what was played give the map of the drive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scenes.bags import START_NS
from scenes.drawn_floor import FLOOR, OBSTACLE
from scenes.posed import views, write_drive

from seg_ros.demo.drive_map import corrected, drive_map
from seg_ros.demo.map_sections import map_sections
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.mapping.charts import FREE, OCCUPIED
from seg_ros.recordings.recorded_answers import Objects, RecordedAnswer, Truth
from seg_ros.records import Frame, Instances, Mode

pytest.importorskip('rosbags')

OVERLAY = np.zeros((240, 320, 3), np.uint8)
WORDS = {c.id: c.name for c in load_taxonomy('indoor').classes}
NAMES = WORDS | {40: 'crop'}


def answers(count: int) -> list[RecordedAnswer]:
    """Return what is said of the drawn drive: labels, and the box as a crop."""
    found = []
    for k, view in enumerate(views(count)):
        assert view.labels is not None
        mask = (view.labels != FLOOR) & (view.surface.z < 4.0)
        objects = Instances(view.surface.size, np.array([[0, 0, 320, 240]], np.float32), np.ones(1, np.float32),
                            np.zeros(1, np.uint8), np.zeros((1, 2), np.int32), (mask,), np.array([5]))
        found.append(RecordedAnswer(k, 'camera', k, START_NS + k * 100_000_000, Mode.PANOPTIC, OVERLAY,
                                    labels=view.labels, names=NAMES, objects=Objects(objects, ('crop',))))
    return found


def test_the_answers_of_a_drive_are_its_map(tmp_path: Path) -> None:
    mapper = drive_map(write_drive(tmp_path / 'drive', 6), answers(6)[::2])
    assert mapper is not None and mapper.views == 3
    chart = mapper.chart()
    assert (chart.occupancy == FREE).sum() > 1000 and 10 <= (chart.occupancy == OCCUPIED).sum() <= 40
    assert set(np.unique(chart.class_ids[chart.occupancy == OCCUPIED])) == {OBSTACLE}
    assert mapper.counts() == {'crop': 1}


def test_answers_without_labels_or_times_count_for_what_they_have(tmp_path: Path) -> None:
    given = [replace(answers(4)[0], recorded_ns=None), *(replace(one, labels=None) for one in answers(4)[1:])]
    mapper = drive_map(write_drive(tmp_path / 'drive', 4), given)
    assert mapper is not None and mapper.views == 3
    assert not mapper.chart().occupancy.size and mapper.counts() == {'crop': 1}


def test_without_depth_there_is_no_map(tmp_path: Path) -> None:
    assert drive_map(write_drive(tmp_path / 'drive', 3, with_depth=False), answers(3)) is None


def test_the_report_holds_the_map_against_that_of_the_truth(tmp_path: Path) -> None:
    bag, said = write_drive(tmp_path / 'drive', 6), answers(6)
    blind = [replace(one, labels=np.full((240, 320), FLOOR, np.uint8)) for one in said]
    true = [Truth(Frame('', one.recorded_ns or 0, 'camera', OVERLAY), one.labels, WORDS, one.objects) for one in said]
    mapped, of_truth = drive_map(bag, blind), drive_map(bag, corrected(blind, true))
    assert of_truth is not None and (of_truth.chart().occupancy == OCCUPIED).sum() >= 10
    assert map_sections(None, of_truth, ()) == []
    assert len(map_sections(mapped, None, ())) == 1
    table = dict(map_sections(mapped, of_truth, {'crop'})[1].table)
    assert table['occupied: precision, recall'] == '100.0 %, 100.0 %'  # what is called floor and stands is in the way,
    assert table['classes of occupied cells'] == '0.0 %'  # and nobody knows what it is
    assert table['of these there, of the true objects'] == '1 of 1'
    assert table['position error, median and largest'] == '0.000 m, 0.000 m'
    right = dict(map_sections(of_truth, of_truth, {'crop'})[1].table)
    assert (right['cells right'], right['free: precision, recall']) == ('100.0 %', '100.0 %, 100.0 %')
    semantic = [replace(one, objects=None) for one in blind]
    without = drive_map(bag, semantic), drive_map(bag, corrected(semantic, true))
    assert not [what for what, _ in map_sections(*without, ())[1].table if 'objects' in what]


def test_what_was_not_answered_is_not_corrected() -> None:
    said = [replace(answers(2)[0], recorded_ns=None), replace(answers(2)[1], labels=None)]
    truth = Truth(Frame('', said[1].recorded_ns or 0, 'camera', OVERLAY), np.zeros((240, 320), np.uint8), NAMES, None)
    (only,) = corrected(said, [truth])
    assert only.labels is None and only.objects is None
