# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Only what is wanted is made, of what the frame can give; what it cannot give has a reason."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from scenes.raycast import CAMERA, FLOOR, IS_GROUND, IS_OBSTACLE, WALL, Scene, Solid, seen

from seg_ros.geometry.ground import plane_of_camera
from seg_ros.geometry.spaces import IN_SPACE, OF_INSTANCES, OF_LABELS, Roles, Spaces
from seg_ros.records import Frame, Segmentation
from seg_ros.settings import Settings
from seg_ros.space import Space

PITCH = math.radians(25)
VIEW = seen(Scene((Solid(1.8, 0.3, (0.3, 0.2, 0.25)), Solid(3.6, 0.0, (0.2, 2.5, 2.5), label=WALL)), 1.0, PITCH))
FRAME = VIEW.frame()
MOUNTED = plane_of_camera(1.0, PITCH)
SEGMENTATION = Segmentation((640, 480), VIEW.labels, np.zeros_like(VIEW.labels), VIEW.instances)
ROLES = Roles(IS_OBSTACLE, IS_GROUND)
NAMES = {item.name for item in fields(Space)} & IN_SPACE


def made(wanted: frozenset[str], frame: Frame = FRAME, segmentation: Segmentation = SEGMENTATION,
         **more: Any) -> Space:
    return Spaces().made(frame, segmentation, wanted, ROLES, Settings(), **more)


def parts(space: Space) -> set[str]:
    return {name for name in NAMES if getattr(space, name) is not None}


def test_a_space_has_a_part_for_each_output() -> None:
    assert IN_SPACE - {'object_markers'} == NAMES  # they are drawn of the objects


@pytest.mark.parametrize('name', sorted(IN_SPACE))
def test_what_is_wanted_is_made_and_nothing_else(name: str) -> None:
    assert parts(made(frozenset({name, 'mask'}))) == {'objects' if name == 'object_markers' else name}


def test_nothing_is_computed_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError('a surface was made')
    monkeypatch.setattr('seg_ros.geometry.spaces.surface_of', never)
    assert made(frozenset({'mask', 'overlay'})) == Space()
    without_labels = replace(SEGMENTATION, labels=None, confidence=None)
    assert made(OF_LABELS, segmentation=without_labels) == Space()
    assert made(OF_INSTANCES, segmentation=replace(SEGMENTATION, instances=None)) == Space()


def test_the_floor_of_the_frame_is_measured() -> None:
    plane = made(frozenset({'obstacles'})).plane
    assert plane is not None
    assert plane.camera_height_m == pytest.approx(1.0, abs=0.005)
    assert plane.pitch_rad == pytest.approx(PITCH, abs=math.radians(0.2))


def test_where_too_little_floor_is_seen_the_mounting_counts() -> None:
    labels = np.where(VIEW.labels == FLOOR, 255, VIEW.labels).astype(np.uint8)
    blind = replace(SEGMENTATION, labels=labels)
    assert made(frozenset({'obstacles'}), segmentation=blind).plane is None
    mounted = replace(FRAME, floor=MOUNTED)
    assert made(frozenset({'obstacles'}), mounted, blind).plane == MOUNTED


@pytest.mark.parametrize(('change', 'wanted', 'expected', 'words'), [
    ({'depth': None}, {'points', 'objects'}, set(), 'no depth comes'),
    ({'depth': None}, {'scan'}, set(), 'height and pitch'),
    ({'depth': None, 'floor': MOUNTED}, {'scan'}, {'scan'}, ''),
    ({'depth': None, 'floor': MOUNTED}, {'scan', 'points'}, {'scan'}, 'no depth comes'),
    ({'depth_problem': 'out of step', 'floor': MOUNTED}, {'scan', 'points'}, {'scan'}, 'out of step'),
    ({'intrinsics': None}, {'points'}, set(), 'no camera_info'),
    ({'intrinsics': None, 'depth': None, 'depth_problem': 'uncalibrated', 'floor': MOUNTED}, {'scan'}, set(),
     'uncalibrated'),
    ({'intrinsics': CAMERA.scaled_to(320, 240)}, {'points'}, set(), 'is for 320x240'),
    ({'depth': np.zeros((480, 640), np.uint16)}, {'points', 'obstacles', 'scan'}, {'points', 'obstacles', 'scan'},
     'holds no measurement'),
], ids=['no depth', 'nor mounting', 'mounting', 'scan goes on', 'depth refused', 'no camera', 'camera refused',
        'another camera', 'nothing measured'])
def test_what_cannot_be_made_has_a_reason(change: dict[str, Any], wanted: set[str], expected: set[str],
                                          words: str) -> None:
    space = made(frozenset(wanted), replace(FRAME, **change))
    assert parts(space) == expected
    assert words in space.problem
    assert bool(space.problem) == bool(words)


