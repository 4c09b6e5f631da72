# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node as users start it: a process of its own, the shipped weights, real pictures."""

from __future__ import annotations

import signal
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen

import cv2
import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from rclpy.node import Node
from scenes.child import python
from scenes.graph import LATCHED, RELIABLE, Graph, image, pixels_of, until
from sensor_msgs.msg import Image
from vision_msgs.msg import LabelInfo

from seg_ros.models.catalog import open_model

ROOMS = Path(__file__).parents[3] / 'shared' / 'data' / 'indoor' / 'dev'


def node_process(*arguments: str) -> AbstractContextManager[Popen[str]]:
    return python('-m', 'seg_ros.nodes.segmentation', '--ros-args', *arguments)


@pytest.mark.skipif(not ROOMS.is_dir(), reason='the labelled rooms are not beside the repository')
def test_a_real_room_is_segmented_by_the_shipped_model(ros_context: Context) -> None:
    name = sorted((ROOMS / 'rgb').iterdir())[10]
    rgb = cv2.cvtColor(cv2.imread(str(name)), cv2.COLOR_BGR2RGB)
    truth = cv2.imread(str(ROOMS / 'label' / f'{name.stem}.png'), cv2.IMREAD_UNCHANGED)
    tester = Node('tester', context=ros_context)
    masks: list[Image] = []
    infos: list[LabelInfo] = []
    with node_process('-r', 'image:=/camera/image_raw', '-p', 'device:=cpu',
                      '-p', 'unlabelled_threshold:=0.0') as process:
        publisher = tester.create_publisher(Image, '/camera/image_raw', RELIABLE)
        subscriptions = [tester.create_subscription(Image, '/segmentation/mask', masks.append, RELIABLE),
                         tester.create_subscription(LabelInfo, '/segmentation/label_info', infos.append, LATCHED)]
        spin_until(tester, lambda: infos and publisher.get_subscription_count(), 'the node did not start')
        publisher.publish(image(rgb, stamp=(5, 6)))
        spin_until(tester, lambda: masks, 'no mask')
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert len(subscriptions) == 2
    assert (masks[0].header.stamp.sec, masks[0].header.stamp.nanosec) == (5, 6)
    mask = pixels_of(masks[0])
    assert mask.shape == truth.shape
    valid = truth != 255
    assert (mask[valid] == truth[valid]).mean() > 0.4  # well below what all rooms together reach: one room may be hard


def spin_until(node: Node, true: object, otherwise: str) -> None:
    import rclpy
    from rclpy.executors import SingleThreadedExecutor

    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    until(lambda: (executor.spin_once(timeout_sec=0.05), true())[1], otherwise, timeout_s=40.0)  # type: ignore[operator]
    executor.remove_node(node)
    assert rclpy is not None


def test_a_signal_ends_the_node_cleanly(ros_domain: int) -> None:
    with node_process() as process:
        line = ''
        while 'Listening to' not in line:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, 'the node ended by itself'
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output
    assert 'Traceback' not in output
    assert process.pid not in {int(p.name) for p in Path('/proc').iterdir() if p.name.isdecimal()}


def test_a_node_that_cannot_be_configured_stays(ros_domain: int) -> None:
    with node_process('-p', 'semantic_model:=indor') as process:
        lines = []
        while not any('Not configured' in line for line in lines):
            assert process.stdout is not None
            lines.append(process.stdout.readline())
            assert lines[-1], f'the node ended by itself: {lines}'
        assert "there is no model 'indor'; the nearest shipped is 'indoor'" in lines[-1]
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize(('parameter', 'value', 'sentence'), [
    ('taxonomy', 'nowhere.yaml', 'taxonomy nowhere.yaml cannot be read'), ('device', 'cuda:7', "device is 'cuda:7'"),
])
def test_what_cannot_be_configured_is_said(ros_context: Context, parameter: str, value: str, sentence: str) -> None:
    with Graph(ros_context, {parameter: value}, open_model=open_model) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        until(lambda: any(sentence in one.message for report in reports for one in report.status),
              f'it was never said that {sentence}')


@pytest.mark.parametrize(('argument', 'words'), [
    ('mode:=drive', 'mode is'), ('unlabelled_threshold:=7.0', 'unlabelled_threshold'),
    ('output_size:=big', 'output_size is'),
])
def test_a_wrong_parameter_at_start_is_refused_with_the_reason(ros_domain: int, argument: str, words: str) -> None:
    with node_process('-p', argument) as process:
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert words in output
    assert 'Traceback' not in output


def test_numpy_arrays_survive(ros_domain: int) -> None:
    """Guard the helper: what ``image`` writes, ``pixels_of`` reads."""
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    np.testing.assert_array_equal(pixels_of(image(pixels)), pixels)
