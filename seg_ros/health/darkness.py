# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How long the pictures of a camera have been black."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import Doubt

BLACKEST, LIT = 16, 0.01  # what a sensor gives without light, of 255; a smaller share above it is no picture
PATIENCE_S = 5.0  # lights go out, and exposures settle
STRIDE = 8  # every so manieth row and column is looked at


class Darkness:
    """Remembers since when one camera's pictures are black; a single one that is not ends it."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def doubt(self, rgb: NDArray[np.uint8], now_s: float) -> Doubt | None:
        """
        Doubt the newest picture that is black, when all that were looked at have been for some seconds.

        :param rgb: (H, W, 3). :param now_s: steady time.
        """
        if np.mean(rgb[::STRIDE, ::STRIDE] > BLACKEST) >= LIT:
            self._since_s = None
            return None
        if self._since_s is None:
            self._since_s = now_s
        lasted_s = now_s - self._since_s
        if lasted_s < PATIENCE_S:
            return None
        return Doubt('black', f'the images have been black for {lasted_s:.0f} s: nothing can be told from them',
                     'take the cap off the lens, check the exposure of the camera, or switch the lights on')
