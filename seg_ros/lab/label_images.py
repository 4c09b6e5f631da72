# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Label images as people have them: what the numbers or colours of their pixels mean to the robot."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError
from seg_ros.labels.label_sets import label_sets, read_words, words_of_label_set
from seg_ros.labels.palette import Colour
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.records import UNLABELLED

FROM_ONE = ('ade20k', 'ade20k_hf', 'nyu40')
"""Label sets whose published label images count the classes from 1; 0 is unlabelled there."""

NOTHING = ('background', 'unlabelled', 'unlabeled', 'ignore', 'void')
"""Words that mean no class where a taxonomy does not know them."""

COLOUR_LINE = re.compile(r'([^:]+):(\d+),(\d+),(\d+)(:.*)?$')
NUMBER_LINE = re.compile(r'(\d+)\s*[,;\t]\s*(.+)$')


class LabelReader:
    """
    What label images say, in ids of a taxonomy.

    :param words: empty where pixels are ids already; else a label set, or a file: a word on each line, in the order of
        the numbers (labelme's ``class_names.txt``), ``number, word`` (Roboflow's ``_classes.csv``), or
        ``word:red,green,blue`` (CVAT's ``labelmap.txt``).
    :raises DataError: when such a file gives a number above 255.
    :raises TaxonomyError: when it cannot be read, or the taxonomy does not know a word.
    """

    def __init__(self, taxonomy: Taxonomy, words: str = '') -> None:
        self._taxonomy = taxonomy
        self._colours: dict[int, int] = {}
        self._ids = np.full(256, -1, np.int16)
        self._ids[UNLABELLED] = UNLABELLED
        if words:
            self._learn(words)
        else:
            self._ids[taxonomy.ids] = taxonomy.ids

    def _learn(self, source: str) -> None:
        if source in label_sets():
            first = int(source in FROM_ONE)
            self._ids[:first] = UNLABELLED
            words = words_of_label_set(source)
            self._ids[first:first + len(words)] = [self._id_of(word) for word in words]
            return
        for word, key in table_of(Path(source).expanduser()):
            if isinstance(key, tuple):
                self._colours[_packed(*key)] = self._id_of(word)
            elif key > UNLABELLED:
                raise DataError(f"the words of label images give '{word}' the number {key}", 'a label is a byte')
            else:
                self._ids[key] = self._id_of(word)

    def _id_of(self, word: str) -> int:
        if means_nothing(word) and not self._taxonomy.knows(word):
            return UNLABELLED
        meant = self._taxonomy.class_of(word)
        return UNLABELLED if meant is None else meant.id

    def read(self, path: Path) -> NDArray[np.uint8]:
        """
        Read a label image as (H, W) uint8 ids, 255 unlabelled.

        A pixel is a number (grey of 8 or 16 bits, equal red, green and blue, or the place in a palette), or a colour
        where the words have colours.

        :raises DataError: when it is none, or holds what means nothing.
        """
        pixels = _pixels(path, colours=bool(self._colours))
        return self._of_colours(pixels, path) if self._colours else self._of_numbers(pixels, path)

    def _of_numbers(self, pixels: NDArray[np.int64], path: Path) -> NDArray[np.uint8]:
        if pixels.ndim == 3:
            if (pixels != pixels[..., :1]).any():
                raise DataError(f'{path} is a picture of colours, and nothing says what they mean',
                                'give --label-words labelmap.txt: a line word:red,green,blue for each class')
            pixels = pixels[..., 0]
        pixels = np.where(pixels == 0xFFFF, UNLABELLED, pixels)
        unknown = [int(v) for v in np.unique(pixels) if v > 255 or self._ids[v] < 0]
        if unknown:
            raise DataError(f'{path} holds the ids {unknown[:12]}, which the taxonomy does not have',
                            'map them with --label-words, or label those pixels 255')
        return self._ids[pixels].astype(np.uint8)

    def _of_colours(self, pixels: NDArray[np.int64], path: Path) -> NDArray[np.uint8]:
        packed = pixels @ np.array([1 << 16, 1 << 8, 1])
        values, places = np.unique(packed, return_inverse=True)
        unknown = [f'{v >> 16},{v >> 8 & 255},{v & 255}' for v in values.tolist() if v not in self._colours]
        if unknown:
            raise DataError(f'{path} holds the colours {"; ".join(unknown[:6])}, which its table does not have',
                            'add them to the file given as --label-words')
        ids = np.array([self._colours[v] for v in values.tolist()], np.uint8)
        return ids[places.reshape(packed.shape)]


def table_of(path: Path) -> list[tuple[str, int | Colour]]:
    """
    Return the words of a file, each with the number or the colour that means it in label images.

    :raises TaxonomyError: when it cannot be read.
    """
    lines = read_words(path)
    colours = [match for line in lines if (match := COLOUR_LINE.match(line))]
    numbers = [match for line in lines if (match := NUMBER_LINE.match(line))]
    if colours:
        return [(match[1], (int(match[2]), int(match[3]), int(match[4]))) for match in colours]
    if numbers:
        return [(match[2], int(match[1])) for match in numbers]
    words = [word for word in lines if word != '__ignore__']  # labelme's -1, which is written as 255
    return list(zip(words, range(len(words))))


def means_nothing(word: str) -> bool:
    """Whether a word means no class, where a taxonomy does not know it."""
    return word.strip('_ ').lower() in NOTHING


def _packed(red: int, green: int, blue: int) -> int:
    return red << 16 | green << 8 | blue


def _pixels(path: Path, *, colours: bool) -> NDArray[np.int64]:
    """Return (H, W) numbers or (H, W, 3) colours of an image file; a palette's numbers, not its colours."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            plain = image.convert('RGB') if colours or image.mode in ('RGBA', 'RGB') else image
            pixels = np.asarray(plain)
    except (OSError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(f'{path} cannot be read as a label image ({" ".join(str(error).split())[:120]})',
                        'label images are PNG files') from error
    if pixels.dtype.kind not in 'ui' or not (pixels.ndim == 2 or colours or pixels.shape[2:] == (3,)):
        raise DataError(f'{path} is no label image: its pixels are {pixels.dtype}', 'write an 8-bit PNG')
    return pixels.astype(np.int64)
