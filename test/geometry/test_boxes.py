# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Boxes hold their objects, to two centimetres at two metres, through noise, leaks and occluders."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.raycast import FLOOR, Scene, Solid, View, instances_of, noisy, seen

from seg_ros.errors import ImageError
from seg_ros.geometry.boxes import moved, upright_boxes
from seg_ros.geometry.ground import fit_floor, plane_of_camera
from seg_ros.geometry.surface import surface_of
from seg_ros.records import Instances
from seg_ros.space import Boxes3D


def rotation(quaternion: NDArray[np.float32]) -> NDArray[np.float64]:
    x, y, z, w = (float(v) for v in quaternion)
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


def corners(centre: NDArray[np.floating], size: NDArray[np.floating], axes: NDArray[np.float64]) -> NDArray[np.float64]:
    signs = np.stack(np.meshgrid([-1, 1], [-1, 1], [-1, 1]), -1).reshape(-1, 3)
    return np.asarray(centre + (signs * size / 2) @ axes.T, np.float64)


def farthest_corner_m(boxes: Boxes3D, k: int, solid: Solid, scene: Scene) -> float:
    """Return how far the corners of a found box lie from those of the true one, at most."""
    cos, sin = math.cos(solid.yaw_rad), math.sin(solid.yaw_rad)
    true = corners(solid.centre, np.array(solid.size), np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]))
    found = scene.world(corners(boxes.centres[k], boxes.sizes[k], rotation(boxes.quaternions[k])))
    return float(np.linalg.norm(true[:, None] - found[None], axis=-1).min(axis=1).max())


def boxes_of(view: View, *, instances: Instances | None = None, seed: int = 0) -> Boxes3D:
    surface = surface_of(view.frame(noisy(view.depth_m, np.random.default_rng(seed), sigma_at_2m=0.008)))
    return upright_boxes(surface, instances or view.instances, fit_floor(surface, view.labels == FLOOR))


@pytest.mark.parametrize('solid', [
    Solid(2.0, 0.4, (0.4, 0.3, 0.5), 0.4),
    Solid(2.0, -0.3, (0.25, 0.45, 0.3), 1.2),
    Solid(1.9, 0.0, (0.3, 0.3, 0.3), 0.0),  # square on
    Solid(1.9, 0.0, (0.2, 0.5, 0.2), math.radians(45)),
    Solid(2.0, 0.2, (0.35, 0.2, 0.25), 0.8, bottom=0.4),  # on a shelf
])
@pytest.mark.parametrize(('pitch', 'roll'), [(30, 0), (22, 4)])
def test_a_box_at_two_metres_is_found_to_two_centimetres(solid: Solid, pitch: float, roll: float) -> None:
    scene = Scene((solid,), 1.3, math.radians(pitch), math.radians(roll))
    boxes = boxes_of(seen(scene))
    assert np.abs(scene.world(boxes.centres[0].astype(np.float64)) - solid.centre).max() < 0.02
    assert np.abs(np.sort(boxes.sizes[0, :2]) - np.sort(solid.size[:2])).max() < 0.02
    assert boxes.sizes[0, 2] == pytest.approx(solid.size[2], abs=0.02)
    assert farthest_corner_m(boxes, 0, solid, scene) < 0.035  # two centimetres along two sides, and a bit of yaw


@pytest.mark.parametrize('width', [0.15, 0.3, 0.5])
def test_a_cylinder_at_two_metres(width: float) -> None:
    solid = Solid(2.0, 0.2, (width, width, 0.4), is_round=True)
    scene = Scene((solid,), 1.3, math.radians(30))
    boxes = boxes_of(seen(scene))
    assert np.abs(scene.world(boxes.centres[0].astype(np.float64)) - solid.centre).max() < 0.02
    assert np.abs(boxes.sizes[0] - solid.size).max() < 0.04  # its far rim is a few pixels


def test_box_axes_point_ahead_left_and_up() -> None:
    scene = Scene((Solid(2.0, 0.0, (0.4, 0.3, 0.5), math.radians(80)),), 1.3, math.radians(30), math.radians(3))
    boxes = boxes_of(seen(scene))
    axes = scene.world_from_optical @ rotation(boxes.quaternions[0])
    assert np.linalg.norm(boxes.quaternions[0]) == pytest.approx(1, abs=1e-6)
    assert axes[:, 2] == pytest.approx([0, 0, 1], abs=0.005)
    # 80 degrees: the short side points ahead, 10 degrees to the right
    assert math.degrees(math.atan2(axes[1, 0], axes[0, 0])) == pytest.approx(-10, abs=2)
    assert boxes.sizes[0, 0] == pytest.approx(0.3, abs=0.02)


def test_a_mask_that_leaks_keeps_its_box() -> None:
    solid = Solid(2.0, 0.4, (0.4, 0.3, 0.5), 0.4)
    wall = Solid(4.0, 0.0, (0.2, 8.0, 2.5), label=1)
    scene = Scene((solid, wall), 1.3, math.radians(25))
    view = seen(scene)
    mask = view.ids == 1
    for axis, shift in ((0, -8), (0, 8), (1, -8), (1, 8)):  # 8 pixels of floor and wall all round
        mask = mask | np.roll(mask, shift, axis)
    boxes = boxes_of(view, instances=instances_of([mask]))
    assert np.count_nonzero(mask) > 1.15 * np.count_nonzero(view.ids == 1)
    assert farthest_corner_m(boxes, 0, solid, scene) < 0.06


