# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Train a model on labelled images, and write a folder that the node and eval take as a model."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seg_ros.cli.arguments import count, device, new_folder, number, share, size, whole
from seg_ros.cli.help_text import DefaultsHelp
from seg_ros.errors import SettingError
from seg_ros.lab.instance_recipe import InstanceRecipe
from seg_ros.lab.model_training import train_model
from seg_ros.lab.recipe import Recipe
from seg_ros.lab.semantic_recipe import SemanticRecipe
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.starting import start_card
from seg_ros.lab.training_options import TrainingOptions
from seg_ros.lab.yolo import has_split

STARTS = {'semantic': 'indoor', 'instance': 'tools'}
"""The shipped models that a training begins with where nothing else is said."""

NOTHING = 'nothing'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    kinds = parser.add_subparsers(dest='kind', metavar='KIND', required=True)
    shape = DefaultsHelp
    _add_semantic(kinds.add_parser('semantic', help='every pixel a class', formatter_class=shape))
    _add_instance(kinds.add_parser('instance', help='every object a mask', formatter_class=shape))


def run(options: argparse.Namespace) -> int:
    """Train and say where the model lies."""
    loop = TrainingOptions(epochs=options.epochs, batch=options.batch, lr=options.lr, warmup_steps=options.warmup,
                           ema_decay=options.ema, patience=options.patience, stop_after=options.stop_after,
                           seed=options.seed, workers=options.workers, device=options.device,
                           bf16=options.precision == 'bf16')
    recipe, truth = (_semantic if options.kind == 'semantic' else _instance)(options)
    folder = train_model(recipe, loop, options.out, resume=options.resume)
    print(f'The model is in {folder}. Try it: seg_ros eval {options.kind} --model {folder} {truth}')
    return 0


def _add_semantic(parser: argparse.ArgumentParser) -> None:
    data = parser.add_argument_group('data')
    data.add_argument('--images', type=Path, required=True, help='folder of training images')
    data.add_argument('--labels', type=Path, required=True,
                      help='folder of PNG label images named like the images; 255 is unlabelled')
    data.add_argument('--val-images', type=Path, help='folder of held-out images')
    data.add_argument('--val-labels', type=Path, help='folder of their label images')
    _add_hold_out(data)
    data.add_argument('--label-words', default='', metavar='WORDS', help=LABEL_WORDS)
    data.add_argument('--val-every', type=count, default=1, metavar='N', help='use every Nth held-out image')
    data.add_argument('--more', type=Path, nargs=2, action='append', default=[], metavar=('IMAGES', 'LABELS'),
                      help='further training images and their label images, in ids of the taxonomy; may be given '
                           'several times')
    data.add_argument('--coco', type=Path, nargs=2, metavar=('IMAGES', 'JSON'),
                      help='more images, with a COCO instance file')
    data.add_argument('--coco-classes', nargs='+', default=['person', 'plant'], metavar='CLASS',
                      help='the robot classes to learn from --coco')
    data.add_argument('--coco-complete', nargs='+', default=[], metavar='CLASS',
                      help='robot classes of which --coco outlines every one: pixels outside are none of these')
    data.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    data.add_argument('--paste', type=share, default=SemanticRecipe.paste, metavar='SHARE',
                      help='share of the crops into which objects of --coco are pasted')
    data.add_argument('--keep-words', action='store_true',
                      help='keep the words of --from, and add the names of classes that are none of them')
    data.add_argument('--blend', type=share, default=SemanticRecipe.blend, metavar='SHARE',
                      help='share of the trained weights in the model, the rest are those of --from: 0.5 forgets '
                           'less of pictures that are unlike the training images')
    data.add_argument('--keep', type=number(0.0, 1000.0), default=SemanticRecipe.keep, metavar='WEIGHT',
                      help='where nothing is labelled, learn to answer as --from does, so that a new class makes it '
                           'forget less of the others; with this weight beside the labels, 8 say. With --keep-words, '
                           'where that model has words of its own')
    data.add_argument('--pictures', type=Path, nargs='+', default=[], metavar='FOLDER',
                      help='with --keep: folders of pictures without labels')
    _add_network(parser, SemanticRecipe)
    _add_loop(parser, SemanticRecipe, lr=1e-3)


def _add_instance(parser: argparse.ArgumentParser) -> None:
    data = parser.add_argument_group('data')
    data.add_argument('--images', type=Path, help='folder of training images')
    data.add_argument('--coco', type=Path, help='their COCO instance file')
    data.add_argument('--val-images', type=Path, help='folder of held-out images')
    data.add_argument('--val-coco', type=Path, help='their COCO instance file')
    _add_hold_out(data)
    data.add_argument('--more', type=Path, nargs=2, action='append', default=[], metavar=('IMAGES', 'JSON'),
                      help='further training images and their COCO instance file, of which the classes of --coco are '
                           'learned; may be given several times')
    data.add_argument('--empty', type=Path, nargs='+', default=[], metavar='FOLDER',
                      help='folders of more training images, which show no object of the classes: what is found in '
                           'such is unlearned')
    data.add_argument('--yolo', type=Path, metavar='DATA.yaml',
                      help='a YOLO segmentation data set with train, and val if it has one, in place of these four')
    _add_network(parser, InstanceRecipe)
    view = parser.add_argument_group('views')
    view.add_argument('--turn', type=number(0.0, 180.0), default=InstanceRecipe.turn_deg, metavar='DEGREES',
                      help='views are turned by at most this angle')
    view.add_argument('--upside-down', action='store_true', help='views may be upside down, as seen from above')
    view.add_argument('--paste', type=share, default=InstanceRecipe.paste, metavar='SHARE',
                      help='share of views with objects pasted from other images')
    view.add_argument('--repeats', type=count, default=InstanceRecipe.repeats, metavar='N',
                      help='views per image in an epoch')
    _add_loop(parser, InstanceRecipe, lr=6e-4)


