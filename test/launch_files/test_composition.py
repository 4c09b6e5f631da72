# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The launch files inside somebody's own launch, every argument honoured, and what cannot be refused beforehand."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip('launch_ros')
pytest.importorskip('rclpy')

from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch_ros.actions import Node, PushRosNamespace, SetParameter, SetRemap
from rclpy.context import Context
from rclpy.node import Node as RosNode
from scenes.graph import until
from scenes.launched import built, launched, parameter_words

from seg_ros.errors import SettingError


def is_installed(package: str) -> bool:
    try:
        return bool(get_package_prefix(package))
    except PackageNotFoundError:
        return False


if not is_installed('seg_ros'):
    pytest.skip('seg_ros is not installed as a ROS package', allow_module_level=True)


def command(node: Node) -> str:
    """Return the words a node would be started with."""
    return ' '.join(''.join(getattr(part, 'text', '') for part in word) for word in node.cmd)


def test_what_surrounds_the_launch_file_holds() -> None:
    """A namespace that was pushed, simulated time and remaps of all nodes."""
    node, = built('segmentation', PushRosNamespace('robot1'), SetParameter('use_sim_time', True),
                  SetRemap('image', '/robot1/camera/image'), SetRemap('/tf', 'tf'), namespace='eyes')
    assert node.expanded_node_namespace == '/robot1/eyes'
    assert set(node.expanded_remapping_rules) == {('image', '/robot1/camera/image'), ('/tf', 'tf')}
    assert 'use_sim_time' in command(node)
    assert 'use_sim_time: false' not in parameter_words(node)


@pytest.mark.parametrize(('around', 'arguments', 'space', 'place'), [
    ([], {'namespace': 'robot', 'node_name': 'eyes'}, '/robot', '/robot/eyes/overlay'),
    ([PushRosNamespace('robot1')], {}, '/robot1', '/robot1/segmentation/overlay'),
    ([PushRosNamespace('robot1')], {'namespace': 'arm', 'cameras': 'front,left'}, '/robot1/arm',
     '/robot1/arm/segmentation/front/overlay'),
])
def test_rviz_looks_where_the_node_is(monkeypatch: pytest.MonkeyPatch, around: list[Any], arguments: dict[str, str],
                                      space: str, place: str) -> None:
    monkeypatch.setattr('launch_ros.actions.Node._perform_substitutions', lambda *_: None)
    monkeypatch.setattr('ament_index_python.packages.get_package_prefix',  # rviz2 may not be installed
                        lambda name: name if name == 'rviz2' else get_package_prefix(name))
    _, rviz = built('segmentation', *around, rviz='true', **arguments)
    pairs = [tuple(''.join(part.text for part in side) for side in pair) for pair in rviz._Node__remappings]
    assert {('/segmentation/overlay', place), ('/mapping/map', f'{space}/mapping/map')} <= set(pairs)
    assert not rviz._Node__parameters  # a use_sim_time set for all nodes holds


@pytest.mark.skipif(is_installed('rviz2'), reason='rviz2 is installed')
def test_a_demo_without_rviz_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r'rviz2 is not installed.*rviz:=false'):
        built('demo', source=str(tmp_path))


@pytest.mark.parametrize('name', ['segmentation', 'navigation', 'manipulation', 'multi_camera'])
def test_a_params_file_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match=r'there is no file /nowhere/robot\.yaml'):
        built(name, params_file='/nowhere/robot.yaml')


@pytest.mark.parametrize(('name', 'typed', 'meant'), [
    ('segmentation', 'devise', 'device'), ('navigation', 'output-size', 'output_size'),
    ('mapping', 'camera', 'cameras'), ('mapping', 'map_fram', 'map_frame'), ('demo', 'lop', 'loop')])
def test_a_mistyped_argument_is_named_once(name: str, typed: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr('launch.logging.get_logger', lambda *_: SimpleNamespace(warning=said.append))
    given = {'source': '/tmp', 'rviz': 'false'} if name == 'demo' else {}
    built(name, PushRosNamespace('robot1'), **given, **{typed: 'x', 'robot_name': 'mine'})
    sentence, = said
    assert sentence.startswith(f"'{typed}' is no") and sentence.endswith(f"'{meant}'")


@pytest.mark.parametrize(('name', 'mode', 'expected'), [
    ('navigation', '', 'semantic'), ('navigation', 'panoptic', 'panoptic'),
    ('manipulation', '', 'instance'), ('manipulation', 'panoptic', 'panoptic'),
])
def test_a_mode_that_is_asked_for_is_the_mode(name: str, mode: str, expected: str) -> None:
    node, = built(name, **({'mode': mode} if mode else {}))
    assert f'config/{expected}.yaml' in parameter_words(node)
    assert f'mode: {expected}' in parameter_words(node)


@pytest.mark.parametrize(('name', 'mode'), [('navigation', 'instance'), ('manipulation', 'semantic')])
def test_a_mode_that_is_not_offered_is_refused(name: str, mode: str) -> None:
    with pytest.raises(RuntimeError, match=mode):
        built(name, mode=mode)


@pytest.mark.parametrize(('arguments', 'players'), [
    ({}, {'player': ('image', 'raw')}),
    ({'image': '/x', 'image_transport': 'compressed'}, {'player': ('/x', 'compressed')}),
    ({'cameras': 'front,left'}, {'player_front': ('front/image', 'raw'), 'player_left': ('left/image', 'raw')}),
])
def test_the_player_publishes_what_the_node_reads(arguments: dict[str, str],
                                                  players: dict[str, tuple[str, str]]) -> None:
    node, *started = built('demo', source='/tmp', rviz='false', use_sim_time='true', log_level='warn', **arguments)
    heard = dict(node.expanded_remapping_rules or [])
    found = {}
    for player in started:
        topic = dict(player.expanded_remapping_rules)['image']
        found[player.node_name.strip('/')] = topic, parameter_words(player).partition('image_transport: ')[2].split()[0]
        assert topic in {'image', *heard.values(), *heard, *(f'{one}/image' for one in ('front', 'left'))}
        assert 'use_sim_time: true' in parameter_words(player)
        assert '--log-level warn' in command(player)
    assert found == players


def test_a_player_that_dies_ends_the_demo(ros_domain: int) -> None:
    process = launched('demo', 'source:=/nowhere', 'rviz:=false', 'autostart:=false')
    output, _ = process.communicate(timeout=60)
    assert '/nowhere' in output
    assert 'player-2] was required: shutting down' in output
    assert process.returncode == 0


def test_a_node_that_died_is_started_again(ros_context: Context) -> None:
    """And log_level reaches it: nothing below an error is logged."""
    tester = RosNode('tester', context=ros_context)
    process = launched('segmentation', 'respawn:=true', 'autostart:=false', 'log_level:=error', 'node_name:=eyes')
    pids: list[int] = []

    def lives() -> bool:
        return 'eyes' in tester.get_node_names()

    def is_started() -> bool:
        assert process.stdout is not None
        pids.extend(int(pid) for pid in re.findall(r'started with pid \[(\d+)\]', process.stdout.readline()))
        return bool(pids)

    try:
        until(is_started, 'the node was not started')
        until(lives, 'the node does not live', timeout_s=60.0)
        os.kill(pids.pop(), signal.SIGTERM)
        until(is_started, 'the node was not started again', timeout_s=60.0)
        until(lives, 'the node does not live again', timeout_s=60.0)
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        tester.destroy_node()
    assert process.returncode == 0
    assert '[eyes]' not in output
