# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Outlines drawn, written as YOLO text and read again are the masks drawn; every malformed line is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from scenes.rooms import write_image

from seg_ros.errors import DataError
from seg_ros.lab.checking import problems
from seg_ros.lab.coco_file import coco_mask
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.yolo import YoloData, has_split

SIZE = 80, 60
TRIANGLE, SQUARE = [(10, 10), (50, 15), (20, 50)], [(60, 20), (70, 20), (70, 40), (60, 40)]


def text_of(kind: int, outline: list[tuple[float, float]]) -> str:
    return f'{kind} ' + ' '.join(f'{x / SIZE[0]:.6f} {y / SIZE[1]:.6f}' for x, y in outline)


def mask_of(outline: list[tuple[float, float]]) -> NDArray[np.bool_]:
    return coco_mask({'segmentation': [[float(v) for point in outline for v in point]]}, SIZE[1], SIZE[0])


def write(root: Path, *lines: str, description: dict[str, Any] | None = None) -> Path:
    """Write two training images, of which only desk.png shows objects, and return the data.yaml."""
    for name in ('desk', 'empty'):
        (root / 'images' / 'train').mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / 'images' / 'train' / f'{name}.png'), np.full((SIZE[1], SIZE[0], 3), 90, np.uint8))
    (root / 'labels' / 'train').mkdir(parents=True, exist_ok=True)
    (root / 'labels' / 'train' / 'desk.txt').write_text('\n'.join(lines) + '\n')
    table = {'train': 'images/train', 'names': ['cup', 'pen']} if description is None else description
    (root / 'data.yaml').write_text(yaml.safe_dump(table))
    return root / 'data.yaml'


def test_what_was_drawn_is_read(tmp_path: Path) -> None:
    data = YoloData(write(tmp_path, text_of(1, TRIANGLE), '', text_of(0, SQUARE)), 'train')
    assert data.class_names == ('cup', 'pen')
    assert len(data) == 2
    desk, empty = data.read(0), data.read(1)
    assert (desk.name, empty.name) == ('desk', 'empty')
    assert desk.classes.tolist() == [1, 0]
    for mask, outline in zip(desk.masks, (TRIANGLE, SQUARE), strict=True):
        np.testing.assert_array_equal(mask > 0, mask_of(outline))
    assert int(desk.masks[1].sum()) == 200
    assert not desk.crowd.any()
    assert empty.masks.shape == (0, 60, 80)
    assert data.presence().tolist() == [[True, True], [False, False]]
    assert problems(data) == []


@pytest.mark.parametrize('description', [
    {'train': 'images/train', 'names': {0: 'cup', 1: 'pen'}, 'nc': 2},
    {'train': '../images/train', 'names': ['cup', 'pen']},  # as exports write it beside the folder
    {'path': '/datasets/elsewhere', 'train': 'images/train', 'names': ['cup', 'pen']},
    {'path': '.', 'train': ['images/train'], 'names': ['cup', 'pen']},
    {'train': 'train.txt', 'names': ['cup', 'pen']},
])
def test_every_usual_layout_is_understood(tmp_path: Path, description: dict[str, Any]) -> None:
    path = write(tmp_path, text_of(1, TRIANGLE), description=description)
    (tmp_path / 'train.txt').write_text('./images/train/desk.png\n./images/train/empty.png\n')
    data = YoloData(path, 'train')
    assert [data.read(k).classes.tolist() for k in range(len(data))] == [[1], []]


def test_a_relative_path_begins_where_the_command_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / 'data', text_of(1, TRIANGLE))
    monkeypatch.chdir(tmp_path)
    data = YoloData(Path('data/data.yaml'), 'train')
    assert problems(data) == []
    assert [data.read(k).classes.tolist() for k in range(len(data))] == [[1], []]


def test_classes_may_be_chosen_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, text_of(1, TRIANGLE), text_of(0, SQUARE))
    assert YoloData(path, 'train', ['spoon', 'pen']).read(0).classes.tolist() == [1]
    with pytest.raises(DataError, match=r'data\.yaml has none of the classes fork\. It has cup, pen'):
        YoloData(path, 'train', ['fork'])


def test_corners_a_little_outside_are_pulled_in(tmp_path: Path) -> None:
    data = YoloData(write(tmp_path, '0 -0.004 0 1.004 0 1.004 1 -0.004 1'), 'train')
    assert data.read(0).masks.all()


