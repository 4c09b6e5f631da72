# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Segmenters that are exact on drawn scenes: a pixel's colour is its class, a stamp's script its objects."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ModelError
from seg_ros.labels.palette import class_colours
from seg_ros.labels.taxonomy import RobotClass, load_taxonomy
from seg_ros.labels.things import things_of
from seg_ros.models.segmenter import Segmenter
from seg_ros.records import UNLABELLED, Frame, Instances, Mode, Segmentation
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
        self.seen += [frame.stamp_ns for frame in frames if frame.camera or frame.stamp_ns]  # not the warm-up
        return [_answer(frame, settings) for frame in frames]

    def close(self) -> None:
        """Remember to have been closed."""
        self.closed = True


@dataclass(frozen=True)
class Thing:
    """An object of a script: its class, score, and box (left, top, right, bottom), filled but for a corner."""

    name: str
    score: float
    box: tuple[int, int, int, int]


THINGS = things_of(INDOOR, ('hammer', 'wrench', 'person'))


class ScriptedInstances:
    """Answers a frame with the objects its script has for the stamp in seconds; none for other stamps."""

    modes = frozenset({Mode.INSTANCE})
    device, precision = 'cpu', 'fp32'

    def __init__(self, script: Mapping[int, Sequence[Thing]], name: str = 'everyday') -> None:
        self.name, self.classes, self.script = name, THINGS, script
        self.closed = False

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Answer each frame by its stamp."""
        return [Segmentation(frame.size, instances=self._found(frame, settings)) for frame in frames]

    def _found(self, frame: Frame, settings: Settings) -> Instances:
        things = [t for t in self.script.get(frame.stamp_ns // 1_000_000_000, ())
                  if t.score >= settings.detection_threshold
                  and (settings.kept_classes is None or t.name in settings.kept_classes)]
        return instances_from(sorted(things, key=lambda t: -t.score), frame.size)

    def close(self) -> None:
        """Remember to have been closed."""
        self.closed = True


def instances_from(things: Sequence[Thing], size: tuple[int, int]) -> Instances:
    """Return the record of a script's objects, best score first."""
    if not things:
        return Instances.none(size)
    ids = {c.name: c.id for c in THINGS}
    boxes = np.array([t.box for t in things], np.float32)
    return Instances(size, boxes, np.array([t.score for t in things], np.float32),
                     np.array([ids[t.name] for t in things], np.uint8), boxes[:, :2].astype(np.int32),
                     tuple(crop_of(t) for t in things), np.zeros(len(things), np.int64))


def crop_of(thing: Thing) -> NDArray[np.bool_]:
    """Return the mask of a script's object within its box: all of it but the top left pixel."""
    left, top, right, bottom = thing.box
    crop = np.ones((bottom - top, right - left), bool)
    crop[0, 0] = False
    return crop


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
