# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every kind of source gives its pictures in order; what cannot be read is named once and skipped."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.errors import DataError
from seg_ros.player.played_frames import PlayedFrame
from seg_ros.player.sources import ImageFiles, RgbdFolder, VideoFile, Webcam, open_source
from seg_ros.records import Intrinsics

K_TEXT = '5.85e+02 0 3.5\n0 5.80e+02 2.5\n0 0 1\n'
KITCHEN = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'rgbd_kitchen'


def picture(red: int) -> NDArray[np.uint8]:
    """Return a 8x6 picture of one colour, red, with one green pixel top left."""
    rgb = np.zeros((6, 8, 3), np.uint8)
    rgb[..., 0] = red
    rgb[0, 0] = 0, 255, 0
    return rgb


def save(path: Path, rgb: NDArray[np.uint8]) -> None:
    cv2.imwrite(str(path), rgb[:, :, ::-1])


def reds(frames: list[PlayedFrame]) -> list[int]:
    return [int(frame.rgb[-1, -1, 0]) for frame in frames]


@pytest.fixture
def rgbd(tmp_path: Path) -> Path:
    """Make two RGB-D frames: in the second, one pixel lies at 20 m, one beyond and one unmeasured."""
    for number in (0, 5):
        save(tmp_path / f'frame-{number:06d}.color.png', picture(10 + number))
        depth = np.full((6, 8), 1000 + number, np.uint16)
        depth[0, :3] = 20_000, 20_001, 65_535
        cv2.imwrite(str(tmp_path / f'frame-{number:06d}.depth.png'), depth)
    (tmp_path / 'camera-intrinsics.txt').write_text(K_TEXT)
    return tmp_path


def test_a_folder_is_played_in_natural_order_whatever_the_suffix(tmp_path: Path) -> None:
    for name, red in (('image10.png', 30), ('image2.PNG', 20), ('image1.bmp', 10), ('last.tiff', 40)):
        save(tmp_path / name, picture(red))
    (tmp_path / 'notes.txt').write_text('not an image')
    (tmp_path / 'folder.png').mkdir()
    source = open_source(str(tmp_path))
    frames = list(source.frames())
    assert reds(frames) == [10, 20, 30, 40]
    np.testing.assert_array_equal(frames[0].rgb, picture(10))
    assert (frames[0].depth, frames[0].intrinsics, frames[0].stamp_ns, source.live) == (None, None, None, False)
    assert source.words == f'4 images of {tmp_path}'


def test_one_image_is_a_source(tmp_path: Path) -> None:
    save(tmp_path / 'one.png', picture(99))
    assert reds(list(open_source(str(tmp_path / 'one.png')).frames())) == [99]


def test_a_home_folder_may_be_written_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    save(tmp_path / 'one.png', picture(98))
    assert reds(list(open_source('~').frames())) == [98]


def test_images_that_cannot_be_read_are_named_once_and_skipped(tmp_path: Path,
                                                               caplog: pytest.LogCaptureFixture) -> None:
    for number in range(4):
        save(tmp_path / f'{number}.png', picture(number))
    cut = (tmp_path / '1.png').read_bytes()
    (tmp_path / '1.png').write_bytes(cut[:-15])
    (tmp_path / '2.png').write_bytes(b'')
    source = open_source(str(tmp_path))
    with caplog.at_level(logging.WARNING):
        assert [reds(list(source.frames())) for _ in range(3)] == [[0, 3]] * 3
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2
    assert str(tmp_path / '1.png') in messages[0]
    assert 'cut off' in messages[0]
    assert str(tmp_path / '2.png') in messages[1]
    assert 'empty' in messages[1]


def test_an_image_that_vanishes_is_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(2):
        save(tmp_path / f'{number}.png', picture(number))
    source = open_source(str(tmp_path))
    (tmp_path / '0.png').unlink()
    assert reds(list(source.frames())) == [1]
    assert 'No such file' in caplog.text


def test_an_rgbd_folder_has_colour_depth_and_camera(rgbd: Path) -> None:
    source = open_source(str(rgbd))
    frames = list(source.frames())
    assert isinstance(source, RgbdFolder)
    assert reds(frames) == [10, 15]
    assert frames[1].intrinsics == Intrinsics(8, 6, 585.0, 580.0, 3.5, 2.5)
    assert frames[1].depth is not None
    assert frames[1].depth.dtype == np.uint16
    assert frames[1].depth[0].tolist() == [20_000, 0, 0, *[1005] * 5]
    assert (frames[1].depth[1:] == 1005).all()


def test_depth_and_camera_may_be_missing(rgbd: Path) -> None:
    (rgbd / 'frame-000000.depth.png').unlink()
    (rgbd / 'camera-intrinsics.txt').unlink()
    frames = list(open_source(str(rgbd)).frames())
    assert [frame.depth is None for frame in frames] == [True, False]
    assert [frame.intrinsics for frame in frames] == [None, None]


