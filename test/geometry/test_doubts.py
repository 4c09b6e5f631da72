# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What can hardly be is said with its cause, and what can be is not."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.raycast import CAMERA, FLOOR, IS_GROUND, IS_OBSTACLE, OBJECT, Scene, Solid, seen

from seg_ros.geometry.doubts import doubt_of_floor, doubt_of_lens, doubt_of_optical_axis, doubts_of_depth
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.geometry.lens import with_lens
from seg_ros.geometry.pinhole import rays_of
from seg_ros.geometry.spaces import Roles, Spaces
from seg_ros.records import Intrinsics, Segmentation
from seg_ros.settings import Settings

SMALL = Intrinsics(320, 240, 250.0, 250.0, 159.5, 119.5)
WIDE = Intrinsics(320, 240, 100.0, 100.0, 159.5, 119.5)


@pytest.mark.parametrize(('camera', 'model', 'coefficients', 'is_doubted'), [
    (SMALL, 'plumb_bob', (0.0,) * 5, False),
    (SMALL, 'plumb_bob', (-0.4, 0.1, 0.001, 0.0, 0.0), False),
    (SMALL, 'rational_polynomial', (100.0, 50.0, 0.0, 0.0, 3.0, 100.0, 60.0, 5.0), False),  # as some calibrate
    (WIDE, 'equidistant', (0.02, -0.01, 0.0, 0.0), False),
    (SMALL, 'plumb_bob', (1000.0, -300.0, 0.1, 0.1, 500.0), True),
    (SMALL, 'plumb_bob', (300.0, 0.0, 0.0, 0.0, 0.0), True),
    (SMALL, 'plumb_bob', (0.0, 0.0, 100.0, 0.0), True),
    (SMALL, 'plumb_bob', (0.0, 0.0, 0.0, 0.0, 400.0), True),
    (SMALL, 'equidistant', (300.0, 100.0, 0.0, 0.0), True),
])
def test_a_lens_that_cannot_be_is_doubted(camera: Intrinsics, model: str, coefficients: tuple[float, ...],
                                          is_doubted: bool) -> None:
    camera = with_lens(camera, model, coefficients)
    doubt = doubt_of_lens(camera, rays_of(camera))
    assert (doubt is not None) == is_doubted
    if doubt is not None:
        assert f'D = [{coefficients[0]:g}, ' in doubt.fact
        assert 'calibrate' in doubt.remedy


@pytest.mark.parametrize(('camera', 'is_doubted'), [
    (Intrinsics(320, 240, 15.0, 15.0, 159.5, 119.5), False),  # 169 degrees
    (Intrinsics(320, 240, 9000.0, 9000.0, 159.5, 119.5), False),  # a telescope
    (Intrinsics(320, 240, 250.0, 250.0, -200.0, 119.5), False),  # a region beside the centre
    (Intrinsics(320, 240, 250.0, 125.0, 159.5, 119.5), False),  # every second row
    (Intrinsics(320, 240, 250.0, 2.5, 159.5, 119.5), True),
    (Intrinsics(320, 240, 0.25, 0.25, 159.5, 119.5), True),  # in widths of the image
    (Intrinsics(320, 240, 250e4, 250e4, 159.5, 119.5), True),
    (Intrinsics(320, 240, 250.0, 250.0, 1595.0, 119.5), True),
    (Intrinsics(320, 240, 250.0, 250.0, 159.5, -1195.0), True),
])
def test_a_view_that_cannot_be_is_doubted(camera: Intrinsics, is_doubted: bool) -> None:
    doubt = doubt_of_lens(camera, rays_of(camera))
    assert (doubt is not None) == is_doubted
    assert doubt is None or (f'the focal lengths {camera.fx:g}, {camera.fy:g} and the centre {camera.cx:g}, '
                             in doubt.fact)


ROOM = seen(Scene((Solid(3.0, 0.0, (0.2, 8.0, 2.5)),), 1.0, 0.3)).depth_mm
METRES = np.where(ROOM == 0, np.nan, ROOM / 1000).astype(np.float32)


def holed(share: float) -> NDArray[np.uint16]:
    return np.where(np.random.default_rng(0).random(ROOM.shape) < share, 0, ROOM).astype(np.uint16)


