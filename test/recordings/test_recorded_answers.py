# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Answers are put together by stamp, whatever order their topics came in; truth comes with the image it belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from scenes.bags import START_NS, Entry, camera_entries, write_bag
from sensor_msgs.msg import PointCloud2, TimeReference
from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesis, ObjectHypothesisWithPose

from seg_ros.bridge.images import compressed_message, header_of, image_message
from seg_ros.bridge.segmentations import label_info_message
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.recordings.recorded_answers import answers, arrivals_ns, diagnostics, has_truth, truths
from seg_ros.records import Mode

CLASSES = load_taxonomy('indoor').classes
MS = 1_000_000


def overlay(stamp_ns: int, red: int) -> Any:
    return compressed_message(np.full((8, 12, 3), (red, 0, 0), np.uint8), header_of(stamp_ns, 'camera'), 100)


def mask(stamp_ns: int, label: int) -> Any:
    return image_message(np.full((8, 12), label, np.uint8), 'mono8', header_of(stamp_ns, 'camera'))


def listed(stamp_ns: int, *found: tuple[str, str]) -> Detection2DArray:
    results = [[ObjectHypothesisWithPose(hypothesis=ObjectHypothesis(class_id=name, score=0.5))] for _, name in found]
    return Detection2DArray(header=header_of(stamp_ns, 'camera'), detections=[
        Detection2D(id=track_id, results=one) for (track_id, _), one in zip(found, results, strict=True)])


def ids(stamp_ns: int) -> Any:
    """Return who is in front: 1 in the upper left corner, 2 in a column on the right, 3 nowhere."""
    front = np.zeros((8, 12), np.uint16)
    front[:3, :4], front[2:, 11] = 1, 2
    return image_message(front, 'mono16', header_of(stamp_ns, 'camera'))


def recorded() -> list[Entry]:
    """Two images answered in semantic mode, a third twice in instance mode; overlays late, one answer without."""
    one, two, three, four = (START_NS + k * 100 * MS for k in range(4))
    reference = TimeReference(header=header_of(two, 'camera'), time_ref=header_of(77 * 1_000 * MS, '').stamp)
    file = TimeReference(header=header_of(three, 'camera'), source='my photo')
    cloud = PointCloud2(header=header_of(one, 'camera'), height=1, width=2, point_step=12, row_step=24,
                        data=np.array([[1, 2, 3], [4, 5, 6]], np.float32).tobytes())
    mode = [KeyValue(key='mode', value='semantic')]
    say = DiagnosticArray(status=[DiagnosticStatus(name='/segmentation', values=mode), DiagnosticStatus(name='/other')])
    rows = [('/segmentation/label_info', label_info_message(CLASSES, 0.4, one)), ('/diagnostics', say),
            ('/segmentation/mask', mask(one, 3)), ('/segmentation/obstacles', cloud),
            ('/segmentation/mask', mask(two, 4)), ('/segmentation/overlay/compressed', overlay(one, 50)),
            ('/camera/image/compressed', overlay(two, 99)), ('/segmentation/overlay/compressed', overlay(two, 150)),
            ('/player/time_reference', reference), ('/player/time_reference', file),
            ('/segmentation/instance_ids', ids(three)),
            ('/segmentation/overlay/compressed', overlay(three, 250)),
            ('/segmentation/instances', listed(three, ('5', 'hammer'), ('9', 'wrench'), ('2', 'hammer'))),
            ('/segmentation/overlay/compressed', overlay(three, 250)), ('/segmentation/mask', mask(four, 1))]
    return [(topic, START_NS + k * MS, message) for k, (topic, message) in enumerate(rows)]


def test_the_parts_of_an_answer_find_each_other(tmp_path: Path) -> None:
    path = write_bag(tmp_path / 'answers', recorded())
    first, second, third = answers(path)
    assert [one.mode for one in (first, second, third)] == [Mode.SEMANTIC, Mode.SEMANTIC, Mode.INSTANCE]
    assert first.labels is not None and second.labels is not None
    assert (first.labels == 3).all() and (second.labels == 4).all()
    assert third.labels is None
    assert [round(one.overlay[..., 0].mean() / 50) for one in (first, second, third)] == [1, 3, 5]
    assert (first.camera, third.camera) == (None, None)
    assert second.camera is not None
    assert first.obstacles is not None
    assert first.obstacles.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert [one.recorded_ns for one in (first, second, third)] == [None, 77 * 1_000 * MS, None]
    assert [one.name for one in (first, second, third)] == ['', '', 'my photo']
    assert (first.names[0], first.frame_id) == ('floor', 'camera')
    assert first.received_ns == START_NS + 5 * MS
    assert arrivals_ns(path) == [one.received_ns for one in (first, second, third)]
    assert diagnostics(path) == [(START_NS + MS, {'mode': 'semantic'})]


def test_objects_are_what_can_be_seen_of_them(tmp_path: Path) -> None:
    objects = list(answers(write_bag(tmp_path / 'answers', recorded())))[2].objects
    assert objects is not None
    assert objects.instances.track_ids.tolist() == [5, 9]  # the third is hidden
    assert [objects.names[k] for k in objects.instances.class_ids] == ['hammer', 'wrench']
    assert objects.instances.boxes.tolist() == [[0, 0, 4, 3], [11, 2, 12, 8]]
    assert all(crop.all() for crop in objects.instances.masks)


def test_truth_comes_with_its_image_and_only_where_it_is_asked_for(tmp_path: Path) -> None:
    entries = camera_entries([np.full((8, 12, 3), k, np.uint8) for k in (10, 20, 30)],
                             depth=lambda k: np.full((8, 12), 1000 + k, np.uint16))
    stamps = [START_NS + k * 100 * MS for k in range(3)]
    truth = [row for k, at in enumerate(stamps) for row in (
        ('/truth/labels', at, mask(at, k)), ('/truth/instances', at, listed(at, ('7', 'hammer'), ('8', 'chair'))),
        ('/truth/instance_ids', at, ids(at)))]
    words = ('/truth/label_info', START_NS, label_info_message(CLASSES, 0.0, START_NS))
    path = write_bag(tmp_path / 'room', [words, *sorted([*entries, *truth], key=lambda row: row[1])])
    assert has_truth(path)
    assert not has_truth(write_bag(tmp_path / 'plain', entries))
    found = list(truths(path, frozenset({stamps[0], stamps[2]})))
    assert [one.frame.stamp_ns for one in found] == [stamps[0], stamps[2]]
    for one, k in zip(found, (0, 2), strict=True):
        assert one.labels is not None and one.objects is not None and one.frame.depth is not None
        assert (one.labels == k).all()
        assert int(one.frame.rgb[0, 0, 0]) == 10 + 10 * k
        assert int(one.frame.depth[0, 0]) == 1000 + k
        assert one.objects.instances.track_ids.tolist() == [7, 8]
        assert one.names[1] == 'wall'


def test_seven_answers_on_their_way_at_once_lose_nothing(tmp_path: Path) -> None:
    stamps = [START_NS + k * MS for k in range(7)]
    rows = [('/segmentation/mask', at, mask(at, k)) for k, at in enumerate(stamps)]
    rows += [('/segmentation/overlay/compressed', stamps[6] + k, overlay(at, 9)) for k, at in enumerate(stamps)]
    assert len(list(answers(write_bag(tmp_path / 'answers', rows)))) == 7
