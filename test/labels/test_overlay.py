# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The picture shows the right colours in the right places, on scenes small enough to compute by hand."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.labels.overlay import legend_rows, overlay
from seg_ros.labels.palette import Image
from seg_ros.labels.taxonomy import RobotClass, Role
from seg_ros.records import Instances, Segmentation

FLOOR = RobotClass(0, 'floor', (128, 192, 96), Role.TRAVERSABLE)
WALL = RobotClass(1, 'wall', (174, 200, 232), Role.OBSTACLE)
OBJECT = RobotClass(9, 'object', (240, 200, 60), Role.OBSTACLE)
CLASSES = (FLOOR, WALL, OBJECT)
BLUE = (51, 96, 204)  # of track 1: hue 0.618 of a turn, saturation 0.75, value 0.8
GREY = (100, 100, 100)


def grey(width: int, height: int) -> Image:
    return np.full((height, width, 3), 100, np.uint8)


def floor_and_wall(width: int, height: int) -> Image:
    """Return labels whose left half is floor and whose right half is wall."""
    labels = np.zeros((height, width), np.uint8)
    labels[:, width // 2:] = 1
    return labels


def objects(size: tuple[int, int], *rows: tuple[int, int, NDArray[np.bool_]], tracks: tuple[int, ...] = (),
            class_id: int = 9) -> Instances:
    """Return objects from rows of (left, top, mask), scores 0.9, 0.8, ... in this order."""
    boxes = [(left, top, left + m.shape[1], top + m.shape[0]) for left, top, m in rows]
    return Instances(size, np.array(boxes, np.float32).reshape(-1, 4),
                     np.linspace(.9, .1, 9, dtype=np.float32)[:len(rows)],
                     np.full(len(rows), class_id, np.uint8),
                     np.array([(left, top) for left, top, _ in rows], np.int32).reshape(-1, 2),
                     tuple(m for _, _, m in rows), np.array(tracks or [0] * len(rows), np.int64))


def block(width: int, height: int) -> NDArray[np.bool_]:
    return np.ones((height, width), np.bool_)


def pixel(picture: Image, column: int, row: int) -> tuple[int, ...]:
    return tuple(int(v) for v in picture[row, column])


def test_another_process_paints_the_same_picture() -> None:
    code = ('import hashlib, sys; sys.path[:0] = sys.argv[1:]; import test_overlay as t;'
            'print(t.digest_of_a_scene())')
    here = Path(__file__).resolve()
    for seed in ('1', '2'):
        ran = subprocess.run([sys.executable, '-c', code, str(here.parent), str(here.parents[2])], check=True,
                             capture_output=True, text=True, env={'PYTHONHASHSEED': seed})
        assert ran.stdout.strip() == digest_of_a_scene()


def digest_of_a_scene() -> str:
    instances = objects((200, 100), (20, 20, block(30, 30)), (90, 40, block(40, 30)), tracks=(1, 2))
    segmentation = Segmentation((200, 100), floor_and_wall(200, 100), None, instances)
    return hashlib.sha256(overlay(grey(200, 100), segmentation, CLASSES).tobytes()).hexdigest()


def test_labels_tint_the_image_and_are_outlined_in_their_own_colour() -> None:
    labels = floor_and_wall(12, 8)
    labels[0:3, 0:3] = 255
    picture = overlay(grey(12, 8), Segmentation((12, 8), labels), CLASSES, alpha=0.5)
    assert picture.shape == (8, 12, 3)
    assert picture.dtype == np.uint8
    assert pixel(picture, 2, 6) == (114, 146, 98)  # halfway from 100 to the floor's colour
    assert pixel(picture, 10, 6) == (137, 150, 166)  # halfway to the wall's
    assert pixel(picture, 0, 0) == (74, 74, 74)  # halfway to the dark of unlabelled
    assert pixel(picture, 4, 6) == (114, 146, 98)
    assert pixel(picture, 5, 6) == FLOOR.colour  # the last floor column before the wall
    assert pixel(picture, 6, 6) == WALL.colour
    assert pixel(picture, 7, 6) == (137, 150, 166)


@pytest.mark.parametrize(('alpha', 'floor'), [(0.0, GREY), (0.25, (107, 123, 99)), (1.0, FLOOR.colour)])
def test_alpha_is_the_share_of_the_colour(alpha: float, floor: tuple[int, ...]) -> None:
    picture = overlay(grey(12, 8), Segmentation((12, 8), floor_and_wall(12, 8)), CLASSES, alpha=alpha)
    assert pixel(picture, 1, 1) == floor


def test_an_object_without_track_is_painted_in_its_class_colour() -> None:
    instances = objects((20, 20), (4, 5, block(6, 6)))
    picture = overlay(grey(20, 20), Segmentation((20, 20), instances=instances), CLASSES, alpha=0.5)
    assert pixel(picture, 6, 7) == (170, 150, 80)  # inside: halfway to the object's colour
    assert {pixel(picture, 4, 7), pixel(picture, 9, 7), pixel(picture, 6, 5), pixel(picture, 6, 10)} \
        == {OBJECT.colour}  # the outermost pixels of the mask
    around = picture.copy()
    around[5:11, 4:10] = 100
    assert (around == 100).all()  # nothing outside the mask is touched


def test_a_hole_in_a_mask_stays_free() -> None:
    ring = block(9, 9)
    ring[2:7, 2:7] = False
    instances = objects((20, 20), (4, 4, ring), tracks=(1,))
    picture = overlay(grey(20, 20), Segmentation((20, 20), instances=instances), CLASSES)
    assert (picture[6:11, 6:11] == 100).all()
    assert pixel(picture, 4, 4) == BLUE


def test_of_overlapping_objects_the_better_score_lies_on_top() -> None:
    instances = objects((30, 30), (2, 2, block(10, 10)), (7, 7, block(12, 12)), tracks=(1, 0))
    picture = overlay(grey(30, 30), Segmentation((30, 30), instances=instances), CLASSES, alpha=0.5)
    assert pixel(picture, 9, 9) == (76, 98, 152)  # in both: blue, of track 1
    assert pixel(picture, 11, 9) == BLUE  # its outline, across the worse object
    assert pixel(picture, 15, 15) == (170, 150, 80)


def test_an_object_hides_the_outlines_of_the_regions_behind_it() -> None:
    instances = objects((20, 20), (5, 5, block(10, 10)), tracks=(1,))
    segmentation = Segmentation((20, 20), floor_and_wall(20, 20), None, instances)
    picture = overlay(grey(20, 20), segmentation, CLASSES, alpha=0.5)
    assert pixel(picture, 10, 10) == (76, 98, 152)
    assert pixel(picture, 10, 2) == WALL.colour
    assert pixel(picture, 1, 10) == (114, 146, 98)


def test_targets_get_a_thick_white_outline_and_others_do_not() -> None:
    instances = objects((60, 40), (10, 10, block(15, 20)), (40, 10, block(15, 20)), tracks=(1, 2))
    segmentation = Segmentation((60, 40), instances=instances)
    picture = overlay(grey(60, 40), segmentation, CLASSES, alpha=0.5, target_ids=frozenset({1, 77}))
    white = (picture == 255).all(axis=2)
    assert np.flatnonzero(white[20]).tolist() == [8, 9, 10, 11, 23, 24, 25, 26]  # two pixels either side
    assert pixel(picture, 12, 20) == (76, 98, 152)
    assert pixel(picture, 7, 20) == GREY
    plain = overlay(grey(60, 40), segmentation, CLASSES, alpha=0.5)
    assert (picture[:, 30:] == plain[:, 30:]).all()


def test_names_tell_track_class_and_score(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = written_texts(monkeypatch)
    for class_id, track in ((9, 4), (9, 0), (77, 0)):
        instances = objects((320, 240), (100, 100, block(30, 30)), tracks=(track,), class_id=class_id)
        overlay(grey(320, 240), Segmentation((320, 240), instances=instances), CLASSES)
    assert texts == ['#4 object 90 %', 'object 90 %', '77 90 %']


def test_nobody_asks_how_sure_the_truth_is(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = written_texts(monkeypatch)
    instances = objects((320, 240), (100, 100, block(30, 30)), tracks=(0,))
    overlay(grey(320, 240), Segmentation((320, 240), instances=instances), CLASSES, is_true=True)
    assert texts == ['object']


def test_the_target_is_called_so_and_what_only_continues_a_track_too(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = written_texts(monkeypatch)
    instances = objects((320, 240), (100, 100, block(30, 30)), (200, 100, block(30, 30)), tracks=(4, 5))
    overlay(grey(320, 240), Segmentation((320, 240), instances=instances), CLASSES, target_ids=frozenset({5}),
            score_threshold=0.85)
    assert texts == ['target #5 object 80 % continued', '#4 object 90 %']


def test_a_name_stands_above_its_object_and_inside_the_picture() -> None:
    size = (320, 240)
    for left, top in ((100, 100), (0, 0), (318, 238)):
        instances = objects(size, (left, top, block(2, 2)), tracks=(1,))
        picture = overlay(grey(*size), Segmentation(size, instances=instances), CLASSES, alpha=0.5)
        rows, columns = np.nonzero((picture == BLUE).all(axis=2))
        assert columns.max() - columns.min() > 50  # the plate in the colour of the track is whole
        assert rows.max() - rows.min() >= 9
        assert rows.min() < max(top, 1)


def written_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    draw = cv2.putText

    def write(image: Image, text: str, *rest: Any) -> None:
        texts.append(text)
        draw(image, text, *rest)

    monkeypatch.setattr(cv2, 'putText', write)
    return texts


def test_the_legend_names_the_classes_present_in_an_order_that_stays() -> None:
    labels = np.zeros((20, 20), np.uint8)
    labels[:19] = 9
    labels[5, :8] = 255
    labels[6, :4] = 77
    labels[7, 0] = 1
    assert legend_rows(labels, CLASSES) == [
        (FLOOR.colour, 'floor'), (WALL.colour, 'wall'), (OBJECT.colour, 'object'), ((48, 48, 48), '77'),
        ((48, 48, 48), 'unlabelled')]


@pytest.mark.parametrize(('width', 'height', 'texts'), [
    (200, 100, ['floor', 'wall']),
    (45, 128, ['floor', 'wall']),  # one below the other
    (45, 60, ['floor']),  # a quarter of the height has room for one line
    (200, 15, []),  # no line is low enough
    (20, 100, []),  # no text is narrow enough
    (1, 1, []),
])
def test_the_legend_shows_what_fits_into_the_upper_quarter(monkeypatch: pytest.MonkeyPatch, width: int, height: int,
                                                           texts: list[str]) -> None:
    labels = np.ones((height, width), np.uint8)
    labels[:, :max(1, width * 2 // 5)] = 0
    drawn = written_texts(monkeypatch)
    segmentation = Segmentation((width, height), labels)
    picture = overlay(grey(width, height), segmentation, CLASSES)
    assert drawn == texts[:len(np.unique(labels))]
    plain = overlay(grey(width, height), segmentation, CLASSES, legend=False)
    assert drawn == texts[:len(np.unique(labels))]
    changed = np.flatnonzero((picture != plain).any(axis=(1, 2)))
    assert len(changed) > 0 if texts else not len(changed)
    assert not len(changed) or changed.max() < height / 4  # the floor ahead lies at the lower edge


def test_instance_mode_has_no_legend(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = written_texts(monkeypatch)
    segmentation = Segmentation((200, 100), instances=Instances.none((200, 100)))
    assert (overlay(grey(200, 100), segmentation, CLASSES) == 100).all()
    assert drawn == []


@pytest.mark.parametrize('size', [(1, 1), (2, 3), (3, 2), (7, 5), (321, 1), (1, 321), (333, 201)])
@pytest.mark.parametrize('with_labels', [True, False])
@pytest.mark.parametrize('count', [None, 0, 2])
def test_any_size_and_mode_gives_a_picture_of_that_size(size: tuple[int, int], with_labels: bool,
                                                        count: int | None) -> None:
    one = (0, 0, block(1, 1))
    instances = None if count is None else objects(size, *[one] * count, tracks=tuple(range(1, count + 1)))
    labels = np.zeros(size[::-1], np.uint8) if with_labels else None
    rgb = grey(*size)
    picture = overlay(rgb, Segmentation(size, labels, None, instances), CLASSES, alpha=1.0, legend=False,
                      target_ids=frozenset({2}))
    assert picture.shape == (size[1], size[0], 3)
    assert (rgb == 100).all()
    corner = pixel(picture, size[0] - 1, size[1] - 1)
    if size == (7, 5):
        assert corner == (FLOOR.colour if with_labels else GREY)


@pytest.mark.parametrize('size', [(24, 16), (6, 4), (12, 8)])
def test_an_image_of_another_size_is_fitted_to_the_labels(size: tuple[int, int]) -> None:
    picture = overlay(grey(*size), Segmentation((12, 8), floor_and_wall(12, 8)), CLASSES, alpha=0.5)
    assert picture.shape == (8, 12, 3)
    assert pixel(picture, 1, 1) == (114, 146, 98)


def test_views_and_read_only_images_are_taken_as_they_are() -> None:
    bgr = np.zeros((8, 24, 3), np.uint8)
    bgr[..., 0] = 200
    rgb = bgr[:, ::2, ::-1]
    rgb.flags.writeable = False
    labels = floor_and_wall(24, 8)[:, ::2]
    labels.flags.writeable = False
    picture = overlay(rgb, Segmentation((12, 8), labels), CLASSES, alpha=0.5)
    assert pixel(picture, 1, 1) == (64, 96, 148)


def test_beyond_254_objects_only_the_best_are_drawn() -> None:
    count, size = 300, (300, 4)
    instances = Instances(size, np.zeros((count, 4), np.float32), np.linspace(1, 0, count, dtype=np.float32),
                          np.full(count, 9, np.uint8),
                          np.stack([np.arange(count), np.ones(count)], axis=1).astype(np.int32),
                          (block(1, 1),) * count, np.zeros(count, np.int64))
    picture = overlay(grey(*size), Segmentation(size, instances=instances), CLASSES)
    painted = np.flatnonzero((picture[1] == OBJECT.colour).all(axis=1))
    assert painted.tolist() == list(range(254))