@pytest.mark.parametrize(('line', 'sentence'), [
    ('2 0 0 1 0 1 1', "'2' is no class: their numbers are 0 to 1"),
    ('cup 0 0 1 0 1 1', "'cup' is no class"),
    ('0 0.5 0.5 0.1 0.1', r'it is a box \(x y width height\), not an outline'),
    ('0 0.5 0.5', '2 numbers are no outline of at least 3 corners'),
    ('0', '0 numbers are no outline'),
    ('0 0 0 1 0 1 1 0.5', '7 numbers are no outline'),
    ('0 0 0 1 O 1 1', "could not convert string to float: 'O'"),
    ('0 10 10 50 15 20 50', 'corners lie outside 0 to 1: they are shares'),
    ('0 nan 0 1 0 1 1', 'corners lie outside 0 to 1'),
])
def test_a_malformed_line_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    path = write(tmp_path, text_of(1, TRIANGLE), line)
    with pytest.raises(DataError, match=f'{tmp_path}/labels/train/desk.txt:2: {sentence}(.|\n)*A line is: class x1 y1'):
        YoloData(path, 'train')


def test_malformed_lines_are_listed_together(tmp_path: Path) -> None:
    path = write(tmp_path, *['9 0 0 1 0 1 1'] * 25)
    with pytest.raises(DataError, match=r'25 lines of the data are malformed:(.|\n)*desk.txt:20: (.|\n)*and 5 more'):
        YoloData(path, 'train')


def test_an_outline_of_no_area_is_a_problem_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, text_of(1, TRIANGLE), '0 0.5 0.5 0.5 0.5 0.5 0.5')
    assert problems(YoloData(path, 'train')) == [
        f'{tmp_path}/images/train/desk.png: annotation desk.txt:2 has an empty mask']


@pytest.mark.parametrize(('description', 'sentence'), [
    ({'train': 'images/train'}, "describes no data: it has no 'names'"),
    (['cup'], "describes no data: it has no 'names'"),
    ({'names': ['cup']}, "has no entry 'train'"),
    ({'names': ['cup', 'cup'], 'train': 'images/train'}, "'names' is no list of different names numbered from 0"),
    ({'names': {1: 'cup'}, 'train': 'images/train'}, "'names' is no list of different names numbered from 0"),
    ({'names': ['cup'], 'train': 'pictures'}, "names 'pictures', and there is no .*/pictures"),
    ({'names': ['cup'], 'train': 'labels'}, 'labels holds no images'),
])
def test_a_description_that_describes_nothing_is_refused(tmp_path: Path, description: Any, sentence: str) -> None:
    path = write(tmp_path, text_of(1, TRIANGLE), description=description)
    with pytest.raises(DataError, match=sentence):
        YoloData(path, 'train')


def test_a_description_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'none\.yaml cannot be read'):
        YoloData(tmp_path / 'none.yaml', 'train')


def test_of_a_set_without_held_out_images_a_fifth_is_held_out(tmp_path: Path) -> None:
    """As CVAT exports one: a list of files, and no ``val``."""
    for k in range(10):
        write_image(tmp_path / 'images' / 'train' / f'{k}.png', np.full((SIZE[1], SIZE[0], 3), k, np.uint8))
        label = tmp_path / 'labels' / 'train' / f'{k}.txt'
        label.parent.mkdir(parents=True, exist_ok=True)
        label.write_text('1 0.1 0.1 0.9 0.1 0.5 0.9\n')
    (tmp_path / 'train.txt').write_text(''.join(f'images/train/{k}.png\n' for k in range(10)))
    (tmp_path / 'data.yaml').write_text('names:\n  0: cup\n  1: pen\npath: .\ntrain: train.txt\n')
    assert [has_split(tmp_path / 'data.yaml', split) for split in ('train', 'val')] == [True, False]
    learned, held_out = (ObjectSource(tmp_path / 'data.yaml', split=split, held_out=0).opened()
                         for split in ('train', 'val'))
    files = [sorted(data.file(k).stem for k in range(len(data))) for data in (learned, held_out)]
    assert (len(files[0]), len(files[1])) == (8, 2)
    assert sorted(files[0] + files[1]) == [str(k) for k in range(10)]
    assert learned.presence().tolist() == [[False, True]] * 8
