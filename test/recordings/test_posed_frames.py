# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Frames know where their camera was: by the transforms of a recording, by its odometry, by files beside them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scenes.drawn_floor import CAMERA
from scenes.posed import depth_of, picture, views, write_drive, write_folder
from scipy.spatial.transform import Rotation

from seg_ros.errors import DataError
from seg_ros.recordings.posed_frames import posed_frames

pytest.importorskip('rosbags')
ROOM = Path(__file__).parents[2] / 'recordings' / 'room'


def test_poses_of_the_drive_are_those_it_was_rendered_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOM.parent / 'render'))
    from drive import poses  # type: ignore[import-not-found]
    optical = Rotation.from_euler('ZYX', (-90, 0, -90), degrees=True).as_matrix()
    source = posed_frames(ROOM)
    assert source.count == 130 and source.is_level
    for number, one in enumerate(source.frames()):
        base, camera = poses(number)
        assert one.map_from_camera[:3, :3] == pytest.approx((base @ camera)[:3, :3] @ optical, abs=1e-6)
        assert one.map_from_camera[:3, 3] == pytest.approx((base @ camera)[:3, 3], abs=1e-6)
        assert one.frame.depth is not None and one.frame.intrinsics is not None
        if number == 3:
            break
    sys.modules.pop('drive', None)


def test_odometry_gives_the_pose_at_the_stamp_of_each_image(tmp_path: Path) -> None:
    source = posed_frames(write_drive(tmp_path / 'drive', 12))
    found, drive = list(source.frames()), views(12)
    assert len(found) == 12
    for one, view in zip(found, drive):
        assert one.map_from_camera == pytest.approx(view.map_from_camera, abs=1e-6)
        assert one.frame.intrinsics == CAMERA
    assert (found[3].frame.rgb == picture(drive[3])).all()
    assert (found[3].frame.depth == depth_of(drive[3])).all()
    assert [one.frame.stamp_ns for one in source.frames(10)] == [one.frame.stamp_ns for one in found[10:]]


def test_images_without_a_pose_are_left_out_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = list(posed_frames(write_drive(tmp_path / 'drive', 12, late=5)).frames())
    assert len(found) == 8  # a pose is held for 0.1 s
    assert '4 of 12 images' in caplog.text


def test_a_folder_brings_its_poses(tmp_path: Path) -> None:
    source, drive = posed_frames(write_folder(tmp_path / 'drive', 3)), views(3)
    assert source.count == 3 and not source.is_level
    for one, view in zip(source.frames(), drive, strict=True):
        assert one.map_from_camera == pytest.approx(view.map_from_camera, abs=1e-9)
        assert (one.frame.rgb == picture(view)).all()
        assert (one.frame.depth == depth_of(view)).all()


def test_what_is_missing_is_one_sentence(tmp_path: Path) -> None:
    bare = write_drive(tmp_path / 'bare', 2, with_depth=False)
    folder = write_folder(tmp_path / 'folder', 1)
    (folder / 'camera-intrinsics.txt').unlink()
    for path, words, map_frame in ((tmp_path / 'nothing', 'there is no', ''),
                                   (tmp_path, 'no recording, and no folder', ''),
                                   (bare, 'has no depth image', ''), (folder, 'no 3x3 camera matrix', ''),
                                   (ROOM, 'to moon; known frames: base_link', 'moon')):
        with pytest.raises(DataError, match=words):
            posed_frames(path, map_frame=map_frame)
