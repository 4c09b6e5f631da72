# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros train`` from the command line: what is given, what follows from --from, and both kinds end to end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file
from scenes.rooms import write_image, write_rooms

from seg_ros.cli import train as verb
from seg_ros.cli.main import main
from seg_ros.lab.instance_recipe import InstanceRecipe
from seg_ros.lab.semantic_recipe import SemanticRecipe
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.training import TrainingOptions
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, read_card, write_card
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.networks import semantic_network
from seg_ros.models.weights import save_weights

FOLDERS = ['--images', 'a', '--labels', 'b', '--val-images', 'c', '--val-labels', 'd', '--out', 'out']
COCO = ['--images', 'a', '--coco', 'b', '--val-images', 'c', '--val-coco', 'd', '--out', 'out']


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Take what would be trained instead of training it."""
    taken: list[Any] = []

    def take(recipe: Any, options: TrainingOptions, folder: Path, *, resume: bool) -> Path:
        taken[:] = [recipe, options]
        return folder

    monkeypatch.setattr(verb, 'train_model', take)
    return taken


@pytest.mark.parametrize('more', [['--from', 'nothing'], ['--backbone', 'b.pth'],
                                  ['--architecture', 'deeplabv3_resnet50']])
def test_without_a_start_a_training_has_the_usual_sizes(asked: list[Any], more: list[str]) -> None:
    assert main(['train', 'semantic', *FOLDERS, *more]) == 0
    recipe, options = asked
    assert isinstance(recipe, SemanticRecipe)
    assert (recipe.input_size, recipe.crop, recipe.heights) == ((384, 288), (320, 256), (240, 480))
    assert (recipe.start, recipe.head_epochs, recipe.resting(TrainingOptions(epochs=20))) == ('', None, 0)
    assert replace(options, workers=1) == TrainingOptions(device='auto')


def test_a_shipped_model_is_where_a_training_begins(asked: list[Any]) -> None:
    assert main(['train', 'semantic', *FOLDERS]) == 0
    assert (asked[0].start, asked[0].architecture, asked[0].input_size) == (
        'indoor', 'mosaic', (512, 384))
    assert main(['train', 'instance', *COCO, '--input-size', '512x384']) == 0
    recipe, options = asked
    assert isinstance(recipe, InstanceRecipe)
    assert (recipe.start, recipe.input_size, recipe.crop, recipe.heights) == (
        'tools', (512, 384), (448, 352), (284, 498))
    assert (options.epochs, options.batch, options.lr) == (0, 0, 6e-4)
    fitted = options.for_images(907, views=recipe.views, most=recipe.batch)
    assert (fitted.epochs, fitted.batch) == (14, 4)


def test_from_brings_architecture_and_sizes(asked: list[Any], tmp_path: Path) -> None:
    write_card(tmp_path / 'rooms', Card('rooms', 'semantic', 'lraspp_mobilenet_v2', ('floor', 'wall'), (768, 576)))
    assert main(['train', 'semantic', *FOLDERS, '--from', str(tmp_path / 'rooms'), '--epochs', '20']) == 0
    recipe, options = asked
    assert (recipe.architecture, recipe.input_size) == ('lraspp_mobilenet_v2', (768, 576))
    assert (recipe.crop, recipe.heights) == ((640, 512), (480, 960))  # twice the usual
    assert recipe.resting(options) == 4


def test_what_is_given_beats_what_from_brings(asked: list[Any]) -> None:
    """The recipe of plants: from tools, all layers from the beginning."""
    assert main(['train', 'instance', *COCO, '--from', 'tools', '--head-epochs', '0', '--input-size', '640x480',
                 '--crop', '512x384', '--heights', '400', '700', '--warmup', '60', '--ema', '0.98']) == 0
    recipe, options = asked
    assert (recipe.start, recipe.head_epochs, recipe.input_size) == ('tools', 0, (640, 480))
    assert (recipe.crop, recipe.heights) == ((512, 384), (400, 700))
    assert (options.warmup_steps, options.ema_decay) == (60, 0.98)


def test_further_folders_and_kept_words_reach_the_training(asked: list[Any]) -> None:
    """The recipe of indoor: the published MOSAIC, with its words, on several folders."""
    assert main(['train', 'semantic', *FOLDERS, '--more', 'e', 'f', '--more', 'g', 'h', '--from', 'mosaic.onnx',
                 '--keep-words', '--blend', '0.5', '--input-size', '512x384', '--keep', '8', '--pictures',
                 'i', 'j']) == 0
    recipe, _ = asked
    assert (recipe.keep, recipe.pictures) == (8.0, (Path('i'), Path('j')))
    assert recipe.more == ((Path('e'), Path('f')), (Path('g'), Path('h')))
    assert (recipe.start, recipe.keep_words, recipe.blend, recipe.architecture) == ('mosaic.onnx', True, 0.5, 'mosaic')
    assert main(['train', 'semantic', *FOLDERS]) == 0
    assert (asked[0].more, asked[0].keep_words, asked[0].blend) == ((), False, 1.0)
    assert (asked[0].keep, asked[0].pictures) == (0.0, ())
    for share in ('1.5', 'half'):
        with pytest.raises(SystemExit):
            main(['train', 'semantic', *FOLDERS, '--blend', share])


def test_images_may_be_held_out_and_images_of_nothing_added(asked: list[Any],
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    """The recipe of everyday: masks for the published YOLOX-nano."""
    assert main(['train', 'instance', '--images', 'a', '--coco', 'b', '--hold-out', '37', '--from', 'yolox.onnx',
                 '--empty', 'rooms', 'halls', '--out', 'out']) == 0
    recipe, _ = asked
    assert (recipe.architecture, recipe.empty) == ('yolox_nano', (Path('rooms'), Path('halls')))
    assert (recipe.train, recipe.val) == tuple(
        ObjectSource(Path('b'), Path('a'), split, 37) for split in ('train', 'val'))
    assert '--images a --coco b --hold-out 37' in capsys.readouterr().out


def test_outlined_images_of_several_files_are_learned_together(asked: list[Any]) -> None:
    assert main(['train', 'instance', *COCO, '--more', 'e', 'f', '--more', 'g', 'h']) == 0
    assert asked[0].more == ((Path('e'), Path('f')), (Path('g'), Path('h')))
    assert main(['train', 'instance', *COCO]) == 0
    assert asked[0].more == ()


@pytest.mark.parametrize(('arguments', 'sentence'), [
    (['semantic', *FOLDERS, '--from', 'tools'], "'tools' is a model of kind instance"),
    (['semantic', *FOLDERS, '--from', 'indoor', '--backbone', 'b.pth'], '--from and --backbone both say where'),
    (['instance', *COCO, '--from', 'tool'], "there is no model 'tool'; the nearest shipped is 'tools'"),
    (['instance', *COCO, '--yolo', 'data.yaml'], 'it is not clear what to train on. Give --images and --coco'),
    (['instance', *COCO, '--hold-out', '3'], 'it is not clear what to train on'),
    (['instance', '--images', 'a', '--val-coco', 'd', '--out', 'out'], 'it is not clear what to train on'),
    (['semantic', *FOLDERS, '--hold-out', '3'], 'it is not clear what is held out'),
    (['semantic', *FOLDERS[:6], '--out', 'out'], 'it is not clear what is held out'),
    (['instance', '--yolo', 'data.yaml', '--more', 'a', 'b', '--out', 'out'], '--more adds to --coco, and --yolo was'),
    (['instance', '--yolo', 'nowhere.yaml', '--out', 'out'], 'nowhere.yaml cannot be read'),
])
def test_what_contradicts_itself_is_one_sentence(arguments: list[str], sentence: str,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['train', *arguments]) == 2
    error = capsys.readouterr().err
    assert f'seg_ros train: {sentence}' in error
    assert 'Traceback' not in error


def tiny(*more: str) -> list[str]:
    return ['--epochs', '2', '--batch', '2', '--crop', '64x64', '--heights', '50', '70', *more]


def test_a_semantic_model_is_trained_from_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the first epochs the backbone rests, blocks that never learn aside, and then learns."""
    torch.manual_seed(0)
    save_weights(semantic_network('lraspp_mobilenet_v2', 10), tmp_path / 'old' / WEIGHTS)
    write_card(tmp_path / 'old', Card('old', 'semantic', 'lraspp_mobilenet_v2', load_taxonomy('indoor').names, (96, 64),
                                      mean=(120.0, 110.0, 100.0), licence='research alone'))
    train, dev = write_rooms(tmp_path / 'train', 4), write_rooms(tmp_path / 'dev', 2, first=50)
    moved = {}
    for head_epochs in ('2', '1'):
        out = tmp_path / head_epochs
        assert main(['train', 'semantic', '--images', str(train[0]), '--labels', str(train[1]), '--val-images',
                     str(dev[0]), '--val-labels', str(dev[1]), '--from', str(tmp_path / 'old'), '--out', str(out),
                     *tiny('--head-epochs', head_epochs)]) == 0
        old, new = load_file(tmp_path / 'old' / WEIGHTS), load_file(out / 'model' / WEIGHTS)
        moved[head_epochs] = {key for key in old if not torch.equal(old[key], new[key])}
    assert moved['2'] and all(key.startswith('classifier.') for key in moved['2'])
    assert 'backbone.16.conv.0.0.weight' in moved['1']
    assert not any(key.startswith(('backbone.0.', 'backbone.3.')) or ('running' in key and key.startswith('backbone'))
                   for key in moved['1'])
    card = read_card(tmp_path / '1' / 'model')
    assert (card.input_size, card.mean) == ((96, 64), (120.0, 110.0, 100.0))
    assert card.licence == 'begun from old, research alone'
    assert f'seg_ros eval semantic --model {tmp_path}/1/model --images' in capsys.readouterr().out


