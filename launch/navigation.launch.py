# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Starts ``segmentation`` for driving: every pixel a class, at the size a costmap needs."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

LAUNCH = Path(get_package_share_directory('seg_ros')) / 'launch'


def generate_launch_description() -> LaunchDescription:
    """Return segmentation.launch.py with the mode and size for driving."""
    return LaunchDescription([
        DeclareLaunchArgument('mode', default_value='semantic', choices=['semantic', 'panoptic'],
                              description='what is computed for every frame; panoptic finds objects too'),
        DeclareLaunchArgument('output_size', default_value='424x240',
                              description='size of all image outputs; costmaps want no more than this'),
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(LAUNCH / 'segmentation.launch.py')),
            launch_arguments={name: LaunchConfiguration(name) for name in ('mode', 'output_size')}.items()),
    ])
