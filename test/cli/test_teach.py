# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros teach`` as a user types it: a model, a table, a sheet; what is wrong is a sentence; Ctrl-C keeps."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from scenes.networks import saved_rooms_model
from scenes.rooms import write_rooms
from scenes.taught_drive import drawn_drive, write_drive_folder

from seg_ros.cli.main import main
from seg_ros.lab import drive as drive_module
from seg_ros.lab import taught_choice, taught_training, teaching
from seg_ros.lab.pseudo_labels import Teacher
from seg_ros.models.card import read_card
from seg_ros.models.catalog import open_model
from seg_ros.records import Frame
from seg_ros.settings import Settings


@pytest.fixture(scope='module')
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drive_folder(tmp_path_factory.mktemp('drives') / 'corridor', drawn_drive(16))


@pytest.fixture
def words(drive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed, for a small network and few views."""
    write_rooms(tmp_path / 'others' / 'unseen', 1)
    (tmp_path / 'others' / 'learned').symlink_to(tmp_path / 'others' / 'unseen' / 'images')
    monkeypatch.setattr(taught_training, 'VIEWS', 8)
    monkeypatch.setattr(taught_choice, 'SHARES', (1.0, 0.5))
    for module in (taught_training, teaching):
        monkeypatch.setattr(module, 'rooms', lambda: tmp_path / 'others')
    model = saved_rooms_model(tmp_path / 'small')
    return ['teach', str(drive), '--from', str(model), '--out', str(tmp_path / 'out'), '--epochs', '1',
            '--device', 'cpu']


def sentence_of(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert 'Traceback' not in said
    return said


def test_what_cannot_teach_is_one_sentence_and_nothing_is_written(
        words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = write_drive_folder(tmp_path / 'short', drawn_drive(6))
    blind = write_drive_folder(tmp_path / 'blind', drawn_drive(6))
    for path in blind.glob('*.depth.png'):
        path.unlink()
    for recording, told in ((short, '16 are needed'), (blind, 'no depth'), (tmp_path / 'nowhere', 'there is no')):
        assert told in sentence_of(['teach', str(recording), *words[2:]], capsys)
        assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize('option', ['--check', '--pictures'])
def test_other_pictures_that_are_not_there_are_told_first(option: str, words: list[str], tmp_path: Path,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    assert 'is not a folder' in sentence_of([*words, option, str(tmp_path / 'none')], capsys)
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize(('model', 'told'), [('tools', 'of kind instance'), ('nobody', 'nobody')])
def test_a_model_that_cannot_learn_is_one_sentence(model: str, told: str, words: list[str], tmp_path: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    assert told in sentence_of([*words[:3], model, *words[4:]], capsys)
    assert not (tmp_path / 'out').exists()


def assert_taught(status: int, said: str, out: Path) -> None:
    """Assert that a lesson gave a model that the node opens, and told what it is worth."""
    assert '16 of 16 images teach: 11 to learn from, the last 2 to judge by.' in said
    assert all(word in said for word in ('floor found', 'floor IoU', 'other rooms', 'mean IoU', 'before', 'after'))
    assert said.splitlines()[-1] == ('Use it: ros2 run seg_ros segmentation --ros-args -p '
                                     f'semantic_model:={out / "model"}')
    verdict = json.loads((out / 'verdict.json').read_text())
    assert (f'The model holds {verdict["share"]:.0%} of what was learned; of other pictures, '
            f'{verdict["stayed"]:.1%} of the pixels are answered as before.') in said
    assert verdict['stayed'] >= 0.975
    assert (status == 3) == (verdict['share'] == 0 or any(
        row['after'] < row['before'] - 0.01 for row in verdict['rows']))
    card = read_card(out / 'model')
    assert card.name == 'taught'
    assert card.data == ('11 images of a drive, corridor: floor and walls as depth shows them, and the sure answers of '
                         f'{out.parent / "small"}', 'rendered rooms, with the answers of the same')
    assert card.scores['drive: floor IoU'] == pytest.approx(
        next(row['after'] for row in verdict['rows'] if row['name'] == 'floor IoU'), abs=1e-3)
    assert cv2.imread(str(out / 'before_after.jpg')).shape[1] == 3 * 96
    settings = Settings(device='cpu')
    answer, = open_model(str(out / 'model'), settings).segment(
        [Frame('', 0, '', np.zeros((48, 64, 3), np.uint8))], settings)
    assert answer.labels is not None


def interrupting(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, at: int) -> None:
    """Type Ctrl-C while something is called for that many-th time."""
    call, called = getattr(owner, name), list[int]()

    def counted(*arguments: Any) -> Any:
        called.append(1)
        if len(called) == at:
            os.kill(os.getpid(), signal.SIGINT)
        return call(*arguments)

    monkeypatch.setattr(owner, name, counted)


def interrupted(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_in_the_first_look_leaves_nothing(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    interrupting(monkeypatch, drive_module, 'parts_of', 5)
    assert main(words) == 130
    assert '--resume' not in capsys.readouterr().out
    assert not (tmp_path / 'out').exists()


def test_a_lesson_that_was_interrupted_goes_on_to_a_model_and_a_verdict(words: list[str], tmp_path: Path,
                                                             monkeypatch: pytest.MonkeyPatch,
                                                             capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / 'out' / 'kept'
    with monkeypatch.context() as patched:
        interrupting(patched, Teacher, 'probabilities', 5)
        assert main(words) == 130
    assert '--resume' in capsys.readouterr().out
    assert len(list(kept.iterdir())) == 4  # the fifth waits for its neighbour
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    assert 'already holds a lesson' in sentence_of(words, capsys)
    other = [*words[:3], 'indoor', *words[4:], '--resume']
    assert 'begun with another recording or model' in sentence_of(other, capsys)
    survey = (tmp_path / 'out' / 'drive.json').read_text()
    (tmp_path / 'out' / 'drive.json').write_text(survey[:40])
    assert 'drive.json is damaged' in sentence_of([*words, '--resume'], capsys)
    (tmp_path / 'out' / 'drive.json').write_text(survey)
    with monkeypatch.context() as patched:
        patched.setattr(teaching, 'chosen', interrupted)
        assert main([*words, '--resume']) == 130
    assert '--resume' in capsys.readouterr().out
    assert (tmp_path / 'out' / 'training' / 'last.pt').is_file()
    write_rooms(tmp_path / 'rooms', 2)
    capsys.readouterr()
    status = main([*words, '--check', str(tmp_path / 'rooms'), '--resume'])
    assert_taught(status, capsys.readouterr().out, tmp_path / 'out')
    assert len(json.loads((tmp_path / 'out' / 'training' / 'history.json').read_text())) == 1
    assert len(list(kept.iterdir())) == 16
    assert {path: path.stat().st_mtime_ns for path in before} == before
