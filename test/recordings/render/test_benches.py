# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Tables are strewn with tools of all kinds, some across others, and the camera looks down on them."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from seg_ros.labels.taxonomy import load_taxonomy

RENDER = Path(__file__).parents[3] / 'recordings' / 'render'


@pytest.fixture
def benches(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns the script; Blender is not needed to lay things out."""
    monkeypatch.syspath_prepend(str(RENDER))
    import benches
    return benches


def strewn(benches: Any, seed: int) -> tuple[Any, list[Any]]:
    """Return the interior of a seed, and its tools."""
    laid: tuple[Any, list[Any]] = benches.strewn(benches.plan(seed), random.Random(f'tools {seed}'))
    return laid


def test_tools_of_every_kind_lie_on_tables_of_many_rooms(benches: Any) -> None:
    rooms = [strewn(benches, seed) for seed in range(2001, 2031)]
    assert rooms[0] == strewn(benches, 2001)
    assert {one.kind for _, lying in rooms for one in lying} == set(benches.TOOLS)
    assert sum(bool(lying) for _, lying in rooms) > 20
    for layout, lying in rooms:
        tops = [one for one in layout.pieces if one.kind in benches.TOPS]
        for tool in lying:
            assert tool in layout.pieces
            assert any(0 < tool.z - top.size[2] < 0.02
                       and math.dist((tool.x, tool.y), (top.x, top.y)) < math.hypot(*top.size[:2]) / 2
                       for top in tops), (layout.seed, tool)


def test_the_tools_are_objects_to_the_taxonomy(benches: Any) -> None:
    for word in benches.TOOLS:
        known = load_taxonomy('indoor').class_of(word)
        assert known is not None and known.name == 'object', word


def test_some_tools_lie_across_another_one(benches: Any) -> None:
    across = 0
    for seed in range(2001, 2011):
        _, lying = strewn(benches, seed)
        across += sum(one.z > other.z and math.dist((other.x, other.y), (one.x, one.y)) < 0.14
                      for one in lying for other in lying)
    assert across > 10


def test_the_camera_looks_down_on_a_tool(benches: Any) -> None:
    _, lying = strewn(benches, 2001)
    dice = random.Random(1)
    for _ in range(50):
        target = dice.choice(lying)
        view = benches.above(target, dice)
        towards = [target.x - view.x, target.y - view.y, target.z - view.z]
        sideways, down, ahead = view.room_from_camera()[:3, :3].T @ towards
        assert 0.3 < ahead < 1.2 and abs(sideways) < 0.3 * ahead and abs(down) < 0.15 * ahead
        assert view.z > target.z + 0.1
