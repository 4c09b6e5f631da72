# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The answers of a demo as files: of pictures every one under its own name, of a camera every tenth overlay."""

from __future__ import annotations

from pathlib import Path

from seg_ros.lab.answers import write_answer, write_classes
from seg_ros.lab.pictures import write_picture
from seg_ros.recordings.recorded_answers import RecordedAnswer
from seg_ros.records import Segmentation

EACH = 10
FILES = ('overlays/*.jpg', 'labels/*.png', 'objects/*.json', 'classes.json')


class Kept:
    """
    Writes answers beside the report; those of an earlier demo are removed.

    Of pictures it writes what ``seg_ros predict`` does: overlays/, labels/, objects/ and classes.json.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        for old in [path for pattern in FILES for path in folder.glob(pattern)]:
            old.unlink()

    def add(self, answer: RecordedAnswer) -> None:
        """Keep one answer, if it is one to be kept."""
        if answer.name:
            found = answer.objects
            height, width = answer.overlay.shape[:2]
            write_answer(self._folder, answer.name, answer.overlay,
                         Segmentation((width, height), answer.labels, None, found.instances if found else None),
                         dict(enumerate(found.names)) if found else {})
            if not self._number:
                write_classes(self._folder, answer.names)
        elif self._number % EACH == 0:
            write_picture(self._folder / 'overlays' / f'{self._number:05d}.jpg', answer.overlay)
        self._number += 1
