# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What trainings of both kinds share: which layers learn, batches made ahead, and validation as the robot sees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic

import numpy as np
import torch
from torch import Tensor, nn

from seg_ros.lab.datasets import Data
from seg_ros.lab.evaluation import AnyScores, AnyTruth, Scorer, evaluate
from seg_ros.lab.loading import grouped, in_order
from seg_ros.lab.pictures import Picture, side_by_side
from seg_ros.lab.results import shown_of
from seg_ros.lab.training_options import TrainingOptions
from seg_ros.models.card import Card
from seg_ros.models.device import Placement
from seg_ros.models.segmenter import Segmenter
from seg_ros.pipeline import Pipeline
from seg_ros.records import Frame, Mode
from seg_ros.settings import Settings


@dataclass
class SegmentationTask(ABC, Generic[AnyTruth, AnyScores]):
    """
    A network with its data, its loss and its score.

    :param train_data: images to learn from. :param held_out: images that choose the best epoch.
    :param card: the network as a model.
    :param frozen: how many of the first backbone blocks keep their weights; right where weights were loaded. Any more
        than 0 also keeps the batch statistics of the whole backbone, which crops would spoil.
    :param head_epochs: epochs at the beginning in which the backbone rests: new layers behind it would only spoil it.
    """

    mode: ClassVar[Mode]

    network: nn.Module
    train_data: Any
    held_out: Data[AnyTruth]
    card: Card
    frozen: int = field(default=0, kw_only=True)
    head_epochs: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        for block in list(self.body_of(self.network).children())[:self.frozen]:
            block.requires_grad_(False)
        self._late = [p for p in self.body_of(self.network).parameters() if p.requires_grad]

    @abstractmethod
    def body_of(self, network: nn.Module) -> nn.Module:
        """Return the layers of such a network that may have seen the world."""

    @abstractmethod
    def order(self, count: int, rng: np.random.Generator) -> Sequence[int]:
        """Return which images an epoch of so many views shows."""

    @abstractmethod
    def view(self, index: int, rng: np.random.Generator) -> Any:
        """Return an image as it is learned from, changed at random."""

    @abstractmethod
    def joined(self, views: list[Any]) -> Any:
        """Return a batch of views."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Any, device: torch.device) -> Tensor:
        """Return the loss of a batch as a scalar."""

    @abstractmethod
    def segmenter(self, network: nn.Module, where: Placement) -> Segmenter:
        """Return a network, which may be changed, as the model that the node will open."""

    @abstractmethod
    def scorer(self) -> Scorer[AnyTruth, AnyScores]:
        """Return what scores the held-out images."""

    @property
    @abstractmethod
    def per_class(self) -> dict[str, str]:
        """The score of each class in a row of the history, by its name."""

    @abstractmethod
    def row(self, scores: AnyScores) -> dict[str, float]:
        """Return scores as a row of the history: ``score`` is the one to maximise."""

    def finished(self, network: nn.Module, device: torch.device) -> Card:
        """Give a trained network what is left to do, and return its card."""
        return self.card

    @property
    def views_per_epoch(self) -> int:
        """How many views make an epoch."""
        return len(self.train_data)

    def parameter_groups(self, lr: float) -> list[dict[str, Any]]:
        """Train the backbone at a third of the rate; scales and shifts, which have one axis, are not decayed."""
        body = {id(p) for p in self.body_of(self.network).parameters()}
        groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
        for parameter in self.network.parameters():
            if parameter.requires_grad:
                groups.setdefault((id(parameter) in body, parameter.ndim > 1), []).append(parameter)
        return [{'params': parameters, 'lr': lr / 3 if in_body else lr, **({} if decays else {'weight_decay': 0.0})}
                for (in_body, decays), parameters in groups.items()]

    def begin_epoch(self, epoch: int) -> None:
        """Let the backbone rest in the first epochs."""
        for parameter in self._late:
            parameter.requires_grad_(epoch >= self.head_epochs)

    def steps_per_epoch(self, options: TrainingOptions) -> int:
        """Return the number of full batches in the data."""
        return max(1, self.views_per_epoch // options.batch)

    def batches(self, epoch: int, options: TrainingOptions) -> Iterable[Any]:
        """Yield batches of views, made by threads; the same epoch and seed give the same ones."""
        order = self.order(self.steps_per_epoch(options) * options.batch, np.random.default_rng((options.seed, epoch)))
        views = in_order(lambda k: self.view(int(order[k]), np.random.default_rng((options.seed, epoch, 1 + k))),
                         len(order), workers=options.workers, ahead=3 * options.batch)
        return (self.joined(group) for group in grouped(views, options.batch))

    def validate(self, network: nn.Module, epoch: int, device: torch.device) -> dict[str, float]:
        """Return the scores of the held-out images, by the code path of the robot."""
        with self.piped(network, device) as pipeline:
            return self.row(evaluate(pipeline, self.settings, self.held_out, self.scorer()))

    def pictures(self, network: nn.Module, device: torch.device) -> Iterator[tuple[str, Picture]]:
        """Yield the held-out images shown after each epoch: camera, truth, and what the robot would see."""
        scorer = self.scorer()
        with self.piped(network, device) as pipeline:
            for index in shown_of(len(self.held_out)):
                truth = self.held_out.read(index)
                result, = pipeline.run([Frame('', index, '', truth.rgb)], scorer.asked(self.settings))
                true, seen = scorer.shown(truth, result.segmentation)
                yield truth.name, side_by_side(truth.rgb, true, seen, pipeline.classes)

    @property
    def settings(self) -> Settings:
        """What the pipeline is asked with."""
        return Settings().changed({'mode': self.mode.value, 'device': 'cpu', 'unlabelled_threshold': 0.0})

    @contextmanager
    def piped(self, network: nn.Module, device: torch.device) -> Iterator[Pipeline]:
        """Yield the node's pipeline with a copy of the network in it."""
        model = self.segmenter(deepcopy(network), Placement(device, 'fp32'))
        with closing(Pipeline(lambda name, settings: model)) as pipeline:
            pipeline.configure(self.settings)
            yield pipeline
