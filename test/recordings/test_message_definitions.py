# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Definitions made from Python classes mean the same types as those of the real packages: their hashes agree."""

from __future__ import annotations

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, LaserScan, PointCloud2
from vision_msgs.msg import Detection2DArray, Detection3DArray, LabelInfo

from seg_ros.recordings.message_definitions import definition_of, type_name


def hash_of(kind: type) -> str:
    """Return the hash that rosbags computes from our definition."""
    typesys = pytest.importorskip('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.EMPTY)
    store.register(typesys.get_types_from_msg(definition_of(kind), type_name(kind)))
    return str(store.hash_rihs01(type_name(kind)))


@pytest.mark.parametrize(('kind', 'known'), [
    (Detection2DArray, '214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968'),
    (Detection3DArray, '793f5eab9595ac1c0da07873cc859db42eae51f0ee76056db8562515d830e018'),
    (LabelInfo, '3d37df4015cdf660cc851c51897f2acd957e1ca6205ba0a99aebffb9406b0783'),
])
def test_the_types_of_vision_msgs_have_their_hashes(kind: type, known: str) -> None:
    assert hash_of(kind) == f'RIHS01_{known}'


@pytest.mark.parametrize('kind', [Image, CompressedImage, CameraInfo, PointCloud2, LaserScan, DiagnosticArray])
def test_common_types_have_the_hashes_of_the_distribution(kind: type) -> None:
    typesys = pytest.importorskip('rosbags.typesys')
    assert hash_of(kind) == typesys.get_typestore(typesys.Stores.ROS2_JAZZY).hash_rihs01(type_name(kind))


def test_a_definition_is_the_text_of_a_msg_file() -> None:
    first, stamp = definition_of(CompressedImage).split('=' * 80)[0], definition_of(CompressedImage)
    assert first == 'std_msgs/Header header\nstring format\nuint8[] data\n\n'
    assert 'MSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n' in stamp
