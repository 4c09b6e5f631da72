# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How to train: everything that is not the data or the network."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TrainingOptions:
    """
    How to train: everything that is not the data or the network. What is left open fits the size of the data.

    :param epochs: 0 for as many as show about ``views`` views, within 10 to 150.
    :param batch: 0 for 8, and for fewer where that is more than a tenth of the images.
    :param warmup_steps: steps until the peak of the learning rate; None for a tenth of all steps, at most 200.
    :param ema_decay: of the averaged weights; None for an average over about the last tenth of the steps.
    :param stop_after: end after this many epochs of a schedule that is made for ``epochs``; 0 runs them all.
    """

    epochs: int = 0
    batch: int = 0
    lr: float = 1e-3
    warmup_steps: int | None = None
    weight_decay: float = 1e-2
    ema_decay: float | None = None
    patience: int = 0
    stop_after: int = 0
    seed: int = 0
    workers: int = 1
    device: str = 'cpu'
    bf16: bool = False

    def for_images(self, images: int, *, views: int = 32_000, most: int = 8) -> TrainingOptions:
        """
        Return the options with epochs and batch decided for so many images.

        :param views: how many a training shows. :param most: images of a batch.
        """
        return replace(self, epochs=self.epochs or min(150, max(10, round(views / max(1, images)))),
                       batch=self.batch or min(most, max(2, images // 10)))

    def fitted(self, steps: int) -> TrainingOptions:
        """Return the options with what was left open decided for a training of so many steps."""
        warmup, decay = self.warmup_steps, self.ema_decay
        return replace(self, warmup_steps=min(200, max(1, steps // 10)) if warmup is None else warmup,
                       ema_decay=min(0.998, max(0.0, 1.0 - 10.0 / steps)) if decay is None else decay)
