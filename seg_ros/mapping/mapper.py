# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Views in, a map out: the one class that the node and the command line share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.mapping.cells import CellMap
from seg_ros.mapping.charts import Chart, Landmark
from seg_ros.mapping.evidence import meaning_of
from seg_ros.mapping.landmarks import Landmarks
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.sight import Sight
from seg_ros.mapping.sightings import shown, sightings
from seg_ros.mapping.view import View

FLOOR_TILT_RAD, FLOOR_STEP_M = math.radians(4), 0.1  # a floor measured farther off than this is some other plane
FADES = 20  # steps in which half of what was seen is forgotten
PATH_STEP_M = 0.05


class Mapper:
    """
    A map that grows view by view. Used by one thread at a time.

    :param classes: what label bytes and classes of objects mean; fixed for the life of a map.
    """

    def __init__(self, classes: Sequence[RobotClass], settings: MapSettings | None = None) -> None:
        self.settings, self.classes = settings or MapSettings(), tuple(classes)
        self.meaning = meaning_of(self.classes, self.settings.moving)
        self.clear()

    @property
    def problem(self) -> str:
        """Why the map does not grow where something is seen; empty while it does."""
        return self._cells.grid.problem

    @property
    def path(self) -> NDArray[np.float64]:
        """(N, 3) metres, where the camera was."""
        return np.array(self._path, float).reshape(-1, 3)

    def update(self, view: View) -> None:
        """Add what one view says. Its cost does not grow with the map."""
        if not self.believes(view):
            view = replace(view, floor=None)
        self._forget(view.stamp_ns)
        if view.labels is not None:
            self._cells.add(Sight(view, self.settings), self.views)
        if view.instances is not None:
            found = sightings(view, self.meaning.moves, nearest_m=self.settings.min_range_m,
                              farthest_m=self.settings.max_range_m)
            self._landmarks.add(found, view.stamp_ns, view.source)
            self._landmarks.miss(view.stamp_ns, *shown(view, *self._landmarks.boxes()))
        if not self._path or math.dist(self._path[-1], view.place) >= PATH_STEP_M:
            self._path.append([float(v) for v in view.place])
        self.views += 1

    @property
    def bytes(self) -> int:
        """The memory that the cells take."""
        return self._cells.grid.bytes

    @property
    def seen_m2(self) -> float:
        """The area of which something is known."""
        return self._cells.seen_m2

    def chart(self) -> Chart:
        """Return the cells as arrays."""
        return self._cells.chart(self.views)

    def objects(self) -> tuple[Landmark, ...]:
        """Return the lasting objects, by id."""
        return self._landmarks.known()

    def counts(self) -> dict[str, int]:
        """Return how many lasting objects there are of each class, by name."""
        names = {c.id: c.name for c in self.classes}
        return dict(sorted(Counter(names.get(one.class_id, str(one.class_id)) for one in self.objects()).items()))

    def clear(self) -> None:
        """Forget everything; ids begin again from 1."""
        self._cells, self._landmarks = CellMap(self.meaning, self.settings), Landmarks(self.settings)
        self._path: list[list[float]] = []
        self._faded_ns: int | None = None
        self.views = 0

    def memory(self) -> dict[str, NDArray[Any]]:
        """Return all of the map as arrays, for :meth:`recall`."""
        return {**{f'cells {name}': value for name, value in self._cells.grid.memory().items()},
                **{f'objects {name}': value for name, value in self._landmarks.memory().items()},
                'path': self.path, 'views': np.array(self.views), 'faded_ns': np.array(self._faded_ns or 0)}

    def recall(self, memory: dict[str, NDArray[Any]]) -> None:
        """Go on as the map whose :meth:`memory` this is, of the same classes and settings."""
        def part(name: str) -> dict[str, NDArray[Any]]:
            return {key.removeprefix(name): value for key, value in memory.items() if key.startswith(name)}

        self.clear()
        self._cells.grid.recall(part('cells '))
        self._landmarks.recall(part('objects '))
        self._path = memory['path'].tolist()
        self.views, self._faded_ns = int(memory['views']), int(memory['faded_ns']) or None

    def going_on(self, classes: Sequence[RobotClass], settings: MapSettings) -> Mapper:
        """
        Return the same map, to which other settings apply from now on.

        :param classes: those there were, and more. :param settings: of the same resolution.
        """
        other = Mapper(classes, settings)
        other.recall(self.memory())
        return other

    def believes(self, view: View) -> bool:
        """Say whether the floor measured in a view can be that of the map."""
        if view.floor is None:
            return True
        upright = float(view.map_from_camera[2, :3] @ np.array(view.floor.normal))
        return upright > math.cos(FLOOR_TILT_RAD) and abs(view.floor.camera_height_m - view.place[2]) < FLOOR_STEP_M

    def _forget(self, stamp_ns: int) -> None:
        if not self.settings.forget_s:
            return
        since_s = 0.0 if self._faded_ns is None else (stamp_ns - self._faded_ns) / 1e9
        if self._faded_ns is None or since_s < 0:
            self._faded_ns = stamp_ns
        elif since_s >= self.settings.forget_s / FADES:
            self._cells.fade(0.5 ** (since_s / self.settings.forget_s))
            self._faded_ns = stamp_ns
