# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What one view says: what stands where, which floor is seen, what is seen through, what is hidden above."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.drawn_floor import FLOOR, OBSTACLE, PERSON, drawn_classes, drawn_view
from scipy.spatial.transform import Rotation

from seg_ros.geometry.cloud import obstacle_pixels, rising_pixels
from seg_ros.geometry.surface import Surface
from seg_ros.labels.taxonomy import RobotClass, Role, load_taxonomy
from seg_ros.mapping.evidence import columns, ground, meaning_of, moving_of, seen_through, standing
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.sight import Sight
from seg_ros.records import UNLABELLED, Intrinsics

MEANING = meaning_of(drawn_classes(), ('person',))


def cell(sight: Sight, x: float, y: float) -> int:
    column, row = int(np.floor(x / 0.05)) - sight.extent.column, int(np.floor(y / 0.05)) - sight.extent.row
    return row * sight.extent.width + column


def test_the_front_of_a_box_stands_where_it_is_as_tall_as_it_is() -> None:
    sight = Sight(drawn_view(box_at=2.0), MapSettings())
    found = standing(sight, MEANING)
    assert set(found.cells.tolist()) == {cell(sight, 2.02, y) for y in np.arange(-0.325, 0.35, 0.05)}
    assert found.low_m == pytest.approx(0.06, abs=0.015)
    assert found.high_m == pytest.approx(0.6, abs=0.02)
    assert set(found.shares) == {OBSTACLE} and found.shares[OBSTACLE] == pytest.approx(1.0)
    assert (found.moving == 0).all()


def test_doubtful_labels_weigh_less_and_the_far_weighs_less() -> None:
    view = drawn_view(box_at=2.0)
    doubt = replace(view, confidence=np.full(view.surface.z.shape, 51, np.uint8))
    assert standing(Sight(doubt, MapSettings()), MEANING).shares[OBSTACLE] == pytest.approx(0.2)
    near, far = (standing(Sight(drawn_view(box_at=x), MapSettings()), MEANING).weights.max() for x in (1.0, 4.0))
    assert near > 1.7 * far


def test_an_unlabelled_thing_is_in_the_way_only_where_it_rises() -> None:
    view = drawn_view(box_at=2.0)
    assert view.labels is not None
    found = standing(Sight(replace(view, labels=np.full_like(view.labels, UNLABELLED)), MapSettings()), MEANING)
    assert len(found.cells) == 14
    assert found.low_m.min() >= 0.1


def test_what_is_called_floor_and_rises_is_in_the_way_and_has_no_name() -> None:
    found = standing(Sight(drawn_view(box_at=2.0, label=FLOOR), MapSettings()), MEANING)
    assert len(found.cells) == 14
    assert found.low_m.min() >= 0.1 + 0.1 * 2.0  # a ramp rises a tenth of its distance
    assert set(found.shares) == {UNLABELLED}


def test_what_stands_is_what_obstacles_of_segmentation_hold() -> None:
    for label in (FLOOR, OBSTACLE, PERSON, UNLABELLED):
        view = drawn_view(box_at=2.0, label=label)
        sight, heights = Sight(view, MapSettings()), view.surface.heights(view.ground)
        assert view.labels is not None
        blocked = (obstacle_pixels(view.surface, view.labels, MEANING.stands, heights)
                   | rising_pixels(view.surface, view.labels, MEANING.is_ground, heights))
        points = view.map_from_camera[:3, :3] @ view.surface.points_at(np.flatnonzero(blocked))
        assert set(standing(sight, MEANING).cells.tolist()) == {cell(sight, x, y) for x, y, _ in points.T}
        assert blocked.any()


def test_a_mixture_of_two_surfaces_stands_nowhere() -> None:
    view = drawn_view(box_at=2.0)
    z = view.surface.z.copy()
    edge = int(np.flatnonzero(z[100] < 3.0)[-1]) + 1
    z[80:, edge] = 0.5 * (z[80:, edge - 1] + z[80:, edge + 1])
    mixed = replace(view, surface=Surface(z, view.surface.rays), labels=np.full(z.shape, OBSTACLE, np.uint8))
    found = standing(Sight(mixed, MapSettings()), MEANING)
    assert set(found.cells.tolist()) == set(standing(Sight(view, MapSettings()), MEANING).cells.tolist())


