# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Words in a picture: each on a plate in its colour, none over another, beside what they name and not on it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.palette import Colour, Image

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels, right and bottom exclusive."""

FONT = cv2.FONT_HERSHEY_SIMPLEX
COVERING = 4.0  # a plate wholly on objects is as bad as one 8 plate heights away
PER_HEIGHT = 0.5  # what each plate height of distance costs
LEGEND_SHARE = 4  # the legend takes at most one in so many rows of the picture


class Plates:
    """
    Finds a place for each of some words in a picture; :meth:`draw` writes them all.

    :param picture: (H, W, 3) uint8. :param occupied: (H, W) uint8, not 0 where nothing should be hidden.
    :param scale: of the font; None for one at which text reads alike in pictures of any size.
    """

    def __init__(self, picture: Image, occupied: Image | None = None, *, scale: float | None = None) -> None:
        self._picture, self._scale = picture, text_scale(picture) if scale is None else scale
        self._taken: NDArray[np.int64] = np.zeros((0, 4), np.int64)
        self._lines: list[tuple[Box, Box, Colour]] = []
        self._written: list[tuple[str, tuple[int, int], Colour]] = []
        self._sums = None if occupied is None else cv2.integral((occupied > 0).astype(np.uint8))

    def legend(self, rows: Sequence[tuple[Colour, str]]) -> None:
        """Place words side by side along the upper edge, line by line, as many as fit into a quarter of the height."""
        left = top = 0
        for colour, text in rows:
            width, height, _ = self._size(text)
            if left and left + width > self._picture.shape[1]:
                left, top = 0, top + height
            if width > self._picture.shape[1] or top + height > max(self._picture.shape[0] // LEGEND_SHARE, 1):
                return
            self._place(text, (left, top), colour)
            left += width

    def beside(self, text: str, box: Box, colour: Colour) -> None:
        """
        Place words at the free place that is nearest to a box and hides least, and join them by a line if it is far.

        Above the box is the first choice. There are no words where every place is taken.
        """
        width, height, _ = self._size(text)
        room = self._picture.shape[1] - width, self._picture.shape[0] - height
        if min(room) < 0:
            return
        places, order = _places(box, (width, height), room)
        gaps = _gaps(places, (width, height), box)
        costs = PER_HEIGHT * np.hypot(*gaps.T) / height + COVERING * self._covered(places, (width, height)) + order
        costs[self._is_taken(places, (width, height))] = np.inf
        best = int(costs.argmin())
        if np.isfinite(costs[best]):
            left, top = int(places[best, 0]), int(places[best, 1])
            if np.hypot(*gaps[best]) > height / 2:
                self._lines.append(((left, top, left + width, top + height), box, colour))
            self._place(text, (left, top), colour)

    def draw(self) -> None:
        """Write all words into the picture, the lines below them."""
        for line in self._lines:
            self._join(*line)
        for words in self._written:
            self._write(*words)

    def _size(self, text: str) -> tuple[int, int, int]:
        """Return width and height of the plate of a text, and how far below its baseline the text reaches."""
        (width, height), base = cv2.getTextSize(text, FONT, self._scale, self._thickness)
        return width + 4, height + base + 3, base

    @property
    def _thickness(self) -> int:
        return max(1, round(1.5 * self._scale))

    def _covered(self, places: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float64]:
        """Return the share of a plate that would lie on what is occupied, for each place."""
        if self._sums is None:
            return np.zeros(len(places))
        (x, y), (w, h), sums = places.T, size, self._sums
        return np.asarray((sums[y + h, x + w] - sums[y, x + w] - sums[y + h, x] + sums[y, x]) / (w * h))

    def _is_taken(self, places: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.bool_]:
        x, y = places[:, :1], places[:, 1:]
        left, top, right, bottom = self._taken.T
        return np.asarray(((x < right) & (x + size[0] > left) & (y < bottom) & (y + size[1] > top)).any(axis=1))

    def _place(self, text: str, corner: tuple[int, int], colour: Colour) -> None:
        (left, top), (width, height, _) = corner, self._size(text)
        self._taken = np.vstack([self._taken, (left, top, left + width, top + height)])
        self._written.append((text, corner, colour))

    def _join(self, plate: Box, box: Box, colour: Colour) -> None:
        """Draw a line from the middle of a plate to the nearest point of a box."""
        x, y = (plate[0] + plate[2]) / 2, (plate[1] + plate[3]) / 2
        to = min(max(x, box[0]), box[2] - 1), min(max(y, box[1]), box[3] - 1)
        cv2.line(self._picture, (round(x), round(y)), (round(to[0]), round(to[1])), colour, self._thickness,
                 cv2.LINE_AA)

    def _write(self, text: str, corner: tuple[int, int], back: Colour) -> None:
        (left, top), (width, height, base) = corner, self._size(text)
        bright = 299 * back[0] + 587 * back[1] + 114 * back[2] > 128_000
        cv2.rectangle(self._picture, corner, (left + width - 1, top + height - 1), back, cv2.FILLED)
        cv2.putText(self._picture, text, (left + 2, top + height - base - 1), FONT, self._scale,
                    (0, 0, 0) if bright else (255, 255, 255), self._thickness, cv2.LINE_AA)


def text_scale(picture: Image) -> float:
    """Return the font scale at which text reads alike in pictures of any size (0.75 at 1280x720)."""
    return float(np.clip(min(picture.shape[:2]) / 960, 0.35, 3.0))


def _places(box: Box, size: tuple[int, int], room: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """
    Return (K, 2) places where a plate may stand, and how much each is liked less than the first for its side.

    They are those that touch the box, above it first, and a grid over the picture.
    """
    (left, top, right, bottom), (width, height) = box, size
    middle = (left + right - width) / 2, (top + bottom - height) / 2
    touching = [(x, y) for y in (top - height, bottom) for x in (left, middle[0], right - width)]
    touching += [(x, y) for x in (right, left - width) for y in (middle[1], top, bottom - height)]
    grid = np.mgrid[0:room[0] + 1:max(1, width // 2), 0:room[1] + 1:height].reshape(2, -1).T
    places = np.clip(np.round(np.vstack([touching, grid])), 0, room).astype(np.int64)
    return places, 0.05 * np.minimum(np.arange(len(places)), len(touching))


def _gaps(places: NDArray[np.int64], size: tuple[int, int], box: Box) -> NDArray[np.float64]:
    """Return (K, 2) how far each plate is from a box, in columns and rows."""
    low, high = np.array(box[:2]), np.array(box[2:])
    return np.asarray(np.maximum(np.maximum(low - places - size, places - high), 0))
