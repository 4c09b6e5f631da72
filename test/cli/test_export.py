# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros export`` writes a checked file or none, and scores what int8 costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest
from scenes.networks import saved_rooms_model
from scenes.rooms import write_rooms

from seg_ros.cli import export
from seg_ros.cli.main import main
from seg_ros.lab.agreement import Agreement

pytest.importorskip('onnx', reason='onnx is not installed')
pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_rooms_model(tmp_path_factory.mktemp('models') / 'small')


@pytest.fixture(scope='module')
def rooms(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_rooms(tmp_path_factory.mktemp('rooms'), 3)


def exported(model: Path, rooms: tuple[Path, Path], out: Path, *more: str) -> int:
    return main(['export', str(model), '--images', str(rooms[0]), '--out', str(out), *more])


def test_the_file_is_written_checked_and_its_use_is_told(model: Path, rooms: tuple[Path, Path], tmp_path: Path,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / 'new' / 'small.onnx'
    assert exported(model, rooms, out) == 0
    shown = capsys.readouterr().out
    width, height = cv2.imread(str(next(rooms[0].iterdir()))).shape[1::-1]
    assert f'% of {3 * width * height} pixels in 3 pictures are those of {model} in PyTorch, fp32' in shown
    assert f'-p mode:=semantic -p semantic_model:=onnx:{out}' in shown
    assert list(out.parent.iterdir()) == [out]


def test_int8_is_scored_before_and_after(model: Path, rooms: tuple[Path, Path], tmp_path: Path,
                                         capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / 'small.onnx'
    assert exported(model, rooms, out, '--quantize', 'int8', '--labels', str(rooms[1]), '--pictures', '2') == 0
    shown = capsys.readouterr().out
    for words in ('before and after', 'fp32', 'int8', 'difference', 'mean IoU', 'pixel accuracy', 'size (MB)'):
        assert words in shown
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_that_says_something_else_is_not_kept(model: Path, rooms: tuple[Path, Path], tmp_path: Path,
                                                     capsys: pytest.CaptureFixture[str],
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, 'agreement', lambda *given, **more: Agreement(3, 300, 'pixels', 0.5))
    assert exported(model, rooms, tmp_path / 'small.onnx') == 2
    assert 'only 50.00% of 300 pixels are those of the model in PyTorch' in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(('name', 'more', 'sentence'), [
    ('net.pt', [], 'Give a file that ends in .onnx.'),
    ('net.onnx', ['--format', 'torchscript'], 'Give a file that ends in .pt.'),
    ('net.onnx', ['--size', '640'], "the size is '640'. Write WIDTHxHEIGHT"),
    ('net.onnx', ['--quantize', 'int8'], 'there is nothing to score it on. Give --labels'),
    ('net.onnx', ['--quantize', 'int8', '--half', '--labels', '.'], 'int8 goes with format onnx and without half.'),
    ('net.onnx', ['--pictures', '0'], "argument --pictures: '0' is not a positive whole number"),
])
def test_what_is_given_wrongly_is_one_sentence(model: Path, rooms: tuple[Path, Path], tmp_path: Path,
                                               capsys: pytest.CaptureFixture[str], name: str, more: list[str],
                                               sentence: str) -> None:
    try:
        status: Any = exported(model, rooms, tmp_path / name, *more)
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
