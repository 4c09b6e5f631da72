# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The file format of COCO instances: read and checked before use, and its outlines turned into masks."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError

COCO_KEYS = {'images': ('id', 'file_name'), 'annotations': ('image_id', 'category_id', 'segmentation'),
             'categories': ('id', 'name')}
"""What every entry of a COCO instance file must have, of what is read here."""


def read_coco(path: Path) -> dict[str, Any]:
    """
    Read a COCO instance file.

    :raises DataError: when it is not JSON, or images, annotations or categories lack what makes them so.
    """
    try:
        table = json.loads(path.read_text(encoding='utf-8-sig'))  # some tools of Windows begin it with a mark
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f'{path} cannot be read as JSON: {error}') from error
    lacking = [key for key in ('images', 'annotations', 'categories')
               if not isinstance(table, dict) or not isinstance(table.get(key), list)]
    if lacking:
        raise DataError(f'{path} is no COCO instance file: it lacks {", ".join(lacking)}')
    if not table['categories']:
        raise DataError(f"{path} names no classes: its 'categories' are empty", 'export it again with its labels')
    for key, wanted in COCO_KEYS.items():
        for row in table[key]:
            missing = [name for name in wanted if not isinstance(row, dict) or name not in row]
            if missing:
                raise DataError(f'{path} is malformed: an entry of {key} lacks {", ".join(missing)}')
    return table


def coco_mask(entry: dict[str, Any], height: int, width: int) -> NDArray[np.bool_]:
    """
    Return the (height, width) mask of a COCO annotation, given as polygons or run lengths.

    :raises DataError: when it is neither, or the mask of an image of another size.
    """
    from pycocotools import mask as coco

    shape = entry['segmentation']
    try:
        if isinstance(shape, list):
            _refuse_odd(shape)
            shape = coco.merge(coco.frPyObjects(shape, height, width))
        elif isinstance(shape['counts'], list):
            shape = coco.frPyObjects(shape, height, width)
        mask: NDArray[np.bool_] = coco.decode(shape).astype(bool)
    except Exception as error:  # pycocotools raises plain Exception, too
        raise DataError(f'annotation {entry.get("id")} has a malformed segmentation ({error})',
                        'COCO knows lists of polygons of at least 3 points, and run lengths') from error
    if mask.shape != (height, width):
        raise DataError(f'annotation {entry.get("id")} has a mask of size {mask.shape[1]}x{mask.shape[0]}, '
                        f'its image {width}x{height}')
    return mask


def _refuse_odd(polygons: list[Any]) -> None:
    """Refuse what pycocotools would take for something else: four numbers for a box, an odd last one for none."""
    for polygon in polygons:
        if len(polygon) == 4:
            raise ValueError('one of its outlines is a box of 4 numbers')
        if len(polygon) < 6 or len(polygon) % 2:
            raise ValueError(f'{len(polygon)} numbers are no outline of at least 3 corners')
        if not all(math.isfinite(value) for value in polygon):
            raise ValueError('a corner is no number')


def outline_problem(entry: dict[str, Any], height: int, width: int) -> str:
    """Return what is wrong with the outline of an object in an image of this size; empty when all is well."""
    try:
        empty = not entry.get('segmentation') or not coco_mask(entry, height, width).any()
    except DataError as error:
        return error.fact
    return f'annotation {entry.get("id")} has an empty mask' if empty else ''
