# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whether a recording can be mapped while it is played."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from seg_ros.errors import DataError
from seg_ros.recordings.bags import Bag, is_bag
from seg_ros.recordings.camera_of_bag import KINDS, camera_topics
from seg_ros.recordings.recorded_transforms import transforms_of

FIRST_S = 3.0  # of a recording, in which its transforms are looked for
FRAMES = ('map', 'odom')


def map_frame_of(source: str) -> str:
    """Return the frame in which what is played can be mapped by its depth and /tf; empty where it has none of these."""
    path = Path(source).expanduser()
    if find_spec('tf2_msgs') is None or not is_bag(path):
        return ''
    try:
        with Bag(path) as bag:
            topics = camera_topics(bag)
            if not topics.depth or not topics.camera_info:
                return ''
            optical = bag.first(topics.image, KINDS[bag.kind(topics.image)]).header.frame_id
        tree = transforms_of(path, first_s=FIRST_S)
    except DataError:
        return ''
    return next((frame for frame in FRAMES if tree.joins(frame, optical)), '')