LABEL_WORDS = ('what the numbers or colours in the label images mean, where they are not the ids of the taxonomy: a '
               'label set such as ade20k, a file with a word on each line, or the labelmap.txt of CVAT')


def _add_hold_out(data: argparse._ArgumentGroup) -> None:
    data.add_argument('--hold-out', type=whole, metavar='N',
                      help='without --val-images: hold N of the images out, the same each time; default: a fifth')


def _add_network(parser: argparse.ArgumentParser, recipe: type[Recipe]) -> None:
    usual = next(name for name in recipe.architectures if 'mobilenet_v2' in name)
    wide, crop, heights = recipe.input_size, recipe.crop, recipe.heights
    parser.set_defaults(usual=_Shape(usual, wide, crop, heights))
    network = parser.add_argument_group('network', 'What is not given is as in --from.')
    network.add_argument('--name', default='mine', help='the name on the card')
    network.add_argument('--from', default='', metavar='MODEL', dest='start',
                         help=f"a trained model to begin with, {NOTHING} for random weights: a shipped name, a folder, "
                              "torchvision:NAME, hf:ORG/NAME, a .pth file of torchvision's weights of the whole "
                              'network, or the published MOSAIC or YOLOX-nano (.onnx); '
                              f'default: {STARTS[recipe.kind]}, unless --backbone or another --architecture is given')
    network.add_argument('--architecture', choices=recipe.architectures, metavar='NETWORK',
                         help=f'one of {", ".join(recipe.architectures)}; default: {usual}')
    network.add_argument('--backbone', type=Path, help='weights of a MobileNetV2 to start from (.pth, tensors only)')
    network.add_argument('--input-size', type=size, metavar='WxH',
                         help=f'size in pixels at which images are shown to it; default: {wide[0]}x{wide[1]}')
    network.add_argument('--crop', type=size, metavar='WxH',
                         help=f'size of the crops it is trained on; default: {crop[0]}x{crop[1]}')
    network.add_argument('--heights', type=count, nargs=2, metavar=('LOW', 'HIGH'),
                         help='range of heights images are scaled to before cropping; default: '
                              f'{heights[0]} {heights[1]}')


def _add_loop(parser: argparse.ArgumentParser, recipe: type[Recipe], *, lr: float) -> None:
    loop = parser.add_argument_group('training', 'What is not given fits the number of images.')
    loop.add_argument('--epochs', type=count, default=0,
                      help=f'default: as many as show {recipe.views} views, within 10 and 150')
    loop.add_argument('--batch', type=count, default=0, help=f'default: {recipe.batch}, at most a tenth of the images')
    loop.add_argument('--lr', type=number(0.0, 100.0, above=True), default=lr, help='peak learning rate of the head')
    loop.add_argument('--head-epochs', type=whole, metavar='N',
                      help='epochs at the beginning in which the backbone rests; default: a fifth, without --from 0')
    loop.add_argument('--warmup', type=count, metavar='STEPS',
                      help='steps until the peak; default: a tenth of all, at most 200')
    loop.add_argument('--ema', type=share, metavar='DECAY',
                      help='decay of the averaged weights, 0 to 1; default: about the last tenth of the steps')
    loop.add_argument('--patience', type=whole, default=0,
                      help='stop after this many epochs without a better score; 0 never')
    loop.add_argument('--stop-after', type=whole, default=0, metavar='N',
                      help='end after N epochs of the schedule, to try its beginning or to keep what is good enough; '
                           '0 runs all --epochs. --resume goes on')
    loop.add_argument('--seed', type=whole, default=0, help='of all that is drawn at random')
    loop.add_argument('--workers', type=count, default=max(1, min(8, len(os.sched_getaffinity(0)) - 1)),
                      help='threads that make views ahead')
    loop.add_argument('--device', type=device, default='auto', help='auto, cpu, cuda or cuda:N')
    loop.add_argument('--precision', choices=('fp32', 'bf16'), default='fp32',
                      help='bf16 is faster on a GPU, and on a CPU that has it (lscpu shows avx512_bf16 or amx_bf16)')
    loop.add_argument('--out', type=new_folder, required=True, help='results folder')
    loop.add_argument('--resume', action='store_true', help='go on with the run in --out')


