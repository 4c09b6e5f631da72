"""Train a model on labelled images, and write a folder that the node and eval take as a model."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from seg_ros.errors import SettingError
from seg_ros.lab.instance_recipe import INSTANCE_ARCHITECTURES, InstanceRecipe, train_instance
from seg_ros.lab.recipe import ARCHITECTURES, SemanticRecipe, train_semantic
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.starting import start_card
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
    few = bool(options.start)
    loop = TrainingOptions(epochs=options.epochs, batch=options.batch, lr=options.lr,
                           warmup_steps=getattr(options, 'warmup', None if few else options.warmup_steps),
                           ema_decay=getattr(options, 'ema', None if few else options.ema_decay),
                           patience=options.patience, stop_after=options.stop_after, seed=options.seed,
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
    data.add_argument('--more', type=Path, nargs=2, action='append', default=[], metavar=('IMAGES', 'LABELS'),
                      help='further training images and their label images; may be given several times')
    data.add_argument('--coco', type=Path, nargs=2, metavar=('IMAGES', 'JSON'),
                      help='more images, with a COCO instance file')
    data.add_argument('--coco-classes', nargs='+', default=['person', 'plant'], metavar='CLASS',
                      help='the robot classes to learn from --coco')
    data.add_argument('--coco-complete', nargs='+', default=[], metavar='CLASS',
                      help='robot classes of which --coco outlines every one: pixels outside are none of these')
    data.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    data.add_argument('--keep-words', action='store_true',
                      help='keep the words of --from, and add the names of classes that are none of them')
    data.add_argument('--blend', type=_share, default=1.0, metavar='SHARE',
                      help='share of the trained weights in the model, the rest are those of --from: 0.5 forgets '
                           'less of pictures that are unlike the training images')
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
    usual = next(name for name in architectures if 'mobilenet_v2' in name)
    parser.set_defaults(usual=_Shape(usual, size, crop, heights))
    network = parser.add_argument_group('network', 'What is not given is as in --from.')
    network.add_argument('--name', default='mine', help='the name on the card')
    network.add_argument('--from', default='', metavar='MODEL', dest='start',
                         help='a trained model to begin with, for few images: a shipped name, a folder, a .pth file of '
                              "torchvision's weights of the whole network, or the published MOSAIC (.onnx)")
    network.add_argument('--architecture', choices=architectures, default=argparse.SUPPRESS,
                         help=f'default: {usual}')
    network.add_argument('--backbone', type=Path, help='weights of a MobileNetV2 to start from (.pth, tensors only)')
    network.add_argument('--input-size', default=argparse.SUPPRESS, metavar='WxH',
                         help=f'size in pixels at which images are shown to it; default: {size[0]}x{size[1]}')
    network.add_argument('--crop', default=argparse.SUPPRESS, metavar='WxH',
                         help=f'size of the crops it is trained on; default: {crop[0]}x{crop[1]}')
    network.add_argument('--heights', type=_count, nargs=2, default=argparse.SUPPRESS, metavar=('LOW', 'HIGH'),
                         help='range of heights images are scaled to before cropping; default: '
                              f'{heights[0]} {heights[1]}')


def _add_loop(parser: argparse.ArgumentParser, default: TrainingOptions) -> None:
    loop = parser.add_argument_group('training')
    loop.add_argument('--epochs', type=_count, default=default.epochs)
    loop.add_argument('--batch', type=_count, default=default.batch)
    loop.add_argument('--lr', type=float, default=default.lr, help='peak learning rate of the head')
    loop.add_argument('--head-epochs', type=_whole, default=argparse.SUPPRESS, metavar='N',
                      help='epochs at the beginning in which the backbone rests; default: 0, with --from a fifth')
    loop.add_argument('--warmup', type=_count, default=argparse.SUPPRESS, metavar='STEPS',
                      help=f'steps until the peak; default: {default.warmup_steps}, with --from a tenth of all')
    loop.add_argument('--ema', type=float, default=argparse.SUPPRESS, metavar='DECAY',
                      help='decay of the averaged weights, 0 to 1; default: '
                           f'{default.ema_decay}, with --from by the number of steps')
    parser.set_defaults(warmup_steps=default.warmup_steps, ema_decay=default.ema_decay)
    loop.add_argument('--patience', type=int, default=default.patience,
                      help='stop after this many epochs without a better score; 0 never')
    loop.add_argument('--stop-after', type=_whole, default=default.stop_after, metavar='N',
                      help='end after N epochs of the schedule, to try its beginning or to keep what is good enough; '
                           '0 runs all --epochs. --resume goes on')
    loop.add_argument('--seed', type=int, default=default.seed)
    loop.add_argument('--device', default='cpu', help='cpu, cuda or cuda:N')
    loop.add_argument('--precision', choices=('fp32', 'bf16'), default='fp32',
                      help='bf16 is faster on a GPU, and on a CPU that has it (lscpu shows avx512_bf16 or amx_bf16)')
    loop.add_argument('--out', type=Path, required=True, help='results folder')
    loop.add_argument('--resume', action='store_true', help='go on with the run in --out')


def _semantic(options: argparse.Namespace) -> SemanticRecipe:
    shape = _shape(options)
    return SemanticRecipe(
        name=options.name, architecture=shape.architecture, taxonomy=options.taxonomy,
        images=options.images, labels=options.labels, more=tuple((one, other) for one, other in options.more),
        val_images=options.val_images, val_labels=options.val_labels, val_every=options.val_every,
        coco=options.coco and tuple(options.coco), coco_classes=tuple(options.coco_classes),
        coco_complete=tuple(options.coco_complete), backbone=options.backbone, start=options.start,
        keep_words=options.keep_words, blend=options.blend, head_epochs=_head_epochs(options),
        input_size=shape.input_size, crop=shape.crop, heights=shape.heights)


def _instance(options: argparse.Namespace) -> InstanceRecipe:
    train, val = _outlined(options)
    shape = _shape(options)
    return InstanceRecipe(
        name=options.name, architecture=shape.architecture, train=train, val=val, backbone=options.backbone,
        start=options.start, head_epochs=_head_epochs(options), turn_deg=options.turn, upside_down=options.upside_down,
        paste=options.paste, repeats=options.repeats, input_size=shape.input_size, crop=shape.crop,
        heights=shape.heights)


def _outlined(options: argparse.Namespace) -> tuple[ObjectSource, ObjectSource]:
    """Return where the training and the held-out images lie."""
    four = [options.images, options.coco, options.val_images, options.val_coco]
    if options.yolo and not any(four):
        return ObjectSource(options.yolo, split='train'), ObjectSource(options.yolo, split='val')
    if all(four) and not options.yolo:
        return ObjectSource(options.coco, options.images), ObjectSource(options.val_coco, options.val_images)
    raise SettingError('it is not clear what to train on',
                       'give --images, --coco, --val-images and --val-coco, or --yolo alone')


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


def _shape(options: argparse.Namespace) -> _Shape:
    """Return what was given, of the rest what the model to start from has, and else the usual."""
    if options.start and options.backbone:
        raise SettingError('--from and --backbone both say where to begin', 'give one of them')
    given, shape = vars(options), options.usual
    card = start_card(options.start, options.kind) if options.start else None
    size = card.input_size if card else shape.input_size
    size = _size(given['input_size'], '--input-size') if 'input_size' in given else size
    if card is not None:
        shape = replace(shape.seen_at(size), architecture=card.architecture)
    low, high = given.get('heights', shape.heights)
    return _Shape(given.get('architecture', shape.architecture), size,
                  _size(given['crop'], '--crop') if 'crop' in given else shape.crop, (low, high))


def _head_epochs(options: argparse.Namespace) -> int:
    usual = max(1, options.epochs // 5) if options.start else 0
    return int(getattr(options, 'head_epochs', usual))


def _size(text: str, option: str) -> tuple[int, int]:
    size = parse_size(text, option)
    if size is None:
        raise SettingError(f'{option} is empty', 'Write WIDTHxHEIGHT in pixels')
    return size


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"'{text}' is no share within 0 and 1")
    return value


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number, 0 or more")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive whole number")
    return int(text)
