# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Starts ``segmentation`` and ``mapping``: a map of floor, obstacles and objects grows while the robot drives."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.conditions import IfCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.logging import get_logger
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from seg_ros.errors import SettingError
from seg_ros.nodes.launch_words import mistyped
from seg_ros.nodes.remapped import topic_of

LAUNCH = Path(get_package_share_directory('seg_ros')) / 'launch'
TRUTH = ['true', 'false', 'True', 'False']
OWN = ('map_frame', 'folder', 'mapping_params_file', 'start_segmentation')  # the others segmentation.launch.py has too

ARGUMENTS = [
    DeclareLaunchArgument('mode', default_value='panoptic', choices=['semantic', 'instance', 'panoptic'],
                          description='what is mapped: cells, objects, or both'),
    DeclareLaunchArgument('map_frame', default_value='map',
                          description='the frame the map is made in; odom where nothing gives map'),
    DeclareLaunchArgument('folder', default_value='~/.ros/seg_ros_map', description='where ~/save writes the map'),
    DeclareLaunchArgument('mapping_params_file', default_value='',
                          description='a YAML file of parameters of mapping; arguments given here hold over it'),
    DeclareLaunchArgument('start_segmentation', default_value='true', choices=TRUTH,
                          description='false where segmentation runs already, under the name node_name'),
    DeclareLaunchArgument('node_name', default_value='segmentation', description='name of the node segmentation'),
    DeclareLaunchArgument('cameras', default_value='',
                          description='names of the cameras, separated by commas; each prefixes its topics'),
    DeclareLaunchArgument('camera_info', default_value='camera_info',
                          description='topic of the camera description of the image'),
    DeclareLaunchArgument('depth', default_value='depth',
                          description='topic of the depth image registered to the image'),
    DeclareLaunchArgument('namespace', default_value='', description='namespace of both nodes and their topics'),
    DeclareLaunchArgument('use_sim_time', default_value='', choices=['', 'true', 'false', 'True', 'False'],
                          description='take the time from /clock: for a simulation, or a bag played with --clock'),
    DeclareLaunchArgument('log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
                          description='what is logged at least'),
]


def generate_launch_description() -> LaunchDescription:
    """Return both nodes; segmentation goes first, for it sets the Fast DDS profile for both."""
    segmentation = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(LAUNCH / 'segmentation.launch.py')),
        launch_arguments={'mode': LaunchConfiguration('mode')}.items(),
        condition=IfCondition(LaunchConfiguration('start_segmentation')))
    return LaunchDescription([*ARGUMENTS, segmentation, OpaqueFunction(function=mapping)])


def mapping(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the node ``mapping`` for the arguments given."""
    is_alone = given(context, 'start_segmentation').lower() == 'false'
    for sentence in mistyped(context.launch_configurations, [one.name for one in ARGUMENTS] if is_alone else OWN):
        get_logger('seg_ros').warning(sentence)
    cameras = [name.strip() for name in given(context, 'cameras').split(',')]
    values: dict[str, object] = {name: given(context, name) for name in ('mode', 'map_frame', 'folder')}
    values |= {'segmentation': given(context, 'node_name'), 'cameras': cameras}
    if given(context, 'use_sim_time'):  # else what is set for all nodes holds
        values['use_sim_time'] = given(context, 'use_sim_time').lower() == 'true'
    files = [Path(given(context, 'mapping_params_file')).expanduser()] if given(context, 'mapping_params_file') else []
    if files and not files[0].is_file():
        raise SettingError(f'there is no file {files[0]}', 'give mapping_params_file the path of a YAML file')
    moved = [(f'{camera}/{name}' if camera else name, topic_of(given(context, name), camera))
             for camera in cameras for name in ('depth', 'camera_info')]
    return [Node(package='seg_ros', executable='mapping', name='mapping', namespace=given(context, 'namespace'),
                 parameters=[*map(str, files), values], remappings=moved, output='screen', emulate_tty=True,
                 ros_arguments=['--log-level', given(context, 'log_level')])]


def given(context: LaunchContext, name: str) -> str:
    """Return what an argument was given."""
    return LaunchConfiguration(name).perform(context)
