# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Average several trainings of one model."""

from __future__ import annotations

import argparse
import math
import shlex

from seg_ros.cli.arguments import new_folder
from seg_ros.lab.averaging import average


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('models', nargs='+', type=_with_share, metavar='MODEL[=SHARE]',
                        help='shipped names or folders of trainings that began alike, on the same classes; a share '
                        'weighs one more than another: a=2 b=1')
    parser.add_argument('--name', default='mine', help='the name on the card')
    parser.add_argument('--out', type=new_folder, required=True, help='the folder of the model')


def run(options: argparse.Namespace) -> int:
    """Write the mean, and say how to score it."""
    card = average(dict(options.models), options.name, options.out)
    print(f'The model is in {options.out}. Score it beside the others, on pictures of another kind too: '
          f'seg_ros eval {card.kind} --model {shlex.quote(str(options.out))} ...')
    return 0


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
