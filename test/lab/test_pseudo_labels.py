# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a model is sure of becomes label images beside their pictures."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scenes.networks import saved_rooms_model
from scenes.rooms import write_image, write_rooms
from torch import Tensor, nn

from seg_ros.errors import ModelError
from seg_ros.lab.checking import problems
from seg_ros.lab.coco import CocoPixels
from seg_ros.lab.datasets import LabelFolder, image_files
from seg_ros.lab.pseudo_labels import Teacher, open_teacher, write_pseudo_labels
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import Card
from seg_ros.models.device import Placement
from seg_ros.picture_files import read_rgb
from seg_ros.records import UNLABELLED

DATA = Path(__file__).parents[3] / 'shared' / 'data'
PUBLISHED = DATA / 'weights' / 'mosaic_r4_ade31.onnx'
INDOOR = load_taxonomy('indoor')
WORDS = ('wall', 'rug', 'floor', 'sky')
FLOOR, WALL, PERSON = (INDOOR.names.index(name) for name in ('floor', 'wall', 'person'))


class Bright(nn.Module):
    """Of what is bright it says wall; of what is dark rug and floor alike; of both the surer, the further right."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the (N, 4, h, w) logits of (N, 3, h, w) pixels within -1..1."""
        self.shapes.append(tuple(pixels.shape))
        bright = pixels[:, :1] * torch.linspace(1.5, 8.0, pixels.shape[-1])
        return torch.cat([bright, -bright, -bright, torch.full_like(bright, -20.0)], 1)


def teacher() -> Teacher:
    network = nn.ModuleDict({'backbone': nn.AvgPool2d(4), 'classifier': Bright()})
    card = Card('bright', 'semantic', 'lraspp_mobilenet_v2', WORDS, (128, 96))
    return Teacher(card, network, torch.from_numpy(INDOOR.merge_matrix(WORDS)), np.arange(10, dtype=np.uint8),
                   Placement(torch.device('cpu'), 'fp32'))


def picture(below: int = 0) -> NDArray[np.uint8]:
    """Return a picture of 128x96 that is white above."""
    rgb = np.full((96, 128, 3), below, np.uint8)
    rgb[:48] = 255
    return rgb


def test_what_it_is_sure_of_as_it_is_and_mirrored_is_labelled() -> None:
    labels = teacher().sure(picture(), 0.9)
    assert (labels[:40] == WALL).all()
    assert (labels[56:] == FLOOR).all()  # two words, none of which is likelier than a half


@pytest.mark.parametrize(('at_least', 'unsure'), [(0.93, False), (0.97, True)])
def test_a_look_that_is_not_sure_spoils_those_that_are(at_least: float, unsure: bool) -> None:
    """At the right edge it says wall with 1.0, and mirrored with 0.91."""
    labels = teacher().sure(picture(), at_least)
    assert bool((labels[:40, -1] == UNLABELLED).all()) is unsure


def test_it_looks_at_three_sizes_and_at_each_mirrored() -> None:
    one = teacher()
    one.sure(picture(), 0.9)
    assert one.network['classifier'].shapes == [  # type: ignore[index]
        (2, 3, 16, 24), (2, 3, 24, 32), (2, 3, 32, 48)]  # 0.75, 1 and 1.5 of 128x96, in steps of 32, a quarter of it


def test_pictures_of_which_nothing_is_sure_are_left_out_and_finished_ones_stay(tmp_path: Path) -> None:
    write_image(tmp_path / 'given' / 'halves.png', picture())
    write_image(tmp_path / 'given' / 'grey.png', np.full((96, 128, 3), 127, np.uint8))
    assert write_pseudo_labels(teacher(), tmp_path / 'given', tmp_path / 'out', at_least=0.9) == 1
    data = LabelFolder(tmp_path / 'out' / 'images', tmp_path / 'out' / 'labels', INDOOR)
    assert problems(data) == []
    assert len(data) == 1
    assert (data.read(0).labels[56:] == FLOOR).all()
    cv2.imwrite(str(tmp_path / 'out' / 'labels' / 'halves.png'), np.full((96, 128), WALL, np.uint8))
    assert write_pseudo_labels(teacher(), tmp_path / 'given', tmp_path / 'out', at_least=0.9) == 0
    assert (data.read(0).labels == WALL).all()


