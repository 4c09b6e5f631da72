# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rendered frames become a recording that the player plays and that says what is truly in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.player.sources import open_source
from seg_ros.recordings.recorded_answers import truths

THINGS = {number: {'word': word, 'counts': counts, 'measured': measured} for number, word, counts, measured in (
    (1, 'floor', False, True), (2, 'hammer', True, True), (3, 'window', False, False), (4, 'chair', True, True))}


@pytest.fixture
def bag(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script that writes recordings."""
    pytest.importorskip('rosbags')
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / 'recordings' / 'render'))
    return pytest.importorskip('bag')


def frames(folder: Path, numbers: tuple[int, ...]) -> Path:
    """Draw a floor with a window above, and a hammer and a chair on it, 64 by 48."""
    folder.mkdir()
    (folder / 'scene.json').write_text(json.dumps({'width': 64, 'height': 48, 'focal_length': 50.0, 'rate': 10.0,
                                                   'things': THINGS}))
    for number in numbers:
        things = np.ones((48, 64), np.uint16)
        things[:10], things[20:30, 5:25], things[30:40, 40:44] = 3, 4, 2
        camera = np.eye(4)
        camera[2, 3] = 0.4
        cv2.imwrite(str(folder / f'{number:04d}.png'), np.full((48, 64, 3), (200, 100, 10 * number), np.uint8))
        np.savez(folder / f'{number:04d}.npz', depth_mm=np.full((48, 64), 1500 + number, np.uint16), things=things,
                 odom_from_base=np.eye(4), base_from_camera=camera)
    return folder


def test_frames_become_a_camera_with_depth(bag: Any, tmp_path: Path) -> None:
    assert bag.write_recording(frames(tmp_path / 'frames', (0, 4, 8)), tmp_path / 'drive') == 3
    source = open_source(str(tmp_path / 'drive'))
    shown = list(source.frames())
    assert [shot.stamp_ns - shown[0].stamp_ns for shot in shown] == [0, 400_000_000, 800_000_000]
    assert shown[1].frame_id == 'camera_optical_frame'
    np.testing.assert_allclose(shown[1].rgb.mean((0, 1)), (40, 100, 200), atol=3)
    assert set(np.unique(shown[1].depth)) == {0, 1504} and not shown[1].depth[:10].any()  # no depth of the window
    assert list(shown[1].camera_info.k) == [50.0, 0.0, 31.5, 0.0, 50.0, 23.5, 0.0, 0.0, 1.0]


def test_the_truth_names_classes_and_objects(bag: Any, tmp_path: Path) -> None:
    bag.write_recording(frames(tmp_path / 'frames', (0, 1)), tmp_path / 'drive')
    truth = list(truths(tmp_path / 'drive', frozenset({bag.START_NS + 100_000_000})))
    assert len(truth) == 1
    ids = {one.name: one.id for one in load_taxonomy('indoor').classes}
    assert truth[0].names == {k: name for name, k in ids.items()}
    labels = truth[0].labels
    assert (labels[0, 0], labels[47, 0], labels[25, 10], labels[35, 41]) == (
        ids['window'], ids['floor'], ids['furniture'], ids['object'])
    objects = truth[0].objects
    assert [objects.names[k] for k in objects.instances.class_ids] == ['hammer', 'chair']
    assert objects.instances.track_ids.tolist() == [2, 4]
    assert objects.instances.boxes.tolist() == [[40, 30, 44, 40], [5, 20, 25, 30]]


def test_writing_again_leaves_what_lies_beside_the_recording(bag: Any, tmp_path: Path) -> None:
    rendered, out = frames(tmp_path / 'frames', (0, 1)), tmp_path / 'drive'
    out.mkdir()
    (out / 'demo.yaml').write_text('segments: []')
    for _ in range(2):
        bag.write_recording(rendered, out)
    assert sorted(path.name for path in out.iterdir()) == ['demo.yaml', 'drive_0.mcap', 'metadata.yaml']
    assert sorted(path.name for path in tmp_path.iterdir()) == ['drive', 'frames']


def test_a_folder_without_frames_is_named(bag: Any, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f'There are no frames in {tmp_path / "frames"}; render them first'):
        bag.write_recording(frames(tmp_path / 'frames', ()), tmp_path / 'drive')
