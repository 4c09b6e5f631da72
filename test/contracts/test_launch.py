# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Everything a launch file names exists: executables, parameters, presets, paths, topics. ROS is not needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, fields
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from seg_ros.records import Mode
from seg_ros.settings import Settings, knob_of

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / 'launch').glob('*.launch.py'))
TREES = {path.name: ast.parse(path.read_text(encoding='utf-8')) for path in FILES}
MAIN = TREES['segmentation.launch.py']
RVIZ, OPTICAL = (yaml.safe_load((ROOT / 'config' / f'{name}.rviz').read_text(encoding='utf-8'))
                 for name in ('segmentation', 'segmentation_optical'))
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
    tables = [{ast.literal_eval(key) for key in node.keys if key} for node in ast.walk(TREES['demo.launch.py'])
              if isinstance(node, ast.Dict)]
    names = next(table for table in tables if 'source' in table) - {'use_sim_time'}
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
    includes = [*calls(tree, 'IncludeLaunchDescription')]
    assert used <= arguments(tree).keys() | (arguments(MAIN).keys() if includes else set())
    for include in includes:
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


def displays(node: str = 'segmentation') -> list[dict[str, Any]]:
    """Return what RViz shows of a node."""
    return [display for display in RVIZ['Visualization Manager']['Displays']
            if display.get('Topic', {}).get('Value', '').startswith(f'/{node}/')]


@pytest.mark.parametrize(('node', 'constant_name', 'durability'), [
    ('segmentation', 'SHOWN', 'Volatile'),  # asking for more would meet no publisher
    ('mapping', 'MAPPED', 'Transient Local')])  # what came before RViz is shown too
def test_rviz_shows_topics_the_nodes_have_in_their_quality_of_service(node: str, constant_name: str,
                                                                      durability: str) -> None:
    """The launch file moves each of them when the node has another name."""
    topics = (ROOT / 'docs' / 'topics.md').read_text(encoding='utf-8')
    shown = {display['Topic']['Value'].removeprefix(f'/{node}/') for display in displays(node)}
    assert shown == {name for name in constant(MAIN, constant_name) if not name.endswith('_updates')}
    assert shown == {name for name in shown if f'`~/{name}`' in topics}
    for display in displays(node):
        assert display['Topic']['Durability Policy'] == durability
        assert display['Topic']['Reliability Policy'] in ('Reliable', 'Best Effort')


def test_rviz_starts_in_the_frame_of_the_player() -> None:
    frame = ast.literal_eval(arguments(MAIN)['rviz_frame']['default_value'])
    assert OPTICAL['Visualization Manager']['Global Options']['Fixed Frame'] == frame
    assert f"'{frame}'" in (ROOT / 'seg_ros' / 'player' / 'player.py').read_text(encoding='utf-8')


def test_both_views_show_the_same() -> None:
    """Only the frame, where it is looked at from, and the grid differ."""
    first, second = deepcopy(RVIZ), deepcopy(OPTICAL)
    for one in (first, second):
        manager = one['Visualization Manager']
        del manager['Displays'][0], manager['Global Options']['Fixed Frame'], manager['Views']['Current']
    assert first == second


def axes_of(view: dict[str, Any]) -> NDArray[np.float64]:
    """Return (3, 3), rows ahead, up and right of a saved view, as rviz_default_plugins turns its camera."""
    yaw, pitch = view['Yaw'], view['Pitch']
    ahead = np.array([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), -np.sin(pitch)])
    up = np.array([np.cos(yaw) * np.sin(pitch), np.sin(yaw) * np.sin(pitch), np.cos(pitch)])
    if view['Class'] == 'rviz_default_plugins/ThirdPersonFollower':  # it looks from there to the focal point
        ahead, up = ahead * [-1, -1, 1], up * [-1, -1, 1]
    return np.stack([ahead, up, np.cross(ahead, up)])


