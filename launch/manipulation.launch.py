# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Starts ``segmentation`` for picking: each object its own mask and lasting id, at camera size."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

LAUNCH = Path(get_package_share_directory('seg_ros')) / 'launch'


def generate_launch_description() -> LaunchDescription:
    """Return segmentation.launch.py with the mode and model for picking."""
    return LaunchDescription([
        DeclareLaunchArgument('mode', default_value='instance', choices=['instance', 'panoptic'],
                              description='what is computed for every frame; panoptic gives every pixel a class too'),
        DeclareLaunchArgument('instance_model', default_value='tools',
                              description='the model that finds individual objects: a shipped name or a folder'),
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(LAUNCH / 'segmentation.launch.py')),
            launch_arguments={name: LaunchConfiguration(name) for name in ('mode', 'instance_model')}.items()),
    ])
