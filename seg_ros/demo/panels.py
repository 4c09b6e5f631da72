# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What was seen in one picture: the overlay large, and beside it the camera and the view from above."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from seg_ros.demo.above import BACK, PALE
from seg_ros.labels.overlay import sized
from seg_ros.labels.palette import Image
from seg_ros.labels.plates import FONT

SHOWN_WIDTH = 640
CAPTION = 30  # pixels above each panel
SIDE = 400  # pixels, the width of the small panels of a video


def film_panels(main: tuple[str, Image], small: Mapping[str, Image]) -> Image:
    """Return a picture for a video: one panel large, the others by their captions in a column beside it."""
    ratio = main[1].shape[0] / main[1].shape[1]
    if len(small) < 2:
        row = [_captioned(caption, one, SHOWN_WIDTH, ratio) for caption, one in (main, *small.items())]
        return _even(np.concatenate(row, axis=1))
    column = np.concatenate([_captioned(caption, one, SIDE, ratio) for caption, one in small.items()])
    large = _captioned(*main, max(1, round((column.shape[0] - CAPTION) / ratio)), ratio)
    return _even(np.concatenate([large[:column.shape[0]], column[:large.shape[0]]], axis=1))


def still_panels(main: tuple[str, Image], small: Mapping[str, Image]) -> Image:
    """Return a picture for a narrow column: one panel above, the others by their captions in a row below it."""
    ratio = main[1].shape[0] / main[1].shape[1]
    large = _captioned(*main, SHOWN_WIDTH, ratio)
    if not small:
        return large
    width = SHOWN_WIDTH // len(small)
    row = [_captioned(caption, one, width, ratio) for caption, one in small.items()]
    return np.concatenate([large[:, :width * len(small)], np.concatenate(row, axis=1)])


def _captioned(caption: str, picture: Image, width: int, ratio: float) -> Image:
    """Return a picture fitted to a width, and to a height by the ratio of the camera's, below its caption."""
    head = np.full((CAPTION, width, 3), BACK, np.uint8)
    wide = cv2.getTextSize(caption, FONT, 1.0, 1)[0][0]
    cv2.putText(head, caption, (8, 20), FONT, min(0.5, (width - 16) / max(1, wide)), PALE, 1, cv2.LINE_AA)
    return np.concatenate([head, sized(picture, (width, max(1, round(width * ratio))))])


def _even(picture: Image) -> Image:
    """Return a picture without an odd last row or column: codecs want even sides."""
    return picture[:picture.shape[0] // 2 * 2, :picture.shape[1] // 2 * 2]
