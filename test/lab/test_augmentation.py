# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Changes of pictures leave labels true, and say all there is by the seed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.rooms import FLOOR, PERSON, WALL, room

from seg_ros.lab.augmentation import CropPlan, pasted, random_crop, random_lens, random_light
from seg_ros.lab.datasets import NONE_OF_COMPLETE
from seg_ros.records import UNLABELLED

PLAN = CropPlan((40, 30), (24, 96))


def painted(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture whose grey is the label, so that a crop can be checked against its labels."""
    return np.repeat(labels[..., None], 3, axis=2)


def cropped(seed: int, plan: CropPlan = PLAN) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    labels = np.full((48, 64), 50, np.uint8)
    labels[24:] = 200
    return random_crop(painted(labels), labels, plan, np.random.default_rng(seed))


@pytest.mark.parametrize('seed', range(20))
def test_a_crop_has_the_size_of_the_plan_and_its_labels_lie_where_the_picture_does(seed: int) -> None:
    rgb, labels = cropped(seed)
    assert (rgb.shape, rgb.dtype) == ((30, 40, 3), np.uint8)
    assert (labels.shape, labels.dtype) == ((30, 40), np.uint8)
    assert set(np.unique(labels)) <= {50, 200, UNLABELLED}  # labels are never mixed
    inside = labels != UNLABELLED
    assert inside.any()
    assert (rgb[~inside] == 127).all()
    differs = np.abs(rgb[..., 0].astype(int) - labels)[inside] > 60
    assert differs.mean() < 0.1  # the picture is smooth where it is resized, the labels are not


def test_a_small_image_is_whole_within_its_crop() -> None:
    """What lies outside the image is unlabelled, and the image may lie anywhere within the crop."""
    corners = set()
    for seed in range(30):
        _, labels = cropped(seed, CropPlan((200, 150), (24, 24)))
        rows, columns = np.nonzero(labels != UNLABELLED)
        assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (24, pytest.approx(32, abs=6))
        assert len(rows) == 24 * (np.ptp(columns) + 1)
        corners.add((rows.min(), columns.min()))
    assert len(corners) > 20


def test_a_large_image_fills_its_crop() -> None:
    for seed in range(10):
        _, labels = cropped(seed, CropPlan((40, 30), (96, 200)))
        assert not (labels == UNLABELLED).any()


def test_half_of_the_crops_are_mirrored() -> None:
    labels = np.zeros((48, 64), np.uint8)
    labels[:, 32:] = 1
    mirrored = [random_crop(painted(labels), labels, CropPlan((120, 90), (48, 48)), np.random.default_rng(seed))[1]
                for seed in range(60)]
    left_is_one = [image[image != UNLABELLED].reshape(48, -1)[0, 0] == 1 for image in mirrored]
    assert 15 < sum(left_is_one) < 45


def test_the_same_seed_gives_the_same_crop_and_another_another() -> None:
    one, again, other = (cropped(seed) for seed in (1, 1, 2))
    assert (one[0] == again[0]).all()
    assert (one[1] == again[1]).all()
    assert (one[0] != other[0]).any()


@pytest.mark.parametrize('shape', [(1, 1), (2, 500), (500, 2)])
def test_odd_images_are_cropped_too(shape: tuple[int, int]) -> None:
    labels = np.full(shape, 3, np.uint8)
    rgb, cut = random_crop(painted(labels), labels, PLAN, np.random.default_rng(0))
    assert rgb.shape == (30, 40, 3)
    assert (cut == 3).any()


@pytest.mark.parametrize('seed', range(30))
def test_light_changes_the_picture_but_keeps_its_shape(seed: int) -> None:
    rgb, labels = room(0)
    before = rgb.copy()
    changed = random_light(rgb, np.random.default_rng(seed))
    assert (changed.shape, changed.dtype) == (rgb.shape, np.uint8)
    assert (rgb == before).all()  # the original is left alone
    assert 0 < np.abs(changed.astype(int) - rgb).mean() < 120
    bright = {k: changed[labels == k].mean() for k in (FLOOR, WALL, PERSON)}
    assert bright[WALL] > bright[FLOOR] + 10  # a room can still be recognised
    assert bright[WALL] > bright[PERSON] + 10


def test_lights_differ() -> None:
    rgb, _ = room(0)
    means = {round(float(random_light(rgb, np.random.default_rng(seed)).mean())) for seed in range(30)}
    assert len(means) > 10


@pytest.mark.parametrize('seed', range(12))
def test_another_lens_moves_picture_and_labels_alike(seed: int) -> None:
    labels = np.full((90, 120), 50, np.uint8)
    labels[45:, 60:] = 200
    rgb, moved = random_lens(painted(labels), labels, np.random.default_rng(seed))
    assert (rgb.shape, moved.shape, rgb.dtype, moved.dtype) == ((90, 120, 3), (90, 120), np.uint8, np.uint8)
    assert set(np.unique(moved)) <= {50, 200, UNLABELLED}
    assert moved[45 + 8, 60 + 8] == 200  # the middle stays where it is
    assert moved[45 - 8, 60 - 8] == 50
    inside = moved != UNLABELLED
    assert (np.abs(rgb[..., 0].astype(int) - moved)[inside] > 60).mean() < 0.05


def test_half_of_the_crops_keep_their_lens() -> None:
    labels = np.tile(np.arange(120, dtype=np.uint8), (90, 1))
    kept = [np.array_equal(random_lens(painted(labels), labels, np.random.default_rng(seed))[1], labels)
            for seed in range(60)]
    assert 20 <= sum(kept) <= 40


def test_half_of_the_objects_of_another_picture_are_pasted_whole() -> None:
    labels, donor = np.full((30, 40), FLOOR, np.uint8), np.full((30, 40), NONE_OF_COMPLETE, np.uint8)
    donor[:, 20:] = UNLABELLED
    objects = [*((np.s_[2:8, x:x + 6], PERSON) for x in (1, 9, 17, 25)), (np.s_[20:26, 4:30], WALL)]
    for place, label in objects:
        donor[place] = label
    seen = set()
    for seed in range(20):
        rgb, both = pasted(painted(labels), labels, painted(donor), donor, np.random.default_rng(seed))
        assert (rgb == painted(both)).all()
        assert set(np.unique(both)) <= {FLOOR, PERSON, WALL}
        whole = [bool((both[place] == label).all()) for place, label in objects]
        assert whole == [bool((both[place] == label).any()) for place, label in objects]
        seen.add(tuple(whole))
    assert len(seen) > 10
    assert 0.3 < np.mean(list(seen)) < 0.7
