# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is remembered of one object of a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.mapping.coverage import BINS, Coverage

LEAST_SEEN = 0.3  # of the views that show its place, to report an object
NUMBERS = ('key', 'id', 'views', 'missed', 'gone', 'first_ns', 'last_ns')

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]


@dataclass(eq=False)
class Thing:
    """An object as many views saw it."""

    axes: tuple[Coverage, Coverage, Coverage]
    weights: dict[int, float] = field(default_factory=dict)  # by class, the sum of the scores
    id: int = 0
    views: int = 0
    missed: int = 0
    gone: int = 0
    first_ns: int = 0
    last_ns: int = 0
    information: float = 0.0  # 1/m², of all views together
    beside: set[int] = field(default_factory=set)  # keys of things that were seen in the same view
    key: int = 0

    @property
    def class_id(self) -> int:
        """The class that it is most likely of."""
        return max(self.weights, key=lambda k: (self.weights[k], -k))

    def count(self, class_id: int, weight: float) -> None:
        """Note what it was seen as."""
        self.weights[class_id] = self.weights.get(class_id, 0.0) + weight

    @property
    def is_sure(self) -> bool:
        """Whether it was seen often enough, of the times that it should have been."""
        return self.id > 0 and self.views >= LEAST_SEEN * (self.views + self.missed)

    def ends(self) -> Floats:
        """Return (2, 3), low and high."""
        return np.array([axis.ends() for axis in self.axes]).T


def remembered(things: Sequence[Thing]) -> Arrays:
    """Return things as arrays, for :func:`recalled`."""
    return {
        'counts': np.array([[axis.counts for axis in one.axes] for one in things], np.uint16).reshape(-1, 3, BINS),
        'axes': np.array([[(axis.origin_m, axis.bin_m) for axis in one.axes] for one in things]).reshape(-1, 3, 2),
        'numbers': np.array([[getattr(one, name) for name in NUMBERS] for one in things],
                            np.int64).reshape(-1, len(NUMBERS)),
        'information': np.array([one.information for one in things], float),
        'weights': np.array([(one.key, *row) for one in things for row in one.weights.items()]).reshape(-1, 3),
        'beside': np.array([(one.key, key) for one in things for key in one.beside], np.int64).reshape(-1, 2)}


def recalled(memory: Arrays) -> list[Thing]:
    """Return the things whose arrays these are."""
    things: dict[int, Thing] = {}
    for counts, axes, numbers, information in zip(memory['counts'], memory['axes'], memory['numbers'],
                                                  memory['information']):
        x, y, z = (Coverage(0.0) for _ in range(3))
        for axis, own, (origin_m, bin_m) in zip((x, y, z), counts, axes):
            axis.counts, axis.origin_m, axis.bin_m = own.copy(), float(origin_m), float(bin_m)
        one = Thing((x, y, z), information=float(information))
        for name, value in zip(NUMBERS, numbers):
            setattr(one, name, int(value))
        things[one.key] = one
    for key, class_id, weight in memory['weights']:
        things[int(key)].count(int(class_id), float(weight))
    for key, other in memory['beside']:
        things[int(key)].beside.add(int(other))
    return list(things.values())