@pytest.mark.parametrize(('meaning', 'depth', 'cause', 'words'), [
    ('a room in millimetres', ROOM, '', ''),
    ('in metres', METRES, '', ''),
    ('in tenths of a millimetre', np.minimum(ROOM.astype(int) * 10, 65535).astype(np.uint16), 'depth_range',
     '16UC1 is millimetres'),
    ('millimetres as floats', (METRES * 1000).astype(np.float32), 'depth_range', '32FC1 is metres'),
    ('metres as whole numbers', (ROOM // 1000).astype(np.uint16), 'depth_range', 'Check its unit'),
    ('a third missing', holed(0.33), '', ''),
    ('two thirds missing', holed(0.67), 'depth_missing', '67%'),
    ('all missing', np.zeros_like(ROOM), '', ''),  # the image holds no measurement: said as such
    ('all not a number', np.full_like(METRES, np.nan), '', ''),
    ('behind the camera', -METRES, 'depth_range', 'no numbers above 0'),
])
def test_depth_that_can_hardly_be_is_doubted(meaning: str, depth: Any, cause: str, words: str) -> None:
    found = doubts_of_depth(depth, nearest_m=0.2, farthest_m=5.0)
    assert [one.cause for one in found] == ([cause] if cause else []), meaning
    assert all(words in str(one) for one in found)


def rotation(*columns: tuple[int, int, int]) -> NDArray[np.float64]:
    """Return the rotation whose columns are where the camera's x, y and z point in the base frame."""
    return np.array(columns, np.float64).T


LEVEL = rotation((0, -1, 0), (0, 0, -1), (1, 0, 0))  # x right, y down, z ahead


def pitched(degrees: float) -> NDArray[np.float64]:
    """Return the rotation of a camera that looks down by so much."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) @ LEVEL


@pytest.mark.parametrize(('meaning', 'base_from_camera', 'is_doubted'), [
    ('level', LEVEL, False), ('looks down', pitched(90), False), ('looks up a little', pitched(-30), False),
    ('upside down', rotation((0, 1, 0), (0, 0, 1), (1, 0, 0)), False), ('on its side',
     rotation((0, 0, 1), (0, -1, 0), (1, 0, 0)), False), ('the frame of the body', np.eye(3), True),
    ('that of a body which looks left', rotation((0, 1, 0), (-1, 0, 0), (0, 0, 1)), True),
    ('that of a body pitched down', pitched(30) @ LEVEL.T, True), ('at the ceiling', pitched(-90), True),
])
def test_a_camera_that_looks_up_is_doubted(meaning: str, base_from_camera: NDArray[np.float64],
                                           is_doubted: bool) -> None:
    doubt = doubt_of_optical_axis(base_from_camera, 'robot/camera_link')
    assert (doubt is not None) == is_doubted, meaning
    assert doubt is None or ('robot/camera_link' in doubt.fact and 'optical' in doubt.remedy)


@pytest.mark.parametrize(('meaning', 'pitch_deg', 'roll_deg', 'is_doubted'), [
    ('as mounted', 20, 0, False), ('a ramp', 35, 0, False), ('never told to look down', 60, 0, False),
    ('a wall', -70, 0, True), ('a wall to the side', 20, 88, True)])
def test_a_floor_that_stands_upright_is_doubted(meaning: str, pitch_deg: float, roll_deg: float,
                                                is_doubted: bool) -> None:
    measured = plane_of_camera(1.0, math.radians(pitch_deg), math.radians(roll_deg))
    assert (doubt_of_floor(measured, plane_of_camera(1.0, math.radians(20))) is not None) == is_doubted, meaning


@pytest.mark.parametrize(('height_m', 'cause', 'taken_m'), [
    (1.0, '', 1.0), (1.2, '', 1.0), (1.6, '', 1.0), (1.8, 'floor', 1.8), (7.0, 'floor', 7.0), (0.4, '', 1.0),
    (9.0, 'floor_height', 1.0), (0.3, 'floor_height', 1.0), (100.0, 'floor_height', 1.0)])
def test_a_mounting_at_another_height_than_depth_shows_is_doubted(height_m: float, cause: str, taken_m: float) -> None:
    """A little higher the floor itself varies; a few times as high a bench is called floor; more is no mounting."""
    view = seen(Scene((Solid(3.0, 0.0, (0.2, 8.0, 2.5)),), 1.0, math.radians(10)))
    segmentation = Segmentation((640, 480), view.labels, np.zeros((480, 640), np.uint8))
    frame = replace(view.frame(), floor=plane_of_camera(height_m, math.radians(10)))
    space = Spaces().made(frame, segmentation, frozenset({'scan'}), Roles(IS_OBSTACLE, IS_GROUND), Settings())
    assert [one.cause for one in space.doubts] == ([cause] if cause else [])
    assert space.plane is not None
    assert space.plane.camera_height_m == pytest.approx(taken_m, abs=0.02)


@pytest.mark.parametrize(('mounted_m', 'measured_m', 'is_doubted'), [
    (0.4, 0.2, False), (0.3, 0.1, False), (0.5, 0.2, True), (1.4, 0.5, True), (1.4, 1.2, False),
    (1.4, 0.1, True), (9.0, 1.2, True), (9.0, 1.0, False)])
def test_a_bench_is_no_floor_and_a_low_camera_before_a_ramp_sees_one(mounted_m: float, measured_m: float,
                                                                     is_doubted: bool) -> None:
    doubt = doubt_of_floor(plane_of_camera(measured_m, 0.2), plane_of_camera(mounted_m, 0.2))
    assert (doubt is not None) == is_doubted
    assert doubt is None or f'lies {mounted_m - measured_m:.2f} m above the floor' in doubt.fact


def test_a_bench_called_floor_is_in_the_way_where_the_mounting_is_known() -> None:
    """Also when no other floor is in view."""
    view = seen(Scene((Solid(3.0, 0.0, (0.2, 8.0, 2.5)),), 0.5, math.radians(30)))
    labels = np.full((480, 640), FLOOR, np.uint8)
    segmentation = Segmentation((640, 480), labels, np.zeros((480, 640), np.uint8))
    wanted = frozenset({'ground', 'obstacles', 'costmap_mask'})
    roles = Roles(IS_OBSTACLE, IS_GROUND)
    frame = replace(view.frame(), floor=plane_of_camera(1.4, math.radians(30)))
    space = Spaces().made(frame, segmentation, wanted, roles, Settings())
    assert space.ground is not None and space.obstacles is not None and space.costmap_mask is not None
    assert len(space.ground.points) == 0
    assert len(space.obstacles.points) > 10_000
    assert not IS_GROUND[space.costmap_mask[400]].any()
    known = Spaces().made(replace(frame, floor=plane_of_camera(0.5, math.radians(30))), segmentation, wanted, roles,
                          Settings())
    assert known.ground is not None and len(known.ground.points) > 10_000


def test_a_wall_called_floor_is_still_in_the_way() -> None:
    view = seen(Scene((Solid(1.5, 0.0, (0.2, 8.0, 2.5)),), 1.0, math.radians(10)))
    labels = np.where(view.labels == OBJECT, np.where(np.arange(480)[:, None] < 200, OBJECT, FLOOR), FLOOR)
    segmentation = Segmentation((640, 480), labels.astype(np.uint8), np.zeros((480, 640), np.uint8))
    frame = replace(view.frame(), floor=plane_of_camera(1.0, math.radians(10)))
    space = Spaces().made(frame, segmentation, frozenset({'scan'}), Roles(IS_OBSTACLE, IS_GROUND), Settings())
    assert space.plane == frame.floor
    assert [one.cause for one in space.doubts] == ['floor']
    assert space.scan is not None
    middle = len(space.scan.ranges) // 2
    np.testing.assert_allclose(space.scan.ranges[middle - 9:middle + 9], 1.4, atol=0.02)


@pytest.mark.parametrize(('focal_px', 'causes'), [(250.0, []), (0.25, ['lens'])])
def test_a_scan_from_labels_alone_brings_the_doubt_of_its_lens(focal_px: float, causes: list[str]) -> None:
    view = seen(Scene((), 1.0, 0.3))
    segmentation = Segmentation((640, 480), view.labels, np.zeros_like(view.labels))
    camera = replace(CAMERA, fx=focal_px, fy=focal_px)
    frame = replace(view.frame(), depth=None, intrinsics=camera, floor=plane_of_camera(1.0, 0.3))
    space = Spaces().made(frame, segmentation, frozenset({'scan'}), Roles(IS_OBSTACLE, IS_GROUND), Settings())
    assert space.scan is not None
    assert [one.cause for one in space.doubts] == causes


def test_a_space_brings_the_doubts_of_its_frame() -> None:
    view = seen(Scene((), 1.0, 0.3))
    segmentation = Segmentation((640, 480), view.labels, np.zeros_like(view.labels))
    frame = view.frame()

    def causes(**change: Any) -> tuple[list[str], str]:
        space = Spaces().made(replace(frame, **change), segmentation, frozenset({'points'}),
                              Roles(IS_OBSTACLE, IS_GROUND), Settings())
        return [one.cause for one in space.doubts], space.problem
    assert causes() == ([], '')
    assert causes(intrinsics=with_lens(CAMERA, 'plumb_bob', (1000.0, -300.0, 0.1, 0.1, 500.0)))[0] == ['lens']
    metres = (view.depth_mm / 1000).astype(np.float32)
    assert causes(depth=metres * 1000) == (['depth_range'], '')  # beyond 1 km, but not because nothing was measured
