# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Masks on a coarse grid become crops in pixels of the answer."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.models.found_output import Crop, FoundCrops, crop_of, full_size, instances_of_found
from seg_ros.models.instance_output import Selection

IDS = np.array([4, 9], np.uint8)


def box(left: int, top: int, right: int, bottom: int) -> NDArray[np.bool_]:
    mask = np.zeros((30, 40), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def test_a_crop_holds_what_there_is_of_a_mask() -> None:
    mask = box(5, 6, 11, 9)
    mask[7, 8] = False
    left, top, crop = crop_of(mask)
    assert (left, top) == (5, 6)
    np.testing.assert_array_equal(crop, mask[6:9, 5:11])
    assert crop.base is None  # the whole mask is not kept
    assert crop_of(box(0, 0, 0, 0)).mask.size == 0


@pytest.mark.parametrize('size', [(40, 30), (80, 60), (100, 75), (33, 20), (7, 5)])
def test_each_pixel_is_the_nearest_of_the_grid(size: tuple[int, int]) -> None:
    mask = np.random.default_rng(0).random((30, 40)) > 0.5
    mask[:7] = mask[:, 30:] = False
    crop = full_size(crop_of(mask), (40, 30), size)
    whole = np.zeros(size[::-1], np.bool_)
    whole[crop.top:crop.top + crop.mask.shape[0], crop.left:crop.left + crop.mask.shape[1]] = crop.mask
    rows, columns = (np.arange(many) * few // many for many, few in ((size[1], 30), (size[0], 40)))
    np.testing.assert_array_equal(whole, mask[rows][:, columns])


@pytest.mark.parametrize(('selection', 'left'), [
    (Selection(0.0), [0, 1, 2]),
    (Selection(0.55), [0, 1]),
    (Selection(0.0, nms_iou=0.5), [0, 2]),
    (Selection(0.0, class_ids=frozenset({9})), [1, 2]),
    (Selection(0.0, min_area=1000), [0, 1]),
    (Selection(0.0, max_instances=1), [0]),
    (Selection(0.0, min_area=100_000), []),
], ids=['all', 'by score', 'no overlap', 'one class', 'large', 'the best', 'none'])
def test_a_selection_keeps(selection: Selection, left: list[int]) -> None:
    masks: tuple[Crop, ...] = tuple(crop_of(one) for one in (box(0, 0, 20, 20), box(1, 0, 21, 20), box(30, 20, 35, 25)))
    found = FoundCrops(np.array([0, 1, 1]), np.array([0.8, 0.6, 0.5], np.float32), masks, (40, 30))
    instances = instances_of_found(found, (80, 60), IDS, selection)
    assert instances.scores.tolist() == found.scores[left].tolist()
    assert instances.class_ids.tolist() == [int(IDS[found.words[k]]) for k in left]
    expected = [[0, 0, 40, 40], [2, 0, 42, 40], [60, 40, 70, 50]]
    assert instances.boxes.tolist() == [expected[k] for k in left]
