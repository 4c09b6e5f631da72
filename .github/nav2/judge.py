# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Hold a costmap, recorded while the bundled drive was played, against what is truly there.

Exit status 0 when at most one seen floor cell of a hundred is lethal, nearly every lethal cell is an obstacle or
beside one, and enough of them are marked.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from costmap import Costmap
from numpy.typing import NDArray
from truth import Truth, truth_of

FLOOR_LETHAL, ELSEWHERE, FEWEST_MARKED, KEPT = 0.01, 0.02, 500, 0.95


@dataclass(frozen=True)
class Judgement:
    """
    What a costmap says about cells whose truth is known.

    :param marked: lethal cells. :param floor_seen: cells of floor alone, none beside an obstacle.
    :param floor_lethal: of those. :param elsewhere: lethal cells on no obstacle and beside none.
    :param kept: the share of another costmap's right marks that this one has too; None without another.
    """

    marked: int
    floor_seen: int
    floor_lethal: int
    elsewhere: int
    kept: float | None = None

    @property
    def faults(self) -> list[str]:
        """What is not as it should be."""
        bars = {
            f'{self.marked} cells are lethal, {FEWEST_MARKED} at least are wanted': self.marked < FEWEST_MARKED,
            f'{self.floor_lethal} of {self.floor_seen} floor cells are lethal, more than {FLOOR_LETHAL:.0%}':
                self.floor_lethal > FLOOR_LETHAL * self.floor_seen,
            f'{self.elsewhere} of {self.marked} lethal cells are no obstacle, more than {ELSEWHERE:.0%}':
                self.elsewhere > ELSEWHERE * self.marked,
            'no floor was seen': self.floor_seen == 0,
            f"only {self.kept or 0:.1%} of the other costmap's marks are kept":
                self.kept is not None and self.kept < KEPT,
        }
        return [sentence for sentence, holds in bars.items() if holds]


def judged(costmap: Costmap, truth: Truth, other: Costmap | None = None) -> Judgement:
    """Return how a costmap agrees with the truth, and with another costmap of the same drive."""
    obstacles = costmap.mask_of(truth.obstacles)
    beside = grown(obstacles)
    floor = costmap.mask_of(truth.floor) & ~beside
    kept = None
    if other is not None:
        right = other.lethal & beside
        kept = float((right & grown(costmap.lethal)).sum() / max(1, right.sum()))
    return Judgement(int(costmap.lethal.sum()), int(floor.sum()), int((costmap.lethal & floor).sum()),
                     int((costmap.lethal & ~beside).sum()), kept)


def grown(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the cells and their eight neighbours."""
    return np.asarray(cv2.dilate(cells.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def main() -> int:
    """Print the judgement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('recording', type=Path, help='the folder recordings/room')
    parser.add_argument('costmap', type=Path, help='what record_costmap.py wrote')
    parser.add_argument('--other', type=Path, help='the costmap of another layer, whose right marks are to be kept')
    options = parser.parse_args()
    other = Costmap.load(options.other) if options.other else None
    judgement = judged(Costmap.load(options.costmap), truth_of(options.recording), other)
    print(judgement)
    for fault in judgement.faults:
        print(f'FAULT: {fault}')
    return 1 if judgement.faults else 0


if __name__ == '__main__':
    sys.exit(main())
