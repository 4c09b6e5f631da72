# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What labelling tools export, folder by folder as they document it, is read as docs/how_to/train_your_own.md says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from seg_ros.lab.checking import problems
from seg_ros.lab.datasets import LabelFolder
from seg_ros.lab.sources import ObjectSource
from seg_ros.labels.taxonomy import load_taxonomy

INDOOR = load_taxonomy('indoor')
PICTURE = np.full((40, 60, 3), 90, np.uint8)
CUP = np.zeros((40, 60), bool)
CUP[10:20, 5:25] = True
CORNERS = [5, 10, 25, 10, 25, 20, 5, 20]
SHARES = ' '.join(str(corner / side) for corner, side in zip(CORNERS, (60, 40) * 4))
FLOOR, WALL, UNLABELLED = 0, 1, 255
TRUE = np.full((40, 60), FLOOR, np.uint8)
TRUE[:10], TRUE[:, :5] = WALL, UNLABELLED


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), PICTURE)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')
    return path


def mask(path: Path, of_words: dict[int, int], palette: NDArray[np.uint8] | None = None) -> None:
    """Write the label image with the numbers that the tool has for floor, wall and nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = np.vectorize(of_words.get)(TRUE).astype(np.uint8)
    image = Image.fromarray(numbers)
    if palette is not None:
        image.putpalette(palette.ravel().tolist())
    image.save(path)


def coco(file_name: str, categories: list[dict[str, Any]], **more: Any) -> str:
    cup = next(one['id'] for one in categories if one['name'] == 'cup')
    return json.dumps({
        'info': {'description': None, 'version': None}, 'licenses': [{'id': 0, 'name': '', 'url': ''}],
        'images': [{'id': 0, 'license': 0, 'file_name': file_name, 'width': 60, 'height': 40, **more}],
        'categories': categories, 'annotations': [{'id': 0, 'image_id': 0, 'category_id': cup, 'area': 200.0,
                                                   'segmentation': [CORNERS], 'bbox': [5, 10, 20, 10], 'iscrowd': 0}]})


def cvat_coco(root: Path) -> ObjectSource:
    picture(root / 'images/default/a.jpg')
    text = coco('a.jpg', [{'id': 1, 'name': 'cup', 'supercategory': ''}, {'id': 2, 'name': 'pen', 'supercategory': ''}],
                flickr_url='', coco_url='', date_captured=0)
    return ObjectSource(written(root / 'annotations/instances_default.json', text), root / 'images/default')


def cvat_yolo(root: Path, listed: str = 'images/train/a.jpg') -> ObjectSource:
    picture(root / 'images/train/a.jpg')
    written(root / 'labels/train/a.txt', f'0 {SHARES}\n')
    written(root / 'train.txt', f'{listed}\n')
    return ObjectSource(written(root / 'data.yaml', 'names:\n  0: cup\n  1: pen\npath: .\ntrain: train.txt\n'),
                        split='train')


def cvat_yolo_of_data(root: Path) -> ObjectSource:
    return cvat_yolo(root, 'data/images/train/a.jpg')


def labelme_coco(root: Path) -> ObjectSource:
    picture(root / 'JPEGImages/a.jpg')
    classes = [{'supercategory': None, 'id': k, 'name': name} for k, name in enumerate(('_background_', 'cup', 'pen'))]
    return ObjectSource(written(root / 'annotations.json', coco('JPEGImages/a.jpg', classes, url=None)), root)


def label_studio_coco(root: Path) -> ObjectSource:
    picture(root / 'images/1f2e3d4c-a.jpg')
    text = coco('images/1f2e3d4c-a.jpg', [{'id': 0, 'name': 'cup'}, {'id': 1, 'name': 'pen'}])
    return ObjectSource(written(root / 'result.json', text), root)


def label_studio_coco_by_folder(root: Path) -> ObjectSource:
    return ObjectSource(label_studio_coco(root).annotations, root / 'images')


def roboflow_coco(root: Path) -> ObjectSource:
    picture(root / 'train/a_jpg.rf.0123abcd.jpg')
    classes = [{'id': 0, 'name': 'desk-things', 'supercategory': 'none'},
               *({'id': k, 'name': name, 'supercategory': 'desk-things'} for k, name in ((1, 'cup'), (2, 'pen')))]
    text = coco('a_jpg.rf.0123abcd.jpg', classes, extra={'name': 'a.jpg'}, date_captured='2026-01-01T00:00:00+00:00')
    return ObjectSource(written(root / 'train/_annotations.coco.json', text), root / 'train')


def roboflow_yolo(root: Path) -> ObjectSource:
    picture(root / 'train/images/a_jpg.rf.0123abcd.jpg')
    written(root / 'train/labels/a_jpg.rf.0123abcd.txt', f'0 {SHARES}')
    text = ("train: ../train/images\nval: ../valid/images\ntest: ../test/images\n\nnc: 2\nnames: ['cup', 'pen']\n\n"
            'roboflow:\n  workspace: w\n  version: 1\n')
    return ObjectSource(written(root / 'data.yaml', text), split='train')


@pytest.mark.parametrize('export', [
    cvat_coco, cvat_yolo, cvat_yolo_of_data, labelme_coco, label_studio_coco, label_studio_coco_by_folder,
    roboflow_coco, roboflow_yolo])
def test_objects_are_read(export: Any, tmp_path: Path) -> None:
    data = export(tmp_path).opened()
    assert problems(data) == []
    assert data.class_names == ('cup', 'pen')
    read, = (data.read(k) for k in range(len(data)))
    assert np.array_equal(read.rgb, cv2.cvtColor(cv2.imread(str(data.file(0))), cv2.COLOR_BGR2RGB))
    assert np.array_equal(read.masks, CUP[None]) and read.classes.tolist() == [0]


def cvat_masks(root: Path) -> LabelFolder:
    picture(root / 'JPEGImages/a.jpg')
    colours = np.array([(0, 0, 0), (128, 0, 0), (0, 128, 0)], np.uint8)
    mask(root / 'SegmentationClass/a.png', {UNLABELLED: 0, FLOOR: 1, WALL: 2}, colours)
    mask(root / 'SegmentationObject/a.png', {UNLABELLED: 0, FLOOR: 1, WALL: 2}, colours)
    written(root / 'ImageSets/Segmentation/default.txt', 'a\n')
    words = written(root / 'labelmap.txt', '# label:color_rgb:parts:actions\nbackground:0,0,0::\nfloor:128,0,0::\n'
                                           'wall:0,128,0::\n')
    return LabelFolder(root / 'JPEGImages', root / 'SegmentationClass', INDOOR, str(words))


def labelme_voc(root: Path) -> LabelFolder:
    picture(root / 'JPEGImages/a.jpg')
    colours = np.array([(0, 0, 0), (128, 0, 0), (0, 128, 0)], np.uint8)
    mask(root / 'SegmentationClass/a.png', {UNLABELLED: 0, FLOOR: 1, WALL: 2}, colours)
    picture(root / 'SegmentationClassVisualization/a.jpg')
    words = written(root / 'class_names.txt', '__ignore__\n_background_\nfloor\nwall')
    return LabelFolder(root / 'JPEGImages', root / 'SegmentationClass', INDOOR, str(words))


def roboflow_masks(root: Path) -> LabelFolder:
    picture(root / 'train/a_jpg.rf.0123abcd.jpg')
    mask(root / 'train/a_jpg.rf.0123abcd_mask.png', {UNLABELLED: 0, FLOOR: 1, WALL: 2})
    words = written(root / 'train/_classes.csv', 'Pixel Value, Class\n0, background\n1, floor\n2, wall\n')
    return LabelFolder(root / 'train', root / 'train', INDOOR, str(words))


@pytest.mark.parametrize('export', [cvat_masks, labelme_voc, roboflow_masks])
def test_label_images_are_read(export: Any, tmp_path: Path) -> None:
    data = export(tmp_path)
    assert problems(data) == []
    assert len(data) == 1
    assert np.array_equal(data.read(0).labels, TRUE)
