"""Scores of label images, by the definitions the field publishes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seg_ros.records import UNLABELLED


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
