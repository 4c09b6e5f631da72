# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whole views of a split become images and label images of one name each."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from seg_ros.lab.coco import InstanceData

RENDER = Path(__file__).parents[3] / 'recordings' / 'render'
STAIRS = 5


def rendered(folder: Path, split: str, stairs_rows: int) -> None:
    """Write the files of view 0 of a room; so many of its rows are stairs."""
    folder.mkdir(parents=True)
    labels = np.zeros((24, 32), np.uint8)
    labels[:stairs_rows] = STAIRS
    cv2.imwrite(str(folder / '0.rgb.jpg'), np.full((24, 32, 3), 90, np.uint8))
    cv2.imwrite(str(folder / '0.label.png'), labels)
    things = {'1': {'word': 'stairs' if stairs_rows else 'hammer'}}
    (folder / '0.json').write_text(json.dumps({'split': split, 'things': things}))


def test_views_are_gathered_by_split_and_by_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.syspath_prepend(str(RENDER))
    import gather
    rooms = tmp_path / 'rooms'
    rendered(rooms / '11', 'train', 0)
    rendered(rooms / '12', 'train', 20)
    rendered(rooms / '20', 'dev', 20)
    (rooms / '12' / '1.rgb.jpg').write_bytes(b'a view that is still rendered')

    def gathered(*options: str) -> list[str]:
        out = tmp_path / f'out{len(list(tmp_path.iterdir()))}'
        monkeypatch.setattr(sys, 'argv', ['gather.py', str(rooms), str(out), *options])
        gather.main()
        assert f'{len(list((out / "labels").iterdir()))} views in {out}' in capsys.readouterr().out
        return sorted(path.name for path in out.rglob('*.*'))

    assert gathered() == ['11_0.jpg', '11_0.png', '12_0.jpg', '12_0.png']
    assert gathered('--showing', 'stairs') == ['12_0.jpg', '12_0.png']
    assert gathered('--without', 'wrench', 'hammer') == ['12_0.jpg', '12_0.png']
    assert gathered('--split', 'dev') == ['20_0.jpg', '20_0.png']


def test_objects_are_outlined_by_their_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(RENDER))
    import gather
    room = tmp_path / 'rooms' / '2001'
    rendered(room, 'train', 0)
    numbers = np.zeros((24, 32), np.uint16)
    numbers[2:14, 3:13], numbers[6:16, 10:30], numbers[20:22, :4], numbers[23] = 300, 7, 8, 9
    cv2.imwrite(str(room / '0.ids.png'), numbers)
    words = {300: 'wrench', 7: 'hammer', 8: 'hammer', 9: 'table'}
    (room / '0.json').write_text(json.dumps({
        'split': 'train', 'width': 32, 'height': 24, 'things': {k: {'word': word} for k, word in words.items()}}))
    monkeypatch.setattr(sys, 'argv', ['gather.py', str(tmp_path / 'rooms'), str(tmp_path / 'out'), '--objects',
                                      'hammer', 'wrench', 'pliers'])
    gather.main()
    data = InstanceData(tmp_path / 'out' / 'images', tmp_path / 'out' / 'instances.json')
    assert (data.class_names, len(data)) == (('hammer', 'wrench', 'pliers'), 1)
    seen = data.read(0)
    assert sorted(seen.classes) == [0, 1]  # the second hammer is too small
    for k, number in ((0, 7), (1, 300)):
        np.testing.assert_array_equal(seen.masks[list(seen.classes).index(k)], numbers == number)