def test_a_depth_that_measured_nothing_gives_no_hits() -> None:
    space = made(frozenset({'scan', 'obstacles'}), replace(FRAME, depth=np.zeros((480, 640), np.uint16)))
    assert space.scan is not None and space.obstacles is not None
    assert np.isnan(space.scan.ranges).all()
    assert len(space.obstacles) == 0


def test_the_scan_keeps_its_shape_while_the_camera_nods() -> None:
    spaces, shapes = Spaces(), set()
    for pitch_deg in (20, 25, 30):
        view = seen(Scene(VIEW.scene.solids, 1.0, math.radians(pitch_deg)))
        segmentation = Segmentation((640, 480), view.labels, np.zeros_like(view.labels))
        scan = spaces.made(view.frame(), segmentation, frozenset({'scan'}), ROLES, Settings()).scan
        assert scan is not None
        shapes.add((len(scan.ranges), scan.angle_min_rad, scan.angle_increment_rad))
    assert len(shapes) == 1


def test_at_another_output_size_all_parts_have_it() -> None:
    small = Scene(VIEW.scene.solids, 1.0, PITCH, camera=CAMERA.scaled_to(320, 240))
    labels = seen(small).labels
    segmentation = Segmentation((320, 240), labels, np.zeros_like(labels))
    space = made(frozenset({'points', 'obstacles', 'scan'}), segmentation=segmentation)
    assert space.points is not None and space.obstacles is not None
    assert space.points.points.shape == (240, 320)
    assert parts(space) == {'points', 'obstacles', 'scan'}
    assert len(space.obstacles) > 100


@pytest.mark.parametrize(('min_range_m', 'expected'), [(0.05, 1.0), (0.2, 0.0)])
def test_depth_down_to_min_range_is_measured(min_range_m: float, expected: float) -> None:
    near = replace(FRAME, depth=np.full((480, 640), 0.1, np.float32))
    space = Spaces().made(near, SEGMENTATION, frozenset({'points'}), ROLES, Settings(min_range_m=min_range_m))
    assert space.points is not None
    assert np.isfinite(space.points.xyz[..., 2]).mean() == expected


def test_what_is_computed_for_a_camera_is_kept_for_it_alone() -> None:
    spaces = Spaces()

    def rays_for(camera: str) -> Any:
        spaces.made(replace(FRAME, camera=camera), SEGMENTATION, frozenset({'points'}), ROLES, Settings())
        return spaces._optics[camera].sampling(CAMERA, CAMERA).rays
    left = rays_for('left')
    assert rays_for('right') is not left
    assert rays_for('left') is left


LOW = Scene((Solid(1.8, 0.3, (0.3, 0.2, 0.25)), Solid(1.5, -0.3, (0.2, 0.2, 0.03))), 1.0, PITCH)


@pytest.mark.parametrize(('overrules', 'with_ids', 'lost'), [
    (True, False, {'patch', 'flat'}),  # floor that is called an obstacle, and a thing of 3 cm
    (True, True, {'patch'}),  # what was found as an object keeps its points
    (False, False, set()),
])
def test_depth_overrules_a_label_that_calls_the_floor_an_obstacle(overrules: bool, with_ids: bool,
                                                                  lost: set[str]) -> None:
    """What Nav2's semantic layer would take for an obstacle has no point there; everything else is as it was."""
    view = seen(LOW)
    labels = view.labels.copy()
    labels[400:440, 100:200] = WALL
    parts = {'patch': labels != view.labels, 'flat': view.ids == 2, 'box': view.ids == 1, 'floor': labels == FLOOR}
    segmentation = Segmentation((640, 480), labels, np.zeros_like(labels), view.instances)
    points = Spaces().made(view.frame(), segmentation, frozenset({'points'}), ROLES,
                           Settings(floor_overrules_label=overrules),
                           instance_ids=view.ids if with_ids else None).points
    assert points is not None and points.points.shape == (480, 640)
    is_given, was_measured = np.isfinite(points.xyz).all(axis=-1), np.isfinite(view.depth_m)
    shares = {name: float(is_given[pixels & was_measured].mean()) for name, pixels in parts.items()}
    assert {name for name, share in shares.items() if share < 0.02} == lost
    for name in {'patch', 'flat', 'floor'} - lost:
        assert shares[name] == 1.0, name
    assert shares['box'] > 0.75  # the foot of it is as low as the floor
    assert np.array_equal(points.points['label'], labels)


def test_a_wall_that_is_labelled_floor_overrules_nothing() -> None:
    """A plane that is looked at head on may be either, unless the mounting says which."""
    labels = np.full((480, 640), FLOOR, np.uint8)
    labels[:200] = WALL
    near = replace(FRAME, depth=np.full((480, 640), 1000, np.uint16))
    space = made(frozenset({'points'}), near, Segmentation((640, 480), labels, np.zeros_like(labels)))
    assert space.points is not None
    assert np.isfinite(space.points.xyz).all()
