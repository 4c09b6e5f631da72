# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Tell from a screenshot of RViz whether it shows the scene, and whether a display is in error.

RViz says what is wrong on its screen alone: it writes a display's name in one red. Obstacles and ground have the
colours that config/segmentation*.rviz give them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ERROR_RGB = (192, 32, 32)  # rviz_common's StatusProperty
FEWEST_ERROR_PIXELS = 12  # of one letter
FEWEST_COLOURS = 200  # of a picture; an empty view and its panels have fewer


def faults(rgb: NDArray[np.uint8]) -> list[str]:
    """Return what is wrong with an (H, W, 3) RGB screenshot."""
    red = int((rgb == ERROR_RGB).all(axis=2).sum())
    colours = len(np.unique(rgb.reshape(-1, 3), axis=0))
    found = []
    if red >= FEWEST_ERROR_PIXELS:
        found.append(f'a display is in error: {red} pixels have the colour of errors')
    if colours < FEWEST_COLOURS:
        found.append(f'RViz shows no picture: the whole screen has {colours} colours')
    return found


def main() -> int:
    """Look at one file."""
    bgr = cv2.imread(sys.argv[1])
    if bgr is None:
        print(f'FAULT: {Path(sys.argv[1])} is no picture')
        return 1
    found = faults(np.asarray(bgr[..., ::-1], np.uint8))
    for fault in found:
        print(f'FAULT: {fault}')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
