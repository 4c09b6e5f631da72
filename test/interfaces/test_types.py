# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The message packages built here carry the real packages' types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

INTERFACES = Path(__file__).parents[2] / 'interfaces'
PACKAGES = ('tf2_msgs', 'vision_msgs')
TYPES = [f'{package}/msg/{path.stem}' for package in PACKAGES
         for path in sorted((INTERFACES / package / 'msg').glob('*.msg'))]

# As ROS Jazzy's own packages report them: equal hashes mean the same type on the wire.
PUBLISHED_HASHES = {
    'tf2_msgs/msg/TFMessage': 'RIHS01_e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087',
    'vision_msgs/msg/Detection2DArray': 'RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968',
    'vision_msgs/msg/Detection3DArray': 'RIHS01_793f5eab9595ac1c0da07873cc859db42eae51f0ee76056db8562515d830e018',
    'vision_msgs/msg/LabelInfo': 'RIHS01_3d37df4015cdf660cc851c51897f2acd957e1ca6205ba0a99aebffb9406b0783',
    'vision_msgs/msg/VisionClass': 'RIHS01_1e4a11f0fed50b5623cb8ff26ca0e37952a48a9c074d16f804b44e9164c2037a',
}


def installed_hash(kind: str) -> str:
    """Read a type's hash from the description installed beside the bindings, wherever they came from."""
    package = pytest.importorskip(kind.partition('/')[0])
    relative = Path('share', f'{kind}.json')
    for folder in Path(package.__file__).parents:
        if (folder / relative).is_file():
            hashes = json.loads((folder / relative).read_text(encoding='utf-8'))['type_hashes']
            return str({row['type_name']: row['hash_string'] for row in hashes}[kind])
    pytest.skip(f'this {package.__name__} has no type hashes: it is older than ROS Iron')


@pytest.mark.parametrize('kind', PUBLISHED_HASHES)
def test_installed_types_are_the_real_ones(kind: str) -> None:
    """Whoever built them, the installed bindings speak with those of every robot."""
    assert installed_hash(kind) == PUBLISHED_HASHES[kind]


@pytest.mark.parametrize('kind', PUBLISHED_HASHES)
def test_middleware_announces_the_real_types(ros_node: Any, kind: str) -> None:
    """The hash compiled into the type support is the one discovery compares."""
    package, _, message = kind.partition('/msg/')
    publisher = ros_node.create_publisher(getattr(pytest.importorskip(f'{package}.msg'), message), 'typed', 1)
    info = ros_node.get_publishers_info_by_topic(publisher.topic_name)[0]
    if not hasattr(info, 'topic_type_hash'):
        pytest.skip('this rclpy does not report type hashes: it is older than ROS Iron')
    assert str(info.topic_type_hash) == PUBLISHED_HASHES[kind]


@pytest.mark.parametrize('kind', TYPES)
def test_rosbags_computes_the_installed_hashes(kind: str) -> None:
    """An independent reading of our .msg files gives the hash that is installed."""
    typesys = pytest.importorskip('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    for name in TYPES:
        text = (INTERFACES / f'{name}.msg').read_text(encoding='utf-8')
        store.fielddefs.pop(name, None)  # rosbags knows some of them itself: ours is to be read
        store.register(typesys.get_types_from_msg(text, name))
    assert store.hash_rihs01(kind) == installed_hash(kind)


def test_rosbags_knows_the_same_transforms() -> None:
    """The hash of the types that rosbags brings itself, which are tf2's, is the one installed."""
    typesys = pytest.importorskip('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    for kind in ('tf2_msgs/msg/TFMessage', 'tf2_msgs/msg/TF2Error'):
        assert store.hash_rihs01(kind) == installed_hash(kind)
