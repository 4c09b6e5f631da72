# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""COCO instance files: every notation means its mask, what is wrong is named, and objects become labels per pixel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as coco
from scenes.rooms import PERSON, write_image

from seg_ros.errors import DataError, TaxonomyError
from seg_ros.lab.coco import CocoPixels
from seg_ros.lab.coco_file import coco_mask, read_coco
from seg_ros.lab.datasets import NONE_OF_COMPLETE
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.records import UNLABELLED

INDOOR = load_taxonomy('indoor')
PLANT = 8
HEIGHT, WIDTH = 20, 30


def even(value: int, *shape: int) -> NDArray[np.uint8]:
    return np.full(shape, value, np.uint8)


def box(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    """Return the polygon of a box, right and bottom exclusive."""
    return [[left, top, right, top, right, bottom, left, bottom]]


def mask_of(left: int, top: int, right: int, bottom: int) -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[top:bottom, left:right] = True
    return mask


def counts_of(mask: NDArray[np.bool_]) -> list[int]:
    """Return run lengths, column by column, beginning with zeros."""
    flat = mask.T.ravel()
    ends = [0, *(np.flatnonzero(np.diff(flat)) + 1).tolist(), flat.size]
    return ([0] if flat[0] else []) + np.diff(ends).tolist()


def compressed(mask: NDArray[np.bool_]) -> dict[str, Any]:
    coded = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {'size': coded['size'], 'counts': coded['counts'].decode()}


CORNER = mask_of(0, 0, 4, 3)


@pytest.mark.parametrize(('segmentation', 'mask'), [
    (box(5, 10, 25, 18), mask_of(5, 10, 25, 18)),
    (box(1, 1, 4, 4) + box(10, 1, 14, 4), mask_of(1, 1, 4, 4) | mask_of(10, 1, 14, 4)),  # an object in two parts
    ({'size': [HEIGHT, WIDTH], 'counts': counts_of(CORNER)}, CORNER),
    (compressed(CORNER), CORNER),
], ids=['polygon', 'two polygons', 'run lengths', 'compressed run lengths'])
def test_every_notation_gives_the_mask_it_means(segmentation: object, mask: NDArray[np.bool_]) -> None:
    found = coco_mask({'segmentation': segmentation}, HEIGHT, WIDTH)
    assert found.dtype == bool
    assert (found == mask).all()


@pytest.mark.parametrize('segmentation', [
    [], [[]], [[1, 2, 3, 4]], [['a'] * 6], 'text', None, {}, {'counts': [600]}, {'size': [20, 30], 'counts': 7},
])
def test_a_malformed_outline_is_refused(segmentation: object) -> None:
    with pytest.raises(DataError, match=r'annotation 5 has a malformed segmentation .* COCO knows lists of polygons'):
        coco_mask({'id': 5, 'segmentation': segmentation}, HEIGHT, WIDTH)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match='annotation 5 has a mask of size 30x20, its image 31x20'):
        coco_mask({'id': 5, 'segmentation': compressed(CORNER)}, HEIGHT, WIDTH + 1)


def table(*annotations: dict[str, Any]) -> dict[str, Any]:
    """Return an instance file of two images; category 3 is a person, 4 a plant, 5 a chair, 6 has no class."""
    return {'images': [{'id': 10, 'file_name': 'a.png'}, {'id': 11, 'file_name': 'b.png'}],
            'categories': [{'id': 3, 'name': 'person'}, {'id': 4, 'name': 'potted plant'}, {'id': 5, 'name': 'chair'},
                           {'id': 6, 'name': 'airplane'}],
            'annotations': [{'id': k, 'image_id': 10, 'area': 0, **row} for k, row in enumerate(annotations)]}


def read_pixels(folder: Path, *annotations: dict[str, Any], keep: tuple[str, ...] = ('person', 'plant'),
                complete: tuple[str, ...] = ()) -> CocoPixels:
    for name in ('a.png', 'b.png'):
        write_image(folder / name, even(100, HEIGHT, WIDTH, 3))
    (folder / 'instances.json').write_text(json.dumps(table(*annotations)))
    return CocoPixels(folder, folder / 'instances.json', INDOOR, keep, complete)


def test_objects_become_labels_by_the_name_of_their_category(tmp_path: Path) -> None:
    data = read_pixels(tmp_path, {'category_id': 3, 'segmentation': box(0, 0, 5, 5)},
                       {'category_id': 4, 'segmentation': box(10, 5, 20, 15)},
                       {'category_id': 5, 'segmentation': box(22, 0, 25, 5)})  # a chair is not kept
    assert len(data) == 1  # the other image holds nothing
    sample = data.read(0)
    expected = even(UNLABELLED, HEIGHT, WIDTH)
    expected[0:5, 0:5], expected[5:15, 10:20] = PERSON, PLANT
    assert sample.name == 'a'
    assert (sample.labels == expected).all()


