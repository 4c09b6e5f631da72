# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Labelled images come as they were drawn, and everything wrong on the disk is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.rooms import FLOOR, PERSON, WALL, room, write_image, write_rooms

from seg_ros.errors import DataError
from seg_ros.lab.datasets import Joined, LabelFolder, PlainImages, image_files
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.picture_files import read_rgb

INDOOR = load_taxonomy('indoor')
PLANT = 8
HEIGHT, WIDTH = 20, 30


def even(value: int, *shape: int) -> NDArray[np.uint8]:
    return np.full(shape, value, np.uint8)


# Images on disk.

def test_red_is_read_as_red(tmp_path: Path) -> None:
    rgb = even(0, 4, 5, 3)
    rgb[..., 0] = 200
    assert read_rgb(write_image(tmp_path / 'a.png', rgb)).tolist() == rgb.tolist()


@pytest.mark.parametrize('pixels', [even(90, 4, 5), even(90, 4, 5, 4)], ids=['grey', 'with alpha'])
def test_every_image_has_three_channels(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    cv2.imwrite(str(tmp_path / 'a.png'), pixels)
    assert read_rgb(tmp_path / 'a.png').tolist() == even(90, 4, 5, 3).tolist()


@pytest.mark.parametrize('content', [None, b'', b'no image', b'\x89PNG\r\n\x1a\n'])
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / 'a.png').write_bytes(content)
    with pytest.raises(DataError, match=f'{tmp_path}/a.png cannot be read as an image'):
        read_rgb(tmp_path / 'a.png')


def test_image_files_are_sorted_and_nothing_else(tmp_path: Path) -> None:
    for name in ('b.JPG', 'a.png', 'c.tiff', 'notes.txt', 'd.npy'):
        (tmp_path / name).touch()
    assert [path.name for path in image_files(tmp_path)] == ['a.png', 'b.JPG', 'c.tiff']


def test_a_folder_that_is_none_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='none is not a folder'):
        image_files(tmp_path / 'none')
    with pytest.raises(DataError, match=r'holds no images. Images end in \.jpg, \.jpeg'):
        image_files(tmp_path)


# Folders of label images.

def test_a_label_folder_gives_pictures_with_their_labels(tmp_path: Path) -> None:
    data = LabelFolder(*write_rooms(tmp_path, 3), INDOOR)
    assert len(data) == 3
    for index in range(3):
        rgb, labels = room(index)
        sample = data.read(index)
        assert sample.name == f'{index:03d}'
        assert (sample.rgb == rgb).all()
        assert (sample.labels == labels).all()


def test_an_image_without_a_label_is_left_out(tmp_path: Path) -> None:
    images, labels = write_rooms(tmp_path, 3)
    (labels / '001.png').unlink()
    data = LabelFolder(images, labels, INDOOR)
    assert [data.read(k).name for k in range(len(data))] == ['000', '002']


def test_no_label_at_all_is_refused(tmp_path: Path) -> None:
    images, labels = write_rooms(tmp_path, 1)
    (labels / '000.png').rename(labels / 'zero.png')
    with pytest.raises(DataError, match=f'no image of {images} has a label image in {labels}.* here 000.png'):
        LabelFolder(images, labels, INDOOR)


@pytest.mark.parametrize(('labels', 'sentence'), [
    (np.arange(48 * 64 * 3).astype(np.uint8).reshape(48, 64, 3), 'is a picture of colours, and nothing says what'),
    (np.full((48, 64), 300, np.uint16), r'holds the ids \[300\], which the taxonomy does not have'),
    (even(0, 48, 60), '000.png has size 60x48, its image 64x48'),
    (even(0, 64, 48), '000.png has size 48x64, its image 64x48'),
    (even(77, 48, 64), r'holds the ids \[77\], which the taxonomy does not have. Map them'),
])
def test_a_label_image_that_cannot_be_is_refused(tmp_path: Path, labels: Any, sentence: str) -> None:
    images, folder = write_rooms(tmp_path, 1)
    cv2.imwrite(str(folder / '000.png'), labels)
    with pytest.raises(DataError, match=sentence):
        LabelFolder(images, folder, INDOOR).read(0)


def test_a_broken_label_image_is_refused(tmp_path: Path) -> None:
    images, labels = write_rooms(tmp_path, 1)
    (labels / '000.png').write_bytes((labels / '000.png').read_bytes()[:20])
    with pytest.raises(DataError, match='cannot be read as a label image'):
        LabelFolder(images, labels, INDOOR).read(0)


# Pictures alone, and several sets as one.

def test_of_other_pictures_nothing_is_known(tmp_path: Path) -> None:
    write_image(tmp_path / 'a.png', even(90, 4, 6, 3))
    images = PlainImages(tmp_path)
    assert len(images) == 1
    assert (images.read(0).labels == 255).all()
    assert images.file(0) == tmp_path / 'a.png'


def test_joined_sets_are_one_after_the_other(tmp_path: Path) -> None:
    few = LabelFolder(*write_rooms(tmp_path / 'few', 1, first=7), INDOOR)
    many = LabelFolder(*write_rooms(tmp_path / 'many', 2), INDOOR)
    joined = Joined([many, few])
    assert [joined.read(k).name for k in range(len(joined))] == ['000', '001', '007']
    assert {FLOOR, WALL, PERSON} <= set(np.unique(joined.read(2).labels))
