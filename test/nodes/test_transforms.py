# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Frames are asked of TF and told to TF; a node that needs neither runs without them."""

from __future__ import annotations

import math
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TransformStamped
from rclpy.context import Context
from rclpy.node import Node
from scenes.graph import LATCHED, RELIABLE, Graph, set_parameters, until
from scenes.raycast import Scene, Solid, seen
from scenes.rgbd import DepthCamera, true_models
from sensor_msgs.msg import LaserScan, PointCloud2
from vision_msgs.msg import Detection3DArray

from seg_ros.bridge.images import stamp_ns_of
from seg_ros.errors import ImageError
from seg_ros.geometry.frames import TransformBuffer
from seg_ros.nodes.transforms import LevelFrames, Transforms
from seg_ros.records import Frame, Result, Segmentation
from seg_ros.settings import Settings
from seg_ros.space import Scan, Space

HEIGHT_M, PITCH = 1.0, math.radians(25)
BOX = Solid(1.8, 0.3, (0.30, 0.20, 0.25), 0.0)
VIEW = seen(Scene((BOX,), HEIGHT_M, PITCH))


def world_from_optical() -> TransformStamped:
    """Return where the camera of the view lies in the world."""
    turn = VIEW.scene.world_from_optical
    w = math.sqrt(1 + np.trace(turn)) / 2
    message = TransformStamped()
    message.transform.translation.z = HEIGHT_M
    q = message.transform.rotation
    q.w = w
    q.x, q.y, q.z = ((turn[2, 1] - turn[1, 2]) / (4 * w), (turn[0, 2] - turn[2, 0]) / (4 * w),
                     (turn[1, 0] - turn[0, 1]) / (4 * w))
    return message


TFMessage = pytest.importorskip('tf2_msgs.msg').TFMessage


def broadcast(graph: Graph, stamp_s: int | None = None) -> None:
    """Tell where the camera lies in the world: always, or at one moment."""
    message = world_from_optical()
    message.header.frame_id, message.child_frame_id = 'world', 'camera'
    message.header.stamp.sec = stamp_s or 0
    topic, qos = ('/tf_static', LATCHED) if stamp_s is None else ('/tf', RELIABLE)
    publisher = graph.tester.create_publisher(TFMessage, topic, qos)
    until(publisher.get_subscription_count, 'the node does not listen to TF')
    publisher.publish(TFMessage(transforms=[message]))


def test_objects_come_in_the_frame_asked_for(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'panoptic', 'target_frame': 'world'}, true_models(VIEW)) as graph:
        broadcast(graph)
        boxes = graph.listen('/segmentation/objects', Detection3DArray)
        found = DepthCamera(graph, VIEW).until_answered(boxes)
    assert found.header.frame_id == 'world'
    box = found.detections[0].bbox
    centre, turn = box.center.position, box.center.orientation
    assert np.abs(np.array([centre.x, centre.y, centre.z]) - BOX.centre).max() < 0.02
    assert np.abs(np.array([box.size.x, box.size.y, box.size.z]) - BOX.size).max() < 0.02
    assert abs(turn.x) + abs(turn.y) < 0.01  # upright
    assert found.detections[0].header == found.header


def test_the_mounting_comes_from_tf(ros_context: Context) -> None:
    with Graph(ros_context, {'base_frame': 'world'}, true_models(VIEW)) as graph:
        broadcast(graph)
        scans = graph.listen('/segmentation/scan', LaserScan)
        scan = DepthCamera(graph, VIEW).until_answered(scans, with_depth=False)
    hits = [r for r in scan.ranges if math.isfinite(r)]
    assert hits
    assert abs(min(hits) - math.hypot(1.65, 0.2)) < 0.03  # the near corner of the box


@pytest.mark.parametrize(('height_m', 'words'), [
    (-0.5, 'camera lies below base'), (1e9, 'camera lies 1e+09 m above base')])
def test_a_camera_that_cannot_hang_there_has_no_floor(ros_context: Context, height_m: float, words: str) -> None:
    node = Node('asking', context=ros_context)
    transforms = Transforms(node)
    transforms._buffer.add('camera', 'base', 0, (0.0, 0.0, height_m), (0.0, 0.0, 0.0, 1.0), is_static=True)
    with pytest.raises(ImageError) as caught:
        transforms.floor_under('camera', 1, 'base')
    assert caught.value.fact == words
    with pytest.raises(ImageError, match='base_frame is camera, the frame of the camera itself'):
        transforms.floor_under('camera', 1, 'camera')
    node.destroy_node()


def test_without_tf2_msgs_a_frame_is_refused_and_all_else_runs(ros_context: Context,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'tf2_msgs.msg', None)
    with Graph(ros_context, {}, true_models(VIEW)) as graph:
        until(lambda: graph.tester.count_publishers('/segmentation/mask'), 'the node does not run')
        for name in ('target_frame', 'base_frame'):
            answer = set_parameters(graph, **{name: 'map'})
            assert not answer.successful
            assert answer.reason == (f"{name} is 'map', and tf2_msgs is not installed. Install tf2_msgs, or leave "
                                     f'{name} empty.')


