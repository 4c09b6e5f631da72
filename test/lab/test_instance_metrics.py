# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Average precision and confusion of drawn objects equal what was worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as coco_masks

from seg_ros.lab.coco import OutlinedImage
from seg_ros.lab.instance_metrics import InstanceScores, found_share, run_lengths, wrong_class_share
from seg_ros.records import Instances

SIZE = (60, 40)
Object = tuple[int, int, int, int]
"""Left, top, width and height of a rectangle."""


def true(*objects: tuple[Object, int], crowd: bool = False) -> OutlinedImage:
    masks = np.zeros((len(objects), *SIZE[::-1]), np.uint8)
    for mask, ((x, y, w, h), _) in zip(masks, objects, strict=True):
        mask[y:y + h, x:x + w] = 1
    return OutlinedImage('drawn', np.zeros((*SIZE[::-1], 3), np.uint8), masks,
                         np.array([k for _, k in objects], np.int64), np.full(len(objects), crowd))


def found(*objects: tuple[Object, int, float]) -> Instances:
    rectangles = np.array([r for r, _, _ in objects], np.int32).reshape(-1, 4)
    boxes = np.concatenate([rectangles[:, :2], rectangles[:, :2] + rectangles[:, 2:]], 1).astype(np.float32)
    return Instances(SIZE, boxes, np.array([s for _, _, s in objects], np.float32),
                     np.array([k for _, k, _ in objects], np.uint8), rectangles[:, :2],
                     tuple(np.ones((h, w), bool) for _, _, w, h in rectangles), np.zeros(len(objects), np.int64))


def precision(*images: tuple[OutlinedImage, Instances]) -> dict[str, float]:
    scores = InstanceScores(('crop', 'weed'))
    for pair in images:
        scores.add(*pair)
    return scores.average_precision()


A, B = (0, 0, 10, 10), (30, 10, 10, 10)
A_IOU_60 = (0, 0, 10, 6)
FAR = (45, 25, 10, 10)


@pytest.mark.parametrize(('seen', 'ap50', 'ap75', 'ap'), [
    ([(A, 0, 0.9), (B, 0, 0.8)], 1.0, 1.0, 1.0),
    ([(A, 0, 0.9)], 51 / 101, 51 / 101, 51 / 101),  # half recalled: recalls 0 to 0.5 of 101 have precision 1
    ([(A_IOU_60, 0, 0.9), (B, 0, 0.8)], 1.0, 51 / 101 / 2, None),  # at 0.75 the first is false: precision 1/2
    ([(FAR, 0, 0.9), (A, 0, 0.8), (B, 0, 0.7)], 2 / 3, 2 / 3, 2 / 3),  # best precision from any recall on: 2/3
    ([(A, 1, 0.9), (B, 1, 0.8)], 0.0, 0.0, 0.0),
    ([], 0.0, 0.0, 0.0),
], ids=['all', 'half', 'loose mask', 'a false one first', 'wrong class', 'nothing'])
def test_average_precision_by_hand(seen: list[tuple[Object, int, float]], ap50: float, ap75: float,
                                   ap: float | None) -> None:
    got = precision((true((A, 0), (B, 0)), found(*seen)))
    assert got['AP50'] == pytest.approx(ap50, abs=1e-6)
    assert got['AP75'] == pytest.approx(ap75, abs=1e-6)
    assert ap is None or got['AP'] == pytest.approx(ap, abs=1e-6)


def test_loose_masks_count_up_to_their_overlap() -> None:
    got = precision((true((A, 0)), found((A_IOU_60, 0, 0.9))))
    assert got['AP'] == pytest.approx(0.3)  # right at IoU 0.5, 0.55 and 0.6 of ten


def test_classes_are_averaged_and_a_class_without_truth_is_nan() -> None:
    both = precision((true((A, 0), (B, 1)), found((A, 0, 0.9))))
    assert (both['AP50_crop'], both['AP50_weed'], both['AP50']) == pytest.approx((1.0, 0.0, 0.5))
    one = precision((true((A, 0)), found((A, 0, 0.9), (B, 1, 0.9))))
    assert np.isnan(one['AP50_weed'])
    assert one['AP50'] == pytest.approx(1.0)


def test_objects_are_compared_within_their_image() -> None:
    assert precision((true((A, 0)), found()), (true(), found((A, 0, 0.9))))['AP50'] == 0.0


def test_a_find_within_a_crowd_is_not_false() -> None:
    crowd = true(((20, 0, 40, 40), 0), crowd=True)
    alone = true((A, 0))
    both = OutlinedImage('drawn', alone.rgb, np.concatenate([alone.masks, crowd.masks]), np.array([0, 0]),
                         np.array([False, True]))
    assert precision((both, found((B, 0, 0.9), (A, 0, 0.8))))['AP50'] == pytest.approx(1.0)


def test_confusion_counts_matched_objects_by_class() -> None:
    scores = InstanceScores(('crop', 'weed'))
    scores.add(true((A, 0), (B, 1), ((15, 20, 10, 10), 0)),
               found((A, 1, 0.9), (A, 0, 0.8), (B, 1, 0.7), (FAR, 0, 0.6), ((15, 20, 10, 10), 0, 0.4)))
    counts = scores.confusion(score_threshold=0.5)
    assert counts.tolist() == [[0, 1], [0, 1]]  # A went to the better, wrong find; FAR matches nothing
    assert wrong_class_share(counts) == 0.5
    assert scores.confusion(score_threshold=0.3).tolist() == [[1, 1], [0, 1]]


def test_no_match_has_no_share() -> None:
    assert np.isnan(wrong_class_share(np.zeros((2, 2), np.int64)))


@pytest.mark.parametrize('rectangle', [(0, 0, 1, 1), (59, 39, 1, 1), (5, 0, 20, 40), (0, 0, 60, 40), (7, 9, 13, 11)],
                         ids=['first pixel', 'last pixel', 'whole columns', 'whole image', 'inside'])
def test_run_lengths_are_those_of_the_full_image(rectangle: Object) -> None:
    rng = np.random.default_rng(3)
    x, y, w, h = rectangle
    mask = rng.random((h, w)) < 0.7
    image = np.zeros(SIZE[::-1], np.uint8)
    image[y:y + h, x:x + w] = mask
    one = Instances(SIZE, np.zeros((1, 4), np.float32), np.ones(1, np.float32), np.zeros(1, np.uint8),
                    np.array([[x, y]], np.int32), (mask,), np.zeros(1, np.int64))
    assert run_lengths(one) == [coco_masks.encode(np.asfortranarray(image))]


@pytest.mark.parametrize(('seen', 'share'), [
    ([(A, 0, 0.9), (B, 1, 0.8)], 1.0),
    ([(A, 0, 0.9)], 2 / 3),  # one of two missed
    ([(A, 0, 0.9), (FAR, 0, 0.8)], 1 / 2),  # and one invented
    ([(A, 1, 0.9), (B, 1, 0.8)], 1 / 2),  # one of the wrong class
    ([], 0.0),
])
def test_what_was_found_of_an_image_by_hand(seen: list[tuple[Object, int, float]], share: float) -> None:
    assert found_share(true((A, 0), (B, 1)), found(*seen)) == pytest.approx(share)


def test_of_an_image_without_objects_nothing_can_be_said() -> None:
    assert np.isnan(found_share(true(), found()))
    assert np.isnan(found_share(true((A, 0), crowd=True), found()))
    assert found_share(true(), found((A, 0, 0.9))) == 0.0
