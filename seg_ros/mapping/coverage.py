# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How often each stretch of an axis was covered by an object: its ends, robustly, whatever was seen of it when."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

BINS = 192
FINEST_M = 0.01
LEAST_SHARE = 0.02  # of the views, to belong to the object

Counts = NDArray[np.uint16]


class Coverage:
    """
    The covered stretch of one axis, by bins that double in width when an object outgrows them.

    A view that shows a part of an object adds to that part alone, and what a single view shows too much does not count
    once there are others.
    """

    __slots__ = ('bin_m', 'counts', 'origin_m')

    def __init__(self, middle_m: float) -> None:
        self.bin_m, self.counts = FINEST_M, np.zeros(BINS, np.uint16)
        self.origin_m = middle_m - BINS * FINEST_M / 2

    def add(self, low_m: float, high_m: float) -> None:
        """Count a stretch once."""
        while not self._holds(low_m, high_m):
            self._widen(high_m >= self.origin_m + BINS * self.bin_m)
        first, last = (int((v - self.origin_m) / self.bin_m) for v in (low_m, high_m))
        counts = self.counts[first:last + 1]
        counts += counts < np.iinfo(np.uint16).max

    def merge(self, other: Coverage) -> None:
        """Count what another counted."""
        used = np.flatnonzero(other.counts)
        edges = other.origin_m + np.array([used[0], used[-1] + 0.99]) * other.bin_m
        while not self._holds(*edges):
            self._widen(bool(edges[1] >= self.origin_m + BINS * self.bin_m))
        middles = other.origin_m + (np.arange(BINS) + 0.5) * other.bin_m
        mine = self.origin_m + (np.arange(BINS) + 0.5) * self.bin_m
        nearest = np.clip(np.rint((mine - middles[0]) / other.bin_m).astype(int), 0, BINS - 1)
        inside = np.abs(middles[nearest] - mine) <= other.bin_m / 2 + 1e-9
        self.counts += np.where(inside, other.counts[nearest], 0).astype(np.uint16)

    def ends(self) -> tuple[float, float]:
        """Return (low, high) metres of what belongs to the object."""
        peak = int(self.counts.max())
        kept = self.counts >= math.ceil(max(LEAST_SHARE * peak, 1 if peak < 3 else 2))
        first, end = int(kept.argmax()), BINS - int(kept[::-1].argmax())
        return self.origin_m + first * self.bin_m, self.origin_m + end * self.bin_m

    def _holds(self, low_m: float, high_m: float) -> bool:
        return self.origin_m <= low_m and high_m < self.origin_m + BINS * self.bin_m

    def _widen(self, upwards: bool) -> None:
        """Double the bins; the stretch held so far becomes the lower or the upper half."""
        halved = self.counts.reshape(-1, 2).max(axis=1)
        self.counts = np.zeros(BINS, np.uint16)
        half = BINS // 2
        if upwards:
            self.counts[:half] = halved
        else:
            self.counts[half:] = halved
            self.origin_m -= BINS * self.bin_m
        self.bin_m *= 2
