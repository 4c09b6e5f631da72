# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""No value of any option of any verb gives a traceback: it is taken, or refused in a sentence with status 2."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import nn

pytest.importorskip('rclpy')

from scenes.bags import camera_entries, write_bag
from scenes.networks import saved_rooms_model
from scenes.posed import write_folder
from scenes.rooms import write_rooms
from scenes.taught_drive import drawn_drive, write_drive_folder

from seg_ros.cli import bench
from seg_ros.cli import main as main_module
from seg_ros.cli.main import VERBS, main
from seg_ros.errors import DataError
from seg_ros.lab.benchmark import NoMessages
from seg_ros.live.loopback import IN_THE_IMAGE
from seg_ros.models.instance_networks import INSTANCE_NETWORKS
from seg_ros.models.networks import SEMANTIC_NETWORKS
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.sources import Folders
from seg_ros.settings import Settings

ABSURD = ('', ' ', '-1', '0', '7', 'nan', 'inf', '1e999', '9' * 30, 'x', 'é\n', '1x1', '0x0', '99999x99999', 'cuda:9',
          'cuda:', '../../..', 'a' * 300, '/proc/1/nothing', '~nobody/x', 'hf:', 'onnx:/none', ':', '\udcff',
          '@FILE', '@FOLDER')
"""\\udcff is how Python has a byte that is no UTF-8; @FILE and @FOLDER stand for an empty file and an empty folder."""


@pytest.fixture(scope='module')
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write what the verbs need: rooms with labels and outlines, a model and a recording."""
    root = tmp_path_factory.mktemp('absurd')
    images, _ = write_rooms(root, 2)
    table: dict[str, Any] = {'images': [], 'categories': [{'id': 1, 'name': 'wall'}], 'annotations': []}
    for k, path in enumerate(sorted(images.iterdir())):
        table['images'].append({'id': k, 'file_name': path.name})
        table['annotations'].append({'id': k, 'image_id': k, 'category_id': 1,
                                     'segmentation': [[1, 1, 30, 1, 30, 20, 1, 20]]})
    (root / 'objects.json').write_text(json.dumps(table))
    saved_rooms_model(root / 'model')
    write_bag(root / 'drive', camera_entries(np.full((2, 48, 64, 3), 90, np.uint8)))
    write_folder(root / 'posed', 2)
    write_drive_folder(root / 'taught', drawn_drive(1))
    (root / 'file').touch()
    (root / 'folder').mkdir()
    return root


def usual(root: Path) -> dict[str, list[str]]:
    """Return of each verb and kind what must be given, and what keeps it short."""
    labels = ['--images', '@/images', '--labels', '@/labels']
    coco = ['--images', '@/images', '--coco', '@/objects.json']
    semantic = [*labels, '--val-images', '@/images', '--val-labels', '@/labels']
    instance = [*coco, '--val-images', '@/images', '--val-coco', '@/objects.json']
    words = {
        'average': ['@/model', '--out', '@/out'],
        'bench': ['--frames', '1', '--size', '64x48', '--mode', 'semantic', '--model', '@/model'],
        'demo': ['--source', '@/drive', '--out', '@/out'],
        'eval semantic': [*labels, '--model', '@/model'], 'eval instance': [*coco, '--model', '@/model'],
        'eval panoptic': [*labels, '--coco', '@/objects.json'],
        'export': ['@/model', '--out', '@/out/model.onnx', '--images', '@/images'],
        'frames': ['@/drive', '--out', '@/out'],
        'label': ['@/drive', '@/out/copy', '--model', '@/model'],
        'map': ['@/posed', '--out', '@/out/map', '--mode', 'semantic', '--semantic-model', '@/model'],
        'models show': ['@/model'], 'models fetch': ['@/model'], 'models list': [],
        'predict': ['@/model', '@/images', '--out', '@/out', '--device', 'cpu'],
        'pseudo': ['--images', '@/images', '--model', '@/model', '--out', '@/out'],
        'taxonomy check': ['indoor', '--labels', 'voc'], 'taxonomy show': ['indoor'],
        'teach': ['@/taught', '--from', '@/model', '--out', '@/out/taught', '--device', 'cpu', '--workers', '1'],
        'train semantic': [*semantic, '--from', '@/model', '--out', '@/out/a'],
        'train instance': [*instance, '--from', 'nothing', '--out', '@/out/b'],
        'view': [],
    }
    return {verb: [word.replace('@/', f'{root}/') for word in given] for verb, given in words.items()}


OPENED: dict[tuple[object, ...], Segmenter] = {}


def opened_once(folders: Folders, reference: str, settings: Settings, reading: Any = Folders.open) -> Segmenter:
    """Open a model, or return it as it was opened: no answer of it is asked for."""
    key = reference, *(getattr(settings, knob) for knob in ('taxonomy', 'device', 'precision', 'cpu_threads'))
    if key not in OPENED:
        OPENED[key] = reading(folders, reference, settings)
    return OPENED[key]


NETWORKS: tuple[tuple[dict[str, Any], str], ...] = (
    (SEMANTIC_NETWORKS, 'lraspp_mobilenet_v2'), (INSTANCE_NETWORKS, 'maskrcnn_mobilenet_v2_fpn'))
MADE: dict[tuple[object, ...], nn.Module] = {}


def made_once(making: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes a network, or returns it as it was made: none is trained."""
    def made(*numbers: int) -> Any:
        key = making, numbers, str(torch.get_default_device())
        if key not in MADE:
            MADE[key] = making(*numbers)
        return MADE[key]
    return made


