# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ids, mask arrays and overlaps, on scenes small enough to compute by hand and on random ones computed slowly."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.moving_shapes import full_iou, full_masks

from seg_ros.records import Instances
from seg_ros.tracking.overlap import (
    MAX_SAMPLES,
    box_areas,
    box_overlap,
    distinct,
    id_image,
    mask_array,
    mask_overlap,
)

Mask = NDArray[np.bool_]


def objects(size: tuple[int, int], *rows: tuple[int, int, Mask]) -> Instances:
    """Return objects of (left, top, mask), the best score first."""
    boxes = [(left, top, left + m.shape[1], top + m.shape[0]) for left, top, m in rows]
    return Instances(size, np.array(boxes, np.float32).reshape(-1, 4),
                     np.linspace(0.9, 0.1, len(rows), dtype=np.float32), np.ones(len(rows), np.uint8),
                     np.array([row[:2] for row in rows], np.int32).reshape(-1, 2), tuple(row[2] for row in rows),
                     np.zeros(len(rows), np.int64))


def block(width: int, height: int) -> Mask:
    return np.ones((height, width), np.bool_)


def blob(random: np.random.Generator, size: tuple[int, int], largest: int) -> tuple[int, int, Mask]:
    """Return a random ellipse with a hole, somewhere inside the image."""
    width, height = (int(random.integers(1, largest + 1)) for _ in range(2))
    y, x = np.mgrid[:height, :width]
    radius = np.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5)
    left, top = int(random.integers(size[0] - width + 1)), int(random.integers(size[1] - height + 1))
    return left, top, (radius < 0.5) & (radius > 0.1)


CORNER = np.array([[1, 1], [1, 0]], np.bool_)
SCENE = objects((5, 3), (1, 0, CORNER), (0, 0, block(3, 2)), (4, 2, block(1, 1)))


def test_the_id_image_shows_the_best_score_in_front() -> None:
    image = id_image(SCENE)
    assert image.dtype == np.uint16
    assert image.tolist() == [[2, 1, 1, 0, 0], [2, 1, 2, 0, 0], [0, 0, 0, 0, 3]]


def test_the_mask_array_keeps_what_the_id_image_hides() -> None:
    stack = mask_array(SCENE)
    assert stack.dtype == np.uint8
    assert (stack // 255).tolist() == [
        [0, 1, 1, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]]
    assert set(np.unique(stack)) == {0, 255}


def test_without_objects_everything_is_empty_but_well_formed() -> None:
    nobody = Instances.none((7, 4))
    assert id_image(nobody).tolist() == np.zeros((4, 7)).tolist()
    assert mask_array(nobody).shape == (0, 7)
    assert mask_overlap(nobody, SCENE).iou.shape == (0, 3)
    assert mask_overlap(SCENE, nobody).iou.shape == (3, 0)
    assert box_overlap(nobody.boxes, nobody.boxes).iou.shape == (0, 0)


def test_ids_go_beyond_a_byte() -> None:
    many = objects((300, 1), *((k, 0, block(1, 1)) for k in range(300)))
    assert id_image(many)[0].tolist() == list(range(1, 301))


@pytest.mark.parametrize(('meaning', 'a', 'b', 'iou'), [
    ('the same', (0, 0, 4, 4), (0, 0, 4, 4), 1.0),
    ('half of each', (0, 0, 4, 4), (2, 0, 6, 4), 1 / 3),
    ('one inside the other', (0, 0, 4, 4), (1, 1, 3, 3), 0.25),
    ('touching', (0, 0, 4, 4), (4, 0, 8, 4), 0.0),
    ('apart in x and y', (0, 0, 2, 2), (5, 5, 7, 7), 0.0),
    ('without area', (1, 1, 1, 1), (1, 1, 1, 1), 0.0),
    ('inside out', (4, 4, 0, 0), (0, 0, 4, 4), 0.0),
])
def test_boxes_overlap(meaning: str, a: tuple[int, ...], b: tuple[int, ...], iou: float) -> None:
    first, second = (np.array([box], np.float32) for box in (a, b))
    assert box_overlap(first, second).iou[0, 0] == pytest.approx(iou), meaning
    assert box_overlap(second, first).iou[0, 0] == pytest.approx(iou), meaning


