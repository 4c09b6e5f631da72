# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From the logits of a network of PyTorch to labels and confidence: on a GPU there, and only bytes come back."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from seg_ros.models.device import Placement
from seg_ros.models.semantic_output import TINY, SemanticOutput, bounded, enlarged
from seg_ros.records import UNLABELLED, Frame, Segmentation
from seg_ros.settings import Settings, parse_size

CLASSES_AT_ONCE = 8
"""On a GPU so many classes are enlarged together."""


class TensorOutput:
    """
    How logits are read, see :class:`SemanticOutput`, which does it where they are on the CPU.

    :ivar merge: (classes, words) float32 of 0 and 1, on the device.
    """

    def __init__(self, merge: NDArray[np.float32], class_ids: NDArray[np.uint8], where: Placement,
                 temperature: float = 1.0, *, in_logs: bool = False, summed: bool = False) -> None:
        self._host = SemanticOutput(merge, class_ids, temperature, in_logs=in_logs, summed=summed)
        self.merge = torch.from_numpy(merge).to(where.device)
        self._class_ids = torch.from_numpy(class_ids).to(where.device)
        self._temperature, self._in_logs = temperature, in_logs

    def answer(self, logits: Tensor, frame: Frame, settings: Settings) -> Segmentation:
        """
        Return what is seen in one frame, at its own size or at ``settings.output_size``.

        :param logits: (words, h, w).
        """
        size = parse_size(settings.output_size) or frame.size
        logits = logits.float()
        if logits.device.type == 'cpu':
            planes = logits.contiguous().numpy()  # networks run channels last, and classes are read one by one
            return Segmentation(size, *self._host.read(planes, size, settings.unlabelled_threshold))
        classes = self.classes_of(logits)
        return Segmentation(size, *self.read_classes(classes, size, settings.unlabelled_threshold))

    def classes_of(self, logits: Tensor) -> Tensor:
        """Return the (classes, h, w) probabilities of float32 logits; of a single word its sigmoid: yes or no."""
        scaled = logits / self._temperature
        words = scaled.softmax(dim=0) if len(scaled) > 1 else scaled.sigmoid()
        return torch.einsum('rw,wyx->ryx', self.merge, words)

    def read_classes(self, classes: Tensor, size: tuple[int, int],
                     threshold: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """
        Return labels and confidence of one image, (H, W) uint8 each.

        :param classes: (classes, h, w) probabilities, words merged already.
        """
        if classes.device.type == 'cpu':
            return self._host.read_classes(classes.numpy(), size, threshold)
        labels, confidence = self.labelled(classes, bounded(size), threshold).cpu().numpy()
        return enlarged(labels, size), enlarged(confidence, size)

    def labelled(self, classes: Tensor, size: tuple[int, int], threshold: float) -> Tensor:
        """Return (2, H, W) bytes on the device of the classes: labels and confidence."""
        shape = (size[1], size[0])
        best, row = classes.new_zeros(shape), torch.zeros(shape, dtype=torch.uint8, device=classes.device)
        total = self._planes(1.0 - classes.sum(dim=0, keepdim=True), shape)[0] if self._in_logs else 1.0
        for first in range(0, len(classes), CLASSES_AT_ONCE):
            planes = self._planes(classes[first:first + CLASSES_AT_ONCE], shape)
            total = total + planes.sum(dim=0) if self._in_logs else total
            value, which = planes.max(dim=0)
            row = torch.where(value > best, (which + first).to(torch.uint8), row)
            best = torch.maximum(best, value)  # keeps what is no number
        best = best / total
        known = best >= threshold
        labels = torch.where(known, self._class_ids[row.long()], UNLABELLED)
        confidence = torch.where(known, (best * 255.0).round().clamp(0, 255), 0.0)
        return torch.stack([labels.to(torch.uint8), confidence.to(torch.uint8)])

    def _planes(self, classes: Tensor, shape: tuple[int, int]) -> Tensor:
        """Return probabilities at full size, or the weights that their interpolated logarithms mean."""
        if not self._in_logs:
            return F.interpolate(classes[None], shape, mode='bilinear', align_corners=False)[0]
        logs = classes.clamp(min=TINY).log()
        return F.interpolate(logs[None], shape, mode='bilinear', align_corners=False)[0].exp()
