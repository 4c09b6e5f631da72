# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Plays pictures, a video or a webcam into ``segmentation`` and shows the result in RViz."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

LAUNCH = Path(get_package_share_directory('seg_ros')) / 'launch'


def generate_launch_description() -> LaunchDescription:
    """Return player, node and RViz."""
    arguments = [
        DeclareLaunchArgument('source', description='what is played: a folder of images, an RGB-D folder, a video '
                                                    'file, a webcam such as /dev/video0, or a rosbag2 recording'),
        DeclareLaunchArgument('rate', default_value='0.0',
                              description='images per second; 0 as a recording has them, and 10 for what has no times'),
        DeclareLaunchArgument('loop', default_value='true', choices=['true', 'false', 'True', 'False'],
                              description='begin again after the last image'),
        DeclareLaunchArgument('namespace', default_value='', description='namespace of both nodes'),
        DeclareLaunchArgument('rviz', default_value='true', choices=['true', 'false', 'True', 'False'],
                              description='start RViz with config/segmentation.rviz'),
    ]
    node = IncludeLaunchDescription(PythonLaunchDescriptionSource(str(LAUNCH / 'segmentation.launch.py')),
                                    launch_arguments={'rviz': LaunchConfiguration('rviz')}.items())
    player = Node(
        package='seg_ros', executable='player', name='player', namespace=LaunchConfiguration('namespace'),
        parameters=[{'source': ParameterValue(LaunchConfiguration('source'), value_type=str),
                     'rate': ParameterValue(LaunchConfiguration('rate'), value_type=float),
                     'loop': ParameterValue(LaunchConfiguration('loop'), value_type=bool),
                     'wait_for_subscriber': True}],
        output='screen', emulate_tty=True)
    return LaunchDescription([*arguments, node, player])  # the node first: it sets the Fast DDS profile for both
