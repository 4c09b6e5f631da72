# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Mistyped arguments of launch files are named, those of somebody's own launch are theirs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from seg_ros.nodes.launch_words import mistyped

LAUNCH = Path(__file__).parents[2] / 'launch'


def declared(name: str) -> set[str]:
    """Return the arguments of a launch file."""
    tree = ast.parse((LAUNCH / f'{name}.launch.py').read_text(encoding='utf-8'))
    return {ast.literal_eval(node.args[0]) for node in ast.walk(tree) if isinstance(node, ast.Call)
            and getattr(node.func, 'id', '') == 'DeclareLaunchArgument'}


def own(name: str) -> set[str]:
    """Return the arguments that a launch file looks after itself."""
    tree = ast.parse((LAUNCH / f'{name}.launch.py').read_text(encoding='utf-8'))
    return next({*ast.literal_eval(node.value)} for node in tree.body if isinstance(node, ast.Assign)
                and getattr(node.targets[0], 'id', '') == 'OWN')


KNOWN = declared('segmentation')


@pytest.mark.parametrize(('typed', 'meant'), [
    ('semantic-model', 'semantic_model'), ('devise', 'device'), ('camera', 'cameras'), ('base_fram', 'base_frame'),
    ('param_file', 'params_file'), ('Mode', 'mode')])
def test_a_name_that_is_nearly_an_argument_is_named_with_it(typed: str, meant: str) -> None:
    assert [*mistyped({*KNOWN, typed}, KNOWN)] == [
        f"'{typed}' is no argument of this launch file, and is passed over; the nearest known is '{meant}'"]


@pytest.mark.parametrize('typed', ['ros_namespace', 'use_rviz', 'rviz_config', 'map', 'params', 'robot_name', 'slam',
                                   'use_composition', 'ros_params', 'map_yaml_file', 'container_name', 'x_pose'])
def test_names_of_other_launch_files_are_theirs(typed: str) -> None:
    assert not [*mistyped({*KNOWN, typed}, KNOWN)]


@pytest.mark.parametrize('name', ['demo', 'mapping', 'navigation', 'manipulation', 'multi_camera'])
def test_the_files_know_each_others_arguments(name: str) -> None:
    names = {*KNOWN, *declared(name)}
    assert not [*mistyped(names, KNOWN)]
    if alone := declared(name) - KNOWN:
        assert alone == own(name) and not [*mistyped(names, alone)]
