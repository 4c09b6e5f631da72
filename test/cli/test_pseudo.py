# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros pseudo``: from a model and pictures to what ``seg_ros train --more`` takes."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
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


def test_a_share_beyond_one_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(['pseudo', '--images', str(tmp_path), '--at-least', '80', '--out', str(tmp_path / 'out')])
    assert "'80' is not a number within 0 and 1" in capsys.readouterr().err


def test_outlines_of_the_classes_named_are_taken(tmp_path: Path) -> None:
    images, _ = write_rooms(tmp_path / 'rooms', 1)
    table = {'images': [{'id': 1, 'file_name': '000.png'}], 'categories': [{'id': 1, 'name': 'cup'}],
             'annotations': [{'id': 1, 'image_id': 1, 'category_id': 1,
                              'segmentation': [[5, 5, 20, 5, 20, 40, 5, 40]]}]}
    (tmp_path / 'outlines.json').write_text(json.dumps(table))
    assert main(['pseudo', '--model', str(saved_rooms_model(tmp_path / 'model')), '--images', str(images), '--at-least',
                 '1', '--coco', str(tmp_path / 'outlines.json'), '--coco-classes', 'object',
                 '--out', str(tmp_path / 'out')]) == 0
    labels = cv2.imread(str(tmp_path / 'out' / 'labels' / '000.png'), cv2.IMREAD_UNCHANGED)
    assert set(np.unique(labels)) == {load_taxonomy('indoor').names.index('object'), 255}
    assert (labels[8:38, 8:18] != 255).all()


def test_a_folder_without_images_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = saved_rooms_model(tmp_path / 'model')
    assert main(['pseudo', '--model', str(model), '--images', str(tmp_path), '--out', str(tmp_path / 'out')]) == 2
    assert 'holds no images' in capsys.readouterr().err
