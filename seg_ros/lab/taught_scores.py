# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How well a model agrees with what depth says, and how much of its old answers it keeps."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from seg_ros.lab.metrics import mean_of, share_of
from seg_ros.lab.taught_images import TaughtImage
from seg_ros.lab.taught_labels import MAYBE_FLOOR, Kinds
from seg_ros.records import UNLABELLED, Segmentation
from seg_ros.settings import Settings


@dataclass(frozen=True)
class TaughtScores:
    """
    Shares within 0..1 of the pixels of which something is known, NaN of none.

    :param floor_found: of the floor that depth shows, what is called floor.
    :param floor_right: of what is called floor, where depth shows something, what is floor. :param floor_iou: of both.
    :param walls_found: of the walls that depth shows. :param kept: of the sure answers before, what is the same.
    """

    floor_found: float
    floor_right: float
    floor_iou: float
    walls_found: float
    kept: float

    @property
    def score(self) -> float:
        """The mean by which models are chosen."""
        return mean_of(np.array([self.floor_iou, self.walls_found, self.kept]))

    def rows(self) -> dict[str, float]:
        """Return them by words."""
        return {name.replace('_', ' ').replace('iou', 'IoU'): value for name, value in asdict(self).items()}


class TaughtScorer:
    """Answers compared with depth; see ``Scorer``."""

    word = 'floor IoU'

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._counts = np.zeros(7, np.int64)

    def asked(self, settings: Settings) -> Settings:
        """Return settings that give every pixel of the picture its best class."""
        return settings.changed({'unlabelled_threshold': 0.0, 'output_size': ''})

    def add(self, truth: TaughtImage, found: Segmentation) -> float:
        """Count a picture and return its floor IoU."""
        assert found.labels is not None
        counts = self._counted(truth, found.labels)
        self._counts += counts
        return share_of(counts[0], counts[1] + counts[2] - counts[0])

    def _counted(self, truth: TaughtImage, labels: NDArray[np.uint8]) -> NDArray[np.int64]:
        floor, wall = truth.geometry == self._kinds.floor, truth.geometry == self._kinds.wall
        called = (labels == self._kinds.floor) & ~np.isin(truth.geometry, [UNLABELLED, MAYBE_FLOOR])
        kept = truth.kept != UNLABELLED
        return np.array([np.count_nonzero(one) for one in (
            floor & called, floor, called, wall & (labels == self._kinds.wall), wall, kept & (labels == truth.kept),
            kept)])

    def shown(self, truth: TaughtImage, found: Segmentation) -> tuple[Segmentation, Segmentation]:
        """Return what is known, and what is seen."""
        known = np.where(truth.labels >= MAYBE_FLOOR, UNLABELLED, truth.labels).astype(np.uint8)
        return Segmentation(found.size, known), found

    def scores(self, images: int, milliseconds: float) -> TaughtScores:
        """Return the scores of all pictures."""
        hits, floor, called, walls_hit, walls, same, kept = (int(count) for count in self._counts)
        return TaughtScores(share_of(hits, floor), share_of(hits, called), share_of(hits, floor + called - hits),
                            share_of(walls_hit, walls), share_of(same, kept))
