# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where outlined images lie, in whichever format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seg_ros.lab.coco import InstanceData
from seg_ros.lab.yolo import YoloData


@dataclass(frozen=True)
class ObjectSource:
    """
    Where outlined images lie.

    :param annotations: a COCO instance file, with its folder of images; or the ``data.yaml`` of a YOLO segmentation
        set, with ``split`` and no folder.
    :param held_out: so many of the images of a COCO file, or of split ``train`` of a YOLO set, are split ``val``, the
        others ``train``; 0 for a fifth; None leaves the splits as they are.
    """

    annotations: Path
    images: Path | None = None
    split: str = 'val'
    held_out: int | None = None

    def opened(self, class_names: Sequence[str] | None = None) -> InstanceData:
        """
        Read the annotations.

        :raises DataError: when they are missing or malformed, or lack every one of the classes.
        """
        if self.images is not None:
            data = InstanceData(self.images, self.annotations, class_names)
        else:
            data = YoloData(self.annotations, self.split if self.held_out is None else 'train', class_names)
        if self.held_out is not None:
            data.divide(self.held_out, self.split)
        return data
