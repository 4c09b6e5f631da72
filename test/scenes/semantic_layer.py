# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What Nav2's semantic_segmentation_layer makes of the node's messages, by the rule of its sources (jazzy), in NumPy.

Of a frame it skips points whose z is not finite and points out of range; of those in a tile the dearest pixel counts
with ``use_cost_selection``, else the most confident, whatever its class; a class it was not told of is dropped after
that. A tile keeps what it saw for
``tile_map_decay_time``, by class; a class with ``dominant_priority`` holds at once and wipes the others, any other
holds when it was seen more often. Each update writes the cost of the tiles that are still kept into the costmap, and
nothing else: a cell whose tile was forgotten stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

NAV2 = Path(__file__).parents[2] / 'config' / 'nav2'
RESOLUTION_M = 0.05
LETHAL = 254

Tile = tuple[int, int]


class SemanticLayer:
    """
    The layer with the parameters of config/nav2/semantic_layer.yaml.

    :param names: of the class ids, as LabelInfo tells.
    """

    def __init__(self, names: dict[int, str]) -> None:
        table = yaml.safe_load((NAV2 / 'semantic_layer.yaml').read_text(encoding='utf-8'))
        self.source: dict[str, Any] = (
            table['local_costmap']['local_costmap']['ros__parameters']['semantic_layer']['camera'])
        types = [self.source[kind] for kind in self.source['class_types']]
        kinds = {name: one for one in types for name in one['classes']}
        self._kinds = {key: kinds[name] for key, name in names.items() if name in kinds}
        self._seen: dict[Tile, dict[int, list[float]]] = {}  # tile -> class -> when
        self._holds: dict[Tile, int] = {}  # tile -> the class that holds
        self.costs: dict[Tile, int] = {}

    def buffer(self, points: NDArray[np.floating], origin: NDArray[np.floating], labels: NDArray[np.uint8],
               confidence: NDArray[np.uint8], stamp_s: float) -> None:
        """
        Take in a frame.

        :param points: (H * W, 3) in the costmap's frame. :param origin: (3,), where the camera is.
        :param labels: (H * W,), as ``confidence``.
        """
        self._purge(stamp_s)
        worth = np.array([self._kinds[key]['max_cost'] if key in self._kinds else 0 for key in range(256)])[labels] \
            if self.source['use_cost_selection'] else confidence.astype(int)
        for tile, pixel in self._best(points, origin, worth):
            key = int(labels[pixel])
            if key in self._kinds:
                self._push(tile, key, stamp_s)

    def update(self, now_s: float) -> None:
        """Write what is kept into the costmap."""
        self._purge(now_s)
        for tile, key in self._holds.items():
            self.costs[tile] = self._kinds[key]['max_cost']  # mark_confidence and samples_to_max_cost are 0

    def _best(self, points: NDArray[np.floating], origin: NDArray[np.floating],
              worth: NDArray[np.int_]) -> Iterator[tuple[Tile, int]]:
        """Yield each tile that is seen with its worthiest pixel, the first of several."""
        with np.errstate(invalid='ignore'):
            squared = ((points - origin) ** 2).sum(axis=1)
            near, far = (self.source[f'{word}_obstacle_distance'] ** 2 for word in ('min', 'max'))
            pixels = np.flatnonzero(np.isfinite(points[:, 2]) & (squared > near) & (squared < far))
        tiles = np.floor(points[pixels, :2] / RESOLUTION_M).astype(int)
        order = np.lexsort((pixels, -worth[pixels], tiles[:, 1], tiles[:, 0]))
        tiles, pixels = tiles[order], pixels[order]
        is_first = np.ones(len(tiles), np.bool_)
        is_first[1:] = (tiles[1:] != tiles[:-1]).any(axis=1)
        yield from zip(map(tuple, tiles[is_first].tolist()), pixels[is_first].tolist())

    def _push(self, tile: Tile, key: int, stamp_s: float) -> None:
        seen = self._seen.setdefault(tile, {})
        seen.setdefault(key, []).append(stamp_s)
        holds = self._holds.get(tile)
        if self._kinds[key]['dominant_priority'] or len(seen[key]) > (0 if holds is None else len(seen[holds])):
            if holds is not None and holds != key:
                self._seen[tile] = {key: seen[key]}
            self._holds[tile] = key

    def _purge(self, now_s: float) -> None:
        for tile, seen in list(self._seen.items()):
            kept = {key: [one for one in stamps if now_s - one <= self.source['tile_map_decay_time']]
                    for key, stamps in seen.items()}
            kept = {key: stamps for key, stamps in kept.items() if stamps}
            if not kept:
                del self._seen[tile], self._holds[tile]
                continue
            self._seen[tile] = kept
            if self._holds[tile] not in kept:
                self._holds[tile] = max(kept, key=lambda key: len(kept[key]))
