# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros eval semantic`` on drawn rooms: the table, the JSON file and the pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scenes.networks import random_network
from scenes.rooms import WALL, room, write_rooms
from torch import nn

from seg_ros.cli.main import main
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.weights import save_weights
from seg_ros.records import UNLABELLED

INDOOR = load_taxonomy('indoor')
CONFIDENCE = 0.8


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a model that calls every pixel a wall, and is sure of it to 0.8."""
    folder = tmp_path_factory.mktemp('models') / 'walls'
    network: Any = random_network('lraspp_mobilenet_v2', len(INDOOR.names))
    for layer in (network.classifier.low_classifier, network.classifier.high_classifier):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    with torch.no_grad():  # the other nine share what is left
        network.classifier.low_classifier.bias[WALL] = np.log(CONFIDENCE / (1 - CONFIDENCE) * 9)
    save_weights(network, folder / WEIGHTS)
    write_card(folder, Card('walls', 'semantic', 'lraspp_mobilenet_v2', INDOOR.names, (64, 48)))
    return folder


@pytest.fixture(scope='module')
def rooms(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_rooms(tmp_path_factory.mktemp('rooms'), 3)


def evaluated(model: Path, rooms: tuple[Path, Path], *more: str) -> int:
    return main(['eval', 'semantic', '--model', str(model), '--images', str(rooms[0]), '--labels', str(rooms[1]),
                 '--device', 'cpu', *more])


def test_the_json_file_holds_every_score(model: Path, rooms: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / 'new' / 'scores.json'
    assert evaluated(model, rooms, '--json', str(path), '--threshold', '0.5') == 0
    text = path.read_text()
    assert 'NaN' not in text  # which is not JSON
    found = json.loads(text)
    true = np.concatenate([room(seed)[1].ravel() for seed in range(3)])
    walls = float((true == WALL).sum() / (true != UNLABELLED).sum())
    assert (found['model'], found['images'], found['threshold']) == (str(model), 3, 0.5)
    assert found['pixel_accuracy'] == pytest.approx(walls)
    assert list(found['iou']) == list(INDOOR.names)
    assert found['iou']['wall'] == pytest.approx(walls)
    assert (found['iou']['floor'], found['iou']['person'], found['iou']['ceiling']) == (0.0, 0.0, None)
    assert found['mean_iou'] == pytest.approx(walls / 3)
    assert found['calibration_error'] == pytest.approx(abs(CONFIDENCE - walls), abs=0.003)
    assert (found['kept'], found['kept_accuracy']) == (1.0, pytest.approx(walls))
    assert [(one['threshold'], one['kept']) for one in found['thresholds']][-3:] == [(0.7, 1.0), (0.8, 1.0), (0.9, 0.0)]
    assert found['thresholds'][-1]['accuracy'] is None


def test_a_threshold_that_keeps_nothing_has_no_accuracy(model: Path, rooms: tuple[Path, Path], tmp_path: Path) -> None:
    assert evaluated(model, rooms, '--json', str(tmp_path / 'scores.json'), '--threshold', '0.9') == 0
    found = json.loads((tmp_path / 'scores.json').read_text())
    assert (found['kept'], found['kept_accuracy']) == (0.0, None)
    assert found['pixel_accuracy'] > 0.3  # which counts every pixel


def test_the_table_is_for_a_person(model: Path, rooms: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(model, rooms) == 0
    rows = capsys.readouterr().out
    assert 'on 3 images' in ' '.join(rows.split())
    ceiling = next(line for line in rows.splitlines() if 'IoU ceiling' in line)
    assert '–' in ceiling
    floor = next(line for line in rows.splitlines() if 'IoU floor' in line)
    assert '0.000' in floor
    assert 'pixel accuracy' in rows
    assert 'what the unlabelled threshold buys' in rows


def test_a_picture_is_written_for_each_image(model: Path, rooms: tuple[Path, Path], tmp_path: Path) -> None:
    assert evaluated(model, rooms, '--overlays', str(tmp_path / 'seen')) == 0
    assert sorted(path.name for path in (tmp_path / 'seen').iterdir()) == ['000.jpg', '001.jpg', '002.jpg', 'worst.jpg']


def test_labels_and_objects_are_scored_together(model: Path, rooms: tuple[Path, Path], tmp_path: Path,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is called a wall, and the objects are less certain than asked."""
    torch.manual_seed(0)
    save_weights(instance_network('maskrcnn_mobilenet_v2_fpn', 1, 48, 64), tmp_path / 'star' / WEIGHTS)
    write_card(tmp_path / 'star', Card('star', 'instance', 'maskrcnn_mobilenet_v2_fpn', ('star',), (64, 64)))
    table = {'images': [{'id': k, 'file_name': f'{k:03d}.png'} for k in range(3)],
             'categories': [{'id': 1, 'name': 'star'}],
             'annotations': [{'id': 1, 'image_id': 0, 'category_id': 1, 'segmentation': [[5, 5, 20, 5, 20, 20]]}]}
    (tmp_path / 'stars.json').write_text(json.dumps(table))
    assert main(['eval', 'panoptic', '--model', str(model), str(tmp_path / 'star'), '--images', str(rooms[0]),
                 '--labels', str(rooms[1]), '--coco', str(tmp_path / 'stars.json'), '--device', 'cpu',
                 '--score-threshold', '1', '--overlays', str(tmp_path / 'seen'),
                 '--json', str(tmp_path / 'scores.json')]) == 0
    found = json.loads((tmp_path / 'scores.json').read_text())
    assert (found['images'], found['of']['star']) == (3, {'pq': 0.0, 'sq': 0.0, 'rq': 0.0})
    assert found['of']['floor']['pq'] == 0.0
    assert found['of']['ceiling']['pq'] is None
    assert found['pq'] == pytest.approx(found['of']['wall']['pq'] / 4)  # wall, floor, person and star
    assert len(list((tmp_path / 'seen').iterdir())) == 4
    assert 'PQ' in capsys.readouterr().out


@pytest.mark.parametrize(('more', 'sentence'), [
    (['--model', 'indor'], "there is no model 'indor'"),
    (['--model', './nowhere'], 'nowhere holds no trained model'),
    (['--taxonomy', 'indor'], "there is no taxonomy 'indor'; the nearest known is 'indoor'"),
    (['--labels', './nowhere'], 'has a label image in nowhere'),
])
def test_what_is_not_there_is_named(model: Path, rooms: tuple[Path, Path], capsys: pytest.CaptureFixture[str],
                                    more: list[str], sentence: str) -> None:
    assert evaluated(model, rooms, *more) == 2
    assert sentence in capsys.readouterr().err
