# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The camera in a recording is found by itself, and each image gets the depth of its moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rosgraph_msgs.msg import Clock
from scenes.bags import START_NS, Entry, camera_entries, compressed_depth, write_bag
from sensor_msgs.msg import CompressedImage, Image

from seg_ros.bridge.images import decode_depth, header_of, image_message
from seg_ros.errors import DataError
from seg_ros.recordings.bags import Bag
from seg_ros.recordings.camera_of_bag import CameraTopics, Moment, camera_topics, moments
from seg_ros.records import Intrinsics

CAMERA = Intrinsics(6, 4, 5.0, 5.0, 2.5, 1.5)
PICTURES = [np.full((4, 6, 3), red, np.uint8) for red in (10, 20, 30, 40)]


def depth_of(k: int) -> Any:
    return np.full((4, 6), 1000 + k, np.uint16)


def topics_of(path: Path, **named: str) -> CameraTopics:
    with Bag(path) as bag:
        return camera_topics(bag, CameraTopics(**named))


def moments_of(path: Path, topics: CameraTopics, **given: Any) -> list[Moment]:
    with Bag(path) as bag:
        return list(moments(bag, topics, **given))


def grey(topic: str, encoding: str = 'mono8') -> list[Entry]:
    pixels = np.zeros((4, 6), np.uint8 if encoding == 'mono8' else np.uint16)
    return [(topic, START_NS, image_message(pixels, encoding, header_of(START_NS, 'camera')))]


FULL = camera_entries(PICTURES, depth=depth_of, camera=CAMERA)
SECOND = camera_entries(PICTURES, topic='/rear/image_raw', camera=CAMERA)


@pytest.mark.parametrize(('entries', 'expected'), [
    (FULL, CameraTopics('/camera/image_raw', '/camera/aligned_depth/image', '/camera/camera_info')),
    (camera_entries(PICTURES), CameraTopics('/camera/image_raw')),
    (camera_entries(PICTURES, jpeg=True), CameraTopics('/camera/image_raw/compressed')),
    ([*camera_entries(PICTURES), *camera_entries(PICTURES, jpeg=True)], CameraTopics('/camera/image_raw')),
    ([*FULL, *grey('/truth/labels'), *grey('/truth/ids', 'mono16')],
     CameraTopics('/camera/image_raw', '/camera/aligned_depth/image', '/camera/camera_info')),
    (grey('/infra/image'), CameraTopics('/infra/image')),
    ([*camera_entries(PICTURES, camera=CAMERA), *camera_entries(PICTURES, topic='/segmentation/overlay')],
     CameraTopics('/camera/image_raw', '', '/camera/camera_info')),
    ([*FULL, ('/depth/image_rect', START_NS, FULL[2][2])],
     CameraTopics('/camera/image_raw', '/camera/aligned_depth/image', '/camera/camera_info')),
    ([*camera_entries(PICTURES, jpeg=True), ('/depth/compressedDepth', START_NS, compressed_depth(depth_of(0), 1))],
     CameraTopics('/camera/image_raw/compressed', '/depth/compressedDepth')),
], ids=['colour, depth and description', 'colour alone', 'compressed', 'raw before compressed',
        'label images are no camera', 'a grey camera', 'an overlay is no camera', 'the registered of two depths',
        'compressed depth'])
def test_the_only_camera_is_found(entries: list[Entry], expected: CameraTopics, tmp_path: Path) -> None:
    assert topics_of(write_bag(tmp_path / 'drive', entries)) == expected


@pytest.mark.parametrize(('entries', 'named', 'words'), [
    ([('/clock', START_NS, Clock())], {}, 'drive has no image topic. It has /clock'),
    ([*FULL, *SECOND], {}, 'several cameras: /camera/image_raw, /rear/image_raw. Name one as image_topic'),
    (FULL, {'image': '/front/image'}, "drive has no topic '/front/image'"),
    (FULL, {'image': '/camera/camera_info'}, 'holds sensor_msgs/msg/CameraInfo, no images'),
    ([*camera_entries(PICTURES), ('/a/depth', START_NS, FULL[2][2]), ('/b/depth', START_NS, FULL[2][2])], {},
     'several depth images: /a/depth, /b/depth. Name the one registered'),
], ids=['no image', 'two cameras', 'no such topic', 'a topic without images', 'two depths'])
def test_what_is_not_clear_is_said(entries: list[Entry], named: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words):
        topics_of(write_bag(tmp_path / 'drive', entries), **named)


def test_a_named_camera_is_taken_of_several(tmp_path: Path) -> None:
    path = write_bag(tmp_path / 'drive', [*FULL, *SECOND])
    assert topics_of(path, image='/rear/image_raw') == CameraTopics(
        '/rear/image_raw', '/camera/aligned_depth/image', '/rear/camera_info')


