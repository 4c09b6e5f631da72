# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How long the pictures of a camera have been black, or of one colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import Doubt

BLACKEST, LIT = 16, 0.01  # what a sensor gives without light, of 255; a smaller share above it is no picture
EVEN = 30_000  # values of a picture: a smaller one may be of one thing
PATIENCE_S = 5.0  # lights go out, and exposures settle
STRIDE = 8  # every so manieth row and column is looked at


class Darkness:
    """Remembers since when one camera's pictures are black, or of one colour; a single one that is not ends it."""

    def __init__(self) -> None:
        self._since_s, self._word = 0.0, ''

    def doubt(self, rgb: NDArray[np.uint8], now_s: float) -> Doubt | None:
        """
        Doubt the newest picture that shows nothing, when all that were looked at have been so for some seconds.

        :param rgb: (H, W, 3). :param now_s: steady time.
        """
        word = 'black' if np.mean(rgb[::STRIDE, ::STRIDE] > BLACKEST) < LIT else 'plain' if _is_plain(rgb) else ''
        if word != self._word:
            self._since_s, self._word = now_s, word
        lasted_s = now_s - self._since_s
        if not word or lasted_s < PATIENCE_S:
            return None
        if word == 'black':
            return Doubt('black', f'the images have been black for {lasted_s:.0f} s: nothing can be told from them',
                         'take the cap off the lens, check the exposure of the camera, or switch the lights on')
        colour = ', '.join(str(value) for value in rgb[0, 0].tolist())
        return Doubt('plain', f'the images have been of one colour ({colour}) for {lasted_s:.0f} s: nothing is seen',
                     'check the exposure of the camera where they are white, else its driver: it may have no data')


def _is_plain(rgb: NDArray[np.uint8]) -> bool:
    """Tell whether all of many pixels are alike: no sensor is so even, unless it is overexposed."""
    return rgb.size >= EVEN and bool((rgb[::STRIDE, ::STRIDE] == rgb[0, 0]).all() and (rgb == rgb[0, 0]).all())
