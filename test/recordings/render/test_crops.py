# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Fields have a crop in rows and other plants anywhere, and the camera looks down on them."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seg_ros.labels.taxonomy import load_taxonomy

RENDER = Path(__file__).parents[3] / 'recordings' / 'render'
SEEDS = range(1, 31)


@pytest.fixture
def crops(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns the script; Blender is not needed to sow."""
    monkeypatch.syspath_prepend(str(RENDER))
    import crops
    return crops


def test_a_seed_gives_the_same_field_and_others_another(crops: Any) -> None:
    fields = [crops.sown(seed) for seed in SEEDS]
    assert fields[0] == crops.sown(1)
    assert fields[0].pieces != fields[1].pieces
    assert {one.kind for one in fields} == set(crops.CROPS)
    assert {piece.kind for one in fields for piece in one.pieces} == {*crops.CROPS, *crops.WEEDS}


def test_the_crop_stands_in_rows_at_one_distance(crops: Any) -> None:
    for seed in SEEDS:
        field = crops.sown(seed)
        across = sorted(one.y for one in field.pieces if one.kind == field.kind)
        gaps = [later - before for before, later in pairwise(across)]
        between = [gap for gap in gaps if gap > 0.07]  # within a row they differ by less
        assert len(between) >= 2 and min(between) > 0.08
        assert max(between) - min(between) < 0.08, (seed, between)


def test_weeds_are_of_other_kinds_and_stand_between_the_rows_too(crops: Any) -> None:
    for seed in SEEDS:
        field = crops.sown(seed)
        weeds = [one for one in field.pieces if one.kind != field.kind]
        assert len(weeds) > 20 and crops.ALIKE.get(field.kind) not in {one.kind for one in weeds}
        assert all(0.01 <= one.size[0] <= 0.15 for one in weeds)
        spread, _ = np.histogram([one.y for one in weeds], bins=4, range=(0, crops.PLOT))
        assert spread.min() > 0.05 * len(weeds), seed


def test_some_plants_overlap_and_none_stands_in_another(crops: Any) -> None:
    pieces = [one for one in crops.sown(3).pieces if one.kind in crops.WEEDS]
    near = [math.dist((a.x, a.y), (b.x, b.y)) / (a.size[0] + b.size[0]) for a in pieces for b in pieces if a is not b]
    assert 0.3 < min(near) < 0.5


@pytest.mark.parametrize('word', ['crop', 'weed'])
def test_crop_and_weed_are_plants_to_the_taxonomy(crops: Any, word: str) -> None:
    known = load_taxonomy('indoor').class_of(word)
    assert known is not None and known.name == 'plant'
    assert crops.class_of(word) == known.id


def test_the_ground_is_uneven_by_centimetres(crops: Any) -> None:
    x, y = np.meshgrid(np.linspace(0, crops.PLOT, 50), np.linspace(0, crops.PLOT, 50))
    height = crops.Ground(random.Random(1)).height(x, y)
    assert height.shape == (50, 50) and 0.01 < height.max() - height.min() < 0.1


def test_the_camera_looks_down_on_the_sown_plot(crops: Any) -> None:
    dice = random.Random(1)
    for _ in range(50):
        view = crops.above(dice)
        assert 0.3 <= view.z <= 0.8
        assert view.room_from_camera()[2, 2] < -math.cos(math.radians(20))
        ground = np.array([view.x, view.y]) + (view.rays(16, 12) / -view.rays(16, 12)[:, 2:])[:, :2] * view.z
        assert ((ground > 0) & (ground < crops.PLOT)).all(-1).mean() > 0.8
