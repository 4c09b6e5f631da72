# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A recording as a camera that can be played."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from seg_ros.bridge.images import SECOND_NS, decode_depth, decode_image
from seg_ros.errors import DataError, ImageError
from seg_ros.player.played_frames import PlayedFrame
from seg_ros.recordings.bags import Bag
from seg_ros.recordings.camera_of_bag import Excerpt, Moment, camera_topics, moments

TRANSFORMS = ('/tf', '/tf_static')

log = logging.getLogger(__name__)


class BagSource:
    """
    The images of one camera of a rosbag2 recording, with depth, description and transforms.

    :raises DataError: when the recording is damaged, has no images, or several cameras and none was chosen.
    """

    live = False

    def __init__(self, path: Path, chosen: Excerpt) -> None:
        self._path, self._start_s = path, chosen.start_s
        with Bag(path) as bag:
            self.topics = camera_topics(bag, chosen)
            start_ns, end_ns = bag.span_ns
            if chosen.start_s * SECOND_NS >= end_ns - start_ns:
                raise DataError(f'{path} is {(end_ns - start_ns) / SECOND_NS:.1f} s long, and start_s is '
                                f'{chosen.start_s:g}', 'begin earlier')
            self.transforms = _transform_kinds(bag)

    @property
    def words(self) -> str:
        """The recording and its topics."""
        named = (self.topics.image, self.topics.depth, self.topics.camera_info, *self.transforms)
        return f'the recording {self._path} ({", ".join(filter(None, named))})'

    def frames(self) -> Iterator[PlayedFrame]:
        """Yield one frame per image that can be decoded; the others are named once all together."""
        bad = 0
        with Bag(self._path) as bag:
            start_ns = bag.span_ns[0] + round(self._start_s * SECOND_NS)
            latched = self._latched(bag, start_ns)
            for moment in moments(bag, self.topics, start_ns=start_ns, beside=self.transforms):
                frame, problem = _frame(moment)
                if frame is not None:
                    yield replace(frame, beside=(*latched, *frame.beside))
                    latched = ()
                elif not bad:
                    log.warning('Skipping what cannot be decoded in %s: %s', self._path, problem)
                bad += frame is None

    def _latched(self, bag: Bag, start_ns: int) -> tuple[tuple[str, Any], ...]:
        """Return the static transforms recorded before the start: they hold from then on."""
        kinds = {topic: kind for topic, kind in self.transforms.items() if topic.endswith('static')}
        return tuple((topic, message) for topic, _, message in bag.messages(kinds, None, start_ns)) if kinds else ()


def _frame(moment: Moment) -> tuple[PlayedFrame | None, str]:
    """Return the frame of a moment, or None and why there is none."""
    try:
        depth = None if moment.depth is None else decode_depth(moment.depth)
        return PlayedFrame(decode_image(moment.image), depth, stamp_ns=moment.stamp_ns, camera_info=moment.camera_info,
                    frame_id=moment.image.header.frame_id, beside=moment.beside), ''
    except ImageError as error:
        return None, str(error)


def _transform_kinds(bag: Bag) -> dict[str, type]:
    """Return the transform topics of a recording with their type, none where tf2_msgs is not installed."""
    recorded = [topic for topic in TRANSFORMS if topic in bag.topics]
    try:
        from tf2_msgs.msg import TFMessage
    except ImportError:
        if recorded:
            log.warning('%s is not played: tf2_msgs is not installed', ' and '.join(recorded))
        return {}
    return dict.fromkeys(recorded, TFMessage)