def _semantic(options: argparse.Namespace) -> tuple[Recipe, str]:
    """Return the recipe, and the words with which its model is scored."""
    given = sum(one is not None for one in (options.val_images, options.val_labels))
    if given == 1 or (given and options.hold_out is not None):
        raise SettingError('it is not clear what is held out',
                           'give --val-images and --val-labels, or --hold-out, or none of them')
    recipe = SemanticRecipe(
        taxonomy=options.taxonomy, images=options.images, labels=options.labels, val_images=options.val_images,
        val_labels=options.val_labels, hold_out=options.hold_out or 0, label_words=options.label_words,
        val_every=options.val_every, coco=options.coco and tuple(options.coco),
        coco_classes=tuple(options.coco_classes), coco_complete=tuple(options.coco_complete),
        more=tuple((images, labels) for images, labels in options.more), paste=options.paste,
        keep_words=options.keep_words, blend=options.blend,
        keep=options.keep, pictures=tuple(options.pictures), **_network(options))
    words = f' --label-words {options.label_words}' if options.label_words else ''
    words += f' --taxonomy {options.taxonomy}' if options.taxonomy != 'indoor' else ''
    if options.val_images is None:
        return recipe, f'--images {options.images} --labels {options.labels} --hold-out {options.hold_out or 0}{words}'
    return recipe, f'--images {options.val_images} --labels {options.val_labels}{words}'


def _instance(options: argparse.Namespace) -> tuple[Recipe, str]:
    """Return the recipe, and the words with which its model is scored."""
    if options.more and options.yolo:
        raise SettingError('--more adds to --coco, and --yolo was given', 'give --images and --coco')
    train, val = _outlined(options)
    recipe = InstanceRecipe(train=train, val=val, more=tuple((images, coco) for images, coco in options.more),
                            empty=tuple(options.empty), turn_deg=options.turn, upside_down=options.upside_down,
                            paste=options.paste, repeats=options.repeats, **_network(options))
    held_out = '' if val.held_out is None else f' --hold-out {val.held_out}'
    if options.yolo:
        return recipe, f'--yolo {options.yolo}{held_out}'
    return recipe, f'--images {val.images} --coco {val.annotations}{held_out}'


def _outlined(options: argparse.Namespace) -> tuple[ObjectSource, ObjectSource]:
    """Return where the training and the held-out images lie."""
    two, other_two, drawn = (options.coco, options.images), (options.val_coco, options.val_images), options.hold_out
    if options.yolo and not any(two + other_two):
        drawn = 0 if drawn is None and not has_split(options.yolo, 'val') else drawn
        train, val = (ObjectSource(options.yolo, split=split, held_out=drawn) for split in ('train', 'val'))
        return train, val
    if all(two) and not any(other_two) and not options.yolo:
        train, val = (ObjectSource(*two, split, drawn or 0) for split in ('train', 'val'))
        return train, val
    if all(two + other_two) and not options.yolo and drawn is None:
        return ObjectSource(*two), ObjectSource(*other_two)
    raise SettingError('it is not clear what to train on',
                       'give --images and --coco, with --val-images and --val-coco or --hold-out, or --yolo alone')


@dataclass(frozen=True)
class _Shape:
    """The network, and the sizes at which it sees images."""

    architecture: str
    input_size: tuple[int, int]
    crop: tuple[int, int]
    heights: tuple[int, int]

    def seen_at(self, size: tuple[int, int]) -> _Shape:
        """Return the same crops and heights relative to another input size."""
        x, y = size[0] / self.input_size[0], size[1] / self.input_size[1]
        wide, high = (32 * max(1, round(side / 32)) for side in (self.crop[0] * x, self.crop[1] * y))
        return replace(self, input_size=size, crop=(wide, high),
                       heights=(round(self.heights[0] * y), round(self.heights[1] * y)))


def _network(options: argparse.Namespace) -> dict[str, Any]:
    """Return what was given, of the rest what the model to start from has, and else the usual."""
    shape, start = options.usual, _start(options)
    card = start_card(start, options.kind) if start else None
    wide = options.input_size or (card.input_size if card else shape.input_size)
    if card is not None:
        shape = replace(shape.seen_at(wide), architecture=card.architecture)
    low, high = options.heights or shape.heights
    crop = options.crop or shape.crop
    if low > high:
        raise SettingError(f'--heights are {low} and {high}', 'give the smaller one first')
    if min(crop) < 32:
        raise SettingError(f'--crop is {crop[0]}x{crop[1]}', 'a network sees nothing below 32 pixels')
    return {'name': options.name, 'architecture': options.architecture or shape.architecture,
            'backbone': options.backbone, 'start': start, 'head_epochs': options.head_epochs, 'input_size': wide,
            'crop': crop, 'heights': (low, high)}


def _start(options: argparse.Namespace) -> str:
    """Return the model to begin with; empty for random weights, or for a backbone alone."""
    if options.start and options.backbone:
        raise SettingError('--from and --backbone both say where to begin', 'give one of them')
    if options.start or options.backbone or options.architecture not in (None, options.usual.architecture):
        return '' if options.start == NOTHING else str(options.start)
    return STARTS[str(options.kind)]
