# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Small masks become crops that equal torchvision's full-frame pasting, and selections keep what they say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.models.detection.roi_heads import paste_masks_in_image

from seg_ros.labels.taxonomy import RobotClass, Role
from seg_ros.models.instance_output import Proposals, Selection, instances_of, mask_crops
from seg_ros.records import UNLABELLED, Instances
from seg_ros.settings import Settings

IDS = np.array([0, 4, 9], np.uint8)


def proposals(boxes: list[list[float]], *, scores: list[float] | None = None, labels: list[int] | None = None,
              masks: np.ndarray | None = None, size: tuple[int, int] = (100, 80)) -> Proposals:
    n = len(boxes)
    whole = np.ones((n, 28, 28), np.float32)
    return Proposals(size, np.array(boxes, np.float32).reshape(n, 4), np.array(scores or [0.9] * n, np.float32),
                     np.array(labels or [0] * n, np.int64), whole if masks is None else masks)


def full_frame(found: Instances, k: int) -> np.ndarray:
    image = np.zeros(found.size[::-1], bool)
    (x, y), mask = found.corners[k], found.masks[k]
    image[y:y + mask.shape[0], x:x + mask.shape[1]] = mask
    return image


@pytest.mark.parametrize('largest', [4, 60, 400, 4000],
                         ids=['a few pixels', 'small', 'larger than the image', 'much larger than the image'])
def test_crops_equal_pasted_masks(largest: int) -> None:
    torch.manual_seed(largest)
    width, height = 160, 120
    centre = 1 + torch.rand(60, 2) * torch.tensor([width - 2, height - 2])
    half = 0.25 + torch.rand(60, 2) * largest / 2
    boxes = torch.cat([centre - half, centre + half], 1)
    smooth = torch.nn.functional.interpolate(torch.rand(60, 1, 5, 5), (28, 28), mode='bicubic').clamp(0, 1)
    expected = (paste_masks_in_image(smooth, boxes, (height, width))[:, 0] > 0.5).numpy()
    corners, crops = mask_crops(smooth[:, 0].numpy(), boxes.numpy(), (width, height))
    assert expected.any(axis=(1, 2)).sum() >= 40
    for k, crop in enumerate(crops):
        x, y = corners[k]
        pasted = np.zeros((height, width), bool)
        pasted[y:y + crop.shape[0], x:x + crop.shape[1]] = crop
        assert (pasted != expected[k]).sum() <= 0.001 * expected[k].sum() + 1, boxes[k]


@pytest.mark.parametrize(('classes', 'wanted'), [(('',), [True, True, False]), (('bowl',), [False, True, False])])
def test_what_has_no_class_is_never_kept(classes: tuple[str, ...], wanted: list[bool]) -> None:
    things = [RobotClass(k, name, (1, 2, 3), Role.OBSTACLE) for k, name in ((4, 'cup'), (9, 'bowl'))]
    selection = Selection.of(Settings(classes=classes), things)
    assert selection.wants(np.array([4, 9, UNLABELLED], np.uint8)).tolist() == wanted


def test_a_box_with_a_full_mask_covers_its_pixels_at_camera_size() -> None:
    found = instances_of(proposals([[10, 20, 30, 60]]), (200, 160), IDS, Selection())
    expected = np.zeros((160, 200), bool)
    expected[40:120, 20:60] = True
    assert found.size == (200, 160)
    np.testing.assert_allclose(found.boxes, [[20, 40, 60, 120]])
    assert (full_frame(found, 0) ^ expected).sum() <= 2 * (40 + 80)  # at most the rim


def test_left_half_of_a_mask_is_the_left_half_of_the_box() -> None:
    masks = np.zeros((1, 28, 28), np.float32)
    masks[:, :, :14] = 1.0
    found = instances_of(proposals([[20, 20, 76, 76]], masks=masks), (100, 80), IDS, Selection())
    covered = np.flatnonzero(full_frame(found, 0).any(axis=0))
    assert abs(covered[0] - 20) <= 1 and abs(covered[-1] - 47) <= 1


def test_crops_end_at_the_image_and_boxes_are_clipped() -> None:
    found = instances_of(proposals([[-20, -10, 20, 30], [90, 70, 300, 300]]), (100, 80), IDS, Selection())
    np.testing.assert_allclose(found.boxes, [[0, 0, 20, 30], [90, 70, 100, 80]])
    for (x, y), mask in zip(found.corners, found.masks, strict=True):
        assert x >= 0 and y >= 0 and x + mask.shape[1] <= 100 and y + mask.shape[0] <= 80
    assert full_frame(found, 1)[75:, 95:].all()


def test_best_first_with_the_ids_of_their_classes() -> None:
    boxes = [[0, 0, 10, 10], [20, 0, 40, 20], [50, 0, 80, 30]]
    found = instances_of(proposals(boxes, scores=[0.6, 0.9, 0.7], labels=[0, 1, 2]), (100, 80), IDS, Selection())
    np.testing.assert_allclose(found.scores, [0.9, 0.7, 0.6])
    assert found.class_ids.tolist() == [4, 9, 0]
    assert found.boxes[:, 0].tolist() == [20, 50, 0]
    assert found.masks[0].shape[0] < found.masks[1].shape[0]


TWO = [[0.0, 0.0, 40.0, 40.0], [2.0, 0.0, 42.0, 40.0], [60.0, 60.0, 64.0, 64.0]]


@pytest.mark.parametrize(('selection', 'left'), [
    (Selection(score_threshold=0.1), [0, 1, 2]),
    (Selection(score_threshold=0.65), [0, 1]),
    (Selection(score_threshold=0.95), []),
    (Selection(score_threshold=0.1, max_instances=1), [0]),
    (Selection(score_threshold=0.1, nms_iou=0.5), [0, 2]),
    (Selection(score_threshold=0.1, min_area=100), [0, 1]),
    (Selection(score_threshold=0.1, class_ids=frozenset({4, 9})), [1, 2]),
    (Selection(score_threshold=0.1, class_ids=frozenset()), []),
], ids=['all', 'by score', 'none', 'the best', 'no overlap of any class', 'large', 'two classes', 'no class'])
def test_a_selection_keeps(selection: Selection, left: list[int]) -> None:
    given = proposals(TWO, scores=[0.8, 0.7, 0.6], labels=[0, 1, 2])
    found = instances_of(given, (100, 80), IDS, selection)
    assert found.scores.tolist() == given.scores[left].tolist()
    assert found.class_ids.tolist() == [IDS[k] for k in left]


def test_an_object_without_pixels_is_dropped() -> None:
    masks = np.stack([np.full((28, 28), 0.4, np.float32), np.ones((28, 28), np.float32)])
    found = instances_of(proposals([[0, 0, 20, 20], [30, 0, 50, 20]], masks=masks), (100, 80), IDS, Selection())
    assert found.boxes.tolist() == [[30, 0, 50, 20]]


def test_a_box_outside_the_image_is_dropped() -> None:
    assert len(instances_of(proposals([[200, 0, 220, 20]]), (100, 80), IDS, Selection())) == 0


def test_nothing_found_is_an_empty_record() -> None:
    found = instances_of(proposals([], masks=np.zeros((0, 28, 28), np.float32)), (100, 80), IDS, Selection())
    assert len(found) == 0 and found.size == (100, 80)
