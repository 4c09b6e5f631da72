# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Starts the node ``segmentation``, and RViz if asked."""

from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_prefix, get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.logging import get_logger
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.utilities.namespace_utils import make_namespace_absolute, prefix_namespace

from seg_ros.errors import SettingError
from seg_ros.nodes.fast_dds import profile_environment
from seg_ros.nodes.launch_words import mistyped
from seg_ros.nodes.remapped import topic_of

CONFIG = Path(get_package_share_directory('seg_ros')) / 'config'

# Arguments that are parameters of the node, by the type of their value.
TEXTS = ('mode', 'image_transport', 'semantic_model', 'instance_model', 'taxonomy', 'device', 'precision',
         'output_size', 'base_frame')
TRUTH_VALUES = ('autostart', 'use_sim_time')
INPUTS = ('image', 'camera_info', 'depth')
# What config/segmentation*.rviz show of the node /segmentation.
SHOWN = ('overlay', 'points', 'obstacles', 'ground', 'scan', 'object_markers', 'target_points', 'scene_points')
MAPPED = ('map', 'map_updates', 'object_markers')  # ... and of /mapping
TRUTH = ['', 'true', 'false', 'True', 'False']

ARGUMENTS = [
    DeclareLaunchArgument('mode', default_value='', choices=['', 'semantic', 'instance', 'panoptic'],
                          description='what is computed for every frame; empty: as params_file says, else semantic'),
    DeclareLaunchArgument('image', default_value='image',
                          description='topic of the camera images; with several cameras {camera} stands for the name'),
    DeclareLaunchArgument('camera_info', default_value='camera_info',
                          description='topic of the camera description of the image'),
    DeclareLaunchArgument('depth', default_value='depth',
                          description='topic of the depth image registered to the image'),
    DeclareLaunchArgument('image_transport', default_value='', choices=['', 'raw', 'compressed'],
                          description='compressed listens to the JPEG or PNG topic below image'),
    DeclareLaunchArgument('cameras', default_value='',
                          description='names of several cameras, front,left say; each prefixes its topics'),
    DeclareLaunchArgument('semantic_model', default_value='',
                          description='the model that gives every pixel a class: a shipped name or a folder'),
    DeclareLaunchArgument('instance_model', default_value='',
                          description='the model that finds individual objects: a shipped name or a folder'),
    DeclareLaunchArgument('taxonomy', default_value='',
                          description='the classes of the robot: a shipped name or a .yaml file'),
    DeclareLaunchArgument('device', default_value='', description='auto, cpu, cuda or cuda:N'),
    DeclareLaunchArgument('precision', default_value='', choices=['', 'auto', 'fp32', 'bf16', 'fp16'],
                          description='arithmetic of the network'),
    DeclareLaunchArgument('output_size', default_value='',
                          description='size of all image outputs as WIDTHxHEIGHT, 424x240 say'),
    DeclareLaunchArgument('base_frame', default_value='',
                          description='a frame whose x and y lie in the floor, base_footprint say: TF tells the '
                                      'height and tilt of the camera'),
    DeclareLaunchArgument('params_file', default_value='',
                          description='a YAML file of parameters; it holds over the preset of the mode, '
                                      'and arguments given here hold over it'),
    DeclareLaunchArgument('namespace', default_value='', description='namespace of the node and its topics'),
    DeclareLaunchArgument('node_name', default_value='segmentation', description='name of the node'),
    DeclareLaunchArgument('use_sim_time', default_value='', choices=TRUTH,
                          description='take the time from /clock: for a simulation, or a bag played with --clock'),
    DeclareLaunchArgument('autostart', default_value='', choices=TRUTH,
                          description='configure and activate at start; false leaves that to a lifecycle manager'),
    DeclareLaunchArgument('log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
                          description='what is logged at least'),
    DeclareLaunchArgument('respawn', default_value='false', choices=TRUTH[1:],
                          description='start the node again 2 s after it died'),
    DeclareLaunchArgument('use_fastdds_profile', default_value='true', choices=TRUTH[1:],
                          description='let whole images through shared memory, unless you have a profile of your own'),
    DeclareLaunchArgument('rviz', default_value='false', choices=TRUTH[1:],
                          description='start RViz with what the node publishes'),
    DeclareLaunchArgument('rviz_frame', default_value='camera_optical_frame',
                          description='the fixed frame of RViz: base_link or odom on a robot; an optical one is seen '
                                      'as the camera sees it'),
]


