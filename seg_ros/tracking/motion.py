# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where boxes will be: a Kalman filter for each of many boxes, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEASURED = 0.05  # standard deviation of a measured box, in lengths of the object
PARTLY_SEEN = 4.0  # times less exact is the centre of an object of which only a part is seen
UNKNOWN_SPEED = 2.0  # of the speed of an object seen once, in lengths per second
UNREST = 2.0  # how much the speed changes, in lengths per second, over one second
GROWTH = 0.5  # how much the size changes, in lengths, over one second


@dataclass(frozen=True)
class Motion:
    """
    The motion of T boxes: centres move with constant velocity, sizes stay about as they are.

    A Kalman filter as in SORT (Bewley et al. 2016), in seconds instead of frames so that a dropped frame
    does not matter. As in DeepSORT (Wojke et al. 2017) all noise is relative to the object's length, the
    root of its area. x and y are alike and independent, so one covariance serves both.

    :param centres: (T, 2) x, y in pixels.
    :param velocities: (T, 2) in pixels per second.
    :param sizes: (T, 2) width, height in pixels.
    :param spreads: (T, 4) variance of the place, covariance of place and speed, variance of the speed,
        variance of the size.
    """

    centres: Floats
    velocities: Floats
    sizes: Floats
    spreads: Floats

    @classmethod
    def started(cls, boxes: NDArray[np.float32]) -> Motion:
        """Return boxes (T, 4) seen for the first time, at rest but not for sure."""
        centres, sizes = _centres_and_sizes(boxes)
        square = _squared_lengths(sizes)
        place = MEASURED ** 2 * square
        return cls(centres, np.zeros_like(centres), sizes,
                   np.stack([place, np.zeros_like(place), UNKNOWN_SPEED ** 2 * square, place], axis=1))

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def boxes(self) -> Floats:
        """(T, 4) left, top, right, bottom in pixels."""
        return np.concatenate([self.centres - self.sizes / 2, self.centres + self.sizes / 2], axis=1)

    def predicted(self, seconds: float, size: tuple[int, int]) -> Motion:
        """Return the boxes ``seconds`` later; a centre that leaves the (width, height) image waits at its edge."""
        place, cross, speed, extent = self.spreads.T
        square = _squared_lengths(self.sizes)
        unrest = UNREST ** 2 * square
        spreads = (place + 2 * seconds * cross + seconds ** 2 * speed + unrest * seconds ** 3 / 3,
                   cross + seconds * speed + unrest * seconds ** 2 / 2,
                   speed + unrest * seconds,
                   extent + GROWTH ** 2 * square * seconds)
        centres = np.clip(self.centres + seconds * self.velocities, 0, np.asarray(size, np.float64))
        return replace(self, centres=centres, spreads=np.stack(spreads, axis=1))

    def corrected(self, boxes: NDArray[np.float32], *, whole: NDArray[np.bool_]) -> Motion:
        """
        Return the motion after every box was measured.

        :param boxes: (T, 4) the measured boxes.
        :param whole: (T,) whether a box is of the whole object; where not, the object keeps its size and moves
            only as far as it must for this part to be within it.
        """
        centres, sizes = _centres_and_sizes(boxes)
        reach = abs(self.sizes - sizes) / 2
        parts = np.clip(self.centres, centres - reach, centres + reach)
        centres = np.where(whole[:, None], centres, parts)
        place, cross, speed, extent = self.spreads.T
        noise = (MEASURED * np.where(whole, 1, PARTLY_SEEN)) ** 2 * _squared_lengths(self.sizes)
        to_place, to_speed = place / (place + noise), cross / (place + noise)
        to_size = np.where(whole, extent / (extent + noise), 0)
        miss = centres - self.centres
        spreads = (place * (1 - to_place), cross * (1 - to_place), speed - to_speed * cross, extent * (1 - to_size))
        return Motion(self.centres + to_place[:, None] * miss, self.velocities + to_speed[:, None] * miss,
                      self.sizes + to_size[:, None] * (sizes - self.sizes), np.stack(spreads, axis=1))

    def stopped(self) -> Motion:
        """Return the boxes where they are, with nothing known about their speed."""
        return Motion.started(self.boxes.astype(np.float32))

    def taken(self, indices: NDArray[np.intp] | Sequence[int]) -> Motion:
        """Return the chosen boxes, in the given order."""
        pick = np.asarray(indices, np.intp)
        return Motion(self.centres[pick], self.velocities[pick], self.sizes[pick], self.spreads[pick])

    def joined(self, other: Motion) -> Motion:
        """Return these boxes followed by the others."""
        return Motion(*(np.concatenate(pair) for pair in (
            (self.centres, other.centres), (self.velocities, other.velocities),
            (self.sizes, other.sizes), (self.spreads, other.spreads))))


def _centres_and_sizes(boxes: NDArray[np.float32]) -> tuple[Floats, Floats]:
    corners = boxes.astype(np.float64)
    return (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]


def _squared_lengths(sizes: Floats) -> Floats:
    """Return the (T,) areas of the boxes, at least a pixel, in square pixels."""
    return np.maximum(sizes, 1).prod(axis=1)