def test_a_post_before_an_object_leaves_its_box() -> None:
    solid, post = Solid(2.2, 0.0, (0.3, 0.6, 0.4), 0.2), Solid(1.4, 0.0, (0.05, 0.05, 1.2), is_round=True)
    scene = Scene((solid, post), 1.3, math.radians(25))
    view = seen(scene)
    hidden = np.count_nonzero(seen(Scene((solid,), 1.3, math.radians(25))).ids == 1) - np.count_nonzero(view.ids == 1)
    assert hidden > 1000
    sloppy = view.ids == 1
    for shift in (-3, 3):  # 3 pixels of the post on either side
        sloppy = sloppy | np.roll(view.ids == 1, shift, axis=1) & (view.ids == 2)
    boxes = boxes_of(view, instances=instances_of([sloppy]))
    assert farthest_corner_m(boxes, 0, solid, scene) < 0.04


def test_a_third_of_wrong_depth_does_not_move_a_box() -> None:
    solid = Solid(2.0, 0.4, (0.4, 0.3, 0.5), 0.4)
    scene = Scene((solid,), 1.3, math.radians(25))
    view, rng = seen(scene), np.random.default_rng(2)
    depth = noisy(view.depth_m, rng, sigma_at_2m=0.005)
    bad = rng.random(depth.shape) < 0.3
    depth[bad] = rng.choice(np.array([0, 900, 5000], np.uint16), depth.shape)[bad]
    surface = surface_of(view.frame(depth))
    boxes = upright_boxes(surface, view.instances, plane_of_camera(1.3, math.radians(25)))
    assert farthest_corner_m(boxes, 0, solid, scene) < 0.05


def test_boxes_keep_the_order_of_their_objects_and_are_nan_without_depth() -> None:
    solids = (Solid(2.0, 0.5, (0.3, 0.3, 0.3)), Solid(2.4, 0.0, (0.3, 0.3, 0.3)), Solid(2.0, -0.5, (0.2, 0.2, 0.4)))
    view = seen(Scene(solids, 1.3, math.radians(25)))
    depth = view.depth_mm
    depth[view.ids == 2] = 0
    surface = surface_of(view.frame(depth))
    plane = plane_of_camera(1.3, math.radians(25))
    backwards = view.instances.taken([2, 1, 0])
    boxes = upright_boxes(surface, backwards, plane)
    assert boxes.known.tolist() == [True, False, True]
    found = view.scene.world(boxes.centres.astype(np.float64))
    assert found[0] == pytest.approx(solids[2].centre, abs=0.02)
    assert found[2] == pytest.approx(solids[0].centre, abs=0.02)
    assert np.isnan(np.concatenate([boxes.centres[1], boxes.sizes[1], boxes.quaternions[1]])).all()


def test_no_objects_no_boxes() -> None:
    view = seen(Scene((), 1.0, 0.3))
    assert len(upright_boxes(surface_of(view.frame()), Instances.none((640, 480)), None)) == 0


def test_without_a_floor_up_is_up_in_the_image() -> None:
    solid = Solid(1.5, 0.0, (0.4, 0.3, 0.3), 0.5, bottom=0.75)
    scene = Scene((solid,), 1.3)
    boxes = upright_boxes(surface_of(seen(scene).frame()), seen(scene).instances, None)
    assert rotation(boxes.quaternions[0])[:, 2] == pytest.approx([0, -1, 0], abs=1e-6)
    assert farthest_corner_m(boxes, 0, solid, scene) < 0.03


def test_boxes_move_into_another_frame() -> None:
    solid = Solid(2.0, 0.4, (0.4, 0.3, 0.5), 0.4)
    scene = Scene((solid,), 1.3, math.radians(25), math.radians(3))
    boxes = upright_boxes(surface_of(seen(scene).frame()), seen(scene).instances,
                          plane_of_camera(1.3, scene.pitch_rad, scene.roll_rad))
    world = moved(boxes, scene.world_from_optical, np.array([0, 0, 1.3]))
    assert world.centres[0] == pytest.approx(scene.world(boxes.centres[0].astype(np.float64)), abs=1e-5)
    assert rotation(world.quaternions[0])[:, 2] == pytest.approx([0, 0, 1], abs=1e-5)
    assert world.quaternions[0] == pytest.approx([0, 0, math.sin(0.2), math.cos(0.2)], abs=0.02)
    assert np.array_equal(world.sizes, boxes.sizes)


def test_objects_of_another_size_are_refused() -> None:
    view = seen(Scene((Solid(2.0, 0.0, (0.3, 0.3, 0.3)),), 1.0, 0.3))
    with pytest.raises(ImageError, match='640x480 came with depth at 320x240'):
        upright_boxes(surface_of(view.frame(), (320, 240)), view.instances, None)
