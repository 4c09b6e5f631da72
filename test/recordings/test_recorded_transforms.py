# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where frames of a recording lie, and what is up for a camera, by its transforms."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from seg_ros.recordings.recorded_transforms import ODOMETRY, Tree, transforms_of

SECOND_NS = 1_000_000_000


def transform(parent: str, child: str, at_s: float, pitch_deg: float = 0.0) -> Any:
    """Return a turn about y, by which a camera looks down."""
    half = math.radians(pitch_deg) / 2
    return {'header': {'stamp': {'sec': int(at_s), 'nanosec': int(at_s % 1 * 1e9)}, 'frame_id': parent},
            'child_frame_id': child,
            'transform': {'translation': {'x': 1.0, 'y': 2.0, 'z': 3.0},
                          'rotation': {'x': 0.0, 'y': math.sin(half), 'z': 0.0, 'w': math.cos(half)}}}


def made(typed: Any, store: Any, name: str) -> Any:
    """Return a rosbags message of plain tables."""
    kinds = {'header': 'std_msgs/msg/Header', 'stamp': 'builtin_interfaces/msg/Time',
             'transform': 'geometry_msgs/msg/Transform', 'translation': 'geometry_msgs/msg/Vector3',
             'rotation': 'geometry_msgs/msg/Quaternion'}
    return store.types[name](**{key: made(value, store, kinds[key]) if isinstance(value, dict) else value
                                for key, value in typed.items()})


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Write a camera that is level at first and looks 40 degrees down from second 10 on."""
    rosbag2, typesys = pytest.importorskip('rosbags.rosbag2'), pytest.importorskip('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    optical = transform('camera_link', 'optical', 0.0)
    optical['transform']['rotation'] = {'x': -0.5, 'y': 0.5, 'z': -0.5, 'w': 0.5}  # REP-103
    rows = [('/tf_static', 0, [optical]), ('/tf', 0, [transform('odom', 'base', 0.0)]),
            *(('/tf', k * SECOND_NS, [transform('base', 'camera_link', float(k), 0.0 if k < 10 else 40.0)])
              for k in range(20))]
    with rosbag2.Writer(tmp_path / 'drive', version=9) as writer:
        topics = {topic: writer.add_connection(topic, 'tf2_msgs/msg/TFMessage', typestore=store)
                  for topic in ('/tf_static', '/tf')}
        for topic, when, transforms in rows:
            message = store.types['tf2_msgs/msg/TFMessage'](
                transforms=[made(one, store, 'geometry_msgs/msg/TransformStamped') for one in transforms])
            writer.write(topics[topic], when, store.serialize_cdr(message, 'tf2_msgs/msg/TFMessage'))
    return tmp_path / 'drive'


@pytest.mark.parametrize(('at_s', 'pitch_deg'), [(0.0, 0.0), (9.0, 0.0), (9.5, 20.0), (19.05, 40.0)])
def test_up_turns_with_the_camera(recording: Path, at_s: float, pitch_deg: float) -> None:
    up = transforms_of(recording).up('optical', round(at_s * SECOND_NS))
    assert up is not None
    pitch = math.radians(pitch_deg)
    np.testing.assert_allclose(up, [0, -math.cos(pitch), -math.sin(pitch)], atol=1e-9)


def test_a_frame_nobody_knows_has_no_up(recording: Path) -> None:
    assert transforms_of(recording).up('arm', 0) is None


def test_nothing_is_known_long_after_the_last_transform(recording: Path) -> None:
    assert transforms_of(recording).up('optical', 30 * SECOND_NS) is None


def test_a_rotation_of_another_length_is_one_and_none_is_left_out(tmp_path: Path) -> None:
    rosbag2, typesys = pytest.importorskip('rosbags.rosbag2'), pytest.importorskip('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    long, none = transform('map', 'base', 0.0), transform('map', 'arm', 0.0)
    long['transform']['rotation'] = {'x': 0.0, 'y': 0.0, 'z': 3.0, 'w': 3.0}
    none['transform']['rotation'] = {'x': 0.0, 'y': 0.0, 'z': 0.0, 'w': 0.0}
    with rosbag2.Writer(tmp_path / 'drive', version=9) as writer:
        tf = writer.add_connection('/tf', 'tf2_msgs/msg/TFMessage', typestore=store)
        message = store.types['tf2_msgs/msg/TFMessage'](
            transforms=[made(one, store, 'geometry_msgs/msg/TransformStamped') for one in (long, none)])
        writer.write(tf, 0, store.serialize_cdr(message, 'tf2_msgs/msg/TFMessage'))
    tree = transforms_of(tmp_path / 'drive')
    found = tree.pose('map', 'base', 0)
    assert found is not None and found[:3, 0] == pytest.approx((0.0, 1.0, 0.0))
    assert tree.pose('map', 'arm', 0) is None


def turn(yaw_deg: float) -> tuple[float, float, float, float]:
    return 0.0, 0.0, math.sin(math.radians(yaw_deg) / 2), math.cos(math.radians(yaw_deg) / 2)


def pose(x: float, yaw_deg: float) -> np.ndarray:  # type: ignore[type-arg]
    one = np.eye(4)
    one[:3, :3], one[0, 3] = Rotation.from_euler('z', yaw_deg, degrees=True).as_matrix(), x
    return one


def test_between_two_moments_a_pose_is_interpolated() -> None:
    tree = Tree()
    for at_s, x, yaw_deg in ((0, 0.0, 170.0), (1, 2.0, -170.0)):
        tree.add('base', 'odom', at_s * SECOND_NS, (x, 0.0, 0.0), turn(yaw_deg))
    middle = tree.pose('odom', 'base', 250_000_000)
    assert middle == pytest.approx(pose(0.5, 175.0), abs=1e-9)
    assert tree.pose('odom', 'base', 0) == pytest.approx(pose(0.0, 170.0))
    assert tree.pose('odom', 'base', 1_050_000_000) == pytest.approx(pose(2.0, -170.0))
    assert tree.pose('odom', 'base', 1_200_000_000) is None and tree.pose('odom', 'base', -200_000_000) is None


def test_all_of_a_recording_is_kept() -> None:
    tree = Tree()
    for at_s in range(100):
        tree.add('base', 'odom', at_s * SECOND_NS, (float(at_s), 0.0, 0.0), turn(0.0))
    assert tree.pose('odom', 'base', SECOND_NS // 2) == pytest.approx(pose(0.5, 0.0))


def test_a_way_that_is_broken_is_said() -> None:
    tree = Tree()
    for child, parent in (('base', 'odom'), ('camera', 'base')):
        tree.add(child, parent, 0, (0.0, 0.0, 0.0), turn(0.0), is_static=True)
    assert tree.joins('odom', 'camera') and not tree.joins('map', 'camera')
    assert 'from camera to map; known frames: base, camera, odom' in str(tree.unjoined('map', 'camera'))


def test_frames_that_go_round_end() -> None:
    tree = Tree()
    for child, parent in (('base', 'odom'), ('odom', 'base')):
        tree.add(child, parent, 0, (0.0, 0.0, 0.0), turn(0.0), is_static=True)
    assert tree.up('base', 0) is None


def test_odometry_gives_way_to_tf_even_where_it_was_recorded_first(tmp_path: Path) -> None:
    """Of two odometries the first counts, so that a robot does not leap between them."""
    rosbag2, typesys = pytest.importorskip('rosbags.rosbag2'), pytest.importorskip('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    with rosbag2.Writer(tmp_path / 'drive', version=9) as writer:
        tf = writer.add_connection('/tf', 'tf2_msgs/msg/TFMessage', typestore=store)
        wheels, visual = (writer.add_connection(topic, ODOMETRY, typestore=store) for topic in ('/wheels', '/visual'))
        for when, connection, child, x in ((1, wheels, 'base', 7.0), (2, visual, 'arm', 5.0), (3, wheels, 'arm', 9.0)):
            writer.write(connection, when, store.serialize_cdr(odometry(store, child, x), ODOMETRY))
        message = store.types['tf2_msgs/msg/TFMessage'](
            transforms=[made(transform('odom', 'base', 0.0), store, 'geometry_msgs/msg/TransformStamped')])
        writer.write(tf, 4, store.serialize_cdr(message, 'tf2_msgs/msg/TFMessage'))
    tree = transforms_of(tmp_path / 'drive')
    for child, x in (('base', 1.0), ('arm', 5.0)):
        found = tree.pose('odom', child, 0)
        assert found is not None and found[0, 3] == x


def odometry(store: Any, child: str, x: float) -> Any:
    """Return a rosbags message of where a frame lies in odom."""
    placed = transform('odom', child, 0.0)
    placed['transform']['translation']['x'] = x
    kinds = {name: store.types[f'geometry_msgs/msg/{name}'] for name in (
        'Pose', 'Point', 'PoseWithCovariance', 'TwistWithCovariance', 'Twist', 'Vector3', 'Quaternion')}
    zero, none = kinds['Vector3'](0.0, 0.0, 0.0), np.zeros(36)
    at, turned = placed['transform']['translation'], placed['transform']['rotation']
    here = kinds['Pose'](kinds['Point'](**at), kinds['Quaternion'](**turned))
    return store.types[ODOMETRY](made(placed['header'], store, 'std_msgs/msg/Header'), child,
                                 kinds['PoseWithCovariance'](here, none),
                                 kinds['TwistWithCovariance'](kinds['Twist'](zero, zero), none))