def generate_launch_description() -> LaunchDescription:
    """Return the arguments, and what becomes of them."""
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """
    Return the nodes for the arguments given.

    :raises SettingError: before any is started, when an argument cannot be honoured.
    """
    for sentence in mistyped(context.launch_configurations, [one.name for one in ARGUMENTS]):
        get_logger('seg_ros').warning(sentence)
    rviz = [rviz_node(context)] if is_true(context, 'rviz') else []
    started: list[LaunchDescriptionEntity] = []
    if is_true(context, 'use_fastdds_profile'):
        started += [SetEnvironmentVariable(name, value) for name, value in profile_environment().items()]
    return [*started, Node(
        package='seg_ros', executable='segmentation', name=given(context, 'node_name'),
        namespace=given(context, 'namespace'), parameters=parameters(context), remappings=remappings(context),
        ros_arguments=['--log-level', given(context, 'log_level')], respawn=is_true(context, 'respawn'),
        respawn_delay=2.0, output='screen', emulate_tty=True), *rviz]


def rviz_node(context: LaunchContext) -> Node:
    """
    Return RViz with what the node publishes.

    :raises SettingError: when it is not installed.
    """
    try:
        get_package_prefix('rviz2')
    except PackageNotFoundError as error:
        raise SettingError('RViz is asked for, and rviz2 is not installed',
                           'install it with sudo apt install ros-$ROS_DISTRO-rviz2, or give rviz:=false') from error
    view = 'segmentation_optical.rviz' if 'optical' in given(context, 'rviz_frame') else 'segmentation.rviz'
    values = [{'use_sim_time': is_true(context, 'use_sim_time')}] if given(context, 'use_sim_time') else []
    return Node(package='rviz2', executable='rviz2', name='rviz2', namespace=given(context, 'namespace'),
                arguments=['-d', str(CONFIG / view), '-f', given(context, 'rviz_frame')],
                parameters=values, remappings=shown(context))


def parameters(context: LaunchContext) -> list[object]:
    """Return the preset, the file, and what was given by argument; the later holds."""
    files = [CONFIG / f'{given(context, "mode") or "semantic"}.yaml']
    if given(context, 'params_file'):
        files.append(Path(given(context, 'params_file')).expanduser())
    if not files[-1].is_file():
        raise SettingError(f'there is no file {files[-1]}', 'give params_file the path of a YAML file of parameters')
    values: dict[str, object] = {name: ParameterValue(given(context, name), value_type=str)
                                 for name in TEXTS if given(context, name)}
    values |= {name: is_true(context, name) for name in TRUTH_VALUES if given(context, name)}
    if cameras(context) != ['']:
        values['cameras'] = cameras(context)
    return [*map(str, files), *([values] if values else [])]


def remappings(context: LaunchContext) -> list[tuple[str, str]]:
    """Return where the topics of each camera are found; where nothing is said, a surrounding SetRemap holds."""
    pairs = [(f'{camera}/{name}' if camera else name, topic_of(given(context, name), camera))
             for camera in cameras(context) for name in INPUTS]
    return [(own, topic) for own, topic in pairs if own != topic]


def shown(context: LaunchContext) -> list[tuple[str, str]]:
    """Return where RViz finds what its configuration expects below /segmentation and /mapping."""
    pushed = context.launch_configurations.get('ros_namespace')
    namespace = make_namespace_absolute(prefix_namespace(pushed, given(context, 'namespace'))) or ''
    space = namespace.rstrip('/')
    own = '/'.join([space, given(context, 'node_name'), cameras(context)[0]]).rstrip('/')
    pairs = [(f'/segmentation/{name}', f'{own}/{name}') for name in SHOWN] if own != '/segmentation' else []
    return [*pairs, *((f'/mapping/{name}', f'{space}/mapping/{name}') for name in MAPPED if space)]


def cameras(context: LaunchContext) -> list[str]:
    """Return the names of the cameras; one empty name for the camera without a name."""
    return [name.strip() for name in given(context, 'cameras').split(',')]


def given(context: LaunchContext, name: str) -> str:
    """Return what an argument was given."""
    return LaunchConfiguration(name).perform(context)


def is_true(context: LaunchContext, name: str) -> bool:
    """Tell whether an argument was given as true."""
    return given(context, name).lower() == 'true'
