# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The frames of a source under names of their own, for whoever writes files."""

from __future__ import annotations

from collections.abc import Iterator

from seg_ros.player.played_frames import PlayedFrame, Source
from seg_ros.player.sources import ImageFiles


def named_frames(source: Source, stem: str) -> Iterator[tuple[str, PlayedFrame | None]]:
    """
    Yield every frame with a name that no other frame of the source has.

    The name of an image file is its own; what was recorded is named by its stamp in nanoseconds, as all that belongs
    to one image is; the rest by the source and a number from 0.

    :param stem: the name of the source. :return: None in place of an image file that cannot be read.
    """
    if isinstance(source, ImageFiles):
        for path in source.paths:
            yield source.name_of(path), source.read(path)
        return
    seen: set[int] = set()
    for number, frame in enumerate(source.frames()):
        stamp = frame.stamp_ns
        if stamp is None or stamp in seen:
            yield f'{stem}_{number:06d}', frame
        else:
            seen.add(stamp)
            yield str(stamp), frame
