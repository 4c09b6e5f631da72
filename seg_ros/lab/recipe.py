# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a training is made of, whatever it trains: the base of the recipes of both kinds of models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from torch import nn

from seg_ros.lab.checking import Checkable
from seg_ros.lab.instance_training import InstanceTask
from seg_ros.lab.semantic_training import SemanticTask
from seg_ros.lab.starting import Start, begin_from, read_start, tensors_of
from seg_ros.lab.training_options import TrainingOptions
from seg_ros.models.card import Card

Task = SemanticTask | InstanceTask


@dataclass(frozen=True)
class Recipe(ABC):
    """
    What to train on and what to train; the words are those of ``seg_ros train --help``.

    :ivar views: how many views a training shows where epochs are left open. :ivar batch: the largest batch then.
    :param start: a trained model to begin with (``--from``). :param backbone: weights of a MobileNetV2 to begin with.
    :param head_epochs: epochs in which the backbone rests; None for a fifth of all where there is a start.
    :param heights: smallest and largest height in pixels to which images are scaled before cutting.
    """

    kind: ClassVar[str]
    architectures: ClassVar[tuple[str, ...]]
    views: ClassVar[int]
    batch: ClassVar[int]

    name: str
    architecture: str
    backbone: Path | None = field(default=None, kw_only=True)
    start: str = field(default='', kw_only=True)
    head_epochs: int | None = field(default=None, kw_only=True)
    input_size: tuple[int, int] = field(default=(384, 288), kw_only=True)
    crop: tuple[int, int] = field(default=(320, 256), kw_only=True)
    heights: tuple[int, int] = field(default=(240, 480), kw_only=True)

    @abstractmethod
    def data(self) -> tuple[Any, Any, Sequence[Checkable]]:
        """
        Open what is learned from, what is held out, and the parts of the former.

        :raises DataError: when it is missing or malformed.
        """

    @abstractmethod
    def task(self, learned: Any, held_out: Any) -> Task:
        """
        Build the network and what trains it.

        :raises ModelError: when the weights to begin with do not fit.
        """

    def knows(self) -> bool:
        """Whether the network begins with weights that have seen something."""
        return bool(self.start) or self.backbone is not None

    def filled(self, network: nn.Module, class_names: Sequence[str], build: Callable[[int], nn.Module],
               load: Callable[[Any, Any], None]) -> Start | None:
        """Fill a network with what the recipe begins with, and return the model it begins with."""
        if self.backbone is not None:
            load(network, tensors_of(self.backbone))
        if not self.start:
            return None
        start = read_start(self.start, self.kind, self.architecture)
        begin_from(start, network, build, class_names)
        return start

    def resting(self, options: TrainingOptions) -> int:
        """Return the epochs in which the backbone rests."""
        usual = max(1, options.epochs // 5) if self.start else 0
        return usual if self.head_epochs is None else self.head_epochs


def inherited(card: Card | None) -> str:
    """Return the terms that weights bring with them from those they began with, given the card of these."""
    begun = f'begun from {card.name}, ' if card else ''
    return begun + card.licence.removeprefix(begun) if card and card.licence else ''