def yolo_set(root: Path) -> Path:
    """Write three drawn squares to learn from and one held out."""
    for part, names in (('train', 'abc'), ('val', 'd')):
        for k, name in enumerate(names):
            picture = np.full((64, 96, 3), 60 + 40 * k + 20 * len(names), np.uint8)
            cv2.rectangle(picture, (20 + k, 20), (50, 50), (220, 30, 30), -1)
            write_image(root / 'images' / part / f'{name}.png', picture)
            label = root / 'labels' / part / f'{name}.txt'
            label.parent.mkdir(parents=True, exist_ok=True)
            label.write_text('1 0.21 0.31 0.52 0.31 0.52 0.78 0.21 0.78\n')
    (root / 'data.yaml').write_text(yaml.safe_dump({'train': 'images/train', 'val': 'images/val',
                                                    'names': ['disc', 'square']}))
    return root / 'data.yaml'


def test_objects_of_a_yolo_set_are_trained_on_and_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    save_weights(instance_network('maskrcnn_mobilenet_v2_fpn', 2, 64, 96), tmp_path / 'old' / WEIGHTS)
    write_card(tmp_path / 'old', Card('old', 'instance', 'maskrcnn_mobilenet_v2_fpn', ('square', 'star'), (96, 64)))
    data, out = yolo_set(tmp_path / 'data'), tmp_path / 'run'
    assert main(['train', 'instance', '--yolo', str(data), '--from', str(tmp_path / 'old'), '--out', str(out),
                 *tiny()]) == 0
    card = read_card(out / 'model')
    assert (card.classes, card.input_size, card.mean) == (('disc', 'square'), (96, 64), (127.5,) * 3)
    assert (out / 'curves.png').is_file() and (out / 'epochs' / '002' / 'd.jpg').is_file()
    assert yaml.safe_load((out / 'configuration.yaml').read_text())['options']['warmup_steps'] == 1
    assert f'seg_ros eval instance --model {out}/model --yolo {data}' in capsys.readouterr().out
    assert main(['eval', 'instance', '--model', str(out / 'model'), '--yolo', str(data), '--device', 'cpu',
                 '--json', str(tmp_path / 'scores.json')]) == 0
    scores = json.loads((tmp_path / 'scores.json').read_text())
    assert (scores['images'], list(scores['ap50_of'])) == (1, ['disc', 'square'])