def test_clouds_go_on_without_the_transform_and_its_absence_is_said(ros_context: Context) -> None:
    """The floor that depth shows stands in for the mounting that TF was to tell."""
    with Graph(ros_context, {'base_frame': 'world'}, true_models(VIEW)) as graph:
        clouds, reports = (graph.listen(topic, kind) for topic, kind in (('/segmentation/obstacles', PointCloud2),
                                                                         ('/diagnostics', DiagnosticArray)))
        camera = DepthCamera(graph, VIEW)
        cloud = camera.until_answered(clouds)
        until(lambda: (clouds.clear(), camera.until_answered(clouds),
                       reports and reports[-1].status[0].message.startswith('TF knows no frame'))[2],
              'the missing transform is not said')
        assert reports[-1].status[0].level == DiagnosticStatus.WARN
    assert cloud.width > 100


def test_a_mistyped_target_frame_is_told_in_one_sentence(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'panoptic', 'target_frame': 'wrld'}, true_models(VIEW)) as graph:
        broadcast(graph)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        points = graph.listen('/segmentation/points', PointCloud2)
        graph.tester.create_subscription(Detection3DArray, '/segmentation/objects', print, RELIABLE)
        camera = DepthCamera(graph, VIEW)
        until(lambda: (points.clear(), camera.until_answered(points), reports
                       and reports[-1].status[0].message.startswith('~/objects cannot be made: TF knows no'))[2],
              'it is not said')
    assert "the nearest known is 'world'" in reports[-1].status[0].message
    assert not [item.key for item in reports[-1].status[0].values if 'TF knows' in item.value]


def test_transforms_that_may_be_on_their_way_are_not_missed_yet(ros_context: Context,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    node, robot = Node('asks', context=ros_context), Node('robot', context=ros_context)
    transforms = Transforms(node)
    assert not transforms.is_new  # nothing was asked for
    transforms.prepare(Settings(base_frame='world'))
    assert transforms.is_new
    monkeypatch.setattr('seg_ros.nodes.transforms.GRACE_S', 0.0)
    assert not transforms.is_new
    robot.create_publisher(TFMessage, '/tf_static', LATCHED)
    until(lambda: transforms.is_new, 'the robot is not waited for')
    transforms._on_transforms(True, TFMessage())
    assert not transforms.is_new
    for one in (node, robot):
        one.destroy_node()


def test_what_was_known_is_forgotten_when_the_clock_goes_back(ros_context: Context) -> None:
    node = Node('asks', context=ros_context)
    transforms = Transforms(node)
    transforms.prepare(Settings(base_frame='world'))
    for stamp_s in (100, 101, 50):  # a recording that starts over
        message = world_from_optical()
        message.header.frame_id, message.child_frame_id, message.header.stamp.sec = 'world', 'camera', stamp_s
        transforms._on_transforms(False, TFMessage(transforms=[message]))
    transforms.between('world', 'camera', 50 * 10**9)
    with pytest.raises(ImageError, match='camera'):
        transforms.between('world', 'camera', 100 * 10**9)
    node.destroy_node()


def test_the_level_frame_is_told_with_each_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType('tf2_msgs.msg')
    module.TFMessage = lambda transforms: transforms  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, 'tf2_msgs', ModuleType('tf2_msgs'))
    monkeypatch.setitem(sys.modules, 'tf2_msgs.msg', module)
    told: list[Any] = []
    node = SimpleNamespace(create_publisher=lambda kind, topic, depth: SimpleNamespace(publish=told.append))
    levels = LevelFrames(node)  # type: ignore[arg-type]
    frame = Frame('', 5, 'eye', np.zeros((1, 1, 3), np.uint8))
    scan = Scan(np.ones(1, np.float32), 0.0, 0.1, 0.1, 5.0)
    levels.publish(Result(frame, Segmentation((1, 1))), 0.1)
    assert told == []
    levels.publish(Result(frame, Segmentation((1, 1)), space=Space(scan=scan, level=(0.5, -0.5, 0.5, 0.5))), 0.1)
    transform, later = told[0]
    buffer = TransformBuffer()
    for one in told[0]:
        turn = one.transform.rotation
        buffer.add(one.child_frame_id, one.header.frame_id, stamp_ns_of(one.header), (0.0, 0.0, 0.0),
                   (turn.x, turn.y, turn.z, turn.w))
    buffer.lookup('eye', 'eye_level', 5 + 50_000_000)  # as Nav2's obstacle layer asks, before the next scan
    assert later.transform == transform.transform
    assert (transform.header.frame_id, transform.child_frame_id) == ('eye', 'eye_level')
    assert transform.header.stamp.nanosec == 5
    q = transform.transform.rotation
    assert (q.x, q.y, q.z, q.w) == (0.5, -0.5, 0.5, 0.5)