@pytest.mark.parametrize(('table', 'kind', 'truth'), [
    (RVIZ, 'rviz_default_plugins/ThirdPersonFollower', [[1, 0, 0], [0, 0, 1], [0, -1, 0]]),  # REP-103: x y z ahead
    (OPTICAL, 'rviz_default_plugins/FPS', [[0, 0, 1], [0, -1, 0], [1, 0, 0]]),  # z ahead, y down
], ids=['z up', 'optical'])
def test_the_scene_is_seen_from_behind_the_right_way_up(table: dict[str, Any], kind: str,
                                                       truth: list[list[float]]) -> None:
    """What is ahead is ahead, up is up, the right is on the right, and the floor is looked at from above."""
    view = table['Visualization Manager']['Views']['Current']
    assert (view['Class'], view['Invert Z Axis']) == (kind, False)
    axes = axes_of(view)
    assert (np.sum(axes * truth, axis=1) > 0.8).all()
    assert axes[0] @ truth[1] < -0.1


def test_no_display_needs_a_plugin_beyond_rviz_itself() -> None:
    assert {display['Class'].partition('/')[0] for display in RVIZ['Visualization Manager']['Displays']} == {
        'rviz_default_plugins'}


def test_what_is_large_or_may_not_run_is_off() -> None:
    """A dock that is seen enables its display: the overlay's is the only one, and the window says how large it is."""
    assert [d['Name'] for d in displays() if not d['Enabled']] == ['All points']
    assert not any(display['Enabled'] for display in displays('mapping'))
    assert [d['Name'] for d in displays() if d['Class'] == 'rviz_default_plugins/Image'] == ['Overlay']
    state = bytes.fromhex(RVIZ['Window Geometry']['QMainWindow State'])
    for name in ('Displays', 'Overlay', 'Tools'):
        assert name.encode('utf-16-be') in state
    assert [panel['Name'] for panel in RVIZ['Panels']] == ['Displays']


def test_the_scene_lies_within_the_boxes_of_obstacles_and_ground_and_does_not_paint_over_them() -> None:
    """The boxes are larger than what one point stands for, and hide the small points within."""
    for name in ('Obstacles', 'Ground'):
        display = next(d for d in displays() if d['Name'] == name)
        assert (display['Style'], display['Alpha']) == ('Boxes', 1)
        assert display['Size (m)'] >= 1.5 * Settings().voxel_m
    scene = next(d for d in displays() if d['Name'] == 'Scene without the target')
    assert (scene['Enabled'], scene['Style']) == (True, 'Points')


@pytest.mark.parametrize(('name', 'strongest'), [('Obstacles', 0), ('Ground', 1)])
def test_obstacles_are_red_and_ground_is_green(name: str, strongest: int) -> None:
    display = next(d for d in displays() if d['Name'] == name)
    colour = [int(part) for part in display['Color'].split(';')]
    assert display['Color Transformer'] == 'FlatColor'
    assert max(range(3), key=colour.__getitem__) == strongest


def test_the_overlay_takes_more_than_a_third_of_the_windows_width_and_half_its_height() -> None:
    """In Qt's saved state: of a dock area its side, 0 for the left, its width and height, and the docks in it."""
    window = RVIZ['Window Geometry']
    left = re.search('00000000(.{8}).{8}fc0200000002fb0000000e' + 'Overlay'.encode('utf-16-be').hex() + '01.{8}(.{8})',
                     window['QMainWindow State'])
    assert left
    width, height = int(left[1], 16), int(left[2], 16)
    assert 0.35 < width / window['Width'] < 0.5
    assert 0.5 < height / window['Height'] < 0.6


def test_the_documentation_of_the_arguments_is_the_one_generated() -> None:
    spec = spec_from_file_location('generate', ROOT / 'docs' / 'generate.py')
    assert spec is not None and spec.loader is not None
    generate = module_from_spec(spec)
    spec.loader.exec_module(generate)
    written = (ROOT / 'docs' / 'launch.md').read_text(encoding='utf-8')
    assert written == generate.launch_page(), 'run python docs/generate.py'
    for tree in TREES.values():
        assert all(f'| `{name}` |' in written for name in arguments(tree))
