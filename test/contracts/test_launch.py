# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Everything a launch file names exists: executables, parameters, presets, paths, topics. ROS is not needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import yaml

from seg_ros.records import Mode
from seg_ros.settings import Settings, knob_of

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / 'launch').glob('*.launch.py'))
TREES = {path.name: ast.parse(path.read_text(encoding='utf-8')) for path in FILES}
MAIN = TREES['segmentation.launch.py']
RVIZ = yaml.safe_load((ROOT / 'config' / 'segmentation.rviz').read_text(encoding='utf-8'))
NOT_OURS = {('rviz2', 'rviz2')}


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yield each call of a function or class of this name."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == name)


def keywords(call: ast.Call) -> dict[str, ast.expr]:
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def constant(tree: ast.Module, name: str) -> Any:
    """Return the value of a constant at the top of a file."""
    return next(ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)
                and getattr(node.targets[0], 'id', '') == name)


def arguments(tree: ast.Module) -> dict[str, dict[str, ast.expr]]:
    """Return the declared arguments by name."""
    return {ast.literal_eval(call.args[0]): keywords(call) for call in calls(tree, 'DeclareLaunchArgument')}


def words(tree: ast.AST) -> set[str]:
    """Return every text constant of a file but its docstrings."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_the_promised_files_are_there() -> None:
    assert {'segmentation', 'navigation', 'manipulation', 'multi_camera', 'mapping', 'demo'} == {
        name.removesuffix('.launch.py') for name in TREES}


@pytest.mark.parametrize('name', TREES)
def test_each_argument_is_described_and_its_default_is_a_choice(name: str) -> None:
    declared = arguments(TREES[name])
    assert declared
    for argument, given in declared.items():
        assert len(ast.literal_eval(given['description'])) > 10, argument
        if isinstance(given.get('choices'), ast.List):
            assert ast.literal_eval(given['default_value']) in ast.literal_eval(given['choices'])


@pytest.mark.parametrize('name', TREES)
def test_executables_are_those_of_the_package(name: str) -> None:
    setup = (ROOT / 'setup.py').read_text(encoding='utf-8')
    ours = {('seg_ros', found) for found in re.findall(r"'(\w+) = seg_ros\.", setup)}
    started = {(ast.literal_eval(given['package']), ast.literal_eval(given['executable']))
               for given in map(keywords, calls(TREES[name], 'Node'))}
    assert started <= ours | NOT_OURS
    assert started or [*calls(TREES[name], 'IncludeLaunchDescription')]


@pytest.mark.parametrize('name', TREES)
def test_paths_exist(name: str) -> None:
    for word in words(TREES[name]):
        if re.fullmatch(r'[\w.]+\.(yaml|rviz|xml|launch\.py)', word):
            assert (ROOT / 'config' / word).is_file() or (ROOT / 'launch' / word).is_file(), word


def test_parameters_are_settings_with_the_same_choices() -> None:
    declared = arguments(MAIN)
    for name in constant(MAIN, 'TEXTS'):
        assert isinstance(getattr(Settings(), name), str)
        if knob_of(name).choices:
            assert ast.literal_eval(declared[name]['choices']) == ['', *knob_of(name).choices]
    assert set(constant(MAIN, 'TRUTH_VALUES')) - {'use_sim_time'} <= {item.name for item in fields(Settings)}
    assert {*constant(MAIN, 'TEXTS'), *constant(MAIN, 'TRUTH_VALUES'), *constant(MAIN, 'INPUTS')} <= declared.keys()


def test_the_player_of_the_demo_has_its_parameters() -> None:
    player = next(call for call in calls(TREES['demo.launch.py'], 'Node'))
    table = keywords(player)['parameters']
    assert isinstance(table, ast.List) and isinstance(table.elts[0], ast.Dict)
    names = {ast.literal_eval(key) for key in table.elts[0].keys if key}
    source = ast.parse((ROOT / 'seg_ros' / 'player' / 'settings.py').read_text(encoding='utf-8'))
    settings = next(node for node in source.body if getattr(node, 'name', '') == 'PlayerSettings')
    assert isinstance(settings, ast.ClassDef)
    assert names <= {node.target.id for node in settings.body
                     if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}


@pytest.mark.parametrize('name', TREES)
def test_arguments_used_are_declared(name: str) -> None:
    """In the file itself; passed arguments in the file that is started with them."""
    tree = TREES[name]
    used = {ast.literal_eval(call.args[0]) for call in calls(tree, 'LaunchConfiguration')
            if isinstance(call.args[0], ast.Constant)}
    used |= {ast.literal_eval(call.args[1]) for kind in ('given', 'is_true') for call in calls(tree, kind)
             if isinstance(call.args[1], ast.Constant)}
    assert used <= arguments(tree).keys()
    for include in calls(tree, 'IncludeLaunchDescription'):
        for table in ast.walk(keywords(include)['launch_arguments']):
            if isinstance(table, ast.Dict):
                assert {ast.literal_eval(key) for key in table.keys if key} <= arguments(MAIN).keys()


@pytest.mark.parametrize('name', TREES)
def test_nothing_is_fetched_installed_or_evaluated(name: str) -> None:
    imported = {(node.module or '').partition('.')[0] for node in ast.walk(TREES[name])
                if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(TREES[name]) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= {'os', 'pathlib', 'launch', 'launch_ros', 'ament_index_python', 'seg_ros'}
    for forbidden in ('eval', 'exec', 'ExecuteProcess', 'PythonExpression', 'Command'):
        assert not [*calls(TREES[name], forbidden)]


def test_there_is_a_preset_for_each_mode_and_one_for_several_cameras() -> None:
    assert ast.literal_eval(arguments(MAIN)['mode']['choices']) == ['', *(mode.value for mode in Mode)]
    assert all((ROOT / 'config' / f'{mode.value}.yaml').is_file() for mode in Mode)
    values = yaml.safe_load((ROOT / 'config' / 'multi_camera.yaml').read_text())['/**']['ros__parameters']
    defaults = asdict(Settings(cameras=('front', 'left', 'right')))
    assert values == {k: list(v) if isinstance(v, tuple) else v for k, v in defaults.items()}
    assert list(values) == [item.name for item in fields(Settings)]
    cameras = arguments(TREES['multi_camera.launch.py'])['cameras']['default_value']
    assert ast.literal_eval(cameras).split(',') == values['cameras']


def displays() -> list[dict[str, Any]]:
    """Return what RViz shows of the node."""
    return [display for display in RVIZ['Visualization Manager']['Displays'] if 'Topic' in display]


def test_rviz_shows_topics_the_node_has_in_its_quality_of_service() -> None:
    """The launch file moves each of them when the node has another name."""
    topics = (ROOT / 'docs' / 'topics.md').read_text(encoding='utf-8')
    shown = {display['Topic']['Value'].removeprefix('/segmentation/') for display in displays()}
    assert shown == set(constant(MAIN, 'SHOWN'))
    assert shown == {name for name in shown if f'`~/{name}`' in topics}
    for display in displays():
        assert display['Topic']['Durability Policy'] == 'Volatile'  # asking for more would meet no publisher
        assert display['Topic']['Reliability Policy'] in ('Reliable', 'Best Effort')


def test_rviz_starts_in_the_frame_of_the_player() -> None:
    frame = ast.literal_eval(arguments(MAIN)['rviz_frame']['default_value'])
    assert RVIZ['Visualization Manager']['Global Options']['Fixed Frame'] == frame
    assert f"'{frame}'" in (ROOT / 'seg_ros' / 'player' / 'settings.py').read_text(encoding='utf-8')


def test_the_documentation_of_the_arguments_is_the_one_generated() -> None:
    spec = spec_from_file_location('generate', ROOT / 'docs' / 'generate.py')
    assert spec is not None and spec.loader is not None
    generate = module_from_spec(spec)
    spec.loader.exec_module(generate)
    written = (ROOT / 'docs' / 'launch.md').read_text(encoding='utf-8')
    assert written == generate.launch_page(), 'run python docs/generate.py'
    for tree in TREES.values():
        assert all(f'| `{name}` |' in written for name in arguments(tree))
