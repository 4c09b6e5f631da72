# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What people type is taken as it is meant; a word that means nothing is named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from rclpy.parameter import Parameter
from scenes.graph import Graph, set_parameters, until, values_of
from scenes.scripted import ScriptedInstances

from seg_ros.errors import SettingError
from seg_ros.models.catalog import known_of_model
from seg_ros.nodes.parameters import fitted, settings_of_file


@pytest.mark.parametrize(('value', 'kind', 'expected'), [
    (5, float, 5.0),  # rate:=5
    (0, str, '0'),  # source:=0, a webcam
    (5, int, 5),
    (True, float, True),  # no number: rclpy refuses it
    ('5', float, '5'),
    ('front', tuple, ['front']),  # cameras:=front
    ([], tuple, []),
    ([1.5], tuple, [1.5]),
])
def test_a_value_is_taken_as_it_is_meant(value: Any, kind: type, expected: Any) -> None:
    found = fitted(Parameter('x', value=value), kind)
    assert (found.value, type(found.value)) == (expected, type(expected))
    if value == []:
        assert found.type_ is Parameter.Type.STRING_ARRAY


def test_whole_numbers_are_real_ones_at_start_and_later(ros_context: Context) -> None:
    with Graph(ros_context, {'max_rate': 5, 'max_range_m': 8}) as graph:
        assert (graph.node.settings.max_rate, graph.node.settings.max_range_m) == (5.0, 8.0)
        assert set_parameters(graph, max_rate=7).successful
        assert graph.node.get_parameter('max_rate').value == 7.0


def test_a_level_and_a_remapping_that_change_nothing_are_told_at_start(
        ros_context: Context, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, 'argv', ['segmentation', '--ros-args', '--log-level', 'segmentaton:=debug',
                                      '-r', 'imge:=/x'])
    with Graph(ros_context):
        said = ''.join(capfd.readouterr())
    assert "there is no logger 'segmentaton'; the nearest known is 'segmentation'" in said
    assert "this node has no 'imge'; the nearest known is 'image'" in said


def test_a_model_that_the_mode_does_not_load_is_checked_all_the_same(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'instance'}, lambda name, settings: ScriptedInstances({}, name),
               known=known_of_model) as graph:
        answer = set_parameters(graph, semantic_model='indor')
        assert not answer.successful
        assert "there is no model 'indor'" in answer.reason
        assert graph.node.settings.semantic_model == 'indoor'


@pytest.mark.parametrize(('values', 'sentence'), [
    ({'target_class': 'persn'}, "target_class has 'persn', which everyday does not find; the nearest known is"
                                " 'person'"),
    ({'classes': ['persn']}, "classes has 'persn'"),
    ({'size_limits_m': ['persn=2.0']}, "size_limits_m has 'persn'"),
    ({'target_class': 'person'}, ''),
])
def test_a_class_is_checked_also_while_the_mode_finds_no_objects(ros_context: Context, values: dict[str, Any],
                                                                 sentence: str) -> None:
    with Graph(ros_context, {'mode': 'semantic'}, known=known_of_model) as graph:
        answer = set_parameters(graph, **values)
        assert (answer.successful, sentence in answer.reason) == (not sentence, True)


@pytest.mark.parametrize(('values', 'sentence'), [
    ({'classes': ['persn']}, "classes has 'persn', which everyday does not find; the nearest known is 'person'"),
    ({'instance_model': 'everydy'}, "there is no model 'everydy'; the nearest shipped is 'everyday'"),
    ({'instance_model': 'indoor'}, "instance_model 'indoor' does semantic segmentation"),
])
def test_a_wrong_word_at_start_stands_in_the_diagnostics_also_while_the_mode_does_not_use_it(
        ros_context: Context, values: dict[str, Any], sentence: str) -> None:
    with Graph(ros_context, values, known=known_of_model) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        said = until(lambda: [item.value for one in reports for item in one.status[0].values if sentence in item.value
                              ] or [one for one in reports if sentence in one.status[0].message], 'it is not said')
        assert said
        assert set_parameters(graph, **dict.fromkeys(values, [] if 'classes' in values else 'everyday')).successful
        assert graph.node._unused == ()


def test_an_unknown_parameter_is_named_with_the_nearest_when_it_is_set(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        answer = set_parameters(graph, tracking_lost=3.0)
    assert not answer.successful
    assert answer.reason == "there is no parameter 'tracking_lost'; the nearest known is 'track_lost_s'"


def test_classes_can_be_emptied(ros_context: Context) -> None:
    with Graph(ros_context, {'classes': ['hammer']}) as graph:
        assert set_parameters(graph, classes=[]).successful
        assert graph.node.settings.kept_classes is None


def test_an_unknown_parameter_at_start_is_named_with_the_nearest(ros_context: Context,
                                                                 capfd: pytest.CaptureFixture[str]) -> None:
    with Graph(ros_context, {'max_ratte': 5.0, 'use_sim_time': False}):
        pass
    said = capfd.readouterr().err
    assert "There is no parameter 'max_ratte': the nearest known is 'max_rate'" in said
    assert said.count('There is no parameter') == 1


@pytest.mark.parametrize(('name', 'near'), [
    ('use_sim_tme', 'use_sim_time'), ('segmentation.max_rat', 'max_rate'),  # as where a file indents once too often
    ('qos_overrides./segmentation/mask.publisher.reliabilty', 'qos_overrides./segmentation/mask.publisher.reliability'),
])
def test_a_parameter_that_every_node_has_is_the_nearest_too(ros_context: Context, capfd: pytest.CaptureFixture[str],
                                                            name: str, near: str) -> None:
    right = {'qos_overrides./segmentation/overlay.publisher.reliability': 'best_effort'}
    with Graph(ros_context, {name: 'best_effort', **right}):
        pass
    said = capfd.readouterr().err
    assert f"There is no parameter '{name}': the nearest known is '{near}'" in said
    assert said.count('There is no parameter') == 1


@pytest.mark.parametrize('word', ['subscription', 'subscripton'])
def test_a_subscription_takes_no_quality_of_service(ros_context: Context, capfd: pytest.CaptureFixture[str],
                                                    word: str) -> None:
    name = f'qos_overrides./image.{word}.reliability'
    with Graph(ros_context, {name: 'best_effort'}):
        pass
    assert (f"There is no parameter '{name}': what this node listens to has the quality of service of its publishers"
            in capfd.readouterr().err)


def test_a_quality_of_service_that_is_none_stands_in_the_diagnostics(ros_context: Context,
                                                                     capfd: pytest.CaptureFixture[str]) -> None:
    with Graph(ros_context, {'qos_overrides./segmentation/mask.publisher.reliability': 'bestest'}) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        until(lambda: reports and 'bestest' in reports[-1].status[0].message, 'it is not said')
        assert values_of(reports)['remedy'].startswith('reliability is reliable or best_effort')
    assert 'Traceback' not in capfd.readouterr().err


def test_a_file_of_parameters_is_read_as_ros_does_and_wrong_words_are_refused(tmp_path: Path) -> None:
    file = tmp_path / 'robot.yaml'
    file.write_text('segmentation:\n  ros__parameters: {max_rate: 5, use_sim_time: true, classes: [hammer]}\n')
    assert settings_of_file(file).max_rate == 5.0
    file.write_text('segmentation:\n  ros__parameters: {max_ratte: 5.0}\n')
    with pytest.raises(SettingError, match="there is no setting 'max_ratte'; the nearest known is 'max_rate'"):
        settings_of_file(file)