@pytest.mark.parametrize('damage', [b'', b'no image', 'eight bits', 'colours'])
def test_bad_depth_is_named_once_and_the_image_played(rgbd: Path, damage: Any,
                                                      caplog: pytest.LogCaptureFixture) -> None:
    path = rgbd / 'frame-000005.depth.png'
    if isinstance(damage, bytes):
        path.write_bytes(damage)
    else:
        cv2.imwrite(str(path), np.zeros((6, 8) if damage == 'eight bits' else (6, 8, 3),
                                        np.uint8 if damage == 'eight bits' else np.uint16))
    source = open_source(str(rgbd))
    for _ in range(2):
        assert [frame.depth is None for frame in source.frames()] == [False, True]
    assert caplog.text.count(str(path)) == 1
    assert '16-bit depth' in caplog.text


@pytest.mark.parametrize('text', ['1 2 3\n', 'fx fy cx cy\n', '', '1 0 0\n0 1\n'])
def test_malformed_intrinsics_are_an_error_that_names_the_file(rgbd: Path, text: str) -> None:
    (rgbd / 'camera-intrinsics.txt').write_text(text)
    with pytest.raises(DataError, match=r'camera-intrinsics\.txt .*3x3'):
        open_source(str(rgbd))


@pytest.mark.skipif(not KITCHEN.is_dir(), reason='the RGB-D sequence rgbd_kitchen is not on this machine')
def test_the_kitchen_sequence_is_understood() -> None:
    frame = next(iter(open_source(str(KITCHEN)).frames()))
    assert frame.intrinsics == Intrinsics(640, 480, 585.0, 585.0, 320.0, 240.0)
    assert frame.rgb.shape == (480, 640, 3)
    assert frame.depth is not None
    assert frame.depth.shape == (480, 640)
    assert 500 < np.median(frame.depth[frame.depth > 0]) < 5000  # a kitchen, in millimetres
    assert frame.depth.max() <= 20_000


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Make a video of three frames: red 40, 120, 200."""
    path = tmp_path / 'clip.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 5.0, (64, 48))
    if not writer.isOpened():
        pytest.skip('this OpenCV writes no MJPG video')
    for red in (40, 120, 200):
        writer.write(np.full((48, 64, 3), (0, 0, red), np.uint8))
    writer.release()
    return path


def test_a_video_is_played_from_its_start_each_time(video: Path) -> None:
    source = open_source(str(video))
    assert isinstance(source, VideoFile)
    for _ in range(2):
        frames = list(source.frames())
        assert [frame.rgb.shape for frame in frames] == [(48, 64, 3)] * 3
        np.testing.assert_allclose([frame.rgb[24, 32] for frame in frames],
                                   [(40, 0, 0), (120, 0, 0), (200, 0, 0)], atol=4)


def test_a_file_that_is_no_video_is_an_error(tmp_path: Path) -> None:
    (tmp_path / 'clip.mp4').write_bytes(b'this is not a video')
    with pytest.raises(DataError, match=r'clip\.mp4 is neither an image nor a video'):
        list(open_source(str(tmp_path / 'clip.mp4')).frames())


class TwoImageCamera:
    """Stands for cv2.VideoCapture on a camera that is unplugged after two images."""

    opened: list[Any]

    def __init__(self, name: Any) -> None:
        self.opened.append(name)
        self.settings: dict[int, float] = {}
        self._left = [np.full((2, 2, 3), (0, 0, red), np.uint8) for red in (2, 1)]

    def isOpened(self) -> bool:
        """Say yes."""
        return True

    def set(self, what: int, value: float) -> None:
        """Note a setting."""
        assert (what, value) == (cv2.CAP_PROP_BUFFERSIZE, 1)

    def read(self) -> tuple[bool, Any]:
        """Give the next image, or nothing."""
        return (True, self._left.pop()) if self._left else (False, None)

    def release(self) -> None:
        """Note that the camera was given back."""
        self.opened.append('released')


@pytest.mark.parametrize(('text', 'name'), [('0', 0), ('12', 12), ('/dev/video3', '/dev/video3')])
def test_a_webcam_is_live_and_says_when_it_is_gone(text: str, name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TwoImageCamera, 'opened', [], raising=False)
    monkeypatch.setattr(cv2, 'VideoCapture', TwoImageCamera)
    source = open_source(text)
    assert isinstance(source, Webcam)
    assert source.live
    frames = source.frames()
    assert reds([next(frames), next(frames)]) == [1, 2]
    with pytest.raises(DataError, match='stopped delivering'):
        next(frames)
    assert TwoImageCamera.opened == [name, 'released']


def test_a_webcam_that_is_not_there_is_an_error() -> None:
    with pytest.raises(DataError, match='the webcam /dev/video97 cannot be opened'):
        next(iter(open_source('/dev/video97').frames()))


@pytest.mark.parametrize(('name', 'fact'), [('', 'no source was given'), ('nowhere', "nowhere' does not exist"),
                                            ('empty', 'no images in')])
def test_nothing_to_play_is_an_error(name: str, fact: str, tmp_path: Path) -> None:
    (tmp_path / 'empty').mkdir()
    with pytest.raises(DataError, match=fact):
        open_source(str(tmp_path / name) if name else '')


def test_a_list_of_images_keeps_its_order(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / f'{number}.png', picture(number))
    assert reds(list(ImageFiles([tmp_path / f'{n}.png' for n in (2, 0, 1)]).frames())) == [2, 0, 1]
