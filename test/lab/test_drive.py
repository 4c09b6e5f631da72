# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Of a drive that is taken which shows something new and its one floor; what cannot teach is one sentence."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from scenes.raycast import Solid
from scenes.taught_drive import DrawnDrive, drawn_drive, image_at, view_at

from seg_ros.errors import DataError
from seg_ros.lab.datasets import spread
from seg_ros.lab.drive import CHOOSE, JUDGE, LEARN, Survey, Thinning, survey
from seg_ros.space import Plane

TABLE = Solid(1.5, 0.0, (1.2, 2.4, 0.05), bottom=0.6)


def looked_at(drive: DrawnDrive) -> Survey:
    return survey(drive, 'the drive', lambda images: images)


@pytest.fixture(scope='module')
def drive() -> DrawnDrive:
    return drawn_drive()


def test_a_drive_is_parted_in_time(drive: DrawnDrive) -> None:
    found = looked_at(drive)
    assert found.numbers(LEARN) == tuple(range(14))
    assert found.numbers(CHOOSE) == (14, 15, 16)
    assert found.numbers(JUDGE) == (17, 18, 19)
    assert found.left_out == {}
    assert all(one.floor.camera_height_m == pytest.approx(1.0, abs=0.02) for one in found.taken)


def test_what_was_found_can_be_told_and_read_again(drive: DrawnDrive) -> None:
    found = looked_at(drive)
    assert Survey.of_table(json.loads(json.dumps(found.table()))) == found


def test_a_long_stop_weighs_as_one_image(drive: DrawnDrive) -> None:
    stop = [replace(drive.images[5], number=100 + k) for k in range(30)]
    found = looked_at(DrawnDrive([*drive.images[:6], *stop, *drive.images[6:]]))
    assert len(found.taken) == 20
    assert found.left_out == {'show nothing new': 30}


def test_without_poses_a_picture_that_has_not_changed_shows_nothing_new(drive: DrawnDrive) -> None:
    thinning = Thinning(is_posed=False)
    first, again = drive.images[0], replace(drive.images[0], frame=image_at(0, 0.0, view_at(0.0)).frame)
    other = replace(first, frame=replace(first.frame, rgb=255 - first.frame.rgb))
    assert [thinning.is_new(one) for one in (first, again, other)] == [True, False, True]


def test_images_of_a_table_are_left_out_and_counted(drive: DrawnDrive) -> None:
    tables = [image_at(50 + k, 1.0 + 0.05 * k, view_at(0.0, TABLE)) for k in range(3)]
    found = looked_at(DrawnDrive([*drive.images, *tables]))
    assert {one.number for one in found.taken} <= set(range(20)) | {50, 51, 52}
    assert all(one.floor.camera_height_m == pytest.approx(1.0, abs=0.03) for one in found.taken)


def test_an_image_of_another_floor_is_left_out(drive: DrawnDrive) -> None:
    raised = [image_at(50 + k, 1.0 + 0.05 * k, view_at(0.0, height_m=0.7)) for k in range(3)]
    for one in raised:
        one.map_from_camera[2, 3] = 1.0
    found = looked_at(DrawnDrive([*drive.images, *raised]))
    assert found.left_out == {'show another floor than the rest': 3}


def sentence(drive: DrawnDrive) -> str:
    with pytest.raises(DataError) as error:
        looked_at(drive)
    return str(error.value)


def test_two_floors_are_refused(drive: DrawnDrive) -> None:
    upstairs = [replace(one, number=30 + one.number, map_from_camera=one.map_from_camera + lifted(0.4))
                for one in drive.images]
    assert re.search('shows two floors, 0.40 m from each other', sentence(DrawnDrive([*drive.images, *upstairs])))


def lifted(by_m: float) -> np.ndarray:
    found = np.zeros((4, 4))
    found[2, 3] = by_m
    return found


def test_too_few_images_and_no_depth_are_refused(drive: DrawnDrive) -> None:
    assert sentence(DrawnDrive(drive.images[:10])).startswith('10 of 10 images of the drive can teach, 16 are needed')
    assert sentence(DrawnDrive([])) == ('no image of the drive has depth. Check that image and depth have stamps of '
                                        'the same clock.')


def test_no_floor_in_view_is_said(drive: DrawnDrive) -> None:
    depths = [np.where(np.arange(72)[:, None] < 30, one.frame.depth, 0).astype(np.uint16) for one in drive.images]
    walls = [replace(one, frame=replace(one.frame, depth=depth)) for one, depth in zip(drive.images, depths)]
    assert 'show no floor' in sentence(DrawnDrive(walls))


def test_depth_that_is_nowhere_flat_is_not_calibrated(drive: DrawnDrive) -> None:
    rng = np.random.default_rng(0)
    bent = [replace(one, frame=replace(one.frame, depth=rng.integers(500, 4000, (72, 96)).astype(np.uint16)))
            for one in drive.images]
    assert 'calibrate the depth camera' in sentence(DrawnDrive(bent)).lower()


def test_of_many_images_some_are_taken_evenly() -> None:
    floor = Plane((0.0, -1.0, 0.0), 1.0)
    assert [number for number, _ in spread([(k, floor) for k in range(101)], 5)] == [0, 25, 50, 75, 100]
