# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A look at every image of a data set before training: faults, and pictures that are in training and validation."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from seg_ros.errors import DataError
from seg_ros.lab.loading import in_order
from seg_ros.picture_files import read_picture

log = logging.getLogger(__name__)

SHOWN = 100
"""Faults that are listed; of more only the number is told."""

THUMBNAIL = 64
"""Width and height in pixels at which two pictures are compared."""

SAME, ALIKE = 2, 12
"""Grey levels of 255 by which no cell of two thumbnails may differ for a copy, and for a neighbouring frame."""


Thumbnails = dict[Path, NDArray[np.uint8]]


class Checkable(Protocol):
    """Images with their labels on disk, looked at one at a time."""

    def __len__(self) -> int:
        """Return how many images there are."""
        ...

    def file(self, index: int) -> Path:
        """Return the image file."""
        ...

    def problems_of(self, index: int, height: int, width: int) -> list[str]:
        """Return what is wrong with the labels of an image of this size, one sentence each naming the file."""
        ...

    def strays(self) -> list[str]:
        """Return what belongs to no image, and images to which nothing belongs, one sentence each."""
        ...


def check(train: Sequence[Checkable], held_out: Checkable, *, workers: int = 1) -> None:
    """
    Look at every image and its labels, and compare the held-out images with those of training.

    Pictures that are almost the same, as neighbouring frames of a camera that stands still are, are logged.

    :raises DataError: when anything is wrong; it lists all faults with their files.
    """
    total = sum(map(len, train)) + len(held_out)
    bar: tqdm[Any]
    with tqdm(total=total, desc='looking at the data', unit='image', dynamic_ncols=True, delay=2.0) as bar:
        learned = [_looked_at(one, bar, workers) for one in train]
        chosen = _looked_at(held_out, bar, workers)
    faults = list(dict.fromkeys(fault for one in (*learned, chosen) for fault in one[0]))
    seen = {file: thumbnail for one in learned for file, thumbnail in one[1].items()}
    pairs = alike(chosen[1], seen)
    faults += [f'{mine} is a copy of {theirs}, which is trained on' for mine, theirs, by in pairs if by <= SAME]
    if faults:
        shown = '\n  '.join(faults[:SHOWN])
        more = f'\n  and {len(faults) - SHOWN} more' if len(faults) > SHOWN else ''
        raise DataError(f'the data has {len(faults)} faults:\n  {shown}{more}\n', 'mend or remove these first')
    for mine, theirs, _ in pairs:
        log.warning('%s shows almost the same picture as %s, which is trained on: scores will flatter', mine, theirs)


def problems(data: Checkable) -> list[str]:
    """Return what is wrong with a data set, one sentence each naming the file; empty when all is well."""
    bar: tqdm[Any]
    with tqdm(disable=True) as bar:
        return _looked_at(data, bar, 1)[0]


def _looked_at(data: Checkable, bar: tqdm[Any], workers: int) -> tuple[list[str], Thumbnails]:
    faults = data.strays()
    thumbnails: Thumbnails = {}
    looks = in_order(lambda k: _look(data, k), len(data), workers=workers, ahead=2 * workers)
    for index, (found, thumbnail) in enumerate(looks):
        faults += found
        if thumbnail is not None:
            thumbnails[data.file(index)] = thumbnail
        bar.update()
    return faults, thumbnails


def _look(data: Checkable, index: int) -> tuple[list[str], NDArray[np.uint8] | None]:
    try:
        grey = cv2.cvtColor(read_picture(data.file(index), cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY)
    except DataError as error:
        return [error.fact], None
    small = np.asarray(cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA), np.uint8)
    return data.problems_of(index, *grey.shape), small


def alike(some: Thumbnails, others: Thumbnails) -> list[tuple[Path, Path, int]]:
    """
    Return the pairs of files whose thumbnails differ nowhere by more than ``ALIKE``, and by how much they do.

    Such are copies, also at another size or compression, and neighbouring frames of a camera that stood still.
    Blocks of 8x8 cells are compared first. A mean never differs by more than its largest part, so no pair is missed.
    """
    if not others:
        return []
    files = list(others)
    fine = np.stack([others[file] for file in files]).astype(np.int16)
    coarse = _blocks(fine)
    pairs = []
    for mine, thumbnail in some.items():
        near = np.flatnonzero(np.abs(coarse - _blocks(thumbnail[None].astype(np.int16))).max(axis=1) <= ALIKE)
        differences = np.abs(fine[near] - thumbnail).max(axis=(1, 2), initial=0)
        pairs += [(mine, files[k], int(by)) for k, by in zip(near, differences, strict=True) if by <= ALIKE]
    return pairs


def _blocks(thumbnails: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return (N, 64) means of the 8x8 blocks of (N, 64, 64) thumbnails."""
    n, step = len(thumbnails), THUMBNAIL // 8
    return thumbnails.reshape(n, 8, step, 8, step).mean(axis=(2, 4), dtype=np.float32).reshape(n, 64)
