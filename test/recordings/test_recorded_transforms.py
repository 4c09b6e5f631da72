# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Up is told by the transforms of a recording, those nearest in time."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from seg_ros.recordings.recorded_transforms import RecordedTransforms

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


@pytest.mark.parametrize(('at_s', 'pitch_deg'), [(0.0, 0.0), (9.4, 0.0), (9.6, 40.0), (30.0, 40.0)])
def test_up_turns_with_the_camera(recording: Path, at_s: float, pitch_deg: float) -> None:
    up = RecordedTransforms(recording).at('optical', round(at_s * SECOND_NS))
    assert up is not None
    pitch = math.radians(pitch_deg)
    np.testing.assert_allclose(up, [0, -math.cos(pitch), -math.sin(pitch)], atol=1e-9)


def test_a_frame_nobody_knows_has_no_up(recording: Path) -> None:
    assert RecordedTransforms(recording).at('arm', 0) is None


def test_frames_that_go_round_end(recording: Path) -> None:
    up = RecordedTransforms(recording)
    up._add(SimpleNamespace(header=SimpleNamespace(frame_id='optical', stamp=SimpleNamespace(sec=0, nanosec=0)),
                            child_frame_id='odom',
                            transform=SimpleNamespace(rotation=SimpleNamespace(x=0.0, y=0.0, z=0.0, w=1.0))))
    assert up.at('optical', 0) is not None
