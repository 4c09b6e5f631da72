# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Records refuse what no stage could use, when they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from seg_ros.errors import ImageError
from seg_ros.records import Frame, Instances, Intrinsics, Mode, Segmentation

CAMERA = Intrinsics(640, 480, fx=500.0, fy=510.0, cx=319.5, cy=239.5, distortion=(0.1, 0.0, 0.0, 0.0, 0.0))


def rgb(*shape: int, dtype: type = np.uint8) -> Any:
    return np.zeros(shape, dtype)


def three_objects() -> Instances:
    masks = tuple(np.full((k + 1, 2), True) for k in range(3))
    return Instances((8, 6), np.arange(12, dtype=np.float32).reshape(3, 4), np.array([0.9, 0.8, 0.7], np.float32),
                     np.array([5, 6, 7], np.uint8), np.array([[0, 1], [2, 3], [4, 5]], np.int32), masks,
                     np.array([11, 0, 13], np.int64))


@pytest.mark.parametrize(('mode', 'labels', 'instances'), [
    ('semantic', True, False), ('instance', False, True), ('panoptic', True, True),
])
def test_a_mode_says_what_it_gives(mode: str, labels: bool, instances: bool) -> None:
    assert (Mode(mode).has_labels, Mode(mode).has_instances) == (labels, instances)


def test_a_camera_at_half_size_keeps_its_view() -> None:
    """The centre of pixel (0, 0) of the half image lies between the pixels 0 and 1 of the whole one."""
    half = CAMERA.scaled_to(320, 240)
    assert (half.width, half.height, half.fx, half.fy) == (320, 240, 250.0, 255.0)
    assert (half.cx, half.cy) == (159.5, 119.5)
    assert half.distortion == CAMERA.distortion
    ray = (0.5 - CAMERA.cx) / CAMERA.fx
    assert (0.0 - half.cx) / half.fx == pytest.approx(ray)


def test_a_camera_scaled_there_and_back_is_the_same() -> None:
    back = CAMERA.scaled_to(424, 240).scaled_to(640, 480)
    assert (back.fx, back.fy, back.cx, back.cy) == pytest.approx((500.0, 510.0, 319.5, 239.5))


@pytest.mark.parametrize('wrong', [
    {'width': 0}, {'height': -1}, {'fx': 0.0}, {'fy': -5.0}, {'fx': float('nan')},
])
def test_a_camera_without_size_or_focal_length_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ImageError, match=r'camera_info has size .* focal lengths .* Calibrate the camera'):
        replace(CAMERA, **wrong)


def test_a_frame_knows_its_size() -> None:
    frame = Frame('front', 7, 'camera', rgb(480, 640, 3), rgb(240, 320, dtype=np.uint16), CAMERA)
    assert frame.size == (640, 480)


@pytest.mark.parametrize('image', [
    rgb(480, 640), rgb(480, 640, 4), rgb(480, 640, 3, dtype=np.uint16), rgb(0, 640, 3), rgb(480, 0, 3),
], ids=['grey', 'with alpha', '16 bits', 'no rows', 'no columns'])
def test_a_frame_is_of_three_bytes_per_pixel(image: Any) -> None:
    with pytest.raises(ImageError, match=r'a frame needs an \(H, W, 3\) uint8 image, not \('):
        Frame('front', 7, 'camera', image)


@pytest.mark.parametrize('depth', [rgb(4, 4), rgb(4, 4, dtype=np.float64), rgb(4, 4, 1, dtype=np.uint16)])
def test_depth_is_of_millimetres_or_metres(depth: Any) -> None:
    with pytest.raises(ImageError, match='depth must be'):
        Frame('front', 7, 'camera', rgb(4, 4, 3), depth)


def test_nothing_found_is_a_record_too() -> None:
    none = Instances.none((8, 6))
    assert (len(none), none.size, none.boxes.shape, none.corners.shape) == (0, (8, 6), (0, 4), (0, 2))


def test_objects_are_chosen_in_the_given_order() -> None:
    taken = three_objects().taken([2, 0])
    assert len(taken) == 2
    assert taken.scores.tolist() == pytest.approx([0.7, 0.9])
    assert taken.class_ids.tolist() == [7, 5]
    assert taken.corners.tolist() == [[4, 5], [0, 1]]
    assert taken.track_ids.tolist() == [13, 11]
    assert taken.boxes[:, 0].tolist() == [8.0, 0.0]
    assert [mask.shape for mask in taken.masks] == [(3, 2), (1, 2)]


def test_no_object_may_be_chosen() -> None:
    assert len(three_objects().taken([])) == 0


@pytest.mark.parametrize('field', ['boxes', 'scores', 'class_ids', 'corners', 'track_ids', 'masks'])
def test_objects_without_all_their_facts_are_refused(field: str) -> None:
    objects = three_objects()
    with pytest.raises(ImageError, match=r'instance masks came with arrays of shapes'):
        replace(objects, **{field: getattr(objects, field)[:2]})


@pytest.mark.parametrize(('make', 'sentence'), [
    (lambda: Segmentation((8, 6), labels=rgb(8, 6)), r'labels must be \(6, 8\) uint8, not \(8, 6\) uint8'),
    (lambda: Segmentation((8, 6), confidence=rgb(6, 8, dtype=np.float32)), r'confidence must be .* float32'),
    (lambda: Segmentation((9, 6), instances=three_objects()), r'instances of size \(8, 6\) in a .* of \(9, 6'),
])
def test_a_segmentation_is_of_one_size(make: Callable[[], Segmentation], sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        make()


def test_a_segmentation_may_hold_both_answers() -> None:
    both = Segmentation((8, 6), rgb(6, 8), rgb(6, 8), three_objects())
    assert both.instances is not None
    assert len(both.instances) == 3
