# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Starts one ``segmentation`` node for several cameras: one model, one batch."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

SHARE = Path(get_package_share_directory('seg_ros'))


def generate_launch_description() -> LaunchDescription:
    """Return segmentation.launch.py with several cameras."""
    arguments = [
        DeclareLaunchArgument('cameras', default_value='front,left,right',
                              description='names of the cameras; each prefixes its topics'),
        DeclareLaunchArgument('image', default_value='/{camera}/image_raw',
                              description="topic of the images; {camera} stands for the camera's name"),
        DeclareLaunchArgument('camera_info', default_value='/{camera}/camera_info',
                              description='topic of the camera descriptions'),
        DeclareLaunchArgument('depth', default_value='/{camera}/depth',
                              description='topic of the depth images registered to the images'),
        DeclareLaunchArgument('params_file', default_value=str(SHARE / 'config' / 'multi_camera.yaml'),
                              description='a YAML file of parameters'),
    ]
    passed = {name: LaunchConfiguration(name) for name in ('cameras', 'image', 'camera_info', 'depth', 'params_file')}
    return LaunchDescription([
        *arguments,
        IncludeLaunchDescription(PythonLaunchDescriptionSource(str(SHARE / 'launch' / 'segmentation.launch.py')),
                                 launch_arguments=passed.items()),
    ])
