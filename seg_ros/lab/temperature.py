# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One number that makes confidence mean probability: temperature scaling (Guo et al. 2017)."""

from __future__ import annotations

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn import functional as F

from seg_ros.lab.words import class_logits
from seg_ros.records import UNLABELLED


def fitted_temperature(logits: Tensor, labels: Tensor, merge: Tensor | None = None) -> float:
    """
    Return the temperature at which held-out pixels are least surprising (smallest cross entropy).

    :param logits: (P, words) of sampled pixels. :param labels: (P,) int64 classes, 255 does not count.
    :param merge: (classes, words) of 0 and 1; None where each word is a class.
    """
    def surprise(log_temperature: float) -> float:
        scaled = logits / float(torch.exp(torch.tensor(log_temperature)))
        return float(F.cross_entropy(class_logits(scaled, merge), labels, ignore_index=UNLABELLED))

    found = minimize_scalar(surprise, bounds=(-1.5, 1.5), method='bounded', options={'xatol': 1e-3})
    return float(torch.exp(torch.tensor(found.x)))
