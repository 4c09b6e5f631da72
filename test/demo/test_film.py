# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every picture goes into the video."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.demo.film import Film
from seg_ros.errors import DataError


def picture(red: int, size: tuple[int, int] = (64, 48)) -> NDArray[np.uint8]:
    rgb = np.zeros((size[1], size[0], 3), np.uint8)
    rgb[..., 0] = red
    return rgb


def frames_of(video: Path) -> list[NDArray[np.uint8]]:
    """Return the frames of a video in red, green, blue."""
    capture, frames = cv2.VideoCapture(str(video)), []
    while (read := capture.read())[0]:
        frames.append(read[1][..., ::-1])
    return frames


def test_every_picture_is_a_frame_of_the_video(tmp_path: Path) -> None:
    with Film(tmp_path, rate=12.5) as film:
        for number in range(12):
            film.add(picture(20 * number))
    frames = frames_of(film.video)
    assert film.frames == len(frames) == 12
    for number, frame in enumerate(frames):
        assert frame.shape == (48, 64, 3)
        assert frame[..., 0].mean() == pytest.approx(20 * number, abs=12)
        assert frame[..., 2].mean() < 20  # blue stays dark: red was not taken for blue
    assert cv2.VideoCapture(str(film.video)).get(cv2.CAP_PROP_FPS) == pytest.approx(12.5)


def test_a_picture_of_another_size_is_fitted_into_the_video(tmp_path: Path) -> None:
    with Film(tmp_path, rate=10.0) as film:
        film.add(picture(100))
        film.add(picture(200, (32, 24)))
    frames = frames_of(film.video)
    assert [frame.shape for frame in frames] == [(48, 64, 3)] * 2
    assert frames[1][..., 0].mean() == pytest.approx(200, abs=12)


def test_the_film_of_an_earlier_run_is_gone(tmp_path: Path) -> None:
    (tmp_path / 'demo.mp4').touch()
    with Film(tmp_path, rate=10.0):
        pass
    assert not (tmp_path / 'demo.mp4').exists()


def test_no_picture_is_no_video(tmp_path: Path) -> None:
    with Film(tmp_path / 'new', rate=10.0) as film:
        pass
    assert film.frames == 0
    assert not film.video.exists()


def test_the_video_is_whole_when_the_run_was_interrupted(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Film(tmp_path, rate=10.0) as film:
            film.add(picture(100))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(frames_of(tmp_path / 'demo.mp4')) == 1


def test_a_video_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with Film(tmp_path, rate=10.0) as film:
        film.video = tmp_path / 'nowhere' / 'demo.mp4'
        with pytest.raises(DataError, match=r'the video .*nowhere/demo\.mp4 cannot be written'):
            film.add(picture(0))
