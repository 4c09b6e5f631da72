# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From camera images to what a network eats, by OpenCV; a network outside of PyTorch needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.stages import stage


def network_size(image: tuple[int, int], card: tuple[int, int], stride: int) -> tuple[int, int]:
    """
    Return the (width, height) at which an image is shown to a network.

    As many pixels as the card's size, the shape of the image, both sides multiples of the stride. An image
    longer than 1:4 is squeezed to 1:4.
    """
    aspect = min(4.0, max(0.25, image[0] / image[1]))
    area = card[0] * card[1]
    sides = sqrt(area * aspect), sqrt(area / aspect)
    width, height = (max(stride, round(side / stride) * stride) for side in sides)
    return width, height


def resized(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """
    Return a picture at the size at which it is looked at; the node, validation and training share this function.

    A picture that shrinks is averaged over the area of each new pixel. That is slow but for halves: so one of twice the
    size or more is halved until it is of less than three times, interpolated to twice the size, and halved again. But
    where one side still is of three times or more it is not interpolated: that looks at two pixels in a row alone.
    A picture that grows is interpolated linearly.

    :param image: (H, W, 3) uint8. :param size: (width, height).
    """
    is_large = _is_times(2, image, size)
    image = _halved(image, size, 3)
    if is_large and image.shape[1] < 3 * size[0] and image.shape[0] < 3 * size[1]:
        image = _as_bytes(cv2.resize(image, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR))
    image = _halved(image, size, 2)
    if image.shape[1::-1] == size:
        return image
    kind = cv2.INTER_AREA if _is_times(1, image, size) else cv2.INTER_LINEAR
    return _as_bytes(cv2.resize(image, size, interpolation=kind))


def _is_times(factor: int, image: NDArray[np.uint8], size: tuple[int, int]) -> bool:
    return image.shape[1] >= factor * size[0] and image.shape[0] >= factor * size[1]


def _halved(image: NDArray[np.uint8], size: tuple[int, int], least: int) -> NDArray[np.uint8]:
    """Return a picture halved as long as it is of so many times the size."""
    while _is_times(least, image, size):
        half = image.shape[1] // 2, image.shape[0] // 2
        image = _as_bytes(cv2.resize(image, half, interpolation=cv2.INTER_AREA))
    return image


class Normalisation:
    """
    Bytes become the numbers a network was trained on, by a table of 256 entries per colour.

    :param mean: of red, green and blue in 0..255, subtracted; likewise ``std``, divided by.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        values = np.arange(256, dtype=np.float64)[:, None]
        self._table = ((values - np.asarray(mean)) / np.asarray(std)).astype(np.float32)[None]
        self._columns = [np.ascontiguousarray(self._table[0, :, k]) for k in range(3)]

    def planes(self, images: Sequence[NDArray[np.uint8]], size: tuple[int, int]) -> NDArray[np.float32]:
        """Return (N, 3, height, width): images of any sizes, resized and normalised, as ONNX lays them out."""
        with stage('preprocess'):
            batch = np.empty((len(images), 3, size[1], size[0]), np.float32)
            for row, image in enumerate(images):
                for plane, column, out in zip(cv2.split(resized(image, size)), self._columns, batch[row], strict=True):
                    cv2.LUT(plane, column, dst=out)
            return batch

    def pixels(self, images: Sequence[NDArray[np.uint8]], size: tuple[int, int]) -> NDArray[np.float32]:
        """Return the same as (N, height, width, 3), channels last."""
        with stage('preprocess'):
            batch = np.empty((len(images), size[1], size[0], 3), np.float32)
            for row, image in enumerate(images):
                cv2.LUT(resized(image, size), self._table, dst=batch[row])
            return batch


def _as_bytes(image: object) -> NDArray[np.uint8]:
    return np.asarray(image, np.uint8)
