# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The bench prints one table for people and writes the same numbers for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from scenes.networks import saved_rooms_model

from seg_ros.cli.main import main


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_rooms_model(tmp_path_factory.mktemp('models') / 'small')


def bench(model: Path, out: Path, *more: str) -> int:
    return main(['bench', '--model', str(model), '--device', 'cpu', '--size', '80x60', '--frames', '2',
                 '--json', str(out), *more])


def test_every_stage_from_message_to_message_is_in_the_table(model: Path, ros_domain: int, tmp_path: Path,
                                                             capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip('rclpy', reason='decode, encode and publish need ROS')
    assert bench(model, tmp_path / 'cost.json') == 0
    shown = capsys.readouterr().out
    for words in ('decode', 'preprocess', 'forward', 'output', 'encode', 'publish', 'frames per second',
                  'memory (MiB)', f'semantic ({model} in torch,', '80x60 pictures'):
        assert words in shown
    found = json.loads((tmp_path / 'cost.json').read_text())
    cost, = found['costs']
    assert list(cost['stages']) == ['decode', 'preprocess', 'forward', 'output', 'encode', 'publish']
    assert (cost['mode'], cost['models'], cost['size'], cost['frames']) == ('semantic', [str(model)], [80, 60], 2)
    assert cost['device_mib'] is None
    assert cost['frame']['p95_ms'] >= cost['frame']['p50_ms'] > 0.0
    assert found['advice'][-1].startswith(('This machine suits mode semantic', 'No mode measured'))


def test_several_columns_are_measured_each_in_a_process_of_its_own(model: Path, tmp_path: Path,
                                                                   capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
    pytest.importorskip('onnx', reason='onnx is not installed')
    assert bench(model, tmp_path / 'cost.json', '--runtime', 'torch', 'onnx', '--precision', 'fp32', '--device',
                 'auto') == 0
    assert 'No GPU' not in capfd.readouterr().err  # that is said once, not by each process
    costs = json.loads((tmp_path / 'cost.json').read_text())['costs']
    assert [(cost['runtime'], cost['precision'], cost['models']) for cost in costs] == [
        ('torch', 'fp32', [str(model)]), ('onnx', 'fp32', [str(model)])]
    assert all(cost['stages']['forward']['p50_ms'] > 0 for cost in costs)


@pytest.mark.parametrize(('more', 'sentence'), [
    (['--size', '80'], "the size is '80'. Write WIDTHxHEIGHT"),
    (['--frames', '0'], "argument --frames: '0' is not a positive whole number"),
    (['--images', './nowhere'], 'nowhere is not a folder'),
    (['--outputs', 'masks'], "there is no output 'masks' to measure; the nearest known is 'mask'"),
])
def test_what_is_given_wrongly_is_one_sentence(model: Path, ros_domain: int, tmp_path: Path,
                                               capsys: pytest.CaptureFixture[str], more: list[str],
                                               sentence: str) -> None:
    try:
        status: Any = bench(model, tmp_path / 'cost.json', *more)
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert sentence in capsys.readouterr().err
