# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The images of a drive with their labels, as files in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.lab.answers import write_grey
from seg_ros.lab.datasets import LabelledImage, Unquestioned
from seg_ros.lab.pictures import write_picture
from seg_ros.lab.taught_labels import Labels
from seg_ros.picture_files import read_picture, read_rgb

IMAGES, GEOMETRY, KEPT = 'images', 'geometry', 'kept'


@dataclass(frozen=True)
class TaughtImage(LabelledImage):
    """
    An image, and what is known of its pixels.

    :param geometry: (H, W) uint8, what depth says. :param kept: (H, W) uint8, the model's own sure answers.
    """

    geometry: Labels
    kept: Labels


class TaughtImages(Unquestioned):
    """Images that were written into a folder."""

    def __init__(self, folder: Path, numbers: Sequence[int]) -> None:
        self._folder, self._numbers = folder, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def file(self, index: int) -> Path:
        """Return the image file."""
        return self._path(IMAGES, self._numbers[index], 'jpg')

    def read(self, index: int) -> TaughtImage:
        """
        Read an image.

        :raises DataError: when a file is missing or damaged.
        """
        number = self._numbers[index]
        geometry, kept = (np.asarray(read_picture(self._path(kind, number, 'png'), cv2.IMREAD_GRAYSCALE), np.uint8)
                          for kind in (GEOMETRY, KEPT))
        labels = np.minimum(geometry, kept)  # a class before NOT_FLOOR before nothing; none has two
        return TaughtImage(f'{number:06d}', read_rgb(self.file(index)), labels, geometry, kept)

    def write(self, number: int, rgb: NDArray[np.uint8], geometry: Labels, kept: Labels) -> None:
        """
        Write an image with its labels; the last file says that it is whole.

        :raises DataError: when it cannot be written.
        """
        write_picture(self._path(IMAGES, number, 'jpg'), rgb)
        write_grey(self._path(GEOMETRY, number, 'png'), geometry)
        write_grey(self._path(KEPT, number, 'png'), kept)

    def has(self, number: int) -> bool:
        """Whether an image was written."""
        return self._path(KEPT, number, 'png').is_file()

    def _path(self, kind: str, number: int, suffix: str) -> Path:
        return self._folder / kind / f'{number:06d}.{suffix}'