def test_boxes_have_areas() -> None:
    assert box_areas(np.array([[0, 0, 2, 3], [5, 5, 4, 9]], np.float32)).tolist() == [6, 0]


def test_masks_overlap_by_their_pixels_not_their_boxes() -> None:
    other = objects((5, 3), (2, 1, block(1, 1)), (1, 0, block(2, 2)))
    assert mask_overlap(SCENE, other).iou[:2] == pytest.approx(np.array([[0, 3 / 4], [1 / 6, 4 / 6]]))
    assert mask_overlap(SCENE, other).ratio[:2] == pytest.approx(np.array([[1 / 3, 3 / 4], [1 / 6, 4 / 6]]))
    assert mask_overlap(SCENE, other).within[:2] == pytest.approx(np.array([[0, 1], [1, 1]]))


def test_an_empty_mask_overlaps_nothing() -> None:
    empty = objects((5, 3), (0, 0, np.zeros((2, 2), np.bool_)), (0, 0, np.zeros((0, 0), np.bool_)))
    assert not mask_overlap(empty, SCENE).iou.any()
    assert not mask_overlap(empty, empty).iou.any()
    assert not mask_overlap(empty, SCENE).within.any()


def test_pairs_that_do_not_matter_share_nothing() -> None:
    allowed = np.zeros((3, 3), np.bool_)
    allowed[1, 1] = True
    assert mask_overlap(SCENE, SCENE, allowed=allowed).shared.tolist() == [[0, 0, 0], [0, 6, 0], [0, 0, 0]]


def test_small_masks_are_compared_exactly() -> None:
    random, size = np.random.default_rng(0), (100, 80)
    for _ in range(20):
        a, b = (objects(size, *(blob(random, size, 45) for _ in range(8))) for _ in range(2))
        assert mask_overlap(a, b).iou == pytest.approx(full_iou(a, b), abs=1e-6)


def test_large_masks_are_compared_to_within_two_hundredths() -> None:
    random, size = np.random.default_rng(1), (640, 480)
    worst = 0.0
    for _ in range(8):
        a, b = (objects(size, *(blob(random, size, 400) for _ in range(6))) for _ in range(2))
        worst = max(worst, float(abs(mask_overlap(a, b).iou - full_iou(a, b)).max()))
        assert mask_overlap(a, a).iou.diagonal() == pytest.approx(1, abs=0.04)
        assert mask_overlap(a, b).iou.max() <= 1
    assert 0 < worst < 0.02  # 0 would mean that nothing was sampled


def test_the_cost_of_a_pair_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    count = np.count_nonzero

    def counted(array: Mask) -> int:
        looked_at.append(array.size)
        return int(count(array))

    a = objects((1920, 1080), (0, 0, block(1920, 1080)))
    monkeypatch.setattr(np, 'count_nonzero', counted)
    assert mask_overlap(a, a).iou[0, 0] == 1
    assert looked_at[:2] == [1920 * 1080] * 2  # each mask once, for its area
    assert looked_at[2] <= MAX_SAMPLES


def test_crops_are_painted_where_they_lie() -> None:
    random, size = np.random.default_rng(2), (60, 40)
    scene = objects(size, *(blob(random, size, 30) for _ in range(6)))
    assert (mask_array(scene).reshape(6, 40, 60) == 255 * full_masks(scene)).all()
    assert ((id_image(scene) > 0) == full_masks(scene).any(axis=0)).all()


@pytest.mark.parametrize(('meaning', 'moved', 'kept'), [
    ('the same once more', 0, [0]), ('7/13 of both is shared', 3, [0, 1]), ('8/12 of both is shared', 2, [0]),
    ('beside it', 10, [0, 1])])
def test_objects_that_share_a_mask_are_one(meaning: str, moved: int, kept: list[int]) -> None:
    two = objects((40, 20), (5, 5, block(10, 4)), (5 + moved, 5, block(10, 4)))
    assert distinct(two).scores.tolist() == two.scores[kept].tolist(), meaning


def test_what_overlaps_a_dropped_object_alone_is_kept() -> None:
    chain = objects((40, 20), (0, 0, block(10, 4)), (2, 0, block(10, 4)), (4, 0, block(10, 4)))
    assert distinct(chain).corners[:, 0].tolist() == [0, 4]
    assert len(distinct(Instances.none((40, 20)))) == 0
