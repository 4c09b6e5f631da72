"""Train a model on labelled images, and write a folder that the node and eval take as a model."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from seg_ros.errors import SettingError
from seg_ros.lab.instance_recipe import INSTANCE_ARCHITECTURES, InstanceRecipe, train_instance
from seg_ros.lab.recipe import ARCHITECTURES, SemanticRecipe, train_semantic
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.training import TrainingOptions
from seg_ros.settings import parse_size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    kinds = parser.add_subparsers(dest='kind', metavar='KIND', required=True)
    shape = argparse.ArgumentDefaultsHelpFormatter
    _add_semantic(kinds.add_parser('semantic', help='every pixel a class', formatter_class=shape))
    _add_instance(kinds.add_parser('instance', help='every object a mask', formatter_class=shape))


def run(options: argparse.Namespace) -> int:
    """Train and say where the model lies."""
    loop = TrainingOptions(epochs=options.epochs, batch=options.batch, lr=options.lr, warmup_steps=options.warmup,
                           ema_decay=options.ema, patience=options.patience, seed=options.seed,
                           device=options.device, bf16=options.precision == 'bf16')
    if options.kind == 'semantic':
        folder = train_semantic(_semantic(options), loop, options.out, resume=options.resume)
        truth = f'--images {options.val_images} --labels {options.val_labels}'
    else:
        folder = train_instance(_instance(options), loop, options.out, resume=options.resume)
        truth = f'--yolo {options.yolo}' if options.yolo else f'--images {options.val_images} --coco {options.val_coco}'
    print(f'The model is in {folder}. Try it: seg_ros eval {options.kind} --model {folder} {truth}')
    return 0


def _add_semantic(parser: argparse.ArgumentParser) -> None:
    data = parser.add_argument_group('data')
    data.add_argument('--images', type=Path, required=True, help='folder of training images')
    data.add_argument('--labels', type=Path, required=True,
                      help='folder of 8-bit PNG label images named like the images; 255 is unlabelled')
    data.add_argument('--val-images', type=Path, required=True, help='folder of held-out images')
    data.add_argument('--val-labels', type=Path, required=True, help='folder of their label images')
    data.add_argument('--val-every', type=_count, default=1, metavar='N', help='use every Nth held-out image')
    data.add_argument('--coco', type=Path, nargs=2, metavar=('IMAGES', 'JSON'),
                      help='more images, with a COCO instance file')
    data.add_argument('--coco-classes', nargs='+', default=['person', 'plant'], metavar='CLASS',
                      help='the robot classes to learn from --coco')
    data.add_argument('--coco-complete', nargs='+', default=[], metavar='CLASS',
                      help='robot classes of which --coco outlines every one: pixels outside are none of these')
    data.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    _add_network(parser, ARCHITECTURES, SemanticRecipe.input_size, SemanticRecipe.crop, SemanticRecipe.heights)
    _add_loop(parser, TrainingOptions())


def _add_instance(parser: argparse.ArgumentParser) -> None:
    data = parser.add_argument_group('data')
    data.add_argument('--images', type=Path, help='folder of training images')
    data.add_argument('--coco', type=Path, help='their COCO instance file')
    data.add_argument('--val-images', type=Path, help='folder of held-out images')
    data.add_argument('--val-coco', type=Path, help='their COCO instance file')
    data.add_argument('--yolo', type=Path, metavar='DATA.yaml',
                      help='a YOLO segmentation data set with train and val, in place of these four')
    _add_network(parser, INSTANCE_ARCHITECTURES, InstanceRecipe.input_size, InstanceRecipe.crop,
                 InstanceRecipe.heights)
    view = parser.add_argument_group('views')
    view.add_argument('--start', default='', metavar='MODEL', help='a model to start from, a shipped name or a folder')
    view.add_argument('--turn', type=float, default=InstanceRecipe.turn_deg, metavar='DEGREES',
                      help='views are turned by at most this angle')
    view.add_argument('--upside-down', action='store_true', help='views may be upside down, as seen from above')
    view.add_argument('--paste', type=float, default=InstanceRecipe.paste, metavar='SHARE',
                      help='share of views with objects pasted from other images')
    view.add_argument('--repeats', type=_count, default=InstanceRecipe.repeats, metavar='N',
                      help='views per image in an epoch')
    _add_loop(parser, TrainingOptions(epochs=14, batch=4, lr=6e-4, warmup_steps=200, ema_decay=0.996))


def _add_network(parser: argparse.ArgumentParser, architectures: tuple[str, ...], size: tuple[int, int],
                 crop: tuple[int, int], heights: tuple[int, int]) -> None:
    network = parser.add_argument_group('network')
    network.add_argument('--name', default='mine', help='the name on the card')
    network.add_argument('--architecture', choices=architectures,
                         default=next(name for name in architectures if 'mobilenet_v2' in name))
    network.add_argument('--backbone', type=Path, help='weights of a MobileNetV2 to start from (.pth, tensors only)')
    network.add_argument('--input-size', default=f'{size[0]}x{size[1]}',
                         help='WIDTHxHEIGHT at which images are shown to it')
    network.add_argument('--crop', default=f'{crop[0]}x{crop[1]}', help='WIDTHxHEIGHT of the crops it is trained on')
    network.add_argument('--heights', type=_count, nargs=2, default=heights, metavar=('LOW', 'HIGH'),
                         help='range of heights images are scaled to before cropping')


def _add_loop(parser: argparse.ArgumentParser, default: TrainingOptions) -> None:
    loop = parser.add_argument_group('training')
    loop.add_argument('--epochs', type=_count, default=default.epochs)
    loop.add_argument('--batch', type=_count, default=default.batch)
    loop.add_argument('--lr', type=float, default=default.lr, help='peak learning rate of the head')
    loop.add_argument('--warmup', type=_count, default=default.warmup_steps, help='steps until the peak')
    loop.add_argument('--ema', type=float, default=default.ema_decay, help='decay of the averaged weights')
    loop.add_argument('--patience', type=int, default=default.patience,
                      help='stop after this many epochs without a better score; 0 never')
    loop.add_argument('--seed', type=int, default=default.seed)
    loop.add_argument('--device', default='cpu', help='cpu, cuda or cuda:N')
    loop.add_argument('--precision', choices=('fp32', 'bf16'), default='fp32',
                      help='bf16 is faster on a GPU, and on a CPU that has it (lscpu shows avx512_bf16 or amx_bf16)')
    loop.add_argument('--out', type=Path, required=True, help='results folder')
    loop.add_argument('--resume', action='store_true', help='go on with the run in --out')


def _semantic(options: argparse.Namespace) -> SemanticRecipe:
    return SemanticRecipe(
        name=options.name, architecture=options.architecture, taxonomy=options.taxonomy,
        images=options.images, labels=options.labels, val_images=options.val_images,
        val_labels=options.val_labels, val_every=options.val_every, coco=options.coco and tuple(options.coco),
        coco_classes=tuple(options.coco_classes), coco_complete=tuple(options.coco_complete), backbone=options.backbone,
        input_size=_size(options.input_size, '--input-size'), crop=_size(options.crop, '--crop'),
        heights=_range(options.heights))


def _instance(options: argparse.Namespace) -> InstanceRecipe:
    train, val = _outlined(options)
    return InstanceRecipe(
        name=options.name, architecture=options.architecture, train=train, val=val, backbone=options.backbone,
        start=options.start, turn_deg=options.turn, upside_down=options.upside_down, paste=options.paste, repeats=options.repeats,
        input_size=_size(options.input_size, '--input-size'), crop=_size(options.crop, '--crop'),
        heights=_range(options.heights))


def _outlined(options: argparse.Namespace) -> tuple[ObjectSource, ObjectSource]:
    """Return where the training and the held-out images lie."""
    four = [options.images, options.coco, options.val_images, options.val_coco]
    if options.yolo and not any(four):
        return ObjectSource(options.yolo, split='train'), ObjectSource(options.yolo, split='val')
    if all(four) and not options.yolo:
        return ObjectSource(options.coco, options.images), ObjectSource(options.val_coco, options.val_images)
    raise SettingError('it is not clear what to train on',
                       'give --images, --coco, --val-images and --val-coco, or --yolo alone')


def _range(heights: Sequence[int]) -> tuple[int, int]:
    low, high = heights
    return low, high


def _size(text: str, option: str) -> tuple[int, int]:
    size = parse_size(text, option)
    if size is None:
        raise SettingError(f'{option} is empty', 'Write WIDTHxHEIGHT in pixels')
    return size


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive whole number")
    return int(text)
