# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How much of a lesson a model takes in: what knows most of the building, and answers elsewhere as before."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from seg_ros.lab.agreement import agreement_of
from seg_ros.lab.blending import blend
from seg_ros.lab.taught_training import TaughtTask
from seg_ros.models.card import WEIGHTS
from seg_ros.models.device import Placement
from seg_ros.models.weights import load_weights

SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
"""How much of what was learned a model may hold; the rest is the model to begin with."""

STAY = 0.975
"""Of other pictures, the share of the pixels whose answer stays, where nothing else is said."""

ASKED = 100
"""Of so many other pictures it is asked whether the answers stay."""

POINT = 0.01
"""What is lower by more than this is worse."""


@dataclass(frozen=True, eq=False)
class Choice:
    """
    A network between the one that was begun with and the one that was trained.

    :param share: of what was learned. :param stayed: of the pixels of other pictures, the share answered as before.
    """

    network: nn.Module
    share: float
    stayed: float


def chosen(task: TaughtTask, trained: Path, device: torch.device, stay: float = STAY) -> Choice:
    """
    Return the mixture that the held-out images find best, of those that answer other pictures as before.

    It is worse than the network before nowhere by more than a point; this is its own best where there is no other.
    """
    before, pictures = task.validate(task.old, 0, device), _others(task)
    mixtures = {share: _mixture(task, trained, share) for share in SHARES}
    rows = {share: task.validate(network, 0, device) for share, network in mixtures.items()}
    better = [share for share, row in rows.items() if row['score'] > before['score'] and not worse_than(before, row)]
    for share in sorted(better, key=lambda one: rows[one]['score'], reverse=True):
        stayed = _stayed(task, mixtures[share], pictures, device)
        if stayed >= stay:
            return Choice(mixtures[share], share, stayed)
    return Choice(deepcopy(task.old), 0.0, 1.0)


def worse_than(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """Return the names of what has fallen by more than a point."""
    return [name for name, value in before.items() if after[name] < value - POINT]


def _mixture(task: TaughtTask, trained: Path, share: float) -> nn.Module:
    network = deepcopy(task.old)
    load_weights(network, trained / WEIGHTS)
    blend(network, task.old.state_dict(), share)
    return network


def _others(task: TaughtTask) -> list[NDArray[np.uint8]]:
    """Return some of the pictures on which the answers shall stay, evenly spread."""
    numbers = range(task.learned, len(task.train_data))
    return [task.train_data.read(k).rgb for k in numbers[::max(1, len(numbers) // ASKED)]]


def _stayed(task: TaughtTask, network: nn.Module, pictures: list[NDArray[np.uint8]], device: torch.device) -> float:
    old, new = (task.segmenter(deepcopy(one), Placement(device, 'fp32')) for one in (task.old, network))
    return agreement_of(old, new, pictures, task.settings).share
