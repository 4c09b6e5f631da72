# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What was written of an image is read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seg_ros.lab.taught_images import TaughtImages
from seg_ros.lab.taught_labels import NOT_FLOOR


def test_an_image_comes_back_with_its_labels(tmp_path: Path) -> None:
    rgb = np.full((4, 6, 3), 90, np.uint8)
    geometry, kept = np.full((4, 6), 255, np.uint8), np.full((4, 6), 255, np.uint8)
    geometry[0], geometry[1], kept[1, :3], kept[2] = 0, NOT_FLOOR, 6, 7
    images = TaughtImages(tmp_path, (41,))
    assert not images.has(41)
    images.write(41, rgb, geometry, kept)
    assert images.has(41)
    assert len(images) == 1
    found = images.read(0)
    assert found.name == '000041'
    assert np.abs(found.rgb.astype(int) - 90).max() <= 2
    assert (found.geometry == geometry).all()
    assert (found.kept == kept).all()
    assert found.labels[:, 0].tolist() == [0, 6, 7, 255]
    assert found.labels[1, 5] == NOT_FLOOR
