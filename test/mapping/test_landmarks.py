# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Objects last: a crop row counted twice, doubles that become one, what is gone, what is doubted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.mapping.landmarks import Landmarks
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.sightings import Sightings

CROP, WEED = 3, 4
SECOND_NS = 1_000_000_000
NONE = np.zeros(0, np.bool_)


def seen(*boxes: tuple[float, float, float, float], class_id: int = CROP, tracks: tuple[int, ...] = ()) -> Sightings:
    """Return sightings of things at (x, y) with sizes along x and y, 10 cm tall."""
    rows = np.array(boxes, float).reshape(-1, 4)
    low = np.full(len(rows), 0.05)
    centre, half = np.c_[rows[:, :2], low], np.c_[rows[:, 2:] / 2, low]
    count = len(rows)
    return Sightings(centre - half, centre + half, np.ones(count), np.full(count, class_id, np.uint8),
                     np.ones(count, np.float32), np.array(tracks or [0] * count, np.int64))


def crop_row(count: int = 60) -> NDArray[np.float64]:
    """Return the places and widths (x, y, width) of plants whose leaves overlap."""
    rng = np.random.default_rng(7)
    return np.c_[0.25 * np.arange(count) + rng.uniform(-0.04, 0.04, count), rng.uniform(-0.03, 0.03, count),
                 rng.uniform(0.16, 0.3, count)]


