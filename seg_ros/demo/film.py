"""Pictures kept as files and as a video."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError


class Film:
    """
    Writes every picture into a video, and every tenth as a file. Use it in a ``with`` statement.

    :param folder: where ``demo.mp4`` and ``overlays/`` go. :param rate: pictures per second of the video.
    """

    def __init__(self, folder: Path, rate: float) -> None:
        self.folder, self.video = folder / 'overlays', folder / 'demo.mp4'
        self.frames = 0
        self._rate = rate
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)

    def __enter__(self) -> Film:
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob('*.jpg'):
            old.unlink()
        self.video.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._writer is not None:
            self._writer.release()

    def add(self, rgb: NDArray[np.uint8], still: NDArray[np.uint8] | None = None) -> None:
        """
        Keep one (H, W, 3) uint8 picture; the first decides the size of the video.

        :param still: what every tenth file shows; None for the picture of the video.
        """
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        if self._writer is None:
            self._size = bgr.shape[1], bgr.shape[0]
            self._writer = cv2.VideoWriter(str(self.video), cv2.VideoWriter_fourcc(*'mp4v'), self._rate, self._size)
            if not self._writer.isOpened():
                raise DataError(f'the video {self.video} cannot be written')
        self._writer.write(bgr if bgr.shape[1::-1] == self._size else cv2.resize(bgr, self._size))
        if self.frames % 10 == 0:
            kept = bgr if still is None else cv2.cvtColor(still, cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(self.folder / f'{self.frames:05d}.jpg'), kept)
        self.frames += 1
