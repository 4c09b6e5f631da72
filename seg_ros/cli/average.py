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

from seg_ros.cli.arguments import device, new_folder, number
from seg_ros.errors import SettingError
from seg_ros.lab.averaging import average
from seg_ros.lab.calibration import calibrate, calibrating
from seg_ros.lab.class_offsets import move_classes, refuse_offsets
from seg_ros.lab.sources import ObjectSource

offset = number(-20.0, 20.0)  # beyond it is always or never


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
    parser.add_argument('--taxonomy', default='indoor', help='that --offset names classes of: a shipped name, or the '
                        'path of a .yaml file')
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
          f'seg_ros eval {card.kind} --model {shlex.quote(str(options.out.absolute()))} ...')
    return 0


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
    try:
        weight = float(share)
    except ValueError:
        weight = math.nan
    if not (name and 0.0 < weight < math.inf):
        raise argparse.ArgumentTypeError(f"'{text}' is not MODEL=SHARE with a share above 0")
    return name, weight


def _with_offset(text: str) -> tuple[str, float]:
    """Return a class and what its odds are moved by."""
    name, _, value = text.rpartition('=')
    if not name:
        raise argparse.ArgumentTypeError(f"'{text}' is not CLASS=NUMBER")
    return name, offset(value)