def drive(marks: Landmarks, plants: NDArray[np.float64], places: NDArray[np.float64], start_ns: int,
          rng: np.random.Generator) -> None:
    """Look down on the row from place to place: 0.6 m in view, a fifth missed, the edge cut off."""
    for k, x in enumerate(places):
        found = []
        for px, py, width in plants:
            low, high = max(px - width / 2, x - 0.3), min(px + width / 2, x + 0.3)
            if high - low > 0.4 * width and rng.random() > 0.2:
                shift = rng.normal(0, 0.012, 2)
                found.append(((low + high) / 2 + shift[0], py + shift[1], high - low, width))
        marks.add(seen(*found), start_ns + k * SECOND_NS // 5)


def test_a_row_driven_twice_has_each_plant_once_and_keeps_its_ids() -> None:
    rng, plants, marks = np.random.default_rng(1), crop_row(), Landmarks(MapSettings())
    places = np.arange(-0.2, 15.2, 0.08)
    drive(marks, plants, places, 0, rng)
    there = {mark.id: mark for mark in marks.known()}
    drive(marks, plants, places[::-1], 300 * SECOND_NS, rng)
    back = {mark.id: mark for mark in marks.known()}
    assert abs(len(there) - 60) <= 2
    assert abs(len(back) - 60) <= 2
    kept = there.keys() & back.keys()
    assert len(kept) >= 58
    assert all(np.hypot(*np.subtract(there[k].position[:2], back[k].position[:2])) < 0.03 for k in kept)
    off = [np.hypot(*(plants[:, :2] - mark.position[:2]).T).min() for mark in back.values()]
    assert np.median(off) < 0.01
    assert all(back[k].views > there[k].views for k in kept)
    other = Landmarks(MapSettings())
    other.recall(marks.memory())
    for one, same in zip(marks.known(), other.known(), strict=True):
        assert (one.id, one.position, one.size, one.scores) == (same.id, same.position, same.size, same.scores)
    for some in (marks, other):
        some.add(seen((3.0, 0.0, 0.2, 0.2)), 600 * SECOND_NS)
    assert [one.views for one in marks.known()] == [one.views for one in other.known()]


def test_an_object_is_one_when_it_was_seen_often_enough() -> None:
    marks = Landmarks(MapSettings(confirm_views=3))
    for k in range(3):
        assert not marks.known()
        marks.add(seen((1.0, 2.0, 0.2, 0.1)), k)
    one, = marks.known()
    assert one.id == 1 and one.class_id == CROP and one.views == 3
    assert one.position == pytest.approx((1.0, 2.0, 0.05), abs=0.011)
    assert one.size == pytest.approx((0.2, 0.1, 0.1), abs=0.021)
    assert 0 < one.covariance[0, 0] < 0.03 ** 2


def test_two_things_in_one_view_are_two_however_near() -> None:
    marks = Landmarks(MapSettings(confirm_views=1))
    for k in range(4):
        marks.add(seen((0.0, 0.0, 0.2, 0.02), (0.02, 0.0, 0.02, 0.2)), k)
    assert len(marks.known()) == 2


def test_a_thing_seen_in_parts_becomes_whole() -> None:
    marks = Landmarks(MapSettings(confirm_views=1))
    for k, middle in enumerate(np.arange(-0.2, 2.3, 0.1)):  # what a window of 1 m shows of 2 m
        low, high = max(0.0, middle - 0.5), min(2.0, middle + 0.5)
        marks.add(seen(((low + high) / 2, 0.0, high - low, 0.8)), k)
    one, = marks.known()
    assert one.position[0] == pytest.approx(1.0, abs=0.03)
    assert one.size[0] == pytest.approx(2.0, abs=0.05)


def test_halves_that_were_never_seen_together_are_one_once_the_whole_is_seen() -> None:
    marks = Landmarks(MapSettings(confirm_views=1))
    marks.add(seen((0.2, 0.0, 0.4, 0.4)), 0)
    marks.add(seen((1.2, 0.0, 0.4, 0.4)), 1)
    assert len(marks.known()) == 2
    for k in range(4):
        marks.add(seen((0.7, 0.0, 1.4, 0.4)), 2 + k)
    one, = marks.known()
    assert one.id == 1


def test_the_class_is_the_one_it_was_mostly_seen_as() -> None:
    marks = Landmarks(MapSettings(confirm_views=1))
    for k, class_id in enumerate((WEED, CROP, CROP, CROP)):
        marks.add(seen((0.0, 0.0, 0.2, 0.2), class_id=class_id), k)
    one, = marks.known()
    assert one.class_id == CROP
    assert one.scores == {CROP: 0.75, WEED: 0.25}


def test_another_class_elsewhere_is_another_thing() -> None:
    marks = Landmarks(MapSettings(confirm_views=1))
    marks.add(seen((0.0, 0.0, 0.2, 0.2)), 0)
    marks.add(seen((0.12, 0.0, 0.2, 0.2), class_id=WEED), 1)
    assert [mark.class_id for mark in marks.known()] == [CROP, WEED]


def test_a_lasting_id_of_the_camera_leads_farther_than_the_gate() -> None:
    with_id, without = (Landmarks(MapSettings(confirm_views=1)) for _ in range(2))
    for x in (0.0, 0.13):
        with_id.add(seen((x, 0.0, 0.1, 0.1), tracks=(9,)), 0, 'front')
        without.add(seen((x, 0.0, 0.1, 0.1)), 0)
    assert len(with_id.known()) == 1
    assert len(without.known()) == 2


@pytest.mark.parametrize('camera', ['', 'front'])
def test_lasting_ids_outlive_a_change_of_classes_whatever_the_camera_is_called(camera: str) -> None:
    marks, later = (Landmarks(MapSettings(confirm_views=1)) for _ in range(2))
    marks.add(seen((0.0, 0.0, 0.1, 0.1), tracks=(9,)), 0, camera)
    later.recall(marks.memory())
    later.add(seen((0.13, 0.0, 0.1, 0.1), tracks=(9,)), 0, 'another')  # whose numbers are its own
    assert len(later.known()) == 2
    later.add(seen((-0.13, 0.0, 0.1, 0.1), tracks=(9,)), 0, camera)
    assert len(later.known()) == 2


def test_what_views_see_behind_of_is_gone() -> None:
    marks, yes = Landmarks(MapSettings(confirm_views=2)), np.ones(1, np.bool_)
    for k in range(4):
        marks.add(seen((0.0, 0.0, 0.2, 0.2)), k)
    for k in range(10, 14):
        marks.miss(k, ~yes, yes)
        assert len(marks) == 1
    marks.miss(15, ~yes, yes)
    assert len(marks) == 0


def test_what_is_rarely_found_where_it_should_be_is_doubted_and_keeps_its_id() -> None:
    marks, yes = Landmarks(MapSettings(confirm_views=1)), np.ones(1, np.bool_)
    marks.add(seen((0.0, 0.0, 0.2, 0.2)), 0)
    for k in range(1, 4):
        marks.miss(k, yes, ~yes)
    assert not marks.known()
    marks.add(seen((0.0, 0.0, 0.2, 0.2)), 5)
    assert [mark.id for mark in marks.known()] == [1]


def test_what_was_seen_once_long_ago_is_forgotten() -> None:
    marks = Landmarks(MapSettings())
    marks.add(seen((0.0, 0.0, 0.2, 0.2)), 0)
    marks.add(seen(), 20 * SECOND_NS)
    assert len(marks) == 0
    marks.clear()
    assert not marks.known()
