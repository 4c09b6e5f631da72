# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Of pictures every answer is a file under its own name, of a camera every tenth overlay."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy')

from scenes.moving_shapes import SIZE, as_instances

from seg_ros.demo.kept import Kept
from seg_ros.recordings.recorded_answers import Objects, RecordedAnswer
from seg_ros.records import Mode

ANSWER = RecordedAnswer(1, 'camera', 2, None, Mode.PANOPTIC, np.full((*SIZE[::-1], 3), (200, 0, 0), np.uint8),
                        labels=np.full(SIZE[::-1], 3, np.uint8), names={3: 'door'})


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob('*') if path.is_file())


def test_a_picture_has_its_overlay_its_labels_and_its_objects(tmp_path: Path) -> None:
    mask = np.zeros(SIZE[::-1], bool)
    mask[10:20, 30:35] = True
    found = as_instances([(0.9, 0, 1, mask)])
    kept = Kept(tmp_path)
    kept.add(replace(ANSWER, name='my photo', objects=Objects(found, ('mug',))))
    kept.add(replace(ANSWER, name='b', labels=None))
    assert files(tmp_path) == ['classes.json', 'labels/my photo.png', 'objects/my photo.json', 'overlays/b.jpg',
                               'overlays/my photo.jpg']
    assert (cv2.imread(str(tmp_path / 'labels' / 'my photo.png'), cv2.IMREAD_UNCHANGED) == 3).all()
    one, = json.loads((tmp_path / 'objects' / 'my photo.json').read_text())['objects']
    assert (one['class'], one['area'], one['bbox']) == ('mug', 50, [30.0, 10.0, 5.0, 10.0])
    assert json.loads((tmp_path / 'classes.json').read_text()) == {'3': 'door'}


def test_of_a_camera_every_tenth_overlay_is_kept_and_none_of_an_earlier_demo(tmp_path: Path) -> None:
    for name in ('overlays/00990.jpg', 'labels/old.png', 'overlays/notes.txt'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    kept = Kept(tmp_path)
    for number in range(21):
        kept.add(replace(ANSWER, overlay=np.full((48, 64, 3), (10 * number, 0, 0), np.uint8)))
    assert files(tmp_path) == ['overlays/00000.jpg', 'overlays/00010.jpg', 'overlays/00020.jpg', 'overlays/notes.txt']
    assert cv2.imread(str(tmp_path / 'overlays' / '00020.jpg'))[..., 2].mean() == pytest.approx(200, abs=3)
