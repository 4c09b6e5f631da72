# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A view moves image and masks alike, and pasted objects stand in front."""

from __future__ import annotations

import numpy as np
import pytest

from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.coco import OutlinedImage
from seg_ros.lab.instance_augmentation import ViewPlan, boxes_of, random_view, training_view, with_objects_of
from seg_ros.models.preprocess import resized

RED = (250, 0, 0)


def drawn(rectangle: tuple[int, int, int, int] = (30, 20, 40, 30), *, colour: tuple[int, int, int] = RED,
          size: tuple[int, int] = (120, 80), label: int = 0) -> OutlinedImage:
    """Draw a coloured rectangle on black, as an image with one object."""
    x, y, w, h = rectangle
    mask = np.zeros(size[::-1], np.uint8)
    mask[y:y + h, x:x + w] = 1
    rgb = np.zeros((*size[::-1], 3), np.uint8)
    rgb[mask > 0] = colour
    return OutlinedImage('drawn', rgb, mask[None], np.array([label]), np.zeros(1, bool))


@pytest.mark.parametrize('turn_deg', [0.0, 20.0])
def test_an_object_of_a_large_picture_lies_where_its_mask_lies(turn_deg: float) -> None:
    """To the pixel: picture and masks are shrunk, turned and cut by one function."""
    sample = drawn((750, 500, 501, 501), colour=(255, 255, 255), size=(2000, 1500))
    plan = ViewPlan(CropPlan((512, 384), (300, 420)), turn_deg=turn_deg)
    for seed in range(6):
        view = random_view(sample, plan, np.random.default_rng(seed))
        assert np.array_equal(view.rgb[..., 0] > 127, view.masks[0] > 0)


@pytest.mark.parametrize('height', [60, 110, 250])
def test_a_view_is_about_as_sharp_as_what_the_node_looks_at(height: int) -> None:
    """Shrunk all the way and then turned, a picture of noise kept two thirds of its contrast."""
    noise = np.random.default_rng(0).integers(0, 256, (400, 600, 3), np.uint8)
    plan = ViewPlan(CropPlan((height * 3 // 2, height), (height, height)), turn_deg=5.0)
    nothing = OutlinedImage('noise', noise, np.zeros((0, 400, 600), np.uint8), np.zeros(0, np.int64), np.zeros(0, bool))
    views = [random_view(nothing, plan, np.random.default_rng(seed)).rgb for seed in range(4)]
    middle = np.s_[height // 4:-height // 4, height // 4:-height // 4]
    contrast = np.mean([view[middle].std() for view in views])
    assert 0.75 < contrast / resized(noise, (height * 3 // 2, height)).std() < 1.25


@pytest.mark.parametrize('heights', [(30, 45), (80, 80), (120, 160)], ids=['far', 'as it is', 'near'])
@pytest.mark.parametrize('upside_down', [False, True])
def test_the_mask_stays_on_its_object(heights: tuple[int, int], upside_down: bool) -> None:
    plan = ViewPlan(CropPlan((96, 64), heights), turn_deg=40, upside_down=upside_down, keep_visible=0.0)
    seen = 0
    for seed in range(20):
        view = random_view(drawn(), plan, np.random.default_rng(seed))
        assert view.rgb.shape == (64, 96, 3)
        if len(view.masks):
            red = (view.rgb[..., 0] > 180) & (view.rgb[..., 1] < 60)
            overlap = (red & (view.masks[0] > 0)).sum() / (red | (view.masks[0] > 0)).sum()
            assert overlap > 0.75
            seen += 1
    assert seen >= 15


def test_views_differ_in_scale_turn_and_side() -> None:
    plan = ViewPlan(CropPlan((120, 80), (70, 90)), turn_deg=10)
    views = [random_view(drawn((10, 20, 30, 30)), plan, np.random.default_rng(seed)) for seed in range(12)]
    middles = [boxes_of(view.masks)[0, ::2].mean() for view in views if len(view.masks)]
    assert min(middles) < 45 and max(middles) > 75  # mirrored or not


def test_the_same_seed_gives_the_same_view() -> None:
    plan = ViewPlan(CropPlan((96, 64), (60, 120)), paste=1.0)
    first, second = (training_view(drawn(), drawn(label=1), plan, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.rgb, second.rgb)
    np.testing.assert_array_equal(first.masks, second.masks)


@pytest.mark.parametrize(('keep', 'left'), [(0.2, 1), (0.9, 0)], ids=['enough in view', 'too little in view'])
def test_an_object_of_which_too_little_is_seen_is_forgotten(keep: float, left: int) -> None:
    plan = ViewPlan(CropPlan((60, 80), (80, 80)), turn_deg=0, keep_visible=keep)
    half_out = drawn((20, 20, 80, 40))  # any 60 columns of 120 show between 40 and 60 of its 80 columns
    for seed in range(8):
        assert len(random_view(half_out, plan, np.random.default_rng(seed)).masks) == left


def test_crowds_are_not_learned() -> None:
    crowd = OutlinedImage('drawn', drawn().rgb, drawn().masks, np.zeros(1, np.int64), np.ones(1, bool))
    assert len(random_view(crowd, ViewPlan(CropPlan((120, 80), (80, 80))), np.random.default_rng(0)).masks) == 0


def test_a_pasted_object_covers_what_was_there() -> None:
    green = drawn((50, 20, 40, 30), colour=(0, 250, 0), label=1)
    rng = np.random.default_rng(0)
    both = next(both for _ in range(20) if len((both := with_objects_of(drawn(), green, rng)).classes) == 2)
    assert both.classes.tolist() == [0, 1]
    assert boxes_of(both.masks).tolist() == [[30, 20, 50, 50], [50, 20, 90, 50]]
    assert both.rgb[30, 60].tolist() == [0, 250, 0]
    assert both.rgb[30, 40].tolist() == list(RED)
    assert not (both.masks[0] & both.masks[1]).any()


def test_an_object_hidden_by_a_pasted_one_is_forgotten() -> None:
    cover = drawn((28, 18, 44, 34), label=1)
    rng = np.random.default_rng(0)
    after = {tuple(with_objects_of(drawn(), cover, rng).classes.tolist()) for _ in range(20)}
    assert after == {(0,), (1,)}


def test_boxes_end_after_the_last_pixel() -> None:
    masks = np.zeros((2, 10, 12), np.uint8)
    masks[0, 2:5, 3:9] = 1
    masks[1, 9, 11] = 1
    assert boxes_of(masks).tolist() == [[3, 2, 9, 5], [11, 9, 12, 10]]
    assert boxes_of(masks[:0]).shape == (0, 4)
