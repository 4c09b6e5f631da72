# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Numbers that make confidence mean probability: temperature (Guo et al. 2017) and Platt scaling (Platt 1999)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logit
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


def fitted_line(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """
    Return factor and summand of the scores' logits with which a score is the probability to be right.

    :param scores: (N,) within 0..1, and whether what had them was ``right``; of none or of one kind alone nothing can
        be learned.
    """
    if not right.any() or right.all():
        return 1.0, 0.0
    logits, signs = logit(np.clip(scores, 1e-6, 1 - 1e-6)), np.where(right, -1.0, 1.0)
    found = minimize(lambda line: float(np.logaddexp(0.0, signs * (line[0] * logits + line[1])).mean()), (1.0, 0.0))
    return float(found.x[0]), float(found.x[1])
