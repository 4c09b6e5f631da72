# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the verbs share that read a recording: which camera of it, the parameters of the node, and Ctrl-C."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from seg_ros.nodes.parameters import settings_of_file
from seg_ros.recordings.camera_of_bag import Excerpt
from seg_ros.settings import Settings


def add_topics(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name a camera of a recording."""
    parser.add_argument('--image-topic', default='', help='the images, if there are several cameras')
    parser.add_argument('--depth-topic', default='', help='the depth registered to them, if there are several')
    parser.add_argument('--camera-info-topic', default='', help='the description of the camera')


def excerpt_of(options: argparse.Namespace) -> Excerpt:
    """Return what those options name."""
    return Excerpt(options.image_topic, options.depth_topic, options.camera_info_topic)


def settings_of(options: argparse.Namespace) -> Settings:
    """
    Return the settings in ``--params-file``, or the usual ones.

    :raises SettingError: as :func:`settings_of_file` does.
    """
    return settings_of_file(options.params_file) if options.params_file else Settings()


@contextmanager
def ended_between_images() -> Iterator[Event]:
    """
    Yield what the first Ctrl-C sets, also where a shell started us with Ctrl-C ignored; a second one ends at once.

    Within the reading of a message an interrupt would look like a damaged message.
    """
    ended = Event()

    def end(sign: int, frame: object) -> None:
        ended.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield ended
    finally:
        signal.signal(signal.SIGINT, before)
