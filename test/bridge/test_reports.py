# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the node writes into diagnostics and detections is what a watcher reads out of them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesis, ObjectHypothesisWithPose

from seg_ros.bridge.diagnostics import diagnostics_message
from seg_ros.bridge.reports import NUMBERS, SeenObject, reports_of, seen_objects_of
from seg_ros.health.numbers import CameraHealth
from seg_ros.health.verdict import Level, Verdict

HEALTH = CameraHealth(10.0, 9.5, 31.2, 44.8, 60.0, 120, 110, 4, 1, 'padded', {'floor': 0.375, 'house plant': 0.6},
                      {'hammer': (2, 7)}, stage_ms={'forward': 20.5}, quiet_s=0.1)
VERDICT = Verdict(Level.WARN, 'behind', 'it falls behind', 'use a GPU')
FACTS = {'mode': 'panoptic', 'model': 'indoor + tools', 'device': 'cpu', 'precision': 'bf16'}


def test_a_report_is_read_back_as_it_was_written() -> None:
    message = diagnostics_message('/robot/segmentation', {'': (HEALTH, (VERDICT,))}, FACTS, 5)
    report = reports_of(message, '/robot/segmentation')['']
    assert (report.level, report.verdict, report.remedy) == (Level.WARN, 'it falls behind', 'use a GPU')
    assert (report.mode, report.model, report.device, report.precision) == tuple(FACTS.values())
    assert report.numbers == {'input_hz': 10.0, 'output_hz': 9.5, 'p50_ms': 31.2, 'p95_ms': 44.8, 'p99_ms': 60.0,
                              'received': 120, 'published': 110, 'dropped': 4, 'undecodable': 1}
    assert report.shares == {'floor': 37.5, 'house plant': 60.0}
    assert report.costs == {'forward': 20.5}
    assert report.counts == {'hammer': (2, 7)}


def test_what_is_not_known_yet_is_left_out() -> None:
    """Before the first frame latencies are NaN, which JSON does not have."""
    health = replace(HEALTH, latency_p50_ms=math.nan, latency_p95_ms=math.nan, latency_p99_ms=math.nan)
    report = reports_of(diagnostics_message('/segmentation', {'': (health, (VERDICT,))}, FACTS, 5), '/segmentation')['']
    assert report.numbers.keys() == NUMBERS.keys() - {'p50_ms', 'p95_ms', 'p99_ms'}


@pytest.mark.parametrize('numbers', [{'quiet_s': 9.0}, {'quiet_s': 0.1, 'failing': 3}])
def test_what_was_seen_when_images_came_is_not_seen_now(numbers: dict[str, float]) -> None:
    message = diagnostics_message('/segmentation', {'': (replace(HEALTH, **numbers), (VERDICT,))}, FACTS, 5)
    report = reports_of(message, '/segmentation')['']
    assert (report.shares, report.counts) == ({}, {'hammer': (None, 7)})


def test_each_camera_has_its_report() -> None:
    other = replace(HEALTH, input_hz=3.0)
    both = {'front': (HEALTH, (VERDICT,)), 'left': (other, (VERDICT,))}
    message = diagnostics_message('/segmentation', both, FACTS, 5)
    reports = reports_of(message, '/segmentation')
    assert {camera: report.numbers['input_hz'] for camera, report in reports.items()} == {'front': 10.0, 'left': 3.0}


@pytest.mark.parametrize('name', ['/segmentation2', '/segmentation2: front', 'segmentation', '/robot/segmentation', ''])
def test_what_others_say_is_not_read(name: str) -> None:
    message = DiagnosticArray(status=[DiagnosticStatus(name=name, level=b'\x00')])
    assert reports_of(message, '/segmentation') == {}


def test_objects_are_read_in_their_order() -> None:
    message = Detection2DArray(detections=[detection('12', 'hammer', 0.75), detection('', 'wrench', 0.5)])
    assert seen_objects_of(message) == [SeenObject(12, 'hammer', 0.75, 10, 20, 40, 21),
                                        SeenObject(0, 'wrench', 0.5, 10, 20, 40, 21)]


def test_a_detection_without_a_class_is_no_object() -> None:
    assert seen_objects_of(Detection2DArray(detections=[Detection2D(id='3')])) == []


def detection(track: str, name: str, score: float) -> Detection2D:
    """Return an object whose box is 40 by 20.6 pixels, its corner at 10, 20."""
    made = Detection2D(id=track)
    made.bbox.center.position.x, made.bbox.center.position.y = 30.0, 30.3
    made.bbox.size_x, made.bbox.size_y = 40.0, 20.6
    made.results = [ObjectHypothesisWithPose(hypothesis=ObjectHypothesis(class_id=name, score=score))]
    return made