@pytest.mark.parametrize('named', ['', '/depth/compressedDepth'])
def test_depth_that_cannot_be_read_is_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture,
                                                        named: str) -> None:
    message = compressed_depth(depth_of(0), START_NS)
    message.format = '16UC1; compressedDepth zip'
    path = write_bag(tmp_path / 'drive', [*camera_entries(PICTURES), ('/depth/compressedDepth', START_NS, message)])
    assert topics_of(path, depth=named).depth == ''
    assert 'compressedDepth zip' in caplog.text


def test_depth_in_a_plain_png_is_depth(tmp_path: Path) -> None:
    png = CompressedImage(header=header_of(START_NS, 'camera'), format='16UC1; png compressed ',
                          data=cv2.imencode('.png', depth_of(0))[1].tobytes())
    path = write_bag(tmp_path / 'drive', [*camera_entries(PICTURES), ('/aligned_depth/compressed', START_NS, png)])
    topics = topics_of(path)
    assert topics.depth == '/aligned_depth/compressed'
    first = moments_of(path, topics)[0].depth
    assert first is not None
    np.testing.assert_array_equal(decode_depth(first), depth_of(0))


def test_each_image_has_the_depth_and_the_description_of_its_moment(tmp_path: Path) -> None:
    path = write_bag(tmp_path / 'drive', FULL)
    found = moments_of(path, topics_of(path))
    assert [one.stamp_ns for one in found] == [START_NS + k * 100_000_000 for k in range(4)]
    assert [one.recorded_ns - one.stamp_ns for one in found] == [5_000_000] * 4
    for k, one in enumerate(found):
        assert one.depth is not None
        assert (decode_depth(one.depth) == 1000 + k).all()
        assert one.depth_gap_ns == 0
        assert one.camera_info is not None
        assert one.camera_info.k[0] == 5.0


def shifted(entries: list[Entry], topic: str, stamp_ns: int, recorded_ns: int) -> list[Entry]:
    """Return the entries with one topic's messages taken and recorded later, in the order of recording."""
    moved = []
    for name, when, message in entries:
        if name != topic:
            moved.append((name, when, message))
            continue
        taken_ns = START_NS + (when - START_NS) // 100_000_000 * 100_000_000 + stamp_ns
        later = Image(header=header_of(taken_ns, ''), height=message.height, width=message.width,
                      encoding=message.encoding, step=message.step, data=message.data)
        moved.append((name, when + recorded_ns, later))
    return sorted(moved, key=lambda one: one[1])


@pytest.mark.parametrize(('stamp_ms', 'late_ms', 'gap_ms', 'has_depth'), [
    (0, 90, 0, True), (15, 0, 15, True), (30, 0, 30, False)],
    ids=['recorded after the next image', 'within the slop', 'too far off'])
def test_depth_joins_by_stamp_and_not_by_order(stamp_ms: int, late_ms: int, gap_ms: int, has_depth: bool,
                                               tmp_path: Path) -> None:
    entries = shifted(FULL, '/camera/aligned_depth/image', stamp_ms * 1_000_000, late_ms * 1_000_000)
    path = write_bag(tmp_path / 'drive', entries)
    found = moments_of(path, topics_of(path))
    assert [one.depth is not None for one in found] == [has_depth] * 4
    assert found[0].depth_gap_ns == gap_ms * 1_000_000
    if has_depth:
        assert [int(decode_depth(one.depth)[0, 0]) for one in found if one.depth] == [1000, 1001, 1002, 1003]


def test_parts_of_a_recording_together_are_the_whole(tmp_path: Path) -> None:
    path = write_bag(tmp_path / 'drive', FULL)
    topics, edge = topics_of(path), START_NS + 200_000_000
    whole = moments_of(path, topics)
    parts = moments_of(path, topics, stop_ns=edge) + moments_of(path, topics, start_ns=edge)
    assert [(one.stamp_ns, bytes(one.depth.data)) for one in parts if one.depth] == \
        [(one.stamp_ns, bytes(one.depth.data)) for one in whole if one.depth]
    assert len(parts) == 4


def test_compressed_depth_becomes_plain_depth(tmp_path: Path) -> None:
    entries = camera_entries(PICTURES, jpeg=True)
    with_depth = [(('/depth/compressedDepth'), when, compressed_depth(depth_of(k), when - 5_000_000))
                  for k, (_, when, _) in enumerate(entries)]
    path = write_bag(tmp_path / 'drive', sorted([*entries, *with_depth], key=lambda one: one[1]))
    found = moments_of(path, topics_of(path))
    assert [int(decode_depth(one.depth)[0, 0]) for one in found if one.depth] == [1000, 1001, 1002, 1003]
    assert isinstance(found[0].image, CompressedImage)
