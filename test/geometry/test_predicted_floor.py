# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""On real rooms the floor the shipped model sees is the floor that people labelled."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from seg_ros.geometry.ground import fit_floor
from seg_ros.geometry.surface import surface_of
from seg_ros.models.catalog import open_model
from seg_ros.records import Frame, Intrinsics
from seg_ros.settings import Settings
from seg_ros.space import Plane

ROOMS = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'indoor' / 'dev'
KINECT = Intrinsics(640, 480, 518.858, 519.470, 325.582, 253.736)
ENOUGH_FLOOR = 640 * 480 // 20

pytestmark = pytest.mark.skipif(not (ROOMS / 'depth').is_dir(), reason='the data set indoor/dev is not here')


def agree(one: Plane | None, other: Plane | None) -> bool:
    """Tell whether two floors are within 5 cm and 2 degrees."""
    if one is None or other is None:
        return False
    tilt = math.acos(min(1.0, float(np.dot(one.normal, other.normal))))
    return abs(one.camera_height_m - other.camera_height_m) < 0.05 and math.degrees(tilt) < 2


def test_the_fit_on_predicted_floor_agrees_with_the_fit_on_labelled_floor() -> None:
    settings = Settings(device='cpu')
    model, agreeing = open_model('indoor', settings), []
    floor_id = next(c.id for c in model.classes if c.name == 'floor')
    for path in sorted((ROOMS / 'depth').glob('*.png')):
        floor = cv2.imread(str(ROOMS / 'label' / path.name), cv2.IMREAD_UNCHANGED) == floor_id
        if np.count_nonzero(floor) < ENOUGH_FLOOR:
            continue
        source = next((ROOMS / 'rgb').glob(f'{path.stem}.*'))
        rgb = cv2.cvtColor(cv2.imread(str(source)), cv2.COLOR_BGR2RGB)
        frame = Frame('', 0, 'kinect', rgb, cv2.imread(str(path), cv2.IMREAD_UNCHANGED), KINECT)
        labels = model.segment([frame], settings)[0].labels
        assert labels is not None
        surface = surface_of(frame)
        true, found = fit_floor(surface, floor), fit_floor(surface, labels == floor_id)
        agreeing.append(agree(true, found))
    model.close()
    assert len(agreeing) > 60
    assert np.mean(agreeing) >= 0.9
