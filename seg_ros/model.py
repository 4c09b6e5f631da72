# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A model and what it sees in pictures, for programs without ROS: ``from seg_ros import Model``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.overlay import overlay
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.models.catalog import open_model
from seg_ros.picture_files import read_rgb, write_pixels
from seg_ros.pipeline import Pipeline
from seg_ros.records import UNLABELLED, Frame, Instances, Mode, Segmentation
from seg_ros.settings import Settings

FRAME_NS = 100_000_000  # from one picture to the next


class Model:
    """
    A model on its device, called with one picture after the other.

    :param name: as the node takes it: a shipped name, a folder, torchvision:NAME, hf:ORG/NAME, onnx:/file.onnx.
    :param mode: semantic, instance or panoptic; None for the most the model can.
    :param settings: parameters of the node, ``device='cpu'`` say; objects are followed with ``tracking=True`` alone.
    :raises SegRosError: when it cannot be loaded, cannot do that, or a setting is refused.
    """

    def __init__(self, name: str, mode: str | None = None, **settings: Any) -> None:
        asked = Settings().changed({'tracking': False, **settings})
        self._pipeline, self._settings = pipeline_of(name, asked, mode)
        self._stamp_ns = 0

    def __call__(self, picture: str | Path | NDArray[np.uint8]) -> Seen:
        """
        Return what the model sees.

        :param picture: a file, or (H, W, 3) uint8 in red, green, blue.
        :raises SegRosError: when the file cannot be read, or the array is no such picture.
        """
        rgb = read_rgb(Path(picture).expanduser()) if isinstance(picture, (str, Path)) else picture
        self._stamp_ns += FRAME_NS
        result, = self._pipeline.run([Frame('', self._stamp_ns, '', rgb)], self._settings)
        return Seen(rgb, result.segmentation, tuple(self._pipeline.classes))


@dataclass(frozen=True)
class Found:
    """
    One object.

    :param score: how certain, within 0..1. :param box: left, top, right, bottom in pixels.
    :param mask: (H, W) bool, of the size of the picture. :param track_id: lasting id, 0 where nothing is followed.
    """

    name: str
    score: float
    box: tuple[float, float, float, float]
    mask: NDArray[np.bool_]
    track_id: int


@dataclass(frozen=True)
class Seen:
    """What a model sees in a picture, (H, W, 3) uint8 in red, green, blue."""

    rgb: NDArray[np.uint8]
    segmentation: Segmentation
    classes: Sequence[RobotClass]

    @property
    def labels(self) -> NDArray[np.uint8] | None:
        """The class id of each pixel, (H, W) uint8, 255 unlabelled; None of a model that finds objects alone."""
        return self.segmentation.labels

    @property
    def ids(self) -> dict[str, int]:
        """The id of each class by name."""
        return {**{c.name: c.id for c in self.classes}, 'unlabelled': UNLABELLED}

    @property
    def shares(self) -> dict[str, float]:
        """The share of the pixels of each class in the picture, the largest first; empty without labels."""
        if self.labels is None:
            return {}
        counts = np.bincount(self.labels.ravel(), minlength=256) / self.labels.size
        present = {name: float(counts[k]) for name, k in self.ids.items() if counts[k]}
        return dict(sorted(present.items(), key=lambda item: -item[1]))

    @property
    def objects(self) -> tuple[Found, ...]:
        """The objects, the most certain first; none of a model that gives labels alone."""
        found = self.segmentation.instances
        names = {c.id: c.name for c in self.classes}
        return () if found is None else tuple(_found(found, k, names) for k in range(len(found)))

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The picture with what was seen drawn into it, (H, W, 3) uint8 in red, green, blue."""
        return overlay(self.rgb, self.segmentation, self.classes)

    def save(self, path: str | Path) -> None:
        """
        Write the picture with what was seen drawn into it.

        :raises DataError: when the file cannot be written.
        """
        write_pixels(Path(path), cv2.cvtColor(self.picture, cv2.COLOR_RGB2BGR))


def pipeline_of(name: str, settings: Settings, mode: str | None = None) -> tuple[Pipeline, Settings]:
    """
    Return a pipeline with one model loaded, and the settings for it.

    :param mode: what is asked of it; None for the most it can.
    :raises SegRosError: when it cannot be loaded, or cannot do that.
    """
    model = open_model(name, settings)
    most = next(one for one in (Mode.PANOPTIC, Mode.SEMANTIC, Mode.INSTANCE) if one in model.modes)
    asked = settings.changed({'mode': mode or most.value, 'semantic_model': name, 'instance_model': name})
    pipeline = Pipeline(lambda name, settings: model)
    pipeline.configure(asked)
    return pipeline, asked


def _found(found: Instances, k: int, names: dict[int, str]) -> Found:
    x0, y0, x1, y1 = (round(float(side), 1) for side in found.boxes[k])
    return Found(names[int(found.class_ids[k])], float(found.scores[k]), (x0, y0, x1, y1), found.whole_mask(k),
                 int(found.track_ids[k]))
