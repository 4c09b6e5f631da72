# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The launch files through launch itself: built in every mode, and run. Skipped where launch_ros is not installed."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('launch_ros')
pytest.importorskip('rclpy')

from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.launch_description_sources import PythonLaunchDescriptionSource
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node as RosNode
from scenes.graph import RELIABLE, image, until
from scenes.launched import built, launched, parameter_words
from sensor_msgs.msg import Image

ROOT = Path(__file__).parents[2]
FILES = ('segmentation', 'navigation', 'manipulation', 'multi_camera', 'mapping', 'demo')

try:
    get_package_prefix('seg_ros')
except PackageNotFoundError:
    pytest.skip('seg_ros is not installed as a ROS package', allow_module_level=True)


@pytest.mark.parametrize('mode', ['', 'semantic', 'instance', 'panoptic'])
def test_every_mode_starts_from_its_preset(mode: str) -> None:
    node, = built('segmentation', mode=mode)
    assert f'config/{mode or "semantic"}.yaml' in parameter_words(node)


@pytest.mark.parametrize('name', FILES)
def test_every_file_is_built_with_its_defaults(name: str) -> None:
    given = {'source': '/tmp', 'rviz': 'false'} if name == 'demo' else {}
    nodes = built(name, **given)
    beside = {'demo': ['player'], 'mapping': ['mapping']}.get(name, [])
    assert [node.node_executable for node in nodes] == ['segmentation', *beside]


@pytest.mark.parametrize(('argument', 'value', 'word'), [
    ('device', 'cpu', 'device: cpu'), ('output_size', '424x240', 'output_size: 424x240'),
    ('autostart', 'false', 'autostart: false'), ('use_sim_time', 'true', 'use_sim_time: true'),
    ('semantic_model', '150', "semantic_model: '150'"), ('cameras', 'front, left', '- front'),
])
def test_an_argument_becomes_a_parameter_of_its_type(argument: str, value: str, word: str) -> None:
    node, = built('segmentation', **{argument: value})
    assert word in parameter_words(node)


@pytest.mark.parametrize(('arguments', 'moved'), [
    ({'image': '/camera/image_raw'}, [('image', '/camera/image_raw')]),
    ({'cameras': 'front,left', 'image': 'rgb'}, [('front/image', 'front/rgb'), ('left/image', 'left/rgb')]),
    ({'cameras': 'front,left', 'image': '/{camera}_cam/image'},
     [('front/image', '/front_cam/image'), ('left/image', '/left_cam/image')]),
])
def test_topics_are_moved(arguments: dict[str, str], moved: list[tuple[str, str]]) -> None:
    node, = built('segmentation', **arguments)
    assert set(moved) <= set(node.expanded_remapping_rules)


def test_the_map_is_made_of_the_same_cameras() -> None:
    node, = built('mapping', start_segmentation='false', cameras='front,left', depth='/{camera}/depth',
                  node_name='eyes')
    assert {('front/depth', '/front/depth'), ('left/camera_info', 'left/camera_info')} <= set(
        node.expanded_remapping_rules)
    assert 'segmentation: eyes' in parameter_words(node) and '- front' in parameter_words(node)


def test_one_absolute_topic_for_several_cameras_is_refused() -> None:
    with pytest.raises(ValueError, match='would be the topic of all cameras'):
        built('segmentation', cameras='front,left', image='/camera/image_raw')


@pytest.mark.parametrize(('argument', 'value'), [('mode', 'driving'), ('precision', 'fp8'), ('log_level', 'loud')])
def test_a_value_that_is_no_choice_is_refused(argument: str, value: str) -> None:
    with pytest.raises(RuntimeError, match=value):
        built('segmentation', **{argument: value})


@pytest.mark.parametrize('name', FILES)
def test_every_argument_is_listed_for_show_args(name: str) -> None:
    description = PythonLaunchDescriptionSource(str(ROOT / 'launch' / f'{name}.launch.py')).get_launch_description(
        LaunchContext())
    assert isinstance(description, LaunchDescription)
    listed: list[DeclareLaunchArgument] = description.get_launch_arguments()
    assert {'mode', 'image', 'params_file', 'namespace', 'use_sim_time', 'log_level'} <= {a.name for a in listed}
    assert all(a.description and a.description != 'no description given' for a in listed)


def test_a_launched_node_answers_images_and_stops_cleanly(ros_context: Context) -> None:
    tester, masks = RosNode('tester', context=ros_context), []
    executor = SingleThreadedExecutor(context=ros_context)
    executor.add_node(tester)
    tester.create_subscription(Image, '/robot/eyes/mask', masks.append, RELIABLE)
    camera = tester.create_publisher(Image, '/camera/image_raw', RELIABLE)
    process = launched('navigation', 'image:=/camera/image_raw', 'namespace:=robot', 'node_name:=eyes', 'device:=cpu',
                       'output_size:=64x48')
    try:
        def published() -> bool:
            camera.publish(image(np.zeros((96, 128, 3), np.uint8), stamp=(4, 2)))
            executor.spin_once(timeout_sec=0.2)
            return bool(masks)
        until(published, 'the launched node gave no mask', timeout_s=90.0)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        executor.shutdown()
        tester.destroy_node()
    assert process.returncode == 0, output
    assert 'process has finished cleanly' in output, output
    assert (masks[0].width, masks[0].height, masks[0].header.stamp.sec) == (64, 48, 4)
