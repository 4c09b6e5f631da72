# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros predict`` and ``frames``: every picture has its answer under its own name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from pycocotools import mask as coco_masks

pytest.importorskip('rclpy')

from scenes.bags import camera_entries, write_bag
from scenes.networks import saved_rooms_model
from scenes.rooms import room, write_image

from seg_ros.cli.main import main
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.catalog import open_model
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.weights import save_weights
from seg_ros.records import UNLABELLED, Frame
from seg_ros.settings import Settings


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_rooms_model(tmp_path_factory.mktemp('models') / 'small')


def test_twelve_pictures_have_twelve_answers(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two files of one stem both are answered, and pictures are told from each other by nothing but their names."""
    names = [f'{k}.png' for k in range(10)] + ['9.jpg', 'B.JPEG']
    for k, name in enumerate(names):
        write_image(tmp_path / 'in' / name, room(k)[0])
    assert main(['predict', str(model), str(tmp_path / 'in'), '--out', str(tmp_path / 'out'), '--device', 'cpu']) == 0
    stems = sorted([*(str(k) for k in range(9)), '9.png', '9.jpg', 'B'])
    for folder, suffix in (('overlays', '.jpg'), ('labels', '.png')):
        assert sorted(p.name.removesuffix(suffix) for p in (tmp_path / 'out' / folder).iterdir()) == stems
    settings = Settings(device='cpu')
    expected, = open_model(str(model), settings).segment([Frame('', 0, '', room(3)[0])], settings)
    labels = cv2.imread(str(tmp_path / 'out' / 'labels' / '3.png'), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(labels, expected.labels)
    assert set(np.unique(labels)) <= {*range(10), UNLABELLED}
    classes = json.loads((tmp_path / 'out' / 'classes.json').read_text())
    assert list(classes.values()) == list(load_taxonomy('indoor').names)
    assert '12 pictures are answered' in capsys.readouterr().out


def test_what_cannot_be_read_is_told_and_the_rest_answered(model: Path, tmp_path: Path,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    write_image(tmp_path / 'in' / 'good.png', room(0)[0])
    (tmp_path / 'in' / 'bad.png').write_bytes(b'no picture')
    assert main(['predict', str(model), str(tmp_path / 'in'), '--out', str(tmp_path / 'out'), '--device', 'cpu']) == 1
    assert [p.name for p in (tmp_path / 'out' / 'labels').iterdir()] == ['good.png']
    assert '1 could not be read: bad' in capsys.readouterr().out


def test_several_sources_have_folders_of_their_own(model: Path, tmp_path: Path) -> None:
    for name in ('one', 'two'):
        write_image(tmp_path / name / 'a.png', room(0)[0])
    assert main(['predict', str(model), str(tmp_path / 'one'), str(tmp_path / 'two' / 'a.png'), '--out',
                 str(tmp_path / 'out'), '--device', 'cpu']) == 0
    assert sorted(str(p.relative_to(tmp_path / 'out')) for p in (tmp_path / 'out').rglob('*.png')) == [
        '0_one/labels/a.png', '1_a/labels/a.png']


def test_objects_are_written_as_coco_has_them(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_weights(instance_network('maskrcnn_mobilenet_v2_fpn', 2, 64, 96), tmp_path / 'm' / WEIGHTS)
    write_card(tmp_path / 'm', Card('m', 'instance', 'maskrcnn_mobilenet_v2_fpn', ('disc', 'square'), (96, 64)))
    write_image(tmp_path / 'a.png', room(0, (120, 80))[0])
    assert main(['predict', str(tmp_path / 'm'), str(tmp_path / 'a.png'), '--out', str(tmp_path / 'out'), '--device',
                 'cpu', '--score-threshold', '0']) == 0
    answer = json.loads((tmp_path / 'out' / 'objects' / 'a.json').read_text())
    assert (answer['width'], answer['height']) == (120, 80)
    assert answer['objects']
    for one in answer['objects']:
        assert one['class'] in ('disc', 'square') and 0.0 <= one['score'] <= 1.0 and 'track_id' not in one
        mask = coco_masks.decode(one['segmentation'])
        assert mask.shape == (80, 120) and int(mask.sum()) == one['area'] > 0


def drive(folder: Path) -> Path:
    pictures = np.stack([room(k)[0] for k in range(6)])
    return write_bag(folder / 'drive', camera_entries(pictures, rate=10.0))


def test_pictures_of_a_recording_and_their_masks_bear_the_same_names(model: Path, tmp_path: Path) -> None:
    """Named by stamp, whatever is left out: ready to be corrected, and trained on."""
    bag = drive(tmp_path)
    assert main(['frames', str(bag), '--out', str(tmp_path / 'set'), '--every', '2']) == 0
    assert main(['predict', str(model), str(bag), '--out', str(tmp_path / 'seen'), '--device', 'cpu']) == 0
    assert main(['label', str(bag), str(tmp_path / 'copy'), '--model', str(model), '--device', 'cpu', '--masks',
                 str(tmp_path / 'masks')]) == 0
    pictures = {p.name: p for p in (tmp_path / 'set' / 'images').iterdir()}
    masks = {p.name: p for p in (tmp_path / 'masks').iterdir()}
    assert len(pictures) == 3 and len(masks) == 6
    assert pictures.keys() <= masks.keys()
    first = min(pictures, key=lambda name: int(name.removesuffix('.png')))
    assert np.array_equal(cv2.imread(str(pictures[first]))[..., ::-1], room(0)[0])
    for name, path in masks.items():
        labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(labels, cv2.imread(str(tmp_path / 'seen' / 'labels' / name), cv2.IMREAD_UNCHANGED))


def test_names_that_are_no_utf_8_are_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = os.fsdecode(b'\xff\xfe')
    write_image(tmp_path / 'a.png', room(0)[0])
    (tmp_path / 'a.png').rename(tmp_path / f'{odd}.png')
    assert main(['frames', str(tmp_path), '--out', str(tmp_path / odd)]) == 0
    assert (tmp_path / odd / 'images' / f'{odd}.png').is_file()
    assert '1 picture is written: ' in capsys.readouterr().out
