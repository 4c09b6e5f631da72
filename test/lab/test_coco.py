# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""COCO files in both mask notations are read as drawn, and what is wrong with them is listed by file name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_masks

from seg_ros.errors import DataError
from seg_ros.lab.checking import problems
from seg_ros.lab.coco import InstanceData
from seg_ros.lab.sources import ObjectSource

SQUARE = np.zeros((40, 60), np.uint8)
SQUARE[10:20, 5:25] = 1
POLYGON = [[5, 10, 25, 10, 25, 20, 5, 20]]


def compressed(mask: np.ndarray) -> dict[str, Any]:
    lengths = coco_masks.encode(np.asfortranarray(mask))
    return {'size': lengths['size'], 'counts': lengths['counts'].decode()}


def uncompressed(mask: np.ndarray) -> dict[str, Any]:
    flat = mask.T.ravel()
    edges = [0, *(np.flatnonzero(np.diff(flat)) + 1).tolist(), flat.size]
    return {'size': list(mask.shape), 'counts': np.diff(edges).tolist()}


def data_set(folder: Path, *, changed: dict[str, Any] | None = None, size: tuple[int, int] = (60, 40),
             **kwargs: Any) -> InstanceData:
    """Write one image with one object of category 7 'cup', the annotation changed as told."""
    cv2.imwrite(str(folder / 'desk.png'), np.full((40, 60, 3), (0, 0, 200), np.uint8))
    entry = {'id': 3, 'image_id': 1, 'category_id': 7, 'segmentation': compressed(SQUARE), 'iscrowd': 0}
    entry |= changed or {}
    table = {'images': [{'id': 1, 'file_name': 'desk.png', 'width': size[0], 'height': size[1]}],
             'annotations': [entry], 'categories': [{'id': 9, 'name': 'pen'}, {'id': 7, 'name': 'cup'}]}
    (folder / 'instances.json').write_text(json.dumps(table))
    return InstanceData(folder, folder / 'instances.json', **kwargs)


@pytest.mark.parametrize('notation', [POLYGON, compressed(SQUARE), uncompressed(SQUARE)],
                         ids=['polygon', 'compressed run lengths', 'run lengths'])
def test_every_notation_gives_the_drawn_mask(tmp_path: Path, notation: object) -> None:
    sample = data_set(tmp_path, changed={'segmentation': notation}).read(0)
    assert sample.name == 'desk'
    assert sample.rgb[0, 0].tolist() == [200, 0, 0]
    np.testing.assert_array_equal(sample.masks, SQUARE[None])
    assert sample.classes.tolist() == [0]


def test_classes_are_ordered_by_id_or_as_asked(tmp_path: Path) -> None:
    assert data_set(tmp_path).class_names == ('cup', 'pen')
    asked = data_set(tmp_path, class_names=('pen', 'spoon', 'cup'))
    assert asked.read(0).classes.tolist() == [2]
    assert asked.presence().tolist() == [[False, False, True]]
    assert len(data_set(tmp_path, class_names=('pen',)).read(0).classes) == 0


def test_crowds_are_told_apart(tmp_path: Path) -> None:
    assert data_set(tmp_path, changed={'iscrowd': 1}).read(0).crowd.tolist() == [True]


def test_a_sound_set_has_no_problems(tmp_path: Path) -> None:
    assert problems(data_set(tmp_path)) == []


@pytest.mark.parametrize(('changed', 'size', 'sentence'), [
    ({'segmentation': compressed(SQUARE * 0)}, (60, 40), 'desk.png: annotation 3 has an empty mask'),
    ({'segmentation': []}, (60, 40), 'desk.png: annotation 3 has an empty mask'),
    ({'category_id': 8}, (60, 40), 'desk.png: annotation 3 has category 8, which the file does not name'),
    ({'segmentation': compressed(SQUARE[:30])}, (60, 40),
     'desk.png: annotation 3 has a mask of size 60x30, its image 60x40'),
    ({}, (64, 48), 'desk.png has size 60x40, its annotation says 64x48'),
    ({'image_id': 2}, (60, 40), 'instances.json: annotation 3 belongs to no image'),
    ({'segmentation': [[1, 2]]}, (60, 40), 'desk.png: annotation 3 has a malformed segmentation'),
], ids=['empty', 'nothing', 'unknown class', 'mask of another size', 'image of another size', 'stray', 'malformed'])
def test_a_problem_is_a_sentence_with_the_file(tmp_path: Path, changed: dict[str, Any], size: tuple[int, int],
                                               sentence: str) -> None:
    found = problems(data_set(tmp_path, changed=changed, size=size))
    assert len(found) == 1
    assert found[0].startswith(f'{tmp_path}/{sentence}')


