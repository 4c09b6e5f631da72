# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Puts rendered views of interiors into a folder of images and one of label images, as ``seg_ros train`` takes them."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
from rooms import CLASSES

SHOWN = 400
"""Pixels of a class without which a view does not show it."""


def gather(rooms: Path, out: Path, split: str, showing: str) -> int:
    """Copy the views of a split, of those that show a class only, to ``out/images`` and ``out/labels``; count them."""
    for kind in ('images', 'labels'):
        (out / kind).mkdir(parents=True, exist_ok=True)
    count = 0
    for view in whole_views(rooms, split):
        label = view.with_suffix('.label.png')
        if not showing or (cv2.imread(str(label), cv2.IMREAD_GRAYSCALE) == CLASSES.index(showing)).sum() > SHOWN:
            name = f'{view.parent.name}_{view.stem}'
            shutil.copyfile(view.with_suffix('.rgb.jpg'), out / 'images' / f'{name}.jpg')
            shutil.copyfile(label, out / 'labels' / f'{name}.png')
            count += 1
    return count


def whole_views(rooms: Path, split: str) -> Iterator[Path]:
    """Yield the descriptions of the views of a split, in order; what has one is whole."""
    for path in sorted(rooms.glob('*/*.json')):
        if json.loads(path.read_text(encoding='utf-8'))['split'] == split:
            yield path


def main() -> None:
    """Gather rendered views into OUT/images and OUT/labels; may run while others are still rendered."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument('rooms', type=Path, help='the folder that rooms.py renders into')
    parser.add_argument('out', type=Path, help='gets images/ and labels/')
    parser.add_argument('--split', choices=('train', 'dev'), default='train', help='dev: rooms to score on, never '
                        'trained on')
    parser.add_argument('--showing', choices=CLASSES, default='', help='views that show this class only, to show them '
                        'more often')
    arguments = parser.parse_args()
    count = gather(arguments.rooms, arguments.out, arguments.split, arguments.showing)
    print(f'{count} views in {arguments.out}')


if __name__ == '__main__':
    main()
