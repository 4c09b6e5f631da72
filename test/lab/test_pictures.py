# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Truth beside prediction, and the worst pictures on one sheet."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.rooms import FLOOR, PERSON, WALL

from seg_ros.errors import DataError
from seg_ros.lab.coco import OutlinedImage
from seg_ros.lab.pictures import CAPTION_HEIGHT, PANEL_WIDTH, Worst, side_by_side, true_objects, write_picture
from seg_ros.labels.overlay import overlay
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.records import Segmentation

INDOOR = load_taxonomy('indoor')


def plain(value: int, height: int = 30, width: int = 40) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


def labelled(label: int, height: int = 30, width: int = 40) -> Segmentation:
    return Segmentation((width, height), np.full((height, width), label, np.uint8))


def test_camera_truth_and_prediction_stand_in_this_order() -> None:
    picture = side_by_side(plain(90), labelled(FLOOR), labelled(WALL), INDOOR.classes)
    assert picture.shape == (30, 120, 3)
    assert (picture[:, :40] == 90).all()
    for k, label in ((1, FLOOR), (2, WALL)):
        assert (picture[:, 40 * k:40 * k + 40] == overlay(plain(90), labelled(label), INDOOR.classes)).all()


def test_wide_panels_are_made_smaller() -> None:
    picture = side_by_side(plain(90, 600, 960), labelled(FLOOR, 600, 960), labelled(WALL, 600, 960), INDOOR.classes)
    assert picture.shape == (300, 3 * PANEL_WIDTH, 3)


def test_outlines_become_the_record_of_a_model() -> None:
    masks = np.zeros((3, 20, 30), np.uint8)
    masks[0, 5:9, 10:12] = masks[1, 2:4, 3:8] = masks[2, :, :] = 1
    sample = OutlinedImage('a', plain(0, 20, 30), masks, np.array([1, 0, 1]), np.array([False, False, True]))
    found = true_objects(sample, [40, 50])
    assert (found.size, found.class_ids.tolist(), found.scores.tolist()) == ((30, 20), [50, 40], [1.0, 1.0])
    assert found.corners.tolist() == [[10, 5], [3, 2]]
    assert [(mask.shape, mask.all()) for mask in found.masks] == [((4, 2), True), ((2, 5), True)]


def test_the_panel_of_the_truth_names_objects_without_a_score() -> None:
    masks = np.zeros((1, 240, 320), np.uint8)
    masks[0, 100:200, 100:200] = 1
    sample = OutlinedImage('a', plain(90, 240, 320), masks, np.zeros(1, np.int64), np.zeros(1, bool))
    objects = Segmentation((320, 240), instances=true_objects(sample, [PERSON]))
    picture = side_by_side(sample.rgb, objects, objects, INDOOR.classes)
    assert (picture[:, 320:640] == overlay(sample.rgb, objects, INDOOR.classes, is_true=True)).all()
    assert (picture[:, 640:] == overlay(sample.rgb, objects, INDOOR.classes)).all()
    assert (picture[:, 320:640] != picture[:, 640:]).any()


def test_an_image_without_objects_has_an_empty_record() -> None:
    sample = OutlinedImage('a', plain(0), np.zeros((0, 30, 40), np.uint8), np.zeros(0, np.int64), np.zeros(0, bool))
    assert len(true_objects(sample, [4])) == 0


def test_the_sheet_holds_the_worst_and_the_worst_first(tmp_path: Path) -> None:
    worst, drawn = Worst(2), []
    for score, value in ((0.9, 10), (0.2, 60), (math.nan, 0), (0.5, 120), (0.1, 200), (0.95, 250)):
        worst.add(score, f'picture {value}', lambda value=value: drawn.append(value) or plain(value))  # type: ignore
    worst.write(tmp_path / 'new' / 'worst.png', 'IoU')
    sheet = cv2.imread(str(tmp_path / 'new' / 'worst.png'))
    height = CAPTION_HEIGHT + 30
    assert sheet.shape == (2 * height, 40, 3)
    assert [int(sheet[row, 5, 0]) for row in (CAPTION_HEIGHT + 9, height + CAPTION_HEIGHT + 9)] == [200, 60]
    assert drawn == [10, 60, 120, 200]  # the last, and that without a score, were never drawn


def test_pictures_of_several_widths_share_a_sheet(tmp_path: Path) -> None:
    worst = Worst()
    for width in (40, 90):
        worst.add(0.5, 'a', lambda width=width: plain(100, 30, width))  # type: ignore[misc]
    worst.write(tmp_path / 'worst.png', 'IoU')
    assert cv2.imread(str(tmp_path / 'worst.png')).shape == (2 * (CAPTION_HEIGHT + 30), 90, 3)


def test_no_picture_makes_no_sheet(tmp_path: Path) -> None:
    Worst().write(tmp_path / 'worst.jpg', 'IoU')
    assert list(tmp_path.iterdir()) == []


def test_red_is_written_as_red(tmp_path: Path) -> None:
    red = plain(0)
    red[..., 0] = 200
    write_picture(tmp_path / 'a' / 'red.png', red)
    assert cv2.imread(str(tmp_path / 'a' / 'red.png'))[0, 0].tolist() == [0, 0, 200]


def test_a_picture_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / 'a.jpg').mkdir()
    with pytest.raises(DataError, match=r'a\.jpg cannot be written: Is a directory'):
        write_picture(tmp_path / 'a.jpg', plain(0))
