# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is played can be mapped when its camera is placed by /tf and has depth."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenes.bags import write_bag
from scenes.posed import write_drive

from seg_ros.recordings import played_map
from seg_ros.recordings.played_map import map_frame_of

pytest.importorskip('rosbags')
pytest.importorskip('tf2_msgs')
ROOM = Path(__file__).parents[2] / 'recordings' / 'room'


def test_the_bundled_drive_is_mapped_by_its_odometry() -> None:
    assert map_frame_of(str(ROOM)) == 'odom'


def test_what_has_no_depth_no_transforms_or_is_no_recording_is_not_mapped(tmp_path: Path) -> None:
    assert map_frame_of(str(write_drive(tmp_path / 'flat', 2, with_depth=False))) == ''
    assert map_frame_of(str(write_drive(tmp_path / 'odometry', 2))) == ''  # the player plays /tf, not that
    assert map_frame_of(str(write_bag(tmp_path / 'empty', []))) == ''
    (tmp_path / 'broken.mcap').write_bytes(b'no recording')
    for source in (tmp_path, tmp_path / 'broken.mcap', tmp_path / 'nowhere', '0', 'rtsp://camera/1'):
        assert map_frame_of(str(source)) == ''


def test_without_tf_no_map_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(played_map, 'find_spec', lambda name: None)
    assert map_frame_of(str(ROOM)) == ''