def test_every_so_many_th_picture_is_labelled_and_surer_than_sure_is_only_what_is_outlined(tmp_path: Path) -> None:
    """So the outlines of a COCO file become label images, of which a training takes several folders."""
    for k in range(5):
        write_image(tmp_path / 'given' / f'{k}.png', picture(below=127))
    table = {'images': [{'id': k, 'file_name': f'{k}.png'} for k in range(5)],
             'categories': [{'id': 1, 'name': 'person'}],
             'annotations': [{'id': k, 'image_id': k, 'category_id': 1,
                              'segmentation': [[20, 30, 60, 30, 60, 70, 20, 70]]} for k in range(5)]}
    (tmp_path / 'given.json').write_text(json.dumps(table))
    truth = CocoPixels(tmp_path / 'given', tmp_path / 'given.json', INDOOR, ['person'])
    assert write_pseudo_labels(teacher(), tmp_path / 'given', tmp_path / 'out', at_least=1.0, every=2, truth=truth) == 3
    assert [path.stem for path in image_files(tmp_path / 'out' / 'images')] == ['0', '2', '4']
    labels = cv2.imread(str(tmp_path / 'out' / 'labels' / '4.png'), cv2.IMREAD_UNCHANGED)
    assert set(np.unique(labels)) == {PERSON, UNLABELLED}


def test_what_is_outlined_is_not_asked(tmp_path: Path) -> None:
    write_image(tmp_path / 'given' / 'halves.png', picture())
    table = {'images': [{'id': 1, 'file_name': 'halves.png'}], 'categories': [{'id': 1, 'name': 'person'}],
             'annotations': [{'id': 1, 'image_id': 1, 'category_id': 1,
                              'segmentation': [[20, 30, 60, 30, 60, 70, 20, 70]]}]}
    (tmp_path / 'given.json').write_text(json.dumps(table))
    truth = CocoPixels(tmp_path / 'given', tmp_path / 'given.json', INDOOR, ['person'])
    write_pseudo_labels(teacher(), tmp_path / 'given', tmp_path / 'out', at_least=0.9, truth=truth)
    labels = cv2.imread(str(tmp_path / 'out' / 'labels' / 'halves.png'), cv2.IMREAD_UNCHANGED)
    assert (labels[32:68, 22:58] == PERSON).all()
    assert (labels[:28] == WALL).all()


def test_a_model_in_a_folder_is_asked(tmp_path: Path) -> None:
    images, _ = write_rooms(tmp_path / 'rooms', 1)
    one = open_teacher(str(saved_rooms_model(tmp_path / 'model')), 'indoor')
    assert write_pseudo_labels(one, images, tmp_path / 'out', at_least=0.0) == 1
    labels = cv2.imread(str(tmp_path / 'out' / 'labels' / '000.png'), cv2.IMREAD_UNCHANGED)
    assert labels.shape == (48, 64)
    assert labels.max() < 10


def test_the_published_mosaic_may_be_asked(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r'mosaic\.onnx cannot be read as an ONNX file'):
        open_teacher(str(tmp_path / 'mosaic.onnx'), 'indoor')
    if PUBLISHED.is_file():
        one = open_teacher(str(PUBLISHED), 'indoor')
        rgb = read_rgb(image_files(DATA / 'indoor' / 'dev' / 'rgb')[0])
        assert {FLOOR, WALL} < set(np.unique(one.sure(rgb, 0.8)))


def test_a_model_of_objects_is_refused() -> None:
    with pytest.raises(ModelError, match="'tools' is a model of kind instance: it labels no pixels"):
        open_teacher('tools', 'indoor')
