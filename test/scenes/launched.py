# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Launch files by launch itself: what they would start, and they as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from launch import LaunchContext, LaunchDescription
from launch.actions import GroupAction, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import Node

ROOT = Path(__file__).parents[2]

RUN = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
arguments = dict(word.split(':=', 1) for word in sys.argv[2:])
service = LaunchService(noninteractive=True)
source = PythonLaunchDescriptionSource(sys.argv[1])
service.include_launch_description(LaunchDescription([
    IncludeLaunchDescription(source, launch_arguments=arguments.items())]))
sys.exit(service.run())
"""


def built(name: str, *around: Any, **arguments: str) -> list[Any]:
    """
    Return the nodes a launch file would start.

    :param around: what stands before it in somebody's own launch file.
    """
    context, found = LaunchContext(), []

    def visit(entity: Any) -> None:
        if isinstance(entity, Node):
            entity._perform_substitutions(context)
            found.append(entity)
            return
        for inner in entity.visit(context) or ():
            visit(inner)

    source = PythonLaunchDescriptionSource(str(ROOT / 'launch' / f'{name}.launch.py'))
    included = IncludeLaunchDescription(source, launch_arguments=arguments.items())
    visit(LaunchDescription([GroupAction([*around, included])]))
    return found


def parameter_words(node: Node) -> str:
    """Return the parameter files of a node, and what is in those that launch wrote."""
    arguments = node._Node__expanded_parameter_arguments or []
    texts = [str(path) for path, is_file in arguments if is_file]
    return '\n'.join([*texts, *(Path(path).read_text() for path in texts if 'launch_params' in path)])


def launched(name: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a launch file as a process of its own; both its outputs in one."""
    words = [sys.executable, '-u', '-c', RUN, str(ROOT / 'launch' / f'{name}.launch.py'), *arguments]
    return subprocess.Popen(words, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
