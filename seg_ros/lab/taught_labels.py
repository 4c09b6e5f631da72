# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What depth and a model together say of a picture, to train on: floor, wall, not floor, and what the model keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import SettingError
from seg_ros.geometry.structure import Structure
from seg_ros.lab.datasets import NONE_OF_COMPLETE
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.records import UNLABELLED

NOT_FLOOR = NONE_OF_COMPLETE
"""The label of pixels that rise from the floor: of them is known that they are none."""

MAYBE_FLOOR = 253
"""The label of pixels that may be floor, and are left out: neither depth nor the model before says whether they are."""

MOSTLY_WALL = 0.6  # the mean probability of wall over an upright plane that is one; cupboards are upright, too
MAYBE_WALL = 0.4  # of a pixel of it: windows and doors lie in walls
SURE = 0.9  # the probability from which a model keeps its own answer

Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Kinds:
    """The ids of floor and wall."""

    floor: int
    wall: int

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> Kinds:
        """
        Return those of a taxonomy.

        :raises SettingError: when it lacks one.
        """
        ids = {c.name: c.id for c in taxonomy.classes}
        if not {'floor', 'wall'} <= ids.keys():
            raise SettingError(f"taxonomy '{taxonomy.name}' has no floor and wall, which depth shows",
                               'name these classes floor and wall')
        return cls(ids['floor'], ids['wall'])


def geometry_labels(found: Structure, wall: NDArray[np.float32], kinds: Kinds) -> Labels:
    """
    Return (H, W) uint8, floor, wall, ``NOT_FLOOR`` or ``MAYBE_FLOOR`` where depth says so, else 255.

    :param wall: (H, W) the model's probability of wall. Depth knows upright planes; which of them are walls, and not
        windows, curtains or cupboards, it does not.
    """
    labels = np.full(found.floor.shape, UNLABELLED, np.uint8)
    labels[found.rises != 0], labels[found.maybe != 0] = NOT_FLOOR, MAYBE_FLOOR
    for number in range(1, 1 + int(found.walls.max(initial=0))):
        plane = found.walls == number
        if plane.any() and float(wall[plane].mean()) > MOSTLY_WALL:
            labels[plane & (wall > MAYBE_WALL)] = kinds.wall
    labels[found.floor != 0] = kinds.floor
    return labels


def kept_labels(geometry: Labels, sure: Labels, kinds: Kinds) -> Labels:
    """
    Return (H, W) uint8, the model's sure answers that are neither floor nor wall and that depth does not contradict.

    :param sure: (H, W) its class where it is sure, else 255.
    """
    contradicted = np.isin(geometry, [kinds.floor, kinds.wall, MAYBE_FLOOR])
    others = (sure != kinds.floor) & (sure != kinds.wall) & ~contradicted
    return np.where(others, sure, UNLABELLED).astype(np.uint8)


def agreed(sure: Labels, again: NDArray[np.intp], other: Labels) -> Labels:
    """
    Return the sure answers that another look at the same place does not contradict, else 255.

    :param again: (H, W) the flat index of the pixel of the other image that shows the same, -1 for none.
    :param other: (H, W) the sure answers about the other image.
    """
    there = np.where(again >= 0, other.reshape(-1)[again], UNLABELLED)
    contradicted = (there != UNLABELLED) & (there != sure)
    return np.where(contradicted, UNLABELLED, sure).astype(np.uint8)
