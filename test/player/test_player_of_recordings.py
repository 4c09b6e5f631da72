# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The player plays a recording: its pixels, depth and description, its times or those of now, from where it is told."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from rclpy.context import Context
from scenes.bags import START_NS, camera_entries, write_bag
from scenes.playing import Listener, outcome, picture, player, reds
from sensor_msgs.msg import CameraInfo, Image, TimeReference

from seg_ros.bridge.images import decode_depth, header_of, stamp_ns_of
from seg_ros.player.player import Player
from seg_ros.records import Intrinsics

CAMERA = Intrinsics(7, 5, 6.0, 6.5, 3.0, 2.0)
REDS = [10, 20, 30, 40, 50]


@pytest.fixture
def listener(ros_context: Context) -> Any:
    made = Listener(ros_context)
    yield made
    made.close()


def depth_of(k: int) -> Any:
    metres = np.full((5, 7), 1.5 + k, np.float32)
    metres[0, 0] = np.nan
    return metres


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Write half a second of a colour and depth camera at 10 Hz, with a lens."""
    entries = camera_entries([picture(red) for red in REDS], depth=depth_of, camera=CAMERA, frame_id='head')
    for topic, _, message in entries:
        if topic.endswith('camera_info'):
            message.d = [0.1, -0.05, 0.0, 0.0, 0.0]
    return write_bag(tmp_path / 'drive', entries)


def expected_stamps(count: int = 5) -> list[int]:
    return [START_NS + k * 100_000_000 for k in range(count)]


def test_a_recording_is_played_as_it_was_recorded(bag: Path, listener: Listener) -> None:
    images, depths = listener.hear('/image', Image), listener.hear('/depth', Image)
    infos = listener.hear('/camera_info', CameraInfo)
    with player(bag, rate=50.0, wait_for_subscriber=True, stamps='recorded') as process:
        listener.until(lambda: min(len(images), len(depths), len(infos)) == 5, 'images, depth or descriptions missing')
        status, output = outcome(process)
    assert status == 0, output
    assert '/camera/image_raw, /camera/aligned_depth/image, /camera/camera_info' in output
    assert reds(images) == REDS
    assert bytes(images[0].data) == picture(10).tobytes()
    for messages in (images, depths, infos):
        assert [stamp_ns_of(message.header) for message in messages] == expected_stamps()
        assert {message.header.frame_id for message in messages} == {'head'}
    for k, message in enumerate(depths):
        assert message.encoding == '32FC1'
        np.testing.assert_array_equal(decode_depth(message), depth_of(k))
    assert list(infos[0].d) == [0.1, -0.05, 0.0, 0.0, 0.0]


def test_stamps_of_now_come_with_a_reference_to_those_recorded(bag: Path, listener: Listener) -> None:
    images, references = listener.hear('/image', Image), listener.hear('/player/time_reference', TimeReference)
    begin_ns = time.time_ns()
    with player(bag, rate=50.0, wait_for_subscriber=True) as process:
        listener.until(lambda: min(len(images), len(references)) == 5, 'images or references are missing')
        assert outcome(process)[0] == 0
    stamps = [stamp_ns_of(message.header) for message in images]
    assert begin_ns < stamps[0] < stamps[-1] < time.time_ns()
    recorded = {stamp_ns_of(one.header): one.time_ref.sec * 1_000_000_000 + one.time_ref.nanosec for one in references}
    assert [recorded[stamp] for stamp in stamps] == expected_stamps()


def test_without_a_rate_it_keeps_the_times_of_the_recording(bag: Path, listener: Listener) -> None:
    images = listener.hear('/image', Image)
    with player(bag, wait_for_subscriber=True) as process:
        listener.until(lambda: len(images) == 5, 'images are missing')
        output = outcome(process)[1]
    assert 'at its own pace' in output
    gaps = np.diff([stamp_ns_of(message.header) for message in images]) / 1e6
    assert 60 < np.median(gaps) < 180  # ms; 10 Hz, and a busy machine
    assert gaps.min() > 10


def test_it_begins_where_it_is_told_and_loops(bag: Path, listener: Listener) -> None:
    images = listener.hear('/image', Image)
    with player(bag, rate=50.0, wait_for_subscriber=True, start_s=0.25, loop=True, count=5, size='14x10') as process:
        listener.until(lambda: len(images) == 5, 'images are missing')
        assert outcome(process)[0] == 0
    assert [message.width for message in images] == [14] * 5
    np.testing.assert_allclose(reds(images), [40, 50, 40, 50, 40], atol=1)
    stamps = [stamp_ns_of(message.header) for message in images]
    assert all(earlier < later for earlier, later in pairwise(stamps))


def test_the_description_follows_the_size(bag: Path, listener: Listener) -> None:
    infos = listener.hear('/camera_info', CameraInfo)
    with player(bag, rate=20.0, loop=True, size='14x10'):
        listener.until(lambda: infos, 'no description came')
    assert (infos[0].width, infos[0].height, infos[0].k[0], infos[0].k[4]) == (14, 10, 12.0, 13.0)
    assert (infos[0].k[2], infos[0].p[2]) == (6.5, 6.5)
    assert list(infos[0].d) == [0.1, -0.05, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(('parameters', 'words'), [
    ({'image_topic': '/front/image'}, "has no topic '/front/image'"),
    ({'start_s': 3.0}, 'drive is 0.4 s long, and start_s is 3'),
], ids=['no such topic', 'start behind the end'])
def test_what_cannot_be_played_ends_with_a_sentence(parameters: dict[str, Any], words: str, bag: Path,
                                                    ros_domain: int) -> None:
    with player(bag, **parameters) as process:
        status, output = outcome(process)
    assert status == 1
    assert words in output
    assert 'Traceback' not in output


def test_a_recording_that_was_cut_off_ends_with_a_sentence(bag: Path, ros_domain: int) -> None:
    file = bag / 'drive.mcap'
    file.write_bytes(file.read_bytes()[:-100])
    with player(bag) as process:
        status, output = outcome(process)
    assert status == 1
    assert 'cut off or damaged' in output
    assert 'Traceback' not in output


def test_transforms_are_played_with_the_image_where_their_messages_are_installed(
        tmp_path: Path, listener: Listener) -> None:
    messages = pytest.importorskip('tf2_msgs.msg')
    entries = camera_entries([picture(red) for red in REDS])
    one = TransformStamped(child_frame_id='head')
    one.header.stamp, one.header.frame_id = entries[2][2].header.stamp, 'base'
    entries.insert(2, ('/tf', entries[2][1], messages.TFMessage(transforms=[one])))
    images, transforms = listener.hear('/image', Image), listener.hear('/tf', messages.TFMessage)
    with player(write_bag(tmp_path / 'tf', entries), rate=10.0, wait_for_subscriber=True):
        listener.until(lambda: transforms and len(images) == 5, 'no transform came')
    assert stamp_ns_of(transforms[0].transforms[0].header) == stamp_ns_of(images[2].header)


def test_the_stamps_of_transforms_move_with_that_of_their_image() -> None:
    """By the method alone: it holds where tf2_msgs is not installed too."""
    published: list[Any] = []
    one = TransformStamped(child_frame_id='head')
    one.header = header_of(START_NS + 40_000_000, 'base')
    player_like: Any = SimpleNamespace(_beside={'/tf': SimpleNamespace(publish=published.append)})
    Player._publish_transforms(player_like, '/tf', SimpleNamespace(transforms=[one]), 5_000_000_000)
    moved, = published[0].transforms
    assert stamp_ns_of(moved.header) == START_NS + 5_040_000_000
    assert (moved.header.frame_id, moved.child_frame_id) == ('base', 'head')
