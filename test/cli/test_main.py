# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every verb explains itself, and every mistake is one sentence and exit status 2."""

from __future__ import annotations

import atexit
import gc
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seg_ros import __version__
from seg_ros.cli import main as main_module
from seg_ros.cli.main import VERBS, main
from seg_ros.errors import DataError


def exit_status(arguments: list[str]) -> int:
    """Return the status with which the parser itself ends the program."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


def status_of(arguments: list[str]) -> int:
    """Return the status with which a verb, or the parser before it, ends the program."""
    try:
        return main(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)


def pretend(monkeypatch: pytest.MonkeyPatch, run: Callable[[Any], int]) -> None:
    """Let every verb do something else."""
    module = SimpleNamespace(__doc__='Does something else.', add_arguments=lambda parser: None, run=run)
    monkeypatch.setattr(main_module, 'import_module', lambda name: module)


@pytest.mark.parametrize('verb', VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    if verb in ('bench', 'demo', 'label', 'view'):  # those that speak ROS
        pytest.importorskip('rclpy')
    assert exit_status([verb, '--help']) == 0
    text = capsys.readouterr().out
    assert text.startswith(f'usage: seg_ros {verb} ')
    purpose = str(import_module(f'seg_ros.cli.{verb}').__doc__).split('.')[0].split()
    assert ' '.join(purpose) in ' '.join(text.split())


@pytest.mark.parametrize(('verb', 'kind'), [('eval', 'semantic'), ('eval', 'instance'), ('eval', 'panoptic'),
                                            ('train', 'semantic'), ('train', 'instance')])
def test_every_kind_explains_itself(verb: str, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status([verb, kind, '--help']) == 0
    text = capsys.readouterr().out
    assert text.startswith(f'usage: seg_ros {verb} {kind} ')
    assert '--images' in text


def test_the_overview_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(['--help']) == 0
    text = ' '.join(capsys.readouterr().out.split())
    for verb, words in VERBS.items():
        assert f'{verb} {words}' in text
    assert "'seg_ros VERB --help' explains a verb." in text


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(['--version']) == 0
    assert capsys.readouterr().out == f'seg_ros {__version__}\n'


@pytest.mark.parametrize(('arguments', 'words'), [
    ([], 'the following arguments are required: VERB'),
    (['evaluate'], "invalid choice: 'evaluate'"),
    (['eval'], 'the following arguments are required'),
    (['eval', 'semantic', '--images', 'a'], 'the following arguments are required: --labels'),
    (['eval', 'colours'], "invalid choice: 'colours'"),
    (['train', 'semantic', '--epochs', '0'], 'argument --epochs: '),
    (['train', 'semantic', '--batch', 'many'], 'argument --batch: '),
    (['eval', 'semantic', '--zoom', '2'], 'required'),
])
def test_a_command_line_that_cannot_be_read_ends_with_2(arguments: list[str], words: str,
                                                        capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ''


@pytest.mark.parametrize(('arguments', 'sentence'), [
    (['eval', 'semantic', '--images', '{tmp}', '--labels', '{tmp}'],
     'seg_ros eval: {tmp} holds no images. Images end in .jpg'),
    (['eval', 'semantic', '--images', '{tmp}', '--labels', '{tmp}', '--device', 'gpu'],
     "seg_ros eval semantic: argument --device: 'gpu' is no device: auto, cpu, cuda or cuda:N."),
    (['eval', 'semantic', '--images', '{tmp}', '--labels', '{tmp}', '--threshold', '7'],
     "seg_ros eval semantic: argument --threshold: '7' is not a number within 0 and 1."),
    (['train', 'semantic', '--images', '{tmp}', '--labels', '{tmp}', '--val-images', '{tmp}', '--val-labels', '{tmp}',
      '--out', '{tmp}/run'], 'seg_ros train: {tmp} holds no images.'),
    (['train', 'semantic', '--images', '{tmp}', '--labels', '{tmp}', '--val-images', '{tmp}', '--val-labels', '{tmp}',
      '--out', '{tmp}/run', '--crop', 'big'], "seg_ros train semantic: argument --crop: the size is 'big'. Write "),
])
def test_what_was_given_wrongly_is_one_sentence_and_2(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                      arguments: list[str], sentence: str) -> None:
    assert status_of([word.format(tmp=tmp_path) for word in arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith(sentence.format(tmp=tmp_path))
    assert 'Traceback' not in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize('status', [0, 1])
def test_the_status_is_the_verbs(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    pretend(monkeypatch, lambda options: status)
    assert main(['eval']) == status


def test_an_error_of_a_verb_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    def fail(options: Any) -> int:
        raise DataError('the folder is empty', 'record something')

    pretend(monkeypatch, fail)
    assert main(['train']) == 2
    assert capsys.readouterr().err == 'seg_ros train: the folder is empty. Record something.\n'


def test_an_interrupted_verb_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(options: Any) -> int:
        raise KeyboardInterrupt

    pretend(monkeypatch, interrupt)
    assert main(['train']) == 130
    assert capsys.readouterr().err == 'seg_ros train: interrupted\n'


def test_ctrl_c_while_a_verb_is_imported_says_so(monkeypatch: pytest.MonkeyPatch,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(name: str) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(main_module, 'import_module', interrupt)
    assert main(['teach', 'drive']) == 130
    assert capsys.readouterr().err == 'seg_ros teach: interrupted\n'


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    verb = subprocess.Popen([sys.executable, '-m', 'seg_ros.cli.main', 'taxonomy', 'show', 'indoor'], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert verb.stdout
    verb.stdout.close()
    assert verb.communicate(timeout=60)[1] == ''
    assert verb.returncode == 141  # as of a program that the signal ended


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, lambda options: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        main(['train'])


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'tqdm'", name='tqdm')

    monkeypatch.setattr(main_module, 'import_module', missing)
    assert main(['train', '--help']) == 2
    assert "needs the Python package 'tqdm'" in capsys.readouterr().err


def test_help_comes_without_loading_torch() -> None:
    """The overview, and a mistyped verb, are answered at once."""
    code = ('import sys\nfrom seg_ros.cli.main import main\n'
            'try:\n    main(["--help"])\nexcept SystemExit:\n    pass\n'
            'assert not {"torch", "rclpy", "cv2"} & sys.modules.keys(), "too much was imported"\n')
    ended = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=False,
                           cwd=Path(__file__).parents[2])
    assert ended.returncode == 0, ended.stderr


def test_at_the_end_nothing_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PyTorch the collection of the interpreter's end took seconds after the last word was said."""
    registered: list[object] = []
    monkeypatch.setattr(atexit, 'register', registered.append)
    assert main(['taxonomy', 'show', 'indoor']) == 0
    assert registered == [gc.freeze]
