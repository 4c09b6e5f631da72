# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Puts rendered views into a folder of images, with label images or outlines, as ``seg_ros train`` takes them."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
from rooms import CLASSES

SHOWN = 400
"""Pixels of a class without which a view does not show it."""

LEAST = 60
"""Pixels of an object below which it is left out."""


def gather(rooms: Path, out: Path, split: str, showing: str, without: list[str]) -> int:
    """
    Copy views of a split to ``out/images`` and ``out/labels``; count them.

    :param showing: a class that they show; empty for any. :param without: words of things that they do not show.
    """
    for kind in ('images', 'labels'):
        (out / kind).mkdir(parents=True, exist_ok=True)
    count = 0
    for view in whole_views(rooms, split):
        if any(thing['word'] in without for thing in _said(view)['things'].values()):
            continue
        label = view.with_suffix('.label.png')
        if not showing or (cv2.imread(str(label), cv2.IMREAD_GRAYSCALE) == CLASSES.index(showing)).sum() > SHOWN:
            name = f'{view.parent.name}_{view.stem}'
            shutil.copyfile(view.with_suffix('.rgb.jpg'), out / 'images' / f'{name}.jpg')
            shutil.copyfile(label, out / 'labels' / f'{name}.png')
            count += 1
    return count


def outline(rooms: Path, out: Path, split: str, words: list[str]) -> int:
    """Copy the views of a split to ``out/images``, and write the objects with these words to ``out/instances.json``."""
    (out / 'images').mkdir(parents=True, exist_ok=True)
    images, objects = list[dict[str, Any]](), list[dict[str, Any]]()
    for view in whole_views(rooms, split):
        said, name = _said(view), f'{view.parent.name}_{view.stem}.jpg'
        shutil.copyfile(view.with_suffix('.rgb.jpg'), out / 'images' / name)
        images.append({'id': len(images), 'file_name': name, 'width': said['width'], 'height': said['height']})
        numbers = cv2.imread(str(view.with_suffix('.ids.png')), cv2.IMREAD_UNCHANGED)
        for number, thing in said['things'].items():
            if thing['word'] in words and (numbers == int(number)).sum() >= LEAST:
                objects.append({'id': len(objects), 'image_id': images[-1]['id'], 'iscrowd': 0,
                                'category_id': words.index(thing['word']),
                                'segmentation': run_lengths(numbers == int(number))})
    table = {'images': images, 'annotations': objects,
             'categories': [{'id': k, 'name': word} for k, word in enumerate(words)]}
    (out / 'instances.json').write_text(json.dumps(table), encoding='utf-8')
    return len(images)


def run_lengths(mask: Any) -> dict[str, Any]:
    """Return COCO's run lengths of a mask."""
    from pycocotools import mask as coco
    found = coco.encode(mask.astype('uint8', order='F'))
    return {'size': found['size'], 'counts': found['counts'].decode('ascii')}


def whole_views(rooms: Path, split: str) -> Iterator[Path]:
    """Yield the descriptions of the views of a split, in order; what has one is whole."""
    for path in sorted(rooms.glob('*/*.json')):
        if _said(path)['split'] == split:
            yield path


def _said(view: Path) -> dict[str, Any]:
    """Return the description of a view."""
    said: dict[str, Any] = json.loads(view.read_text(encoding='utf-8'))
    return said


def main() -> None:
    """Gather rendered views into OUT/images and OUT/labels or instances.json; may run while others are rendered."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument('rooms', type=Path, help='the folder that rooms.py renders into')
    parser.add_argument('out', type=Path, help='gets images/, and labels/ or instances.json')
    parser.add_argument('--split', choices=('train', 'dev'), default='train', help='dev: rooms to score on, never '
                        'trained on')
    parser.add_argument('--showing', choices=CLASSES, default='', help='views that show this class only, to show them '
                        'more often')
    parser.add_argument('--without', nargs='+', default=[], metavar='WORD', help='leave out views that show such a '
                        'thing: what is given to train instance --empty must show none')
    parser.add_argument('--objects', nargs='+', default=[], metavar='WORD', help='outline the objects with these '
                        'words, such as hammer, in place of labels')
    arguments = parser.parse_args()
    if arguments.objects:
        count = outline(arguments.rooms, arguments.out, arguments.split, arguments.objects)
    else:
        count = gather(arguments.rooms, arguments.out, arguments.split, arguments.showing, arguments.without)
    print(f'{count} views in {arguments.out}')


if __name__ == '__main__':
    main()
