# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Plays pictures, a video, a webcam or a recording into ``segmentation`` and shows the result in RViz."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction, Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.logging import get_logger
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from seg_ros.nodes.launch_words import mistyped
from seg_ros.nodes.remapped import topic_of

LAUNCH = Path(get_package_share_directory('seg_ros')) / 'launch'
INPUTS = ('image', 'camera_info', 'depth')
OWN = ('source', 'rate', 'loop')  # the other arguments segmentation.launch.py has too


def generate_launch_description() -> LaunchDescription:
    """Return node, RViz, and a player for each camera."""
    arguments = [
        DeclareLaunchArgument('source', description='what is played: a folder of images, an RGB-D folder, a video '
                                                    'file, a webcam such as /dev/video0, or a rosbag2 recording'),
        DeclareLaunchArgument('rate', default_value='0.0',
                              description='images per second; 0 as a recording has them, and 10 for what has no times'),
        DeclareLaunchArgument('loop', default_value='true', choices=['true', 'false', 'True', 'False'],
                              description='begin again after the last image; false ends the demo there'),
        DeclareLaunchArgument('namespace', default_value='', description='namespace of both nodes'),
        DeclareLaunchArgument('rviz', default_value='true', choices=['true', 'false', 'True', 'False'],
                              description='start RViz with what the node publishes'),
    ]
    node = IncludeLaunchDescription(PythonLaunchDescriptionSource(str(LAUNCH / 'segmentation.launch.py')),
                                    launch_arguments={'rviz': LaunchConfiguration('rviz')}.items())
    # The node first: it sets the Fast DDS profile for all, and refuses what cannot be before anything is started.
    return LaunchDescription([*arguments, node, OpaqueFunction(function=players)])


def players(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return what plays the source to each camera of the node; when one ends or dies, the demo ends."""
    for sentence in mistyped(context.launch_configurations, OWN):
        get_logger('seg_ros').warning(sentence)
    cameras = [name.strip() for name in given(context, 'cameras').split(',')]
    return [Node(
        package='seg_ros', executable='player', name=f'player_{camera}'.rstrip('_').replace('/', '_'),
        namespace=given(context, 'namespace'), parameters=[parameters(context)],
        remappings=[(name, topic_of(given(context, name), camera)) for name in INPUTS],
        ros_arguments=['--log-level', given(context, 'log_level')], output='screen', emulate_tty=True,
        on_exit=Shutdown(reason='the player has ended')) for camera in cameras]


def parameters(context: LaunchContext) -> dict[str, object]:
    """Return what a player is told."""
    return {'source': ParameterValue(LaunchConfiguration('source'), value_type=str),
            'rate': ParameterValue(LaunchConfiguration('rate'), value_type=float),
            'loop': ParameterValue(LaunchConfiguration('loop'), value_type=bool),
            'image_transport': given(context, 'image_transport') or 'raw', 'wait_for_subscriber': True,
            **({'use_sim_time': given(context, 'use_sim_time').lower() == 'true'}
               if given(context, 'use_sim_time') else {})}


def given(context: LaunchContext, name: str) -> str:
    """Return what an argument was given."""
    return LaunchConfiguration(name).perform(context)
