# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a model says of a picture, as files that other programs read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.lab.instance_metrics import run_lengths
from seg_ros.lab.pictures import write_picture
from seg_ros.labels.overlay import overlay
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.picture_files import write_pixels
from seg_ros.records import Instances, Result, Segmentation


def write_result(folder: Path, name: str, result: Result, classes: Sequence[RobotClass]) -> None:
    """Write what a pipeline answers as :func:`write_answer` does, with an overlay drawn of it."""
    picture = overlay(result.frame.rgb, result.segmentation, classes)
    write_answer(folder, name, picture, result.segmentation, {c.id: c.name for c in classes})


def write_answer(folder: Path, name: str, picture: NDArray[np.uint8], found: Segmentation,
                 names: Mapping[int, str]) -> None:
    """
    Write ``overlays/NAME.jpg``, and as far as the model has them ``labels/NAME.png`` and ``objects/NAME.json``.

    Labels are ids, 255 unlabelled; objects have class, score, box and mask in the run lengths of COCO.

    :param picture: (H, W, 3) uint8, for a person. :param names: of the objects' classes by id.
    :raises DataError: when a file cannot be written.
    """
    write_picture(folder / 'overlays' / f'{name}.jpg', picture)
    if found.labels is not None:
        write_grey(folder / 'labels' / f'{name}.png', found.labels)
    if found.instances is not None:
        path = folder / 'objects' / f'{name}.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({'width': found.size[0], 'height': found.size[1],
                                    'objects': coco_entries(found.instances, names)}) + '\n', encoding='utf-8')


def write_classes(folder: Path, names: Mapping[int, str]) -> None:
    """Write ``classes.json``: the name of each id in label images."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'classes.json').write_text(json.dumps(names, indent=1) + '\n', encoding='utf-8')


def coco_entries(instances: Instances, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return objects as entries of COCO, best first: ``bbox`` is left, top, width and height in pixels."""
    entries = []
    for k, lengths in enumerate(run_lengths(instances)):
        left, top, right, bottom = (float(v) for v in instances.boxes[k])
        track = {'track_id': int(instances.track_ids[k])} if instances.track_ids[k] else {}
        entries.append({'class': names[int(instances.class_ids[k])], 'score': round(float(instances.scores[k]), 4),
                        'bbox': [round(v, 2) for v in (left, top, right - left, bottom - top)],
                        'area': int(np.count_nonzero(instances.masks[k])),
                        'segmentation': {**lengths, 'counts': lengths['counts'].decode('ascii')}, **track})
    return entries


def write_grey(path: Path, pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """
    Write an (H, W) image of bytes or 16-bit numbers as PNG, in a folder that is made if need be.

    :raises DataError: when it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_pixels(path, pixels)
