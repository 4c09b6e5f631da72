# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Write a model as one file, ONNX or TorchScript, its card inside, and check on pictures that both say the same.

An ONNX file runs in the node as semantic_model or instance_model onnx:/folder/file.onnx. With --quantize int8 its
convolutions compute in whole numbers, for CPUs, and it is scored on labelled pictures before and after.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from seg_ros.cli.arguments import count, new_file, size
from seg_ros.cli.tables import figure, show, table
from seg_ros.errors import SettingError
from seg_ros.lab.agreement import agreement
from seg_ros.lab.datasets import some_pictures
from seg_ros.lab.evaluation import Progress, scored
from seg_ros.lab.export import beside, export_onnx, export_torchscript, quantised
from seg_ros.lab.instance_evaluation import on_outlines
from seg_ros.lab.semantic_evaluation import on_labels
from seg_ros.lab.sources import ObjectSource
from seg_ros.records import Mode
from seg_ros.settings import Settings

SUFFIXES = {'onnx': '.onnx', 'torchscript': '.pt'}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('model', metavar='MODEL',
                        help='a shipped name, the folder of a trained model, torchvision:NAME, hf:ORG/NAME')
    parser.add_argument('--format', choices=tuple(SUFFIXES), default='onnx', help='of the file that is written')
    parser.add_argument('--out', type=new_file, required=True, help='the file to write: .onnx, or .pt of TorchScript')
    parser.add_argument('--images', type=Path, required=True,
                        help='folder of pictures as the robot sees them: for the comparison, and to calibrate int8')
    parser.add_argument('--size', type=size, metavar='WxH',
                        help='size of the camera in pixels: the file is for that size alone, as some runtimes need it; '
                             'without it pictures of any size are taken')
    parser.add_argument('--half', action='store_true', help='half precision (fp16), for GPUs')
    parser.add_argument('--pictures', type=count, default=20, help='how many of the images are used, spread over all')
    parser.add_argument('--quantize', choices=('int8',), help='whole numbers, for CPUs; needs --labels or --coco')
    parser.add_argument('--labels', type=Path, help='folder of label images named like --scored, to score labels')
    parser.add_argument('--coco', type=Path, help='COCO instance file of --scored, to score objects')
    parser.add_argument('--scored', type=Path, help='folder of the labelled images, held out; without it --images')


def run(options: argparse.Namespace) -> int:
    """Export, check, and say how to use the file."""
    _check(options)
    console = Console()
    pictures = some_pictures(options.images, options.pictures)
    with beside(options.out) as path:
        write = export_onnx if options.format == 'onnx' else export_torchscript
        with console.status(f'exporting {options.model}'):
            card = write(options.model, path, camera=options.size, half=options.half)
        found = agreement(options.model, path, pictures, progress=_progress('comparing'))
        console.print(f'{found.share:.2%} of {found.compared} {found.of} in {found.pictures} pictures are those of '
                      f'{options.model} in PyTorch, fp32', highlight=False, soft_wrap=True)
        found.check(half=options.half)
        if options.quantize:
            exact = path.rename(path.with_name('exact.onnx'))
            quantised(exact, path, pictures, card, progress=_progress('calibrating'))
            show(_table(options, exact, path))
    size_mb = options.out.stat().st_size / 1e6
    console.print(f'Written: {options.out} ({size_mb:.1f} MB)', highlight=False, soft_wrap=True)
    if options.format == 'onnx':
        console.print(f'Use it: ros2 run seg_ros segmentation --ros-args -p mode:={card.kind} '
                      f'-p {card.kind}_model:=onnx:{options.out.absolute()}', highlight=False, soft_wrap=True)
    return 0


def _check(options: argparse.Namespace) -> None:
    """Refuse what contradicts itself, before anything takes time."""
    if options.out.suffix != SUFFIXES[options.format]:
        raise SettingError(f'out is {options.out} and format is {options.format}',
                           f'Give a file that ends in {SUFFIXES[options.format]}')
    if options.quantize and (options.format != 'onnx' or options.half):
        raise SettingError('int8 goes with format onnx and without half', 'Leave one of them out')
    if options.quantize and (options.labels is None) == (options.coco is None):
        raise SettingError('int8 is scored before and after, and there is nothing to score it on',
                           'Give --labels for a semantic model, or --coco for one that finds objects')


def _table(options: argparse.Namespace, before: Path, after: Path) -> Table:
    """Score both files, and return the scores side by side."""
    rows = [(name, figure(first), figure(second), figure(second - first, '+.3f')) for (name, first), (_, second)
            in zip(_scores(options, before), _scores(options, after))]
    sizes = [f'{path.stat().st_size / 1e6:.1f}' for path in (before, after)]
    return table(f'{options.model}, before and after', ('score', 'fp32', 'int8', 'difference'),
                 [*rows, ('size (MB)', *sizes, '')])


def _scores(options: argparse.Namespace, path: Path) -> list[tuple[str, float]]:
    images = options.scored or options.images
    name, progress = f'onnx:{path.absolute()}', _progress('scoring')
    settings = Settings().changed({'device': 'cpu'})
    if options.labels is not None:
        chosen = settings.changed({'mode': Mode.SEMANTIC.value, 'semantic_model': name})
        labels = scored(chosen, on_labels(chosen, images, options.labels), progress=progress)
        return [('mean IoU', labels.mean_iou), ('pixel accuracy', labels.pixel_accuracy)]
    chosen = settings.changed({'mode': Mode.INSTANCE.value, 'instance_model': name})
    objects = scored(chosen, on_outlines(chosen, ObjectSource(options.coco, images)), progress=progress)
    return [('mask AP', objects.ap), ('mask AP50', objects.ap50)]


def _progress(what: str) -> Progress:
    return partial(tqdm, unit='picture', desc=what, leave=False)
