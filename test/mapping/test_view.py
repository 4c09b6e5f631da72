# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A view is refused when its parts do not fit; a map's settings when they cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scenes.drawn_floor import CAMERA, drawn_view

from seg_ros.errors import ImageError, SettingError
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.view import Viewing
from seg_ros.records import Frame, Segmentation


def test_the_floor_is_the_maps_where_none_was_measured() -> None:
    view = drawn_view(box_at=None)
    assert view.ground.camera_height_m == pytest.approx(0.4)
    assert view.ground.normal == pytest.approx((0.0, -1.0, 0.0))
    assert view.place == pytest.approx((0.0, 0.0, 0.4))


def test_parts_that_do_not_fit_are_refused() -> None:
    view = drawn_view(box_at=None)
    with pytest.raises(ImageError, match='labels must be'):
        replace(view, labels=np.zeros((2, 2), np.uint8))
    with pytest.raises(ImageError, match='another size'):
        replace(view, camera=CAMERA.scaled_to(64, 48))
    with pytest.raises(ImageError, match='no rotation'):
        replace(view, map_from_camera=2 * view.map_from_camera)


def test_a_view_of_a_frame_has_the_size_of_the_segmentation() -> None:
    drawn = drawn_view(box_at=2.0)
    depth = np.nan_to_num(drawn.surface.z * 1000).astype(np.uint16)
    frame = Frame('front', 5, 'camera', np.zeros((240, 320, 3), np.uint8), depth, CAMERA)
    small = Segmentation((160, 120), np.zeros((120, 160), np.uint8), np.zeros((120, 160), np.uint8))
    view = Viewing().view(frame, small, drawn.map_from_camera)
    assert view.surface.size == (160, 120) == (view.camera.width, view.camera.height)
    assert view.source == 'front' and view.stamp_ns == 5
    with pytest.raises(ImageError, match='no depth'):
        Viewing().view(replace(frame, depth=None), small, drawn.map_from_camera)


@pytest.mark.parametrize(('values', 'words'), [
    ({'resolution_m': 0.0}, 'resolution_m is 0.0'), ({'min_height_m': 0.5, 'max_height_m': 0.4}, 'the smaller one'),
    ({'min_range_m': 3.0, 'max_range_m': 2.0}, 'the smaller one'), ({'limit_mib': 0.5}, 'limit_mib is 0.5')])
def test_settings_that_cannot_be_are_refused(values: dict[str, float], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        MapSettings(**values)  # type: ignore[arg-type]
