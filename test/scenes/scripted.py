"""A segmenter that is exact on drawn scenes: a pixel's colour is its class."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ModelError
from seg_ros.labels.palette import class_colours
from seg_ros.labels.taxonomy import RobotClass, load_taxonomy
from seg_ros.models.segmenter import Segmenter
from seg_ros.records import UNLABELLED, Frame, Mode, Segmentation
from seg_ros.settings import Settings, parse_size

INDOOR = load_taxonomy('indoor')


class ScriptedSegmenter:
    """
    Answers a drawn frame exactly, after an optional delay.

    A pixel in the colour of an indoor class is that class with confidence 200; any other is unlabelled.
    """

    modes = frozenset({Mode.SEMANTIC})
    device, precision = 'cpu', 'fp32'

    def __init__(self, name: str = 'scripted', delay_s: float = 0.0) -> None:
        self.name, self.delay_s = name, delay_s
        self.classes: tuple[RobotClass, ...] = INDOOR.classes
        self.seen: list[int] = []
        self.threads: set[str] = set()
        self.closed = False

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Answer each frame by its colours, and remember its stamp."""
        time.sleep(self.delay_s)
        self.threads.add(threading.current_thread().name)
        self.seen += [frame.stamp_ns for frame in frames]
        return [_answer(frame, settings) for frame in frames]

    def close(self) -> None:
        """Remember to have been closed."""
        self.closed = True


def _answer(frame: Frame, settings: Settings) -> Segmentation:
    size = parse_size(settings.output_size) or frame.size
    columns = np.arange(size[0]) * frame.size[0] // size[0]
    rows = np.arange(size[1]) * frame.size[1] // size[1]
    labels = labels_of(frame.rgb)[rows][:, columns]
    confidence = np.where(labels == UNLABELLED, 0, 200).astype(np.uint8)
    return Segmentation(size, labels, confidence)


def labels_of(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the class of each pixel of a drawn (H, W, 3) image."""
    labels = np.full(rgb.shape[:2], UNLABELLED, np.uint8)
    for robot_class in INDOOR.classes:
        labels[(rgb == robot_class.colour).all(axis=2)] = robot_class.id
    return labels


def drawn(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the (H, W, 3) picture of a label image; 255 is drawn black."""
    colours = class_colours(INDOOR.classes).copy()
    colours[UNLABELLED] = 0
    return colours[labels]


def open_scripted(name: str, settings: Settings) -> Segmenter:
    """Stand in for ``models.catalog.open_model``: knows ``indoor`` and ``slow``, refuses all else."""
    if name not in ('indoor', 'slow'):
        raise ModelError(f"there is no model '{name}'", 'use indoor or slow')
    return ScriptedSegmenter(name, delay_s=0.2 if name == 'slow' else 0.0)
