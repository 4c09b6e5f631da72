"""Frames are asked of TF and told to TF; a node that needs neither runs without them."""

from __future__ import annotations

import math
import sys
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from rclpy.context import Context
from scenes.graph import Graph, set_parameters, until
from scenes.raycast import Scene, Solid, seen
from scenes.rgbd import DepthCamera, true_models
from sensor_msgs.msg import LaserScan
from vision_msgs.msg import Detection3DArray

from seg_ros.errors import ImageError, SettingError
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


class Buffer:
    """Knows the frame ``world`` at every moment, and no other."""

    asked: ClassVar[list[tuple[str, str, int]]] = []

    def lookup_transform(self, target: str, source: str, stamp: Any, timeout: Any) -> TransformStamped:
        """Answer as tf2_ros.Buffer does."""
        self.asked.append((target, source, stamp.nanoseconds))
        if target != 'world':
            raise LookupError(f'"{target}" passed to lookupTransform does not exist')
        return world_from_optical()


@pytest.fixture
def tf2(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int]]:
    """Put a stand-in for tf2_ros in place, and return what it was asked."""
    module = ModuleType('tf2_ros')
    module.Buffer, module.TransformListener = Buffer, lambda buffer, node: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, 'tf2_ros', module)
    monkeypatch.setattr(Buffer, 'asked', [])
    return Buffer.asked


def test_objects_come_in_the_frame_asked_for(ros_context: Context, tf2: list[tuple[str, str, int]]) -> None:
    with Graph(ros_context, {'mode': 'panoptic', 'target_frame': 'world'}, true_models(VIEW)) as graph:
        boxes = graph.listen('/segmentation/objects', Detection3DArray)
        found = DepthCamera(graph, VIEW).until_answered(boxes)
    assert found.header.frame_id == 'world'
    assert ('world', 'camera', found.header.stamp.sec * 1_000_000_000) in tf2
    box = found.detections[0].bbox
    centre, turn = box.center.position, box.center.orientation
    assert np.abs(np.array([centre.x, centre.y, centre.z]) - BOX.centre).max() < 0.02
    assert np.abs(np.array([box.size.x, box.size.y, box.size.z]) - BOX.size).max() < 0.02
    assert abs(turn.x) + abs(turn.y) < 0.01  # upright
    assert found.detections[0].header == found.header


def test_the_mounting_comes_from_tf(ros_context: Context, tf2: list[tuple[str, str, int]]) -> None:
    with Graph(ros_context, {'base_frame': 'world'}, true_models(VIEW)) as graph:
        scans = graph.listen('/segmentation/scan', LaserScan)
        scan = DepthCamera(graph, VIEW).until_answered(scans, with_depth=False)
    hits = [r for r in scan.ranges if math.isfinite(r)]
    assert hits
    assert abs(min(hits) - math.hypot(1.65, 0.2)) < 0.03  # the near corner of the box


def test_without_tf2_ros_a_frame_is_refused_and_all_else_runs(ros_context: Context,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    with Graph(ros_context, {}, true_models(VIEW)) as graph:
        until(lambda: graph.tester.count_publishers('/segmentation/mask'), 'the node does not run')
        for name in ('target_frame', 'base_frame'):
            answer = set_parameters(graph, **{name: 'map'})
            assert not answer.successful
            assert answer.reason == (f"{name} is 'map', and tf2_ros is not installed. Install tf2_ros, or leave "
                                     f'{name} empty.')


def test_a_frame_tf_does_not_know_is_named(tf2: list[tuple[str, str, int]]) -> None:
    transforms = Transforms(SimpleNamespace())  # type: ignore[arg-type]
    transforms.prepare(Settings(target_frame='nowhere'))
    with pytest.raises(ImageError, match='no transform from camera to nowhere'):
        transforms.between('nowhere', 'camera', 1)


def test_a_frame_that_was_not_named_is_not_known() -> None:
    with pytest.raises(ImageError, match='nothing is known'):
        Transforms(SimpleNamespace()).between('map', 'camera', 1)  # type: ignore[arg-type]


def test_refusal_is_a_setting_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    with pytest.raises(SettingError, match='tf2_ros is not installed'):
        Transforms(SimpleNamespace()).prepare(Settings(base_frame='base'))  # type: ignore[arg-type]


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
    levels.publish(Result(frame, Segmentation((1, 1))))
    assert told == []
    levels.publish(Result(frame, Segmentation((1, 1)), space=Space(scan=scan, level=(0.5, -0.5, 0.5, 0.5))))
    transform, = told[0]
    assert (transform.header.frame_id, transform.child_frame_id) == ('eye', 'eye_level')
    assert transform.header.stamp.nanosec == 5
    q = transform.transform.rotation
    assert (q.x, q.y, q.z, q.w) == (0.5, -0.5, 0.5, 0.5)
