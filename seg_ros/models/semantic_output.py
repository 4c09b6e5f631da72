"""From class logits to the robot's labels and confidence, on the network's device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from seg_ros.records import UNLABELLED


@dataclass(frozen=True)
class SemanticOutput:
    """
    How logits are read.

    :param merge: (classes, words) float32 of 0 and 1, on the device: ``Taxonomy.merge_matrix``.
    :param class_ids: (classes,) uint8 on the device: the id of each row of ``merge``.
    :param temperature: logits are divided by it; chosen so that confidence means probability (Guo et al. 2017).
    """

    merge: Tensor
    class_ids: Tensor
    temperature: float = 1.0

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
        classes = F.interpolate(classes, (size[1], size[0]), mode='bilinear', align_corners=False)
        best, row = classes[0].max(dim=0)
        known = best >= threshold
        labels = torch.where(known, self.class_ids[row], UNLABELLED)
        confidence = torch.where(known, (best * 255.0).round_().clamp_(0, 255), 0.0)
        return labels.to(torch.uint8).cpu().numpy(), confidence.to(torch.uint8).cpu().numpy()