def ends_at_once(outputs: Sequence[str], ends: Any = bench._ends) -> Any:
    """Return the ends without ROS, which takes its time to start; outputs that are not there are refused as ever."""
    return nullcontext(NoMessages()) if set(outputs) <= set(IN_THE_IMAGE) else ends(outputs)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """End each verb where its work would begin; what is looked at before is real."""
    def enough(*arguments: Any, **more: Any) -> None:
        raise DataError('far enough')

    for name in ('cli.demo.driven', 'cli.view.Watcher', 'cli.label.label', 'lab.model_training.train',
                 'lab.evaluation.evaluate', 'cli.bench.cost_of', 'cli.bench._apart', 'cli.export.export_onnx',
                 'cli.export.export_torchscript', 'cli.models.fetch', 'pipeline.Pipeline.run',
                 'lab.pseudo_labels.Teacher.sure', 'lab.teaching.survey'):
        monkeypatch.setattr(f'seg_ros.{name}', enough)
    monkeypatch.setattr('seg_ros.cli.bench._ends', ends_at_once)
    monkeypatch.setattr('seg_ros.pipeline.loaded._warm_up', lambda model, settings: None)
    monkeypatch.setattr(Folders, 'open', opened_once)
    for networks, name in NETWORKS:
        monkeypatch.setitem(networks, name, made_once(networks[name]))


def options_of(verb: str) -> Iterator[argparse.Action]:
    """Yield the options of a verb, and of its kind where it has kinds."""
    name, _, kind = verb.partition(' ')
    parser = main_module._parser(name)
    for word in filter(None, (name, kind)):
        subs = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
        parser = subs.choices[word]
    yield from (a for a in parser._actions if a.help != argparse.SUPPRESS and a.dest != 'help' and a.nargs != 0
                and not isinstance(a, argparse._SubParsersAction))


def given(root: Path, verb: str, option: argparse.Action, value: str) -> list[str]:
    """Return the usual words of a verb with one of them replaced by an absurd one."""
    words, values = list(usual(root)[verb]), [value] * (option.nargs if isinstance(option.nargs, int) else 1)
    if option.option_strings:
        return [*verb.split(), *words, f'{option.option_strings[-1]}={value}' if len(values) == 1 else
                option.option_strings[-1], *(values if len(values) > 1 else [])]
    positional = [a.dest for a in options_of(verb) if not a.option_strings].index(option.dest)
    words[positional] = value
    return [*verb.split(), *words]


@pytest.mark.parametrize('verb', usual(Path()))
def test_no_absurd_value_gives_a_traceback(place: Path, verb: str, capsys: pytest.CaptureFixture[str],
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    tried = 0
    for option in options_of(verb):
        for text in ABSURD:
            value = {'@FILE': str(place / 'file'), '@FOLDER': str(place / 'folder')}.get(text, text)
            arguments = given(place, verb, option, value)
            try:
                status: Any = main(arguments)
            except SystemExit as ended:
                status = ended.code
            except Exception as error:  # noqa: BLE001
                pytest.fail(f'{" ".join(arguments)} gives a traceback: {error!r}')
            said = capsys.readouterr()
            assert status in (0, 1, 2), arguments
            assert status == 0 or said.err or said.out, arguments
            tried += 1
    assert tried >= 20 or verb in ('view', 'models list')
    cv2.setNumThreads(-1)


def test_every_verb_is_tried() -> None:
    assert {verb.split()[0] for verb in usual(Path())} == set(VERBS)