def test_a_missing_image_is_a_problem(tmp_path: Path) -> None:
    data = data_set(tmp_path)
    (tmp_path / 'desk.png').unlink()
    assert problems(data) == [f'{tmp_path}/desk.png cannot be read as an image: No such file or directory']
    with pytest.raises(DataError, match='cannot be read'):
        data.read(0)


def test_reading_an_image_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='size 60x40, its annotation says 64x48'):
        data_set(tmp_path, size=(64, 48)).read(0)


def test_a_file_without_the_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'none of the classes fork\. It has cup, pen'):
        data_set(tmp_path, class_names=('fork',))


@pytest.mark.parametrize(('segmentation', 'words'), [
    ([[5, 10, 20, 10]], 'annotation 3 has a malformed segmentation (one of its outlines is a box of 4 numbers)'),
    ([*POLYGON, [5, 10, 20, 10]], 'one of its outlines is a box of 4 numbers'),
    ([[5, 10, 25, 10, 25, 20, 5]], '7 numbers are no outline of at least 3 corners'),
    ([[5, 10, 25, 10, 25, float('nan')]], 'a corner is no number'),
])
def test_what_pycocotools_would_take_for_something_else_is_named(tmp_path: Path, segmentation: Any,
                                                                 words: str) -> None:
    found, = problems(data_set(tmp_path, changed={'segmentation': segmentation}))
    assert words in found


def exported(folder: Path, change: Any, *, mark: bytes = b'') -> InstanceData:
    """Write the set as another tool would."""
    data_set(folder)
    path = folder / 'instances.json'
    table = json.loads(path.read_text())
    change(table)
    path.write_bytes(mark + json.dumps(table).encode())
    return InstanceData(folder, path)


def of_roboflow(table: dict[str, Any]) -> None:
    table['categories'] = [{'id': 0, 'name': 'desks', 'supercategory': 'none'},
                           {'id': 7, 'name': 'cup', 'supercategory': 'desks'}]


def of_label_studio(table: dict[str, Any]) -> None:
    table['images'][0]['file_name'] = '..\\..\\media\\upload\\1\\desk.png'


def of_cvat(table: dict[str, Any]) -> None:
    table['images'][0] |= {'license': 0, 'flickr_url': '', 'coco_url': '', 'date_captured': 0}
    table['annotations'][0]['attributes'] = {'occluded': False}


def in_text(table: dict[str, Any]) -> None:
    table['images'][0] |= {'width': '60', 'height': '40'}


@pytest.mark.parametrize(('change', 'names'), [
    (of_roboflow, ('cup',)), (of_label_studio, ('cup', 'pen')), (of_cvat, ('cup', 'pen')), (in_text, ('cup', 'pen'))])
def test_exports_of_other_tools_are_read(tmp_path: Path, change: Any, names: tuple[str, ...]) -> None:
    data = exported(tmp_path, change, mark=b'\xef\xbb\xbf')
    assert problems(data) == []
    assert data.class_names == names
    np.testing.assert_array_equal(data.read(0).masks, SQUARE[None])


def test_a_file_without_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names no classes: its 'categories' are empty"):
        exported(tmp_path, lambda table: table.update(categories=[]))


def test_a_set_without_one_object_is_refused(tmp_path: Path) -> None:
    data = exported(tmp_path, lambda table: table.update(annotations=[]))
    assert problems(data) == [f'{tmp_path}/instances.json has no object of the classes cup, pen in its 1 images; '
                              'it has 0 annotations']


