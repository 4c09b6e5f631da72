# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores of label images, by the definitions the field publishes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seg_ros.records import UNLABELLED


def mean_of(values: NDArray[np.float64]) -> float:
    """Return the mean of what is a number, NaN of nothing."""
    present = values[~np.isnan(values)]
    return float(present.mean()) if present.size else float('nan')


def share_of(part: int, whole: int) -> float:
    """Return a share of a count, NaN of nothing."""
    return float(part / whole) if whole else float('nan')


class ConfusionMatrix:
    """
    Pixel counts by true class (row) and predicted class (column).

    True pixels labelled 255 do not count. Predicted pixels labelled 255 count as wrong, in a last column.
    """

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes
        self.counts = np.zeros((n_classes, n_classes + 1), np.int64)

    def add(self, predicted: NDArray[np.uint8], true: NDArray[np.uint8]) -> None:
        """Count two (H, W) uint8 label images of the same size."""
        n = self.n_classes
        valid = true != UNLABELLED
        column = np.minimum(predicted[valid], n).astype(np.int64)
        cells = true[valid].astype(np.int64) * (n + 1) + column
        self.counts += np.bincount(cells, minlength=n * (n + 1)).reshape(n, n + 1)

    def iou(self) -> NDArray[np.float64]:
        """Return (classes,) intersection over union; NaN for a class that is neither true nor predicted."""
        hits = np.diag(self.counts[:, :-1]).astype(np.float64)
        union = self.counts.sum(1) + self.counts[:, :-1].sum(0) - hits
        return np.divide(hits, union, out=np.full(self.n_classes, np.nan), where=union > 0)

    def pixel_accuracy(self) -> float:
        """Return the share of labelled pixels whose class is right."""
        return float(np.diag(self.counts[:, :-1]).sum() / max(1, self.counts.sum()))


class Calibration:
    """
    How often a confidence is right: the expected calibration error (Guo et al. 2017).

    Pixels are counted by confidence, one bin per byte; the error is taken over 15 equal bins.
    """

    def __init__(self) -> None:
        self.right = np.zeros(256, np.int64)
        self.total = np.zeros(256, np.int64)

    def add(self, confidence: NDArray[np.uint8], right: NDArray[np.bool_], valid: NDArray[np.bool_]) -> None:
        """Count the valid pixels of three (H, W) images: the confidence, whether right, whether to count."""
        self.total += np.bincount(confidence[valid], minlength=256)
        self.right += np.bincount(confidence[valid & right], minlength=256)

    def error(self, bins: int = 15) -> float:
        """Return the mean gap between confidence and accuracy, weighted by pixels, 0..1."""
        level = np.arange(256) / 255.0
        bin_of = np.minimum(np.arange(256) * bins // 255, bins - 1)
        total, right, claimed = (np.bincount(bin_of, weights, bins)
                                 for weights in (self.total, self.right, self.total * level))
        return float(np.abs(right - claimed).sum() / max(1, total.sum()))

    def above(self, threshold: float) -> tuple[float, float]:
        """Return the share of pixels at or above a confidence, and the share of right ones among them."""
        kept = np.arange(256) >= round(threshold * 255)
        total, right = self.total[kept].sum(), self.right[kept].sum()
        return float(total / max(1, self.total.sum())), float(right / total) if total else float('nan')
