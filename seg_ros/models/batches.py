# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What networks are shown: frames at their size, those of one size in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from seg_ros.models.card import Card
from seg_ros.models.device import Placement
from seg_ros.models.preprocess import network_size
from seg_ros.models.segmenter import groups_of
from seg_ros.models.tensors import to_network
from seg_ros.records import Frame

G = TypeVar('G')


def network_image(frame: Frame, card: Card, stride: int, where: Placement) -> Tensor:
    """Return the (1, 3, h, w) image that the network of a card is shown, sides multiples of its stride."""
    size = network_size(frame.size, card.input_size, stride)
    return to_network([frame.rgb], size, card.mean, card.std, where)


def together(images: Sequence[Tensor], go: Callable[[Tensor], list[G]]) -> list[G]:
    """
    Return what a network gives for each image, those of one size in one pass.

    :param images: (1, 3, h, w) each. :param go: gives as many as there are images in its batch.
    """
    given: dict[int, G] = {}
    for chosen in groups_of([image.shape for image in images]):
        batch = images[chosen[0]] if len(chosen) == 1 else torch.cat([images[k] for k in chosen])
        given |= zip(chosen, go(batch))
    return [given[k] for k in range(len(images))]
