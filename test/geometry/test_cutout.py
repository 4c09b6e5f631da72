# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Of a mask the object is kept: not the floor, nor the wall and the post that leaked in, and the tips that did not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.raycast import Scene, Solid, seen

from seg_ros.geometry.cutout import MIN_PIXELS, object_mask, object_pixels, thinned, window_of
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.geometry.pinhole import rays_of
from seg_ros.geometry.surface import Surface, surface_of
from seg_ros.records import Intrinsics

CAMERA = Intrinsics(160, 120, 100.0, 100.0, 79.5, 59.5)
RAYS = rays_of(CAMERA)
FLOOR = plane_of_camera(1.0, 0.0)
CORNER = np.array([40, 20], np.int32)
WHOLE = np.ones((80, 60), bool)


def surface(**patches: tuple[slice, slice, float]) -> Surface:
    """Return a wall 4 m ahead with patches (rows, columns, depth) before it; the camera looks level, 1 m high."""
    z = np.full((120, 160), 4.0, np.float32)
    for rows, columns, depth in patches.values():
        z[rows, columns] = depth
    return Surface(z, RAYS)


def depths(one: Surface, mask: NDArray[np.bool_] = WHOLE) -> set[float]:
    return {round(float(v), 2) for v in one.z.reshape(-1)[object_pixels(one, mask, CORNER, FLOOR)]}


def test_the_largest_run_of_depth_is_the_object_and_what_leaked_in_is_not() -> None:
    one = surface(thing=(slice(25, 90), slice(45, 90), 2.0), post=(slice(20, 100), slice(60, 66), 1.2))
    assert depths(one) == {2.0}
    found = object_mask(one, WHOLE, CORNER, FLOOR)
    assert found.shape == WHOLE.shape and not found[:5].any() and not found[:, 20:26].any()
    assert np.count_nonzero(found) == 65 * 45 - 65 * 6
    rows, columns = np.divmod(object_pixels(one, WHOLE, CORNER, FLOOR), 160)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (25, 89, 45, 89)


def test_a_tip_a_pixel_wide_is_the_objects_however_large_that_is() -> None:
    one = surface(thing=(slice(40, 100), slice(40, 100), 2.0), tip=(slice(22, 40), slice(61, 62), 2.0))
    assert np.flatnonzero(object_mask(one, WHOLE, CORNER, FLOOR)[:, 21]).min() == 2


def floor_z() -> NDArray[np.float32]:
    """Return the depth of the floor, below the horizon."""
    with np.errstate(divide='ignore'):
        z = 1.0 / RAYS.y
    return np.where(z > 0, z, np.inf).astype(np.float32)


def test_the_floor_is_left_out_of_what_stands_on_it_and_not_of_what_lies_there() -> None:
    z = np.minimum(floor_z(), 4.0)
    z[30:100, 45:70] = np.minimum(z[30:100, 45:70], 3.0)  # nearer than that the floor lies before it, from row 93 on
    one, mask, lying = Surface(z, RAYS), np.zeros_like(WHOLE), np.zeros_like(WHOLE)
    mask[10:, 5:30], lying[75:] = True, True
    rows = np.flatnonzero(object_mask(one, mask, CORNER, FLOOR)[:, 10]) + 20
    assert rows.min() == 30 and rows.max() == pytest.approx(92, abs=1)
    assert np.count_nonzero(object_mask(one, lying, CORNER, FLOOR)) > 0.9 * np.count_nonzero(lying)


def test_an_object_with_next_to_no_depth_has_no_pixels() -> None:
    one, few = surface(), np.zeros_like(WHOLE)
    few[0, :MIN_PIXELS - 1] = True
    assert not object_mask(one, few, CORNER).any()
    assert not len(object_pixels(Surface(np.full((120, 160), np.nan, np.float32), RAYS), WHOLE, CORNER, FLOOR))


def test_a_face_seen_at_a_grazing_angle_is_the_objects() -> None:
    """Few rows show the top of a box, each farther than the one below."""
    view = seen(Scene((Solid(2.0, 0.4, (0.3, 0.3, 0.4)),), 0.5, 0.1))
    measured, found = surface_of(view.frame()), view.instances
    z = measured.z[window_of(found.masks[0], found.corners[0])]
    mask = object_mask(measured, found.masks[0], found.corners[0])
    assert z[mask != 0].max() > 2.1


def test_a_thinned_crop_lies_on_the_same_pixels_of_the_thinned_image() -> None:
    whole = np.zeros((20, 30), bool)
    whole[5:13, 7:24] = True
    whole[6, 8] = False
    for step in (2, 3):
        mask, corner = thinned(whole[5:13, 7:24], np.array([7, 5], np.int32), step)
        small = np.zeros_like(whole[::step, ::step])
        small[window_of(mask, corner)] = mask
        assert (small == whole[::step, ::step]).all()
