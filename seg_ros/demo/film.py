# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pictures kept as a video."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError


class Film:
    """
    Writes every picture into a video. Use it in a ``with`` statement.

    :param folder: where ``demo.mp4`` goes. :param rate: pictures per second of the video.
    """

    def __init__(self, folder: Path, rate: float) -> None:
        self.video = folder / 'demo.mp4'
        self.frames = 0
        self._rate = rate
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)

    def __enter__(self) -> Film:
        self.video.parent.mkdir(parents=True, exist_ok=True)
        self.video.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.release()

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """Keep one (H, W, 3) uint8 picture; the first decides the size of the video."""
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        if self._writer is None:
            self._size = bgr.shape[1], bgr.shape[0]
            self._writer = cv2.VideoWriter(str(self.video), cv2.VideoWriter_fourcc(*'mp4v'), self._rate, self._size)
            if not self._writer.isOpened():
                raise DataError(f'the video {self.video} cannot be written')
        self._writer.write(bgr if bgr.shape[1::-1] == self._size else cv2.resize(bgr, self._size))
        self.frames += 1
