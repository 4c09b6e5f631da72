# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``from seg_ros import Model``: a picture in, what is seen out, without ROS."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from scenes.child import with_path
from scenes.networks import saved_rooms_model
from scenes.rooms import room, write_image

from seg_ros import Model
from seg_ros.errors import DataError, SegRosError
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.weights import save_weights
from seg_ros.records import UNLABELLED

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope='module')
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(str(saved_rooms_model(tmp_path_factory.mktemp('models') / 'small')), device='cpu')


def test_of_a_file_the_labels_are_seen_and_saved(rooms: Model, tmp_path: Path) -> None:
    rgb = room(3)[0]
    write_image(tmp_path / 'room.png', rgb)
    seen = rooms(tmp_path / 'room.png')
    assert np.array_equal(seen.rgb, rgb)
    assert seen.labels is not None and seen.labels.shape == rgb.shape[:2]
    assert seen.ids['unlabelled'] == UNLABELLED
    assert sum(seen.shares.values()) == pytest.approx(1.0)
    for name, share in seen.shares.items():
        assert share == pytest.approx((seen.labels == seen.ids[name]).mean())
    assert list(seen.shares.values()) == sorted(seen.shares.values(), reverse=True)
    assert seen.objects == ()
    seen.save(tmp_path / 'seen.png')
    assert np.array_equal(cv2.imread(str(tmp_path / 'seen.png'))[..., ::-1], seen.picture)
    assert not np.array_equal(seen.picture, rgb)


def test_pixels_are_taken_as_a_file_is(rooms: Model, tmp_path: Path) -> None:
    write_image(tmp_path / 'room.png', room(1)[0])
    assert np.array_equal(rooms(room(1)[0]).labels, rooms(str(tmp_path / 'room.png')).labels)


def test_objects_have_name_score_box_and_a_mask_of_the_picture(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_weights(instance_network('maskrcnn_mobilenet_v2_fpn', 2, 64, 96), tmp_path / 'm' / WEIGHTS)
    write_card(tmp_path / 'm', Card('m', 'instance', 'maskrcnn_mobilenet_v2_fpn', ('disc', 'square'), (96, 64)))
    seen = Model(f'{tmp_path}/m', device='cpu', score_threshold=0.0)(room(0, (120, 80))[0])
    assert seen.labels is None and seen.shares == {}
    assert seen.objects
    assert [one.score for one in seen.objects] == sorted((one.score for one in seen.objects), reverse=True)
    for one in seen.objects:
        rows, columns = np.nonzero(one.mask)
        left, top, right, bottom = one.box
        assert one.name in ('disc', 'square') and one.track_id == 0
        assert one.mask.shape == (80, 120)
        assert left - 1 <= columns.min() and columns.max() <= right + 1
        assert top - 1 <= rows.min() and rows.max() <= bottom + 1


@pytest.mark.parametrize(('given', 'sentence'), [
    ({'name': 'tolos'}, "the nearest shipped is 'tools'"),
    ({'name': 'tools', 'devise': 'cpu'}, "the nearest known is 'device'"),
    ({'name': 'tools', 'mode': 'semantic', 'device': 'cpu'}, "'tools' does instance"),
])
def test_what_cannot_be_is_refused_in_a_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SegRosError, match=sentence):
        Model(**given)


@pytest.mark.parametrize('name', ['seen.word', 'nowhere/seen.jpg'])
def test_a_picture_that_cannot_be_written_is_named(rooms: Model, tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match='cannot be written'):
        rooms(room(0)[0]).save(tmp_path / name)


def test_a_file_that_is_no_picture_is_named(rooms: Model, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'nowhere\.jpg cannot be read'):
        rooms(tmp_path / 'nowhere.jpg')


def test_the_node_does_not_pay_for_it() -> None:
    """The package alone imports neither models nor NumPy; what it has not is no name of it."""
    text = ("import sys, seg_ros; assert 'seg_ros.model' not in sys.modules and 'numpy' not in sys.modules; "
            "assert not hasattr(seg_ros, 'Modell')")
    subprocess.run([sys.executable, '-c', text], check=True, env=with_path(ROOT))