def test_the_cells_ahead_hold_all_whose_floor_is_in_the_image() -> None:
    for turn in (0.0, 0.7, 2.0, 4.0):
        view, pose = drawn_view(box_at=None), np.eye(4)
        pose[:3, :3], pose[:3, 3] = Rotation.from_euler('z', turn).as_matrix(), (0.31, -0.17, 0.0)
        sight = Sight(replace(view, map_from_camera=pose @ view.map_from_camera), MapSettings())
        every = np.arange(sight.extent.width ** 2)
        columns_of, rows = every % sight.extent.width, every // sight.extent.width
        near = (columns_of - sight.extent.width // 2) ** 2 + (rows - sight.extent.width // 2) ** 2 <= 100 ** 2
        shown = sight.pixels_of(sight.feet(every), np.float32(0))[0] > 0
        assert set(every[near & shown].tolist()) <= set(sight.ahead.tolist())
        assert len(sight.ahead) < 0.4 * near.sum()


def test_ground_is_where_floor_is_seen_and_not_behind_the_box() -> None:
    sight = Sight(drawn_view(box_at=2.0), MapSettings())
    found = ground(sight, MEANING)
    labels = dict(zip(found.cells.tolist(), found.labels.tolist()))
    assert labels[cell(sight, 1.5, 0.0)] == FLOOR
    assert cell(sight, 2.6, 0.0) not in labels
    assert cell(sight, -1.0, 0.0) not in labels
    assert cell(sight, 3.0, 1.2) in labels


def test_a_ray_that_passes_low_and_ends_on_something_flat_frees_without_a_class() -> None:
    view = drawn_view(box_at=None)
    assert view.labels is not None
    far = np.where(view.surface.z > 3.0, UNLABELLED, view.labels).astype(np.uint8)
    sight = Sight(replace(view, labels=far), MapSettings())
    found = ground(sight, MEANING)
    assert cell(sight, 2.5, 0.0) in found.cells
    assert cell(sight, 3.5, 0.0) not in found.cells  # an unlabelled floor is not known to be one


def test_a_hole_is_not_floor() -> None:
    view = drawn_view(box_at=None)
    deeper = replace(view.surface, z=np.where(view.surface.z > 2.0, view.surface.z * 1.5, view.surface.z))
    sight = Sight(replace(view, surface=deeper), MapSettings())
    assert cell(sight, 2.5, 0.0) not in ground(sight, MEANING).cells


def test_places_are_seen_through_when_something_farther_is_measured() -> None:
    sight = Sight(drawn_view(box_at=2.0), MapSettings())
    cells = np.array([cell(sight, x, 0.0) for x in (1.0, 2.02, 2.5)])
    low, high = np.full(3, 0.1, np.float32), np.full(3, 0.3, np.float32)
    assert seen_through(sight, cells, low, high).tolist() == [True, True, False]


def test_the_space_above_is_clear_or_hidden_by_height() -> None:
    sight = Sight(drawn_view(box_at=1.0, box_from_m=0.25), MapSettings())
    clear, hidden = columns(sight, np.array([cell(sight, 0.7, 0.0), cell(sight, 1.6, 0.0)]), (0.1, 0.45))
    assert clear.tolist()[0] & 1 and not hidden[0]
    assert hidden[1] & 2 and not clear[1] & 2


def test_a_lens_is_undone_where_places_are_looked_up() -> None:
    view = drawn_view(box_at=2.0)
    plain = view.camera
    lens = Intrinsics(plain.width, plain.height, plain.fx, plain.fy, plain.cx, plain.cy, (0.1, 0.0, 0.0, 0.0, 0.0))
    cells = np.array([cell(Sight(view, MapSettings()), 1.5, 0.4)])
    (depth, straight), (same, bent) = ((sight := Sight(one, MapSettings())).pixels_of(sight.feet(cells), np.float32(0))
                                       for one in (view, replace(view, camera=lens)))
    assert depth == pytest.approx(same)
    columns_of: NDArray[np.intp] = np.array([straight[0] % plain.width, bent[0] % plain.width])
    assert columns_of[1] < columns_of[0] < plain.cx


def test_a_hand_moves_as_a_person_does() -> None:
    taxonomy = load_taxonomy('indoor')
    hand = RobotClass(12, 'hand', (0, 0, 0), Role.OBSTACLE)
    assert moving_of((*taxonomy.classes, hand), taxonomy, ('person',)) == ('person', 'hand')
    assert meaning_of(drawn_classes(), ('person',)).moves[PERSON]
