# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The synchronisers of docs/manipulation.md: the one in Python joins what the node sends, the one in C++ compiles."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scenes.graph import until
from scenes.pages import ROOT, Page

pytest.importorskip('rclpy')

import rclpy
from rclpy.executors import SingleThreadedExecutor
from vision_msgs.msg import (
    Detection2D,
    Detection2DArray,
    Detection3D,
    Detection3DArray,
    ObjectHypothesis,
    ObjectHypothesisWithPose,
)

from seg_ros.bridge.images import header_of, image_message

HEADER = header_of(5_000_000_007, 'camera')
SAID = ['#4 hammer: 6 pixels, 0.75 m ahead, 0.10 m high', '#9 wrench: 1 pixels, no depth']


def block_of(language: str) -> str:
    """Return the block with the synchroniser."""
    found, = (block.text for block in Page(ROOT / 'docs' / 'manipulation.md').blocks
              if block.language == language and 'class Picker' in block.text)
    return found


def picker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the class of the page; where ``message_filters`` is not installed, nothing can be made of it."""
    if 'message_filters' not in sys.modules:
        try:
            __import__('message_filters')
        except ModuleNotFoundError:
            monkeypatch.setitem(sys.modules, 'message_filters', ModuleType('message_filters'))
    names: dict[str, Any] = {'__name__': 'page'}
    exec(block_of('python'), names)
    return names['Picker']


def messages() -> dict[str, Any]:
    """Return two objects as the node tells them, the second without depth."""
    ids = np.zeros((4, 5), np.uint16)
    ids[:2, :3], ids[3, 4] = 1, 2

    def found(name: str) -> list[ObjectHypothesisWithPose]:
        return [ObjectHypothesisWithPose(hypothesis=ObjectHypothesis(class_id=name, score=0.5))]

    box = Detection3D(header=HEADER, id='4', results=found('hammer'))
    box.bbox.center.position.z, box.bbox.size.z = 0.75, 0.1
    listed = [Detection2D(id=track_id, results=found(name)) for track_id, name in (('4', 'hammer'), ('9', 'wrench'))]
    return {'instances': Detection2DArray(header=HEADER, detections=listed),
            'instance_ids': image_message(ids, 'mono16', HEADER),
            'objects': Detection3DArray(header=HEADER, detections=[box])}


def test_masks_and_boxes_are_those_of_their_detection(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    node = SimpleNamespace(get_logger=lambda: SimpleNamespace(info=said.append))
    picker(monkeypatch).on_image(node, *messages().values())
    assert said == SAID


def test_what_bears_one_stamp_comes_together(ros_domain: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('message_filters', reason='message_filters is not installed')
    rclpy.init(domain_id=ros_domain)
    try:
        node, said = picker(monkeypatch)(), list[str]()
        monkeypatch.setattr(node, 'get_logger', lambda: SimpleNamespace(info=said.append))
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        for name, message in messages().items():
            publisher = node.create_publisher(type(message), f'/segmentation/{name}', 10)
            until(publisher.get_subscription_count, f'{name} is not subscribed to')
            for nanosec in (6, 7):  # the first of the three alone also with another stamp
                message.header.stamp.nanosec = nanosec
                if nanosec == 7 or name == 'instances':
                    publisher.publish(message)
        until(lambda: executor.spin_once(0.05) or said, 'nothing came together')
        assert said == SAID
        node.destroy_node()
    finally:
        rclpy.shutdown()


def test_the_one_in_cpp_compiles(tmp_path: Path) -> None:
    roots = [Path(root) / 'include' for root in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if root]
    if not shutil.which('g++') or not any((root / 'message_filters').is_dir() for root in roots):
        pytest.skip('rclcpp and message_filters are not installed')
    folders = [folder for root in roots for folder in (root, *root.glob('*/')) if folder.is_dir()]
    (tmp_path / 'picker.cpp').write_text(block_of('cpp'), encoding='utf-8')
    command = ['g++', '-std=c++17', '-fsyntax-only', '-Wall', 'picker.cpp',
               *(word for folder in folders for word in ('-idirafter', str(folder)))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
