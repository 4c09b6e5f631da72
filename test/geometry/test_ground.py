# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The floor is found through noise and wrong labels, and is not found where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scenes.raycast import CAMERA, FLOOR, WALL, Scene, Solid, View, noisy, seen

from seg_ros.geometry.ground import fit_floor, level_from_optical, plane_of_camera
from seg_ros.geometry.surface import surface_of
from seg_ros.space import Plane

MOUNTINGS = [  # height, pitch, roll
    (1.0, 20, 3),
    (0.3, 0, 0),  # a small robot that looks ahead
    (1.5, 45, -5),
    (0.6, 89, 0),  # an arm that looks down
    (1.2, -8, 10),  # a camera that looks up
]


def tilt_deg(one: Plane, other: Plane) -> float:
    return math.degrees(math.acos(min(1.0, float(np.dot(one.normal, other.normal)))))


def mounted(height: float, pitch: float, roll: float) -> View:
    solids = (Solid(2.0, 0.4, (0.4, 0.3, 0.5), 0.4), Solid(4.0, 0.0, (0.2, 8.0, 2.5), label=WALL))
    return seen(Scene(solids, height, math.radians(pitch), math.radians(roll)))


@pytest.mark.parametrize(('height', 'pitch', 'roll'), MOUNTINGS)
def test_the_floor_of_a_noisy_camera_with_a_fifth_of_wrong_labels(height: float, pitch: float, roll: float) -> None:
    view, rng = mounted(height, pitch, roll), np.random.default_rng(3)
    floor, depth = view.labels == FLOOR, noisy(view.depth_m, rng, sigma_at_2m=0.01)
    wrong = floor & (rng.random(floor.shape) < 0.2)
    depth[wrong] = (depth[wrong] * rng.uniform(0.3, 0.95, depth.shape)[wrong]).astype(np.uint16)
    plane = fit_floor(surface_of(view.frame(depth)), floor)
    truth = plane_of_camera(height, math.radians(pitch), math.radians(roll))
    assert plane is not None
    assert tilt_deg(plane, truth) < 0.2
    assert plane.camera_height_m == pytest.approx(height, abs=0.005)
    assert plane.trust > (0.5 if pitch >= 0 else 0.1)  # one that looks up sees floor from 4 m on


def test_walls_and_furniture_labelled_as_floor_do_not_tilt_it() -> None:
    view = mounted(1.0, 20, 3)
    wrong = (view.labels == FLOOR) | (view.ids == 1) | ((view.ids == 2) & (np.arange(480)[:, None] > 60))
    assert 0.15 < np.count_nonzero(view.labels[wrong] != FLOOR) / np.count_nonzero(wrong) < 0.45
    plane = fit_floor(surface_of(view.frame(noisy(view.depth_m, np.random.default_rng(4)))), wrong)
    assert plane is not None
    assert tilt_deg(plane, plane_of_camera(1.0, math.radians(20), math.radians(3))) < 0.2
    assert plane.camera_height_m == pytest.approx(1.0, abs=0.005)


@pytest.mark.parametrize(('height', 'pitch', 'roll'), MOUNTINGS)
def test_a_mounting_and_its_plane_say_the_same(height: float, pitch: float, roll: float) -> None:
    plane = plane_of_camera(height, math.radians(pitch), math.radians(roll))
    scene = Scene((), height, math.radians(pitch), math.radians(roll))
    assert (math.degrees(plane.pitch_rad), math.degrees(plane.roll_rad)) == pytest.approx((pitch, roll), abs=1e-6)
    assert scene.optical(np.array([3.0, 1.0, 0.25])) @ plane.normal + height == pytest.approx(0.25)
    # a yaw apart (roll turns the heading of the optical axis only where the camera looks up or down)
    assert level_from_optical(plane)[2] == pytest.approx(scene.world_from_optical[2], abs=1e-6)


def test_the_level_frame_of_a_level_camera_is_its_body_frame() -> None:
    turned = level_from_optical(Plane((0.0, -1.0, 0.0), 1.0))
    assert turned.tolist() == [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]


def test_straight_down_ahead_is_the_upper_edge_of_the_image() -> None:
    turned = level_from_optical(Plane((0.0, 0.0, -1.0), 1.0))
    assert turned.tolist() == [[0, -1, 0], [-1, 0, 0], [0, 0, -1]]


def test_the_same_frame_gives_the_same_plane() -> None:
    view = mounted(1.0, 20, 3)
    surface = surface_of(view.frame(noisy(view.depth_m, np.random.default_rng(5))))
    floor = view.labels == FLOOR
    assert fit_floor(surface, floor) == fit_floor(surface, floor)


@pytest.mark.parametrize(('name', 'share'), [('no floor in view', 0.0), ('a few pixels', 0.0005)])
def test_without_floor_there_is_no_plane(name: str, share: float) -> None:
    view = mounted(1.0, 20, 3)
    floor = (view.labels == FLOOR) & (np.random.default_rng(6).random(view.labels.shape) < share)
    assert fit_floor(surface_of(view.frame()), floor) is None, name


def test_without_depth_there_is_no_plane() -> None:
    view = mounted(1.0, 20, 3)
    blind = surface_of(view.frame(np.zeros((480, 640), np.uint16)))
    assert fit_floor(blind, view.labels == FLOOR) is None


def test_clutter_is_no_floor_to_trust() -> None:
    rng = np.random.default_rng(7)
    depth = rng.uniform(0.5, 5.0, (480, 640)).astype(np.float32)
    surface = surface_of(mounted(1.0, 20, 3).frame(depth))
    plane = fit_floor(surface, np.ones((480, 640), np.bool_))
    assert plane is None or plane.trust < 0.2


def test_a_far_sliver_of_floor_is_trusted_less() -> None:
    view = mounted(1.0, 10, 0)
    surface = surface_of(view.frame(noisy(view.depth_m, np.random.default_rng(8), sigma_at_2m=0.02)))
    floor = view.labels == FLOOR
    first = int(np.flatnonzero(floor[:, 20])[0])
    sliver = floor & (np.arange(480)[:, None] < first + 25) & (np.arange(640) < 80)
    whole, part = fit_floor(surface, floor), fit_floor(surface, sliver)
    assert whole is not None
    assert part is None or part.trust < 0.5 * whole.trust


def test_planes_are_found_at_any_output_size() -> None:
    view = seen(Scene((), 1.0, math.radians(20), camera=CAMERA))
    for size in ((160, 120), (424, 240), (1280, 960)):
        surface = surface_of(view.frame(), size)
        plane = fit_floor(surface, surface.usable)
        assert plane is not None
        assert plane.camera_height_m == pytest.approx(1.0, abs=0.002)
