# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Interiors are planned from a seed alone: always the same, furnished, split, and with a way for the camera."""

from __future__ import annotations

import hashlib
import math
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seg_ros.labels.taxonomy import load_taxonomy

RENDER = Path(__file__).parents[2] / 'recordings' / 'render'


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns a script of the renderer by its name; none of those asked for needs Blender."""
    monkeypatch.syspath_prepend(str(RENDER))
    return pytest.importorskip


def test_a_seed_always_means_the_same_interior(module: Any) -> None:
    plan = module('planner').plan
    assert plan(17) == plan(17)
    assert len({repr(plan(seed)) for seed in range(1, 301)}) == 300


def test_the_rooms_of_seeds_are_those_that_the_shipped_models_were_trained_on(module: Any) -> None:
    rooms = [module('planner').plan(seed) for seed in range(1, 301)]
    said = repr([(room.kind, room.light, [one.kind for one in room.pieces]) for room in rooms])
    assert hashlib.sha256(said.encode()).hexdigest()[:16] == '3ccde13c54d9de70'


def test_every_tenth_seed_is_held_out(module: Any) -> None:
    split_of = module('layout').split_of
    assert [seed for seed in range(1, 41) if split_of(seed) == 'dev'] == [10, 20, 30, 40]
    assert {split_of(seed) for seed in range(1, 10)} == {'train'}


def test_all_kinds_of_rooms_openings_and_stairs_occur(module: Any) -> None:
    plan, layout = module('planner').plan, module('layout')
    rooms = [plan(seed) for seed in range(1, 301)]
    assert {room.kind for room in rooms} == set(layout.KINDS)
    assert {one.kind for room in rooms for one in room.stairs} == {'flight', 'well', 'podium'}
    assert {one.kind for room in rooms for one in room.openings} == {
        'door', 'open door', 'window', 'glass', 'passage', 'alcove up', 'alcove down'}
    assert 0.25 < np.mean([room.has_stairs for room in rooms]) < 0.5


def test_things_stand_inside_and_not_in_doorways(module: Any) -> None:
    plan, layout = module('planner').plan, module('layout')
    for seed in range(1, 80):
        room = plan(seed)
        for one in room.pieces:
            assert -0.3 < one.x < room.length + 0.3 and -0.3 < one.y < room.width + 0.3, (seed, one)
            if one.kind in ('sofa', 'shelf', 'wardrobe', 'bed'):
                stands = layout.footprint(one.x, one.y, one.turn, -one.size[0] / 2, one.size[0] / 2, -one.size[1] / 2,
                                          one.size[1] / 2)
                assert not any(layout.overlap(stands, way) for way in room.clear), (seed, one)


@pytest.mark.parametrize('holes', [
    [], [(1.0, 0.0, 2.0, 2.0)], [(1.0, 0.5, 2.0, 1.5), (1.5, 2.0, 3.0, 2.5)], [(-1.0, -1.0, 5.0, 1.0)]])
def test_a_rectangle_without_its_holes_has_their_area_less(module: Any, holes: list[Any]) -> None:
    parts = module('layout').around((0.0, 0.0, 4.0, 3.0), holes)
    y, x = np.mgrid[0.005:3:0.01, 0.005:4:0.01]

    def covered(rects: list[Any]) -> Any:
        return sum(((x > a) & (x < c) & (y > b) & (y < d)).astype(int) for a, b, c, d in rects) + np.zeros(x.shape, int)

    np.testing.assert_array_equal(covered(parts), (covered(holes) == 0).astype(int))


def test_every_word_has_the_class_that_the_taxonomy_gives_it(module: Any) -> None:
    rooms, stock = module('rooms'), module('stock_list')
    taxonomy = load_taxonomy('indoor')
    assert [one.name for one in taxonomy.classes] == list(rooms.CLASSES)
    for word in {*rooms.CLASS_OF, *map(stock.word_of, stock.SIZES), stock.word_of('cable'), stock.word_of('rug')}:
        known = taxonomy.class_of(word)
        assert known is not None and known.id == rooms.class_of(word), word


def test_cameras_stand_in_free_places_between_15_cm_and_160_cm(module: Any) -> None:
    plan, views = module('planner').plan, module('views')
    for seed in (1, 3, 5, 7):
        room = plan(seed)
        if any(one.kind == 'podium' for one in room.stairs):
            continue
        found = [one for k in range(200) if (one := views.guess(room, random.Random(k))) is not None]
        assert len(found) > 5
        for one in found:
            assert 0.15 <= one.z <= 1.6 and 50 <= one.wide <= 110 and -12 <= one.pitch <= 50
            assert room.free((one.x - 0.1, one.y - 0.1, one.x + 0.1, one.y + 0.1))


def test_a_camera_looks_where_it_is_turned(module: Any) -> None:
    view = module('views').View(1.0, 2.0, 0.5, heading=90.0, pitch=30.0, roll=0.0, wide=90.0)
    pose = view.room_from_camera()
    np.testing.assert_allclose(pose[:3, 2], [0.0, np.cos(np.pi / 6), -0.5], atol=1e-12)  # forward: north and down
    np.testing.assert_allclose(pose[:3, 0], [1.0, 0.0, 0.0], atol=1e-12)  # right: east
    np.testing.assert_allclose(np.linalg.det(pose[:3, :3]), 1.0)
    assert view.focal_length == pytest.approx(192.0)


@pytest.mark.parametrize(('classes', 'depth_m', 'good'), [
    ([0, 1, 6, 6], 2.0, True), ([0, 1, 1, 0], 2.0, False), ([0, 1, 6, 6], 0.2, False), ([1, 1, 1, 1], 2.0, False),
    ([0, 1, 7, 7], 2.0, False)])
def test_views_into_a_wall_are_not_worth_a_picture(module: Any, classes: list[int], depth_m: float, good: bool) -> None:
    assert bool(module('views').worth(np.repeat(classes, 25), np.full(100, depth_m))) is good


def test_dim_and_bright_light_become_pictures_of_a_sane_exposure(module: Any) -> None:
    scene = np.random.default_rng(0).uniform(0.05, 1.0, (60, 80, 3)).astype(np.float32)
    for strength in (0.001, 1.0, 500.0):
        rgb = module('develop').develop(scene * strength, random.Random(1))
        assert rgb.shape == (60, 80, 3) and rgb.dtype == np.uint8
        assert 50 < rgb.mean() < 200 and rgb.std() > 20


def test_a_robot_drives_over_free_floor_in_small_steps(module: Any) -> None:
    lessons, views, room = module('lessons'), module('views'), module('planner').plan(1180)
    path = lessons.way(room, random.Random('drive'))
    seen = [next(path) for _ in range(80)]
    assert all(views.floor_at(room, one.x, one.y) == 0.0 for one in seen)
    steps = [math.dist((a.x, a.y), (b.x, b.y)) for a, b in pairwise(seen)]
    turns = [abs((b.heading - a.heading + 180) % 360 - 180) for a, b in pairwise(seen)]
    assert max(steps) <= lessons.STEP_M + 1e-9
    assert max(turns) <= 2 * lessons.TURN_DEG
    assert sum(steps) > 3.0
    other = next(lessons.way(room, random.Random('other')))
    assert (other.x, other.y) != (seen[0].x, seen[0].y)


def test_depth_is_measured_with_noise_holes_and_false_planes(module: Any) -> None:
    true = np.full((288, 384), 2000, np.uint16)
    true[:, 200:] = 4000
    found = module('lessons').measured(true, np.random.default_rng(0))
    assert (found[:, 199:201] == 0).mean() > 0.9
    off = np.abs(found.astype(int) - true)
    false = (off > 150) & (found > 0)
    assert 0.01 < false.mean() < 0.05
    near, far = (off[(true == z) & ~false & (found > 0)] for z in (2000, 4000))
    assert 4 < near.mean() < 8
    assert 15 < far.mean() < 25
