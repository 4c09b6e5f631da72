# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Images with outlined objects in the YOLO segmentation format: a text file per image, a line per object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from seg_ros.errors import DataError
from seg_ros.lab.coco import InstanceData
from seg_ros.lab.datasets import image_files
from seg_ros.plain_yaml import plain_yaml

LAYOUT = 'write names: [cup, pen], train: images/train and val: images/val'
SHOWN = 20
"""Malformed lines that are listed; of more only the number is told."""


class YoloData(InstanceData):
    """
    One split of a YOLO segmentation data set, described by its ``data.yaml``.

    The text file of ``images/train/a.jpg`` is ``labels/train/a.txt``; an image without one shows no object. A line
    is ``class x1 y1 x2 y2 ...``: the number of the class and at least three corners as shares of width and height.

    :param split: ``train``, ``val`` or ``test``, an entry of the file.
    :param class_names: as for ``InstanceData``. None: all names of the file, by number.
    :raises DataError: when the file, the split, or lines of text files are missing or malformed.
    """

    def __init__(self, description: Path, split: str, class_names: Sequence[str] | None = None) -> None:
        table = _described(description)
        names = _names(table, description)
        images, objects, malformed = [], [], []
        for image in _images(table, split, description):
            images.append({'id': str(image), 'file_name': str(image)})
            for entry in _objects(image, len(names)):
                malformed.append(entry) if isinstance(entry, str) else objects.append(entry)
        if malformed:
            more = f'\n  and {len(malformed) - SHOWN} more' if len(malformed) > SHOWN else ''
            lines = '\n  '.join(malformed[:SHOWN])
            raise DataError(f'{len(malformed)} lines of the data are malformed:\n  {lines}{more}\n',
                            'a line is: class x1 y1 x2 y2 x3 y3 ..., all but the first within 0 and 1')
        categories = [{'id': k, 'name': name} for k, name in enumerate(names)]
        self._take({'images': images, 'annotations': objects, 'categories': categories}, class_names,
                   folder=Path(), source=description)

    def _where(self) -> str:
        """Return where the objects were looked for."""
        return f'they were looked for in files such as {_label_file(self.file(0))}'

    def _sized(self, entry: dict[str, Any], height: int, width: int) -> dict[str, Any]:
        corners = np.reshape(entry['segmentation'], (-1, 2)) * (width, height)
        return {**entry, 'segmentation': [corners.ravel().tolist()]}


def has_split(description: Path, split: str) -> bool:
    """
    Tell whether a ``data.yaml`` names images of a split.

    :raises DataError: when it cannot be read.
    """
    return bool(_described(description).get(split))


def _described(path: Path) -> dict[str, Any]:
    try:
        table = plain_yaml(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f'{path} cannot be read: {" ".join(str(error).split())}') from error
    if not isinstance(table, dict) or 'names' not in table:
        raise DataError(f"{path} describes no data: it has no 'names'", LAYOUT)
    return table


def _names(table: dict[str, Any], path: Path) -> list[str]:
    names = table['names']
    if isinstance(names, dict) and sorted(names) == list(range(len(names))):
        names = [names[k] for k in range(len(names))]
    if not isinstance(names, list) or not names or len(set(map(str, names))) != len(names):
        raise DataError(f"{path}: 'names' is no list of different names numbered from 0", LAYOUT)
    return [str(name) for name in names]


def _images(table: dict[str, Any], split: str, path: Path) -> list[Path]:
    if not table.get(split):
        raise DataError(f"{path} has no entry '{split}'", LAYOUT)
    root = path.parent / str(table.get('path') or '')
    root = root if root.is_dir() else path.parent  # 'path' often names a folder of the machine that exported the data
    given = table[split] if isinstance(table[split], list) else [table[split]]
    return [image for one in given for image in _images_at(root, str(one), path)]


def _images_at(root: Path, given: str, path: Path) -> list[Path]:
    """Return the images of a folder, or of a text file that lists them."""
    # Exports of some tools write ../train/images where train lies beside the file.
    place = next((p for p in (root / given, root / given.removeprefix('../')) if p.exists()), None)
    if place is None:
        raise DataError(f"{path} names '{given}', and there is no {root / given}", 'correct path, train or val there')
    if place.is_dir():
        return image_files(place)
    listed = [line.strip() for line in place.read_text(encoding='utf-8').splitlines() if line.strip()]
    return [next((p for p in (root / line, root / line.removeprefix('data/')) if p.exists()), root / line)
            for line in listed]  # data/ is a folder of the tool that wrote them


def _label_file(image: Path) -> Path:
    """Return where the text of an image lies: ``labels`` stands for the last ``images`` of its folders."""
    folders = list(image.parent.parts)
    if 'images' in folders:
        folders[len(folders) - 1 - folders[::-1].index('images')] = 'labels'
    return Path(*folders) / f'{image.stem}.txt'


def _objects(image: Path, n_classes: int) -> Iterator[dict[str, Any] | str]:
    """Yield an object for each line, or what is wrong with the line."""
    path = _label_file(image)
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding='utf-8', errors='replace').splitlines(), start=1):
        if not line.split():
            continue
        wrong = _wrong_with(line.split(), n_classes)
        if wrong:
            yield f'{path}:{number}: {wrong}'
        else:
            kind, *corners = line.split()
            yield {'id': f'{path.name}:{number}', 'image_id': str(image), 'category_id': int(kind),
                   'segmentation': [min(1.0, max(0.0, float(v))) for v in corners]}


def _wrong_with(words: list[str], n_classes: int) -> str:
    kind, corners = words[0], words[1:]
    if not kind.isdecimal() or int(kind) >= n_classes:
        return f"'{kind}' is no class: their numbers are 0 to {n_classes - 1}"
    try:
        values = np.array([float(v) for v in corners])
    except ValueError as error:
        return str(error)
    if len(values) == 4:
        return 'it is a box (x y width height), not an outline'
    if len(values) < 6 or len(values) % 2:
        return f'{len(values)} numbers are no outline of at least 3 corners'
    if not (np.isfinite(values).all() and values.min() >= -0.01 and values.max() <= 1.01):
        return 'corners lie outside 0 to 1: they are shares of width and height, not pixels'
    return ''
