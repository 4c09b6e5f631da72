"""From class logits to the robot's labels and confidence, on the network's device."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from seg_ros.records import UNLABELLED, Frame, Segmentation
from seg_ros.settings import Settings, parse_size

MOST_PIXELS = 4_000_000
"""Classes are upsampled to at most so many pixels, which bounds the memory of a huge picture."""

TINY = 1e-37
"""The probability that stands for none where its logarithm is taken."""


@dataclass(frozen=True)
class SemanticOutput:
    """
    How logits are read.

    :param merge: (classes, words) float32 of 0 and 1, on the device: ``Taxonomy.merge_matrix``.
    :param class_ids: (classes,) uint8 on the device: the id of each row of ``merge``.
    :param temperature: logits are divided by it; chosen so that confidence means probability (Guo et al. 2017).
    :param in_logs: upsample the logarithms of the class probabilities. Where each word is a class of its own, the
        picture is then that of a library that upsamples logits.
    """

    merge: Tensor
    class_ids: Tensor
    temperature: float = 1.0
    in_logs: bool = False

    def answer(self, logits: Tensor, frame: Frame, settings: Settings) -> Segmentation:
        """
        Return what is seen in one frame, at its own size or at ``settings.output_size``.

        :param logits: (1, words, h, w).
        """
        size = parse_size(settings.output_size) or frame.size
        return Segmentation(size, *self.read(logits, size, settings.unlabelled_threshold))

    def read(self, logits: Tensor, size: tuple[int, int],
             threshold: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """
        Return labels and confidence of one image, (H, W) uint8 each.

        Words are merged at the network's resolution, and only the few classes are upsampled. A pixel whose
        best class is less probable than the threshold is 255 with confidence 0.

        :param logits: (1, words, h, w). :param size: (width, height) of the answer.
        """
        words = torch.softmax(logits.float() / self.temperature, dim=1)
        classes = torch.einsum('rw,nwyx->nryx', self.merge, words)
        return self.read_classes(classes, size, threshold)

    def read_classes(self, classes: Tensor, size: tuple[int, int],
                     threshold: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """
        Return labels and confidence as :meth:`read` does.

        :param classes: (1, classes, h, w) probabilities, words merged already.
        """
        width, height = bounded(size)
        if self.in_logs:
            best, row = _best_in_logs(classes, (height, width))
        else:
            classes = F.interpolate(classes, (height, width), mode='bilinear', align_corners=False)
            best, row = classes[0].max(dim=0)
        known = best >= threshold
        labels = torch.where(known, self.class_ids[row], UNLABELLED)
        confidence = torch.where(known, (best * 255.0).round_().clamp_(0, 255), 0.0)
        return _enlarged(labels, size), _enlarged(confidence, size)


def _best_in_logs(classes: Tensor, shape: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return the (H, W) probability and row of the best class; what no class has takes part as one more."""
    nobodys = (1.0 - classes.sum(dim=1, keepdim=True)).clamp(min=0.0)
    logs = torch.cat([classes, nobodys], dim=1).clamp_(min=TINY).log_()
    logs = F.interpolate(logs, shape, mode='bilinear', align_corners=False)[0]
    best, row = logs[:-1].max(dim=0)
    return (best - logs.logsumexp(dim=0)).exp_(), row


def bounded(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size, or one of the same shape with as many pixels as classes are upsampled to at most."""
    shrink = max(1.0, sqrt(size[0] * size[1] / MOST_PIXELS))
    return max(1, round(size[0] / shrink)), max(1, round(size[1] / shrink))


def _enlarged(image: Tensor, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return an (h, w) image on the host as bytes at the size asked for, each pixel the nearest one."""
    small = image.to(torch.uint8)
    if small.shape != (size[1], size[0]):
        small = F.interpolate(small[None, None], (size[1], size[0]), mode='nearest')[0, 0]
    return small.cpu().numpy()
