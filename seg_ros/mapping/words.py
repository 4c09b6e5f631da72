# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Names of classes become the ids of a map, whoever numbers them how."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.palette import instance_colour
from seg_ros.labels.taxonomy import MAX_CLASSES, RobotClass, Role, Taxonomy
from seg_ros.records import UNLABELLED


class MapWords:
    """
    The classes of a map: those of the robot, and every other name that is announced, which is an obstacle.

    Ids are kept for good; a new name gets the id it is announced with, or another where that is taken.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._by_name = {c.name: c for c in taxonomy.classes}

    @property
    def classes(self) -> tuple[RobotClass, ...]:
        """All classes, by id."""
        return tuple(sorted(self._by_name.values(), key=lambda c: c.id))

    @property
    def ids(self) -> dict[str, int]:
        """The id of each name."""
        return {name: c.id for name, c in self._by_name.items()}

    def learn(self, announced: Mapping[int, str]) -> NDArray[np.uint8]:
        """
        Take in the names of somebody's ids; return a (256,) table from these to those of the map.

        What is not announced, and what finds no id any more, is unlabelled.
        """
        table = np.full(256, UNLABELLED, np.uint8)
        for number, name in announced.items():
            known = self._by_name.get(name) or self._begun(name, number)
            if known is not None and 0 <= number < MAX_CLASSES:
                table[number] = known.id
        return table

    def _begun(self, name: str, wanted: int) -> RobotClass | None:
        taken = {c.id for c in self._by_name.values()}
        free = next((k for k in (wanted, *range(MAX_CLASSES)) if 0 <= k < MAX_CLASSES and k not in taken), None)
        if free is None:
            return None
        self._by_name[name] = RobotClass(free, name, instance_colour(free), Role.OBSTACLE)
        return self._by_name[name]
