# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Fields have a crop in rows and other plants anywhere, and the camera looks down on them."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seg_ros.labels.taxonomy import load_taxonomy

RENDER = Path(__file__).parents[3] / 'recordings' / 'render'
SEEDS = range(1, 31)


@pytest.fixture(scope='module')
def crops() -> Iterator[Any]:
    """Yields the script; Blender is not needed to sow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(RENDER))
        import crops
        yield crops


@pytest.fixture(scope='module')
def fields(crops: Any) -> list[Any]:
    return [crops.sown(seed) for seed in SEEDS]


def of_crop(field: Any) -> list[Any]:
    return [one for one in field.pieces if one.kind == field.kind]


def weeds_of(field: Any) -> list[Any]:
    return [one for one in field.pieces if one.kind != field.kind]


def test_a_seed_gives_the_same_field_and_others_another(crops: Any, fields: list[Any]) -> None:
    assert fields[0] == crops.sown(SEEDS[0])
    assert fields[0].pieces != fields[1].pieces
    kinds = [one.kind for one in fields]
    assert set(kinds) == set(crops.CROPS) and kinds.count('carrot') > 0.4 * len(kinds)
    assert {one.light for one in fields} == {'sun', 'overcast'}
    assert {piece.kind for one in fields for piece in one.pieces} == {*crops.CROPS, *crops.WEEDS}


def test_the_crop_stands_in_straight_rows_at_one_distance_that_fill_the_plot(crops: Any, fields: list[Any]) -> None:
    for field in fields:
        across = np.sort([one.y for one in of_crop(field)])
        rows = np.split(across, np.flatnonzero(np.diff(across) > 0.07) + 1)
        assert len(rows) >= 3 and max(np.ptp(row) for row in rows) < 0.06
        middles = np.array([row.mean() for row in rows])
        assert np.ptp(np.diff(middles)) < 0.03, field.seed
        assert middles[0] == pytest.approx(crops.PLOT - middles[-1], abs=0.02)
        assert middles[0] < np.diff(middles).mean() + 0.02


def test_plants_of_a_row_stand_at_one_distance_where_they_came_up(crops: Any, fields: list[Any]) -> None:
    steps = []
    for field in fields:
        crop = sorted(of_crop(field), key=lambda one: one.y)
        rows = np.split(np.array([one.x for one in crop]), np.flatnonzero(np.diff([one.y for one in crop]) > 0.07) + 1)
        gaps = np.concatenate([np.diff(np.sort(row)) for row in rows])
        steps.append(gaps / np.median(gaps))
        assert min(row.min() for row in rows) < 0.3 and max(row.max() for row in rows) > crops.PLOT - 0.3
    every = np.concatenate(steps)
    assert (abs(every - every.round()) < 0.35).mean() > 0.9
    assert 0.05 < (every.round() >= 2).mean() < 0.3


def test_plants_of_a_crop_are_of_one_age_and_look_everywhere(crops: Any, fields: list[Any]) -> None:
    for field in fields:
        logs = np.log([one.size[0] for one in of_crop(field)])
        assert 0.12 < logs.std() < 0.3
        assert np.histogram([one.turn for one in field.pieces], 4, (0, 360))[0].min() > 0.15 * len(field.pieces)
        assert {one.seed for one in of_crop(field)} <= set(range(crops.VARIANTS))
        assert all(0.69 < one.size[2] / one.size[0] < 1.21 and one.size[0] == one.size[1] for one in field.pieces)


def test_weeds_are_of_other_kinds_and_stand_between_the_rows_too(crops: Any, fields: list[Any]) -> None:
    counts = set()
    for field in fields:
        weeds = weeds_of(field)
        counts.add(len({one.kind for one in weeds}))
        assert 20 < len(weeds) < 110 * crops.PLOT ** 2
        assert crops.LOOKALIKES.get(field.kind) not in {one.kind for one in weeds}
        assert all(0.01 <= one.size[0] <= 0.15 for one in weeds)
        spread, _, _ = np.histogram2d([one.x for one in weeds], [one.y for one in weeds], 2,
                                      ((0, crops.PLOT), (0, crops.PLOT)))
        assert spread.min() > 0.1 * len(weeds), field.seed
    assert counts == {3, 4, 5}
    assert np.median([len(weeds_of(field)) for field in fields]) / crops.PLOT ** 2 < 70


def test_some_plants_overlap_and_no_weed_stands_in_another_plant(crops: Any, fields: list[Any]) -> None:
    nearest = []
    for field in fields[:10]:
        places = np.array([(one.x, one.y, one.size[0]) for one in field.pieces])
        weed = np.array([one.kind != field.kind for one in field.pieces])
        apart = np.hypot(*(places[:, None, :2] - places[None, :, :2]).transpose(2, 0, 1))
        apart /= places[:, None, 2] + places[None, :, 2]
        np.fill_diagonal(apart, np.inf)
        nearest.append(apart[weed].min())
    assert min(nearest) > crops.CLEARANCE and max(nearest) < 0.5


def test_what_is_sown_in_rows_is_crop_and_all_else_weed(crops: Any, fields: list[Any]) -> None:
    assert {crops.word_of(one, fields[0]) for one in of_crop(fields[0])} == {'crop'}
    assert {crops.word_of(one, fields[0]) for one in weeds_of(fields[0])} == {'weed'}


def test_views_that_are_missing_are_rendered(crops: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rooms, written = sys.modules['rooms'], list[tuple[int, Any]]()
    monkeypatch.setattr(crops, 'Field', lambda layout, samples, threads: layout)
    monkeypatch.setattr(rooms, 'write', lambda folder, number, field, view: written.append((number, view)))
    (tmp_path / '1.json').touch()
    crops.render_field(4, tmp_path, views=3, samples=1, threads=1)
    assert [number for number, _ in written] == [0, 2]
    assert written[0][1] == crops.above(random.Random('above 4 0')) != written[1][1]


@pytest.mark.parametrize('word', ['crop', 'weed'])
def test_crop_and_weed_are_plants_to_the_taxonomy(crops: Any, word: str) -> None:
    known = load_taxonomy('indoor').class_of(word)
    assert known is not None and known.name == 'plant'
    assert sys.modules['rooms'].class_of(word) == known.id


def test_the_ground_is_uneven_by_centimetres(crops: Any) -> None:
    x, y = np.meshgrid(np.linspace(0, crops.PLOT, 50), np.linspace(0, crops.PLOT, 50))
    height = crops.Ground(random.Random(1)).height(x, y)
    assert height.shape == (50, 50) and 0.01 < height.max() - height.min() < 0.1


def test_the_camera_looks_down_on_the_sown_plot(crops: Any) -> None:
    dice, headings = random.Random(1), list[float]()
    for _ in range(50):
        view = crops.above(dice)
        assert 0.3 <= view.z <= 0.8 and 50 <= view.wide <= 75
        headings.append(view.heading)
        assert view.room_from_camera()[2, 2] < -math.cos(math.radians(20))
        ground = np.array([view.x, view.y]) + (view.rays(16, 12) / -view.rays(16, 12)[:, 2:])[:, :2] * view.z
        assert ((ground > 0) & (ground < crops.PLOT)).all(-1).mean() > 0.8
    assert max(headings) - min(headings) > 300