@pytest.mark.parametrize(('height', 'size'), [(0, (60, 40)), (30, (60, 40)), (20, (30, 20)), (9, (15, 10))])
def test_a_large_image_is_read_at_half_its_size_and_half_again(tmp_path: Path, height: int,
                                                               size: tuple[int, int]) -> None:
    sample = data_set(tmp_path).read(0, least_height=height)
    assert sample.rgb.shape[:2] == sample.masks.shape[1:] == size[::-1]
    scale = 60 / size[0]
    rows, columns = np.nonzero(sample.masks[0])
    assert (columns.mean() + 0.5) * scale == pytest.approx(15, abs=scale / 2)
    assert (rows.mean() + 0.5) * scale == pytest.approx(15, abs=scale / 2)


def test_a_size_need_not_be_annotated(tmp_path: Path) -> None:
    data_set(tmp_path)
    table = json.loads((tmp_path / 'instances.json').read_text())
    del table['images'][0]['width'], table['images'][0]['height']
    (tmp_path / 'instances.json').write_text(json.dumps(table))
    data = InstanceData(tmp_path, tmp_path / 'instances.json')
    assert problems(data) == []
    np.testing.assert_array_equal(data.read(0).masks, SQUARE[None])


def test_a_draw_divides_the_images_and_their_objects(tmp_path: Path) -> None:
    data_set(tmp_path)
    table = json.loads((tmp_path / 'instances.json').read_text())
    image, entry = table['images'][0], table['annotations'][0]
    table['images'] = [{**image, 'id': k, 'file_name': f'{k}.png'} for k in range(10)]
    table['annotations'] = [{**entry, 'id': k, 'image_id': k} for k in range(10)]
    (tmp_path / 'instances.json').write_text(json.dumps(table))
    parts = {split: ObjectSource(tmp_path / 'instances.json', tmp_path, split, 3).opened()
             for split in ('train', 'val')}
    names = {split: {image['file_name'] for image in part.images} for split, part in parts.items()}
    assert (len(names['train']), len(names['val'])) == (7, 3)
    assert not names['train'] & names['val']
    assert all(part.presence()[:, 0].all() and not part.strays() for part in parts.values())
    with pytest.raises(DataError, match='10 images, of which 10'):
        ObjectSource(tmp_path / 'instances.json', tmp_path, 'val', 10).opened()


def test_images_without_any_object_may_be_added(tmp_path: Path) -> None:
    data = data_set(tmp_path)
    (tmp_path / 'rooms').mkdir()
    cv2.imwrite(str(tmp_path / 'rooms' / 'hall.jpg'), np.zeros((30, 50, 3), np.uint8))
    data.add_empty([tmp_path / 'rooms' / 'hall.jpg'])
    sample = data.read(1)
    assert (len(data), sample.name, sample.rgb.shape, len(sample.masks)) == (2, 'hall', (30, 50, 3), 0)
    assert data.presence().tolist() == [[True, False], [False, False]]
    assert problems(data) == []


def test_images_of_another_file_may_be_added_with_their_objects_of_these_classes(tmp_path: Path) -> None:
    data = data_set(tmp_path)
    more, pens = tmp_path / 'more', np.roll(SQUARE, 15, axis=0)
    more.mkdir()
    cv2.imwrite(str(more / 'desk.png'), np.full((40, 60, 3), 80, np.uint8))
    found = [{'id': k, 'image_id': 1, 'category_id': k, 'segmentation': compressed(mask)}
             for k, mask in ((1, SQUARE), (2, pens), (3, SQUARE))]
    table = {'images': [{'id': 1, 'file_name': 'desk.png'}], 'annotations': found,
             'categories': [{'id': 1, 'name': 'lamp'}, {'id': 2, 'name': 'pen'}, {'id': 3, 'name': 'cup'}]}
    (more / 'instances.json').write_text(json.dumps(table))
    data.add(more, more / 'instances.json')
    sample = data.read(1)
    assert (data.class_names, len(data)) == (('cup', 'pen'), 2)
    assert (sample.rgb[0, 0].tolist(), sample.classes.tolist()) == ([80, 80, 80], [1, 0])
    np.testing.assert_array_equal(sample.masks, [pens, SQUARE])
    assert data.read(0).classes.tolist() == [0]
    assert data.presence().tolist() == [[True, False], [True, True]]
    assert problems(data) == []
    found[0]['image_id'] = 2
    (more / 'instances.json').write_text(json.dumps(table))
    with pytest.raises(DataError, match='annotation 1 belongs to no image'):
        data_set(tmp_path).add(more, more / 'instances.json')
