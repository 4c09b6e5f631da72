# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros map`` as a user types it: a folder with the map; what is wrong is a sentence; Ctrl-C keeps what is done."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from scenes.posed import write_drive, write_folder
from scenes.scripted import ScriptedSegmenter

from seg_ros.cli.main import main
from seg_ros.records import Frame, Segmentation
from seg_ros.settings import Settings

pytest.importorskip('rosbags')


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every model be one that reads the drawn pictures."""
    monkeypatch.setattr('seg_ros.cli.map.open_model', lambda name, settings: ScriptedSegmenter(name))


def cells(out: Path) -> dict[int, int]:
    """Return how many cells of the saved map have each shade."""
    facts = yaml.safe_load((out / 'map.yaml').read_text())
    shades, counts = np.unique(cv2.imread(str(out / facts['image']), cv2.IMREAD_UNCHANGED), return_counts=True)
    return dict(zip(shades.tolist(), counts.tolist()))


def test_a_recording_with_odometry_becomes_a_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drive, out = write_drive(tmp_path / 'drive', 6), tmp_path / 'map'
    assert main(['map', str(drive), '--out', str(out), '--mode', 'semantic']) == 0
    assert 'of 6 images' in capsys.readouterr().out
    found = cells(out)
    assert found[254] > 1000 and 10 <= found[0] <= 40
    assert json.loads((out / 'objects.geojson').read_text())['features'] == []
    assert (out / 'map.png').stat().st_size > 1000


def test_a_folder_whose_world_is_not_level_is_levelled_by_its_floor(tmp_path: Path) -> None:
    folder, out = write_folder(tmp_path / 'drive', 4), tmp_path / 'map'
    for path in folder.glob('*.pose.txt'):
        turned = np.eye(4)
        turned[:3, :3] = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
        np.savetxt(path, turned @ np.loadtxt(path))
    assert main(['map', str(folder), '--out', str(out), '--mode', 'semantic', '--every', '2']) == 0
    found = cells(out)
    assert found[254] > 1000 and 10 <= found[0] <= 40


@pytest.mark.parametrize(('words', 'more'), [
    ('there is no', ['--mode', 'semantic']), ('LATITUDE,LONGITUDE', ['--datum', 'home']),
    ('resolution_m is 9', ['--resolution', '9'])])
def test_what_cannot_be_is_one_sentence(words: str, more: list[str], tmp_path: Path,
                                        capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['map', str(tmp_path / 'nothing'), '--out', str(tmp_path / 'map'), *more]) == 2
    said = capsys.readouterr().err
    assert words in said and 'Traceback' not in said
    assert not (tmp_path / 'map').exists()


def test_a_place_that_cannot_be_written_is_said_before_a_model_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                      capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr('seg_ros.cli.map.open_model', lambda name, settings: pytest.fail('a model is loaded'))
    (tmp_path / 'file').touch()
    assert main(['map', str(write_drive(tmp_path / 'drive', 2)), '--out', str(tmp_path / 'file')]) == 2
    assert 'file cannot be written' in capsys.readouterr().err


class Interrupted(ScriptedSegmenter):
    """Types Ctrl-C at its third image."""

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Answer, after Ctrl-C when it is time."""
        if len(self.seen) == 3:  # the first was to warm up
            os.kill(os.getpid(), signal.SIGINT)
        return super().segment(frames, settings)


def test_ctrl_c_saves_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                   capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr('seg_ros.cli.map.open_model', lambda name, settings: Interrupted(name))
    drive, out = write_drive(tmp_path / 'drive', 8), tmp_path / 'map'
    words = ['map', str(drive), '--out', str(out), '--mode', 'semantic']
    assert main(words) == 130
    assert cells(out)[254] > 1000
    assert '--resume' in capsys.readouterr().out


def test_a_run_that_was_interrupted_goes_on_to_the_same_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    drive = write_drive(tmp_path / 'drive', 8)
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    assert main(['map', str(drive), '--out', str(whole), '--mode', 'semantic']) == 0
    with monkeypatch.context() as patched:
        patched.setattr('seg_ros.cli.map.open_model', lambda name, settings: Interrupted(name))
        assert main(['map', str(drive), '--out', str(parts), '--mode', 'semantic']) == 130
    assert (parts / 'map.pgm').read_bytes() != (whole / 'map.pgm').read_bytes()
    assert main(['map', str(drive), '--out', str(parts), '--mode', 'semantic', '--every', '2', '--resume']) == 2
    assert 'begun with other words' in capsys.readouterr().err
    kept = (parts / 'unfinished.npz').read_bytes()
    for damaged in (kept[:len(kept) // 2], b'no archive', b''):
        (parts / 'unfinished.npz').write_bytes(damaged)
        assert main(['map', str(drive), '--out', str(parts), '--mode', 'semantic', '--resume']) == 2
        assert 'unfinished.npz is damaged' in capsys.readouterr().err
    (parts / 'unfinished.npz').write_bytes(kept)
    assert main(['map', str(drive), '--out', str(parts), '--mode', 'semantic', '--resume']) == 0
    assert (parts / 'map.pgm').read_bytes() == (whole / 'map.pgm').read_bytes()
    assert (parts / 'layers' / 'floor.pgm').read_bytes() == (whole / 'layers' / 'floor.pgm').read_bytes()
    assert not (parts / 'unfinished.npz').exists()
