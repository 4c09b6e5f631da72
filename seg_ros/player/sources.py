# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the player's pictures come from: files, an RGB-D folder, a video, a webcam or a recording."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.bridge.images import decode_bytes
from seg_ros.errors import DataError, ImageError
from seg_ros.picture_files import IMAGE_SUFFIXES
from seg_ros.player.bag_source import BagSource
from seg_ros.player.played_frames import PlayedFrame, Source
from seg_ros.recordings.bags import is_bag
from seg_ros.recordings.camera_of_bag import Excerpt
from seg_ros.recordings.posed_frames import camera_matrix, camera_of_matrix, measured_depth
from seg_ros.records import Intrinsics

PLAYABLE = 'a folder of images, an RGB-D folder, a video file, a webcam such as /dev/video0, or a rosbag2 recording'

log = logging.getLogger(__name__)


def open_source(text: str, recording: Excerpt | None = None) -> Source:
    """
    Return the source a person means by a path or a camera number.

    :param recording: what to take of a rosbag2 recording; None takes the only camera, from its start.
    :raises DataError: when there is nothing of that name, or nothing to play in it.
    """
    if not text:
        raise DataError('no source was given', f'set the parameter source to {PLAYABLE}')
    if re.fullmatch('[0-9]{1,4}', text) or text.startswith('/dev/'):
        return Webcam(text)
    path = Path(text).expanduser()
    if path.exists() and is_bag(path):
        return BagSource(path, recording or Excerpt())
    if path.is_dir():
        return _folder(path)
    if path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageFiles([path])
    if path.is_file():
        return VideoFile(path)
    raise DataError(f"the source '{text}' does not exist", f'give {PLAYABLE}')


def follows(source: Source) -> bool:
    """Tell whether each frame shows what the one before showed, a moment later, so that objects can be followed."""
    return not isinstance(source, ImageFiles) or isinstance(source, RgbdFolder)


class ImageFiles:
    """
    Image files in the order given, each turned as its EXIF note says.

    Each bears the name of its file, without suffix where only one has that.
    """

    live = False

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        self._stems = Counter(path.stem for path in paths)
        self._bad: set[Path] = set()

    @property
    def words(self) -> str:
        """How many images, and from where."""
        return f'{len(self.paths)} images of {self.paths[0].parent}'

    def frames(self) -> Iterator[PlayedFrame]:
        """Yield one frame per file that can be read."""
        for path in self.paths:
            frame = self.read(path)
            if frame is not None:
                yield frame

    def read(self, path: Path) -> PlayedFrame | None:
        """Return the picture of a file, or None where it cannot be read, which is told once."""
        if path in self._bad:
            return None
        try:
            return replace(self._frame(path), name=self.name_of(path))
        except (ImageError, OSError) as error:
            self._bad.add(path)
            log.warning('Skipping %s: %s', path, error)
            return None

    def name_of(self, path: Path) -> str:
        """Return the name of a picture that no other of them has."""
        return path.stem if self._stems[path.stem] == 1 else path.name

    def _frame(self, path: Path) -> PlayedFrame:
        return PlayedFrame(decode_bytes(path.read_bytes(), upright=True))


class RgbdFolder(ImageFiles):
    """
    A folder in the layout of 7-Scenes: NAME.color.jpg, NAME.depth.png and camera-intrinsics.txt.

    Depth is 16-bit millimetres; what lies beyond 20 m was not measured and becomes 0. A colour image
    without depth, or with depth that cannot be read, is played without.

    :raises DataError: when camera-intrinsics.txt is not a 3x3 matrix.
    """

    def __init__(self, folder: Path, paths: Sequence[Path]) -> None:
        super().__init__(paths)
        file = folder / 'camera-intrinsics.txt'
        self._matrix = camera_matrix(file) if file.is_file() else None

    def _frame(self, path: Path) -> PlayedFrame:
        rgb = decode_bytes(path.read_bytes())
        depth = self._depth(path.with_name(path.name.partition('.color.')[0] + '.depth.png'))
        return PlayedFrame(rgb, depth, self._intrinsics(rgb.shape[1], rgb.shape[0]))

    def _intrinsics(self, width: int, height: int) -> Intrinsics | None:
        return None if self._matrix is None else camera_of_matrix(self._matrix, width, height)

    def _depth(self, path: Path) -> NDArray[np.uint16] | None:
        if path in self._bad or not path.is_file():
            return None
        try:
            return measured_depth(path)
        except DataError as error:
            self._bad.add(path)
            log.warning('Playing without a 16-bit depth image: %s', error)
            return None


class VideoFile:
    """A video file, frame by frame at the player's rate, whatever its own."""

    live = False

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def words(self) -> str:
        """The file."""
        return f'the video {self._path}'

    def frames(self) -> Iterator[PlayedFrame]:
        """Yield the frames up to the end, or up to the first that cannot be decoded."""
        capture = cv2.VideoCapture(str(self._path))
        if not capture.isOpened():
            raise DataError(f'{self._path} is neither an image nor a video that OpenCV can open',
                            f'convert it to MP4 with H.264, or give {PLAYABLE}')
        yield from _frames(capture)


class Webcam:
    """A camera of this computer, by its number or device file."""

    live = True

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def words(self) -> str:
        """The camera."""
        return f'the webcam {self._name}'

    def frames(self) -> Iterator[PlayedFrame]:
        """Yield images as they are taken, as long as the camera delivers."""
        capture = cv2.VideoCapture(int(self._name) if self._name.isdecimal() else self._name)
        if not capture.isOpened():
            raise DataError(f'{self.words} cannot be opened', 'check that v4l2-ctl --list-devices names it '
                                                              'and that no other program uses it')
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest image, not the oldest of a queue
        yield from _frames(capture)
        raise DataError(f'{self.words} stopped delivering images', 'check its cable and start again')


def _folder(folder: Path) -> Source:
    images = sorted((p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file()),
                    key=_natural_order)
    colour = [path for path in images if '.color.' in path.name]
    if colour:
        return RgbdFolder(folder, colour)
    if not images:
        raise DataError(f'there are no images in {folder}', f'images end in {", ".join(IMAGE_SUFFIXES)}')
    return ImageFiles(images)


def _natural_order(path: Path) -> list[tuple[int, str]]:
    """Sort image2 before image10."""
    return [(int(part), '') if part.isdecimal() else (0, part) for part in re.split(r'(\d+)', path.name)]


def _frames(capture: cv2.VideoCapture) -> Iterator[PlayedFrame]:
    try:
        while True:
            good, bgr = capture.read()
            if not good:
                return
            yield PlayedFrame(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))  # type: ignore[arg-type]
    finally:
        capture.release()
