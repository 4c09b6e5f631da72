"""Train a model on labelled images, and write a folder that the node and eval take as a model."""

from __future__ import annotations

import argparse
from pathlib import Path

from seg_ros.lab.recipe import ARCHITECTURES, SemanticRecipe, train_semantic
from seg_ros.lab.training import TrainingOptions
from seg_ros.settings import parse_size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('kind', choices=['semantic'], help='what the model shall answer')
    data = parser.add_argument_group('data')
    data.add_argument('--images', type=Path, required=True, help='folder of training images')
    data.add_argument('--labels', type=Path, required=True,
                      help='folder of 8-bit PNG label images named like the images; 255 is unlabelled')
    data.add_argument('--val-images', type=Path, required=True, help='folder of held-out images')
    data.add_argument('--val-labels', type=Path, required=True, help='folder of their label images')
    data.add_argument('--val-every', type=_positive, default=1, metavar='N', help='use every Nth held-out image')
    data.add_argument('--coco', type=Path, nargs=2, metavar=('IMAGES', 'JSON'),
                      help='more images, with a COCO instance file')
    data.add_argument('--coco-classes', nargs='+', default=['person', 'plant'], metavar='CLASS',
                      help='the robot classes to learn from --coco')
    data.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    model = parser.add_argument_group('network')
    model.add_argument('--name', default='mine', help='the name on the card')
    model.add_argument('--architecture', default='lraspp_mobilenet_v2', choices=ARCHITECTURES)
    model.add_argument('--backbone', type=Path, help='weights of a MobileNetV2 to start from (.pth, tensors only)')
    model.add_argument('--input-size', default='384x288', help='WIDTHxHEIGHT at which images are shown to it')
    model.add_argument('--crop', default='320x256', help='WIDTHxHEIGHT of the crops it is trained on')
    model.add_argument('--heights', type=_positive, nargs=2, default=(240, 480), metavar=('LOW', 'HIGH'),
                       help='range of heights images are scaled to before cropping')
    loop = parser.add_argument_group('training')
    default = TrainingOptions()
    loop.add_argument('--epochs', type=_positive, default=default.epochs)
    loop.add_argument('--batch', type=_positive, default=default.batch)
    loop.add_argument('--lr', type=float, default=default.lr, help='peak learning rate of the head')
    loop.add_argument('--ema', type=float, default=default.ema_decay, help='decay of the averaged weights')
    loop.add_argument('--patience', type=int, default=default.patience,
                      help='stop after this many epochs without a better score; 0 never')
    loop.add_argument('--seed', type=int, default=default.seed)
    loop.add_argument('--device', default='cpu', help='cpu, cuda or cuda:N')
    loop.add_argument('--out', type=Path, required=True, help='results folder')
    loop.add_argument('--resume', action='store_true', help='go on with the run in --out')


def run(options: argparse.Namespace) -> int:
    """Train and say where the model lies."""
    recipe = SemanticRecipe(
        name=options.name, architecture=options.architecture, taxonomy=options.taxonomy,
        images=options.images, labels=options.labels, val_images=options.val_images,
        val_labels=options.val_labels, val_every=options.val_every, coco=options.coco and tuple(options.coco),
        coco_classes=tuple(options.coco_classes), backbone=options.backbone,
        input_size=parse_size(options.input_size, '--input-size') or (384, 288),
        crop=parse_size(options.crop, '--crop') or (320, 256),
        heights=tuple(options.heights))
    loop = TrainingOptions(epochs=options.epochs, batch=options.batch, lr=options.lr, ema_decay=options.ema,
                           patience=options.patience, seed=options.seed, device=options.device)
    folder = train_semantic(recipe, loop, options.out, resume=options.resume)
    print(f'The model is in {folder}. Try it: seg_ros eval semantic --model {folder} '
          f'--images {options.val_images} --labels {options.val_labels}')
    return 0


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive whole number")
    return int(text)
