# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the player plays: frames of a camera, in order, once or over and over."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo

from seg_ros.bridge.cameras import scaled_info
from seg_ros.errors import DataError
from seg_ros.records import Depth, Intrinsics


@dataclass(frozen=True)
class PlayedFrame:
    """
    One moment of a camera.

    :param rgb: (H, W, 3) uint8 in red-green-blue order.
    :param depth: (h, w) uint16 millimetres or float32 metres, 0 or NaN where nothing was measured, or None.
    :param intrinsics: the camera of ``rgb``, or None where it is not known.
    :param stamp_ns: when it was taken, or None where the source does not know.
    :param camera_info: the camera's own description as it was recorded, which holds before ``intrinsics``, or None.
    :param frame_id: the frame it was taken in; empty where the source does not know.
    :param beside: (topic, message) of what was recorded since the frame before.
    :param name: of the file it came from, which no other frame of the source has; empty where it came from none.
    """

    rgb: NDArray[np.uint8]
    depth: Depth | None = None
    intrinsics: Intrinsics | None = None
    stamp_ns: int | None = None
    camera_info: CameraInfo | None = None
    frame_id: str = ''
    beside: tuple[tuple[str, Any], ...] = ()
    name: str = ''

    def scaled_to(self, size: tuple[int, int]) -> PlayedFrame:
        """Return the frame at another (width, height); depth takes the nearest pixel and is never blended."""
        shrinks = size[0] < self.rgb.shape[1]
        rgb = cv2.resize(self.rgb, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        depth = None if self.depth is None else cv2.resize(self.depth, size, interpolation=cv2.INTER_NEAREST_EXACT)
        camera = None if self.intrinsics is None else self.intrinsics.scaled_to(*size)
        before = self.rgb.shape[1], self.rgb.shape[0]
        info = None if self.camera_info is None else scaled_info(self.camera_info, before, size)
        return replace(self, rgb=rgb, depth=depth, intrinsics=camera, camera_info=info)  # type: ignore[arg-type]


class Source(Protocol):
    """A camera that can be played."""

    @property
    def words(self) -> str:
        """What it is, for a person."""

    @property
    def live(self) -> bool:
        """Whether its frames are taken the moment they are asked for."""

    def frames(self) -> Iterator[PlayedFrame]:
        """
        Yield the frames from the first to the last; what cannot be read is named once and skipped.

        :raises DataError: when the source cannot be opened.
        """


def played(source: Source, *, loop: bool = False, count: int = 0,
           size: tuple[int, int] | None = None) -> Generator[PlayedFrame, None, None]:
    """
    Yield the frames of a source, once or over and over.

    :param count: end after this many; 0 for no end but the source's.
    :param size: (width, height) of the frames yielded; None leaves them as they are.
    :raises DataError: when a whole round gave nothing.
    """
    number = 0
    while True:
        before = number
        for frame in source.frames():
            yield frame if size is None else frame.scaled_to(size)
            number += 1
            if number == count:
                return
        if number == before:
            raise DataError(f'{source.words} gave no image that could be read', 'check the files named above')
        if not loop:
            return