@pytest.mark.parametrize('small_first', [True, False])
def test_what_is_smaller_lies_in_front(tmp_path: Path, small_first: bool) -> None:
    """Whatever the file's order, and whether it tells areas or not."""
    rows = [{'category_id': 4, 'segmentation': box(5, 5, 9, 9)}, {'category_id': 3, 'segmentation': box(0, 0, 20, 15)}]
    labels = read_pixels(tmp_path, *(rows if small_first else rows[::-1])).read(0).labels
    assert (labels[6, 6], labels[2, 2]) == (PLANT, PERSON)


def test_an_object_of_another_class_hides_what_is_behind_it(tmp_path: Path) -> None:
    labels = read_pixels(tmp_path, {'category_id': 3, 'segmentation': box(0, 0, 20, 15)},
                         {'category_id': 5, 'segmentation': box(5, 5, 9, 9)}).read(0).labels
    assert (labels[6, 6], labels[2, 2]) == (UNLABELLED, PERSON)


def test_a_crowd_is_unlabelled(tmp_path: Path) -> None:
    """Its outline is coarse, and holds the ground between the persons."""
    data = read_pixels(tmp_path, {'category_id': 3, 'segmentation': box(0, 0, 5, 5)},
                       {'category_id': 3, 'iscrowd': 1, 'segmentation': compressed(mask_of(10, 0, 30, 20))})
    labels = data.read(0).labels
    assert (labels[2, 2], labels[10, 20]) == (PERSON, UNLABELLED)


def test_where_every_person_is_outlined_the_rest_shows_none(tmp_path: Path) -> None:
    data = read_pixels(tmp_path, {'category_id': 3, 'segmentation': box(0, 0, 5, 5)},
                       {'category_id': 5, 'segmentation': box(22, 0, 25, 5)},
                       {'category_id': 3, 'iscrowd': 1, 'segmentation': compressed(mask_of(10, 5, 20, 15))},
                       complete=('person',))
    expected = even(NONE_OF_COMPLETE, HEIGHT, WIDTH)
    expected[0:5, 0:5], expected[5:15, 10:20] = PERSON, UNLABELLED  # in a crowd region nobody knows
    assert (data.read(0).labels == expected).all()


def test_an_image_of_a_crowd_alone_teaches_nothing(tmp_path: Path) -> None:
    data = read_pixels(tmp_path, {'category_id': 3, 'image_id': 11, 'segmentation': box(0, 0, 5, 5)},
                       {'category_id': 3, 'iscrowd': 1, 'segmentation': compressed(CORNER)})
    assert [data.read(k).name for k in range(len(data))] == ['b']


@pytest.mark.parametrize(('category', 'keep', 'sentence'), [
    (5, ('person', 'plant'), 'instances.json holds no object of the classes person, plant'),
    (3, ('persn',), "taxonomy 'indoor' has no class 'persn' to learn from .* the nearest known is 'person'"),
])
def test_a_file_without_what_is_wanted_is_refused(tmp_path: Path, category: int, keep: tuple[str, ...],
                                                  sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_pixels(tmp_path, {'category_id': category, 'segmentation': box(0, 0, 5, 5)}, keep=keep)


def test_a_category_the_taxonomy_does_not_know_is_refused(tmp_path: Path) -> None:
    path = tmp_path / 'instances.json'
    path.write_text(json.dumps(table() | {'categories': [{'id': 1, 'name': 'persn'}]}))
    with pytest.raises(TaxonomyError, match="does not know the word 'persn'"):
        CocoPixels(tmp_path, path, INDOOR, ('person',))


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    data = read_pixels(tmp_path, {'category_id': 3, 'segmentation': box(0, 0, 5, 5)})
    (tmp_path / 'a.png').unlink()
    with pytest.raises(DataError, match=r'a\.png cannot be read as an image'):
        data.read(0)


def spoilt(change: Callable[[dict[str, Any]], Any]) -> str:
    whole = table({'category_id': 3, 'segmentation': box(0, 0, 5, 5)})
    change(whole)
    return json.dumps(whole)


@pytest.mark.parametrize(('text', 'sentence'), [
    ('{', 'cannot be read as JSON'),
    ('[]', 'is no COCO instance file: it lacks images, annotations, categories'),
    (spoilt(lambda t: t.pop('categories')), 'is no COCO instance file: it lacks categories'),
    (spoilt(lambda t: t.update(images={})), 'is no COCO instance file: it lacks images'),
    (spoilt(lambda t: t['images'][0].pop('file_name')), 'is malformed: an entry of images lacks file_name'),
    (spoilt(lambda t: t['annotations'][0].pop('segmentation')), 'an entry of annotations lacks segmentation'),
    (spoilt(lambda t: t['categories'].append('person')), 'an entry of categories lacks id, name'),
])
def test_a_malformed_file_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / 'instances.json').write_text(text)
    with pytest.raises(DataError, match=sentence):
        read_coco(tmp_path / 'instances.json')


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'none.json cannot be read'):
        read_coco(tmp_path / 'none.json')
