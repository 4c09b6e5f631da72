# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Average several trainings of one model."""

from __future__ import annotations

import argparse
import math
import shlex
from functools import partial
from pathlib import Path

from tqdm import tqdm

from seg_ros.cli.arguments import device, new_folder
from seg_ros.errors import SettingError
from seg_ros.lab.averaging import average
from seg_ros.lab.calibration import calibrate, calibrating
from seg_ros.lab.class_offsets import DEFAULT, move_classes, refuse_offsets
from seg_ros.lab.sources import ObjectSource

FARTHEST = 20.0
"""Offsets beyond this say always or never."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('models', nargs='+', type=_with_share, metavar='MODEL[=SHARE]',
                        help='shipped names or folders of trainings that began alike, on the same classes; a share '
                        'weighs one more than another: a=2 b=1')
    parser.add_argument('--name', default='mine', help='the name on the card')
    parser.add_argument('--out', type=new_folder, required=True, help='the folder of the model')
    parser.add_argument('--images', type=Path, help='pictures that none of them has learned from: scores of objects '
                        'shall be the probability to be right there')
    parser.add_argument('--coco', type=Path, help='COCO instance file of --images')
    parser.add_argument('--offset', nargs='+', type=_with_offset, default=[], metavar='CLASS=NUMBER',
                        help='classes that are answered too seldom or too often, and what is added to the logarithm of '
                        'their odds: 0.7 doubles these, -0.7 halves them')
    parser.add_argument('--taxonomy', default=DEFAULT, help='the taxonomy that --offset names classes of')
    parser.add_argument('--device', type=device, default='auto', help='auto, cpu, cuda or cuda:N')


def run(options: argparse.Namespace) -> int:
    """Write the mean, and say how to score it."""
    held_out, offsets = _held_out(options), dict(options.offset)
    if len(offsets) < len(options.offset):
        raise SettingError('--offset names a class twice', 'give each one number')
    if offsets:
        refuse_offsets(next(iter(dict(options.models))), offsets, options.taxonomy)
    card = average(dict(options.models), options.name, options.out)
    if offsets:
        move_classes(options.out, offsets, options.taxonomy)
    if held_out:
        before = calibrate(options.out, held_out, options.device, partial(tqdm, unit='image'))
        print(f'What scored {before:.2f} scores 0.50 now.')
    print(f'The model is in {options.out}. Score it beside what it was made of, on pictures of another kind too: '
          f'seg_ros eval {card.kind} --model {shlex.quote(_as_model(options.out))} ...')
    return 0


def _as_model(folder: Path) -> str:
    """Return a folder as models are named: one without a slash would be a shipped name."""
    return str(folder) if len(folder.parts) > 1 else f'./{folder}'


def _held_out(options: argparse.Namespace) -> ObjectSource | None:
    """Return the pictures to calibrate on; what is wrong with them is said before anything is written."""
    if options.images is None and options.coco is None:
        return None
    if not (options.images and options.coco):
        raise SettingError('pictures or their outlines are missing', 'give --images and --coco, or neither')
    return calibrating(next(iter(dict(options.models))), ObjectSource(options.coco, options.images))


def _with_share(text: str) -> tuple[str, float]:
    """Return a model and its share, 1 where none is given."""
    name, sign, share = text.rpartition('=')
    if not sign:
        return text, 1.0
    weight = _number(share)
    if not (name and 0.0 < weight < math.inf):
        raise argparse.ArgumentTypeError(f"'{text}' is not MODEL=SHARE with a share above 0")
    return name, weight


def _with_offset(text: str) -> tuple[str, float]:
    """Return a class and what its odds are moved by."""
    name, _, offset = text.rpartition('=')
    if not (name and abs(_number(offset)) <= FARTHEST):
        raise argparse.ArgumentTypeError(f"'{text}' is not CLASS=NUMBER with a number within -{FARTHEST:g} and "
                                         f'{FARTHEST:g}')
    return name, _number(offset)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
