# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Labelled images on disk, checked before use."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError
from seg_ros.lab.label_images import LabelReader
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.picture_files import IMAGE_SUFFIXES, read_rgb
from seg_ros.records import UNLABELLED

NONE_OF_COMPLETE = 254
"""The label of pixels of which only this is known: they show none of the classes that the set labels completely."""

MASK = '_mask'
"""What Roboflow adds to the name of an image for that of its label image."""


_Row = TypeVar('_Row')
TruthOut = TypeVar('TruthOut', covariant=True)


@dataclass(frozen=True)
class LabelledImage:
    """An image and the class of each of its pixels: (H, W, 3) uint8 rgb and (H, W) uint8, 255 unlabelled."""

    name: str
    rgb: NDArray[np.uint8]
    labels: NDArray[np.uint8]


class Data(Protocol[TruthOut]):
    """Labelled pictures, read one at a time."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def read(self, index: int) -> TruthOut:
        """Read one of them from the disk."""
        ...


def image_files(folder: Path) -> list[Path]:
    """
    Return the image files of a folder, sorted by name.

    :raises DataError: when the folder does not exist or holds none.
    """
    if not folder.is_dir():
        raise DataError(f'{folder} is not a folder')
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)
    if not files:
        raise DataError(f'{folder} holds no images', f'images end in {", ".join(IMAGE_SUFFIXES)}')
    return files


def some_pictures(folder: Path, most: int) -> list[NDArray[np.uint8]]:
    """
    Return pictures of a folder, spread evenly over it, (H, W, 3) uint8 rgb each.

    :raises DataError: when there are none.
    """
    return [read_rgb(file) for file in spread(image_files(folder), most)]


def spread(rows: Sequence[_Row], most: int) -> list[_Row]:
    """Return at most so many, evenly spread."""
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int))
    return [rows[k] for k in chosen]


def of_split(rows: Sequence[_Row], held_out: int, split: str, source: Path) -> list[_Row]:
    """
    Return so many rows, drawn by their order alone, or for split ``train`` the others.

    :param held_out: 0 for a fifth of them. :param source: where they are from, for the error.
    :raises DataError: when nothing would be left to learn from.
    """
    held_out = held_out or max(1, len(rows) // 5)
    if held_out >= len(rows):
        raise DataError(f'{source} has {len(rows)} images, of which {held_out} are to be held out', 'hold out fewer')
    drawn = set(np.random.default_rng(0).permutation(len(rows))[:held_out].tolist())
    return [row for k, row in enumerate(rows) if (k in drawn) is (split != 'train')]


class LabelFolder:
    """
    A folder of images and a folder of PNG label images with the same stems, or the same and ``_mask``.

    A label is the id of a class of the taxonomy, 255 is unlabelled. Images without a label are left out.

    :param words: what labels mean that are no ids, see ``LabelReader``.
    :raises DataError: when no image has a label image.
    """

    def __init__(self, images: Path, labels: Path, taxonomy: Taxonomy, words: str = '') -> None:
        self._meaning, self._labels = LabelReader(taxonomy, words), labels
        pictures = [path for path in image_files(images) if not path.stem.endswith(MASK) or images != labels]
        self._images = pairs = [(image, _label_of(image, labels)) for image in pictures]
        self.pairs = [pair for pair in pairs if pair[1].is_file()]
        if not self.pairs:
            raise DataError(f'no image of {images} has a label image in {labels}',
                            f'a label image is named like its image, here {pairs[0][0].stem}.png')

    def __len__(self) -> int:
        return len(self.pairs)

    def read(self, index: int) -> LabelledImage:
        """
        Read an image and its labels.

        :raises DataError: when a file is unreadable, the sizes differ, or an id is not in the taxonomy.
        """
        image_path, label_path = self.pairs[index]
        rgb = read_rgb(image_path)
        return LabelledImage(image_path.stem, rgb, self._read_labels(label_path, *rgb.shape[:2]))

    def part(self, held_out: int, split: str) -> LabelFolder:
        """Return the images of a split, see :func:`of_split`, as a folder by itself."""
        some = copy(self)
        some.pairs = of_split(self.pairs, held_out, split, self._labels)
        return some

    def file(self, index: int) -> Path:
        """Return the image file."""
        return self.pairs[index][0]

    def problems_of(self, index: int, height: int, width: int) -> list[str]:
        """Return what is wrong with the label image of an image of this size."""
        path = self.pairs[index][1]
        try:
            empty = (self._read_labels(path, height, width) == UNLABELLED).all()
        except DataError as error:
            return [error.fact]
        return [f'{path} labels no pixel: all are {UNLABELLED}'] if empty else []

    def strays(self) -> list[str]:
        """Return the images without a label image, and the label images without an image."""
        lacking = [f'{image} has no label image {label}' for image, label in self._images if not label.is_file()]
        stems = {image.stem for image, _ in self._images}
        return lacking + [f'{path} has no image of that name' for path in sorted(self._labels.glob('*.png'))
                          if path.stem not in stems and path.stem.removesuffix(MASK) not in stems]

    def _read_labels(self, label_path: Path, height: int, width: int) -> NDArray[np.uint8]:
        labels = self._meaning.read(label_path)
        if labels.shape != (height, width):
            raise DataError(f'{label_path} has size {labels.shape[1]}x{labels.shape[0]}, its image {width}x{height}')
        return labels


def _label_of(image: Path, labels: Path) -> Path:
    plain, beside = labels / f'{image.stem}.png', labels / f'{image.stem}{MASK}.png'
    return beside if beside.is_file() and (not plain.is_file() or plain == image) else plain


class Unquestioned:
    """Images whose labels are our own, or have none: with these nothing is wrong; see ``Checkable``."""

    def problems_of(self, index: int, height: int, width: int) -> list[str]:
        """Return nothing."""
        return []

    def strays(self) -> list[str]:
        """Return nothing."""
        return []


class PlainImages(Unquestioned):
    """Pictures of which nothing is known: what a model says of them shall stay."""

    def __init__(self, folder: Path) -> None:
        self._files = image_files(folder)

    def __len__(self) -> int:
        return len(self._files)

    def file(self, index: int) -> Path:
        """Return the image file."""
        return self._files[index]

    def read(self, index: int) -> LabelledImage:
        """Read a picture, with no pixel labelled."""
        path = self._files[index]
        rgb = read_rgb(path)
        return LabelledImage(path.stem, rgb, np.full(rgb.shape[:2], UNLABELLED, np.uint8))


class Joined:
    """Several data sets, ``parts``, as one."""

    def __init__(self, parts: Sequence[Data[LabelledImage]]) -> None:
        self.parts = tuple(parts)
        self._where = [(data, index) for data in parts for index in range(len(data))]

    def __len__(self) -> int:
        return len(self._where)

    def read(self, index: int) -> LabelledImage:
        """Read one image of the set it belongs to."""
        data, position = self._where[index]
        return data.read(position)
