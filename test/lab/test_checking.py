# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Everything wrong with a data set is told at once, by file, before the first batch."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.rooms import room, write_image, write_rooms

from seg_ros.errors import DataError
from seg_ros.lab.checking import ALIKE, THUMBNAIL, alike, check, problems
from seg_ros.lab.coco import CocoPixels
from seg_ros.lab.datasets import LabelFolder
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.records import UNLABELLED

INDOOR = load_taxonomy('indoor')


def rooms(folder: Path, count: int = 2, *, first: int = 0) -> LabelFolder:
    return LabelFolder(*write_rooms(folder, count, first=first), INDOOR)


def test_sound_folders_pass(tmp_path: Path) -> None:
    train, held_out = rooms(tmp_path / 'train', 3), rooms(tmp_path / 'dev', first=50)
    assert problems(train) == problems(held_out) == []
    check([train], held_out)


def test_every_fault_of_label_folders_is_listed_with_its_file(tmp_path: Path) -> None:
    train, dev = tmp_path / 'train', tmp_path / 'dev'
    rooms(train, 7)
    (train / 'labels' / '000.png').unlink()
    (train / 'images' / '001.png').unlink()
    (train / 'images' / '002.png').write_bytes(b'no image')
    write_image(train / 'labels' / '003.png', np.full((48, 64), 77, np.uint8))
    write_image(train / 'labels' / '004.png', np.zeros((20, 30), np.uint8))
    write_image(train / 'labels' / '005.png', np.full((48, 64), UNLABELLED, np.uint8))
    rooms(dev, first=50)
    write_image(dev / 'images' / '051.png', room(6)[0])
    data = [LabelFolder(part / 'images', part / 'labels', INDOOR) for part in (train, dev)]
    with pytest.raises(DataError) as caught:
        check([data[0]], data[1])
    lines = str(caught.value).splitlines()
    assert lines[0] == 'the data has 7 faults:'
    assert lines[1:8] == [
        f'  {train}/images/000.png has no label image {train}/labels/000.png',
        f'  {train}/labels/001.png has no image of that name',
        f'  {train}/images/002.png cannot be read as an image: the data is not an image that OpenCV can decode',
        f'  {train}/labels/003.png holds the ids [77], which the taxonomy does not have',
        f'  {train}/labels/004.png has size 30x20, its image 64x48',
        f'  {train}/labels/005.png labels no pixel: all are 255',
        f'  {dev}/images/051.png is a copy of {train}/images/006.png, which is trained on',
    ]
    assert 'Mend or remove these first' in str(caught.value)


def test_outlines_that_add_classes_are_looked_at_too(tmp_path: Path) -> None:
    write_image(tmp_path / 'more' / 'a.png', np.full((48, 64, 3), 90, np.uint8))
    table = {'images': [{'id': 1, 'file_name': 'a.png'}], 'categories': [{'id': 1, 'name': 'person'}],
             'annotations': [{'id': 3, 'image_id': 1, 'category_id': 1, 'segmentation': []},
                             {'id': 4, 'image_id': 1, 'category_id': 1, 'segmentation': [[5, 5, 20, 5, 20, 40]]}]}
    (tmp_path / 'more.json').write_text(json.dumps(table))
    people = CocoPixels(tmp_path / 'more', tmp_path / 'more.json', INDOOR, ['person'])
    assert problems(people) == [f'{tmp_path}/more/a.png: annotation 3 has an empty mask']


def test_of_very_many_faults_the_first_are_shown(tmp_path: Path) -> None:
    train = rooms(tmp_path / 'train', 120)
    for path in (tmp_path / 'train' / 'labels').iterdir():
        path.write_bytes(b'')
    with pytest.raises(DataError, match=r'has 120 faults:(.|\n)*and 20 more'):
        check([train], rooms(tmp_path / 'dev', first=500))


def test_almost_the_same_picture_is_told_and_let_through(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next frame of a camera that stands still is no mistake of the files, but flatters the scores."""
    train, held_out = rooms(tmp_path / 'train', 3), rooms(tmp_path / 'dev', first=50)
    brighter = np.clip(room(1)[0].astype(int) + 6, 0, 255).astype(np.uint8)
    write_image(tmp_path / 'dev' / 'images' / '050.png', brighter)
    with caplog.at_level(logging.WARNING):
        check([train], held_out)
    line, = caplog.messages
    assert f'{tmp_path}/dev/images/050.png shows almost the same picture as {tmp_path}/train/images/001' in line


def thumbnail(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA), np.uint8)


def test_a_copy_is_found_at_another_size_and_compression() -> None:
    scene = cv2.GaussianBlur(room(3, (640, 480))[0], (0, 0), 2)
    small = cv2.resize(scene, (320, 240), interpolation=cv2.INTER_AREA)
    copy = cv2.imdecode(cv2.imencode('.jpg', small, [cv2.IMWRITE_JPEG_QUALITY, 70])[1], cv2.IMREAD_COLOR)
    others = {Path(f'{k}.jpg'): thumbnail(room(k, (640, 480))[0]) for k in (1, 2)} | {Path('3.jpg'): thumbnail(scene)}
    (mine, theirs, _), = alike({Path('copy.jpg'): thumbnail(copy)}, others)
    assert (mine.name, theirs.name) == ('copy.jpg', '3.jpg')


def test_a_camera_that_stands_still_before_another_object_is_another_picture() -> None:
    before = np.full((480, 640, 3), 120, np.uint8)
    after = before.copy()
    after[200:240, 300:340] = 160  # a small thing on the belt
    assert alike({Path('a'): thumbnail(before)}, {Path('b'): thumbnail(after)}) == []


def test_no_pair_is_missed_by_looking_at_blocks_first() -> None:
    rng = np.random.default_rng(0)
    some, others = ({Path(f'{name}{k}'): rng.integers(100, 100 + ALIKE + 2, (THUMBNAIL, THUMBNAIL)).astype(np.uint8)
                     for k in range(20)} for name in 'ab')
    for k in range(0, 20, 3):
        others[Path(f'b{k}')] = np.clip(some[Path(f'a{k}')] + rng.integers(-ALIKE, ALIKE + 1, (64, 64)), 0, 255
                                        ).astype(np.uint8)
    wanted = [(mine, theirs) for mine, one in some.items() for theirs, other in others.items()
              if np.abs(one.astype(int) - other).max() <= ALIKE]
    assert [pair[:2] for pair in alike(some, others)] == wanted
    assert len(wanted) >= 7
