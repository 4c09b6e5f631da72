"""``seg_ros pseudo``: from a model and pictures to what ``seg_ros train --more`` takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenes.networks import saved_rooms_model
from scenes.rooms import write_rooms

from seg_ros.cli.main import main
from seg_ros.lab.datasets import LabelFolder
from seg_ros.labels.taxonomy import load_taxonomy


def test_pictures_are_labelled_and_the_next_command_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images, _ = write_rooms(tmp_path / 'rooms', 2)
    out = tmp_path / 'out'
    assert main(['pseudo', '--model', str(saved_rooms_model(tmp_path / 'model')), '--images', str(images),
                 '--at-least', '0', '--out', str(out)]) == 0
    assert f'2 pictures are labelled. Train on them: --more {out}/images {out}/labels' in capsys.readouterr().out
    assert len(LabelFolder(out / 'images', out / 'labels', load_taxonomy('indoor'))) == 2


def test_a_folder_without_images_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = saved_rooms_model(tmp_path / 'model')
    assert main(['pseudo', '--model', str(model), '--images', str(tmp_path), '--out', str(tmp_path / 'out')]) == 2
    assert 'holds no images' in capsys.readouterr().err
