# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The player as users start it, a process of its own: what it publishes, and how it ends."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import DescribeParameters
from rclpy.context import Context
from rclpy.node import Node
from rclpy.qos import ReliabilityPolicy
from scenes.playing import Listener, outcome, picture, player, reds
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from seg_ros.bridge.images import decode_depth, decode_image, stamp_ns_of
from seg_ros.player import player as player_module


@pytest.fixture
def listener(ros_context: Context) -> Iterator[Listener]:
    made = Listener(ros_context)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make three pictures, red 10, 20, 30."""
    for red in (10, 20, 30):
        cv2.imwrite(str(tmp_path / f'{red}.png'), picture(red)[:, :, ::-1])
    return tmp_path


@pytest.fixture
def rgbd(tmp_path: Path) -> Path:
    """Make two RGB-D frames."""
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / f'frame-{number}.color.png'), picture(number)[:, :, ::-1])
        depth = (np.arange(35, dtype=np.uint16) * 256 + number).reshape(5, 7)
        depth[4, 6] = 65_535
        cv2.imwrite(str(tmp_path / f'frame-{number}.depth.png'), depth)
    (tmp_path / 'camera-intrinsics.txt').write_text('6 0 3\n0 6.5 2\n0 0 1\n')
    return tmp_path


def test_a_folder_becomes_images_with_the_pixels_of_the_files(folder: Path, listener: Listener) -> None:
    heard = listener.hear('/image', Image)
    begin_ns = time.time_ns()
    with player(folder, rate=20.0, wait_for_subscriber=True) as process:
        listener.until(lambda: len(heard) == 3, f'only {len(heard)} images came')
        status, output = outcome(process)
    assert status == 0, output
    assert 'Published 3 images' in output
    for message, red in zip(heard, (10, 20, 30), strict=True):
        assert (message.encoding, message.width, message.height, message.step) == ('rgb8', 7, 5, 21)
        assert message.header.frame_id == 'camera_optical_frame'
        assert bytes(message.data) == picture(red).tobytes()
    stamps = [stamp_ns_of(message.header) for message in heard]
    assert begin_ns < stamps[0] < stamps[1] < stamps[2] < time.time_ns()


def test_it_begins_with_the_first_image_however_late_the_subscriber(folder: Path, listener: Listener) -> None:
    with player(folder, rate=50.0, wait_for_subscriber=True) as process:
        listener.until(lambda: listener.node.count_publishers('/image'), 'the player did not start')
        time.sleep(0.5)
        heard = listener.hear('/image', Image)
        listener.until(lambda: len(heard) == 3, f'only {len(heard)} images came')
        assert reds(heard) == [10, 20, 30]
        assert outcome(process)[0] == 0


def test_it_waits_for_as_many_nodes_as_it_is_told(folder: Path, listener: Listener, ros_context: Context) -> None:
    first, again = listener.hear('/image', Image), listener.hear('/image', Image)
    with player(folder, rate=50.0, wait_for_subscriber=True, subscribers=2) as process:
        listener.until(lambda: listener.node.count_publishers('/image'), 'the player did not start')
        time.sleep(0.5)
        assert not first and not again  # two subscriptions of one node
        other = Node('other', context=ros_context)
        other.create_subscription(Image, '/image', lambda _: None, 5)
        listener.until(lambda: len(first) == len(again) == 3, 'images are missing')
        other.destroy_node()
        assert outcome(process)[0] == 0


def test_an_rgbd_folder_becomes_image_depth_and_camera_of_one_stamp(rgbd: Path, listener: Listener) -> None:
    images, depths, infos = (listener.hear(f'/front/{topic}', kind) for topic, kind in (
        ('image', Image), ('depth', Image), ('camera_info', CameraInfo)))
    with player(rgbd, '-r', '__ns:=/front', rate=20.0, loop=True, frame_id='head'):
        listener.until(lambda: min(len(images), len(depths), len(infos)) >= 4, 'image, depth or camera are missing')
    by_stamp = {stamp_ns_of(message.header): message for message in images}
    both = [depth for depth in depths if stamp_ns_of(depth.header) in by_stamp]
    assert len(both) >= 3
    for depth in both:
        number = reds([by_stamp[stamp_ns_of(depth.header)]])[0]
        expected = (np.arange(35) * 256 + number).reshape(5, 7)
        expected[4, 6] = 0  # beyond 20 m
        np.testing.assert_array_equal(decode_depth(depth), expected)
        assert (depth.encoding, depth.step, depth.header.frame_id) == ('16UC1', 14, 'head')
    assert {stamp_ns_of(message.header) for message in infos} & set(by_stamp)
    assert (infos[0].width, infos[0].height, infos[0].header.frame_id) == (7, 5, 'head')
    assert list(infos[0].k) == [6.0, 0.0, 3.0, 0.0, 6.5, 2.0, 0.0, 0.0, 1.0]
    assert infos[0].distortion_model == 'plumb_bob'


def test_size_resizes_image_depth_and_camera_alike(rgbd: Path, listener: Listener) -> None:
    images, depths = listener.hear('/image', Image), listener.hear('/depth', Image)
    infos = listener.hear('/camera_info', CameraInfo)
    with player(rgbd, rate=20.0, loop=True, size='14x10'):
        listener.until(lambda: images and depths and infos, 'image, depth or camera are missing')
    assert (images[0].width, images[0].height, depths[0].width, depths[0].height) == (14, 10, 14, 10)
    assert (infos[0].width, infos[0].height, infos[0].k[0], infos[0].k[4]) == (14, 10, 12.0, 13.0)


def test_compressed_images_follow_the_remapped_topic(folder: Path, listener: Listener) -> None:
    heard = listener.hear('/camera/image_raw/compressed', CompressedImage)
    with player(folder, '-r', 'image:=/camera/image_raw', rate=20.0, wait_for_subscriber=True,
                image_transport='compressed', quality=100, size='56x40') as process:
        listener.until(lambda: len(heard) == 3, f'only {len(heard)} images came')
        assert outcome(process)[0] == 0
    assert {message.format for message in heard} == {'rgb8; jpeg compressed bgr8'}
    assert [decode_image(message).shape for message in heard] == [(40, 56, 3)] * 3
    np.testing.assert_allclose(reds(heard), [10, 20, 30], atol=5)


@pytest.mark.parametrize('reliability', ['reliable', 'best_effort'])
def test_the_reliability_is_the_one_asked_for(folder: Path, listener: Listener, reliability: str) -> None:
    heard = listener.hear('/image', Image, 'best_effort')
    with player(folder, rate=20.0, loop=True, reliability=reliability):
        listener.until(lambda: heard, 'no image came')
        offered = [info.qos_profile.reliability for info in listener.node.get_publishers_info_by_topic('/image')]
    assert offered == [ReliabilityPolicy[reliability.upper()]]


def test_a_broken_file_is_named_once_and_the_rest_played_in_a_loop(folder: Path, listener: Listener) -> None:
    (folder / '15.png').write_bytes((folder / '10.png').read_bytes()[:-15])
    heard = listener.hear('/image', Image)
    with player(folder, rate=50.0, loop=True, count=7, wait_for_subscriber=True) as process:
        listener.until(lambda: len(heard) == 7, f'only {len(heard)} images came')
        status, output = outcome(process)
    assert reds(heard) == [10, 20, 30, 10, 20, 30, 10]
    assert status == 0
    warnings = [line for line in output.splitlines() if 'WARN' in line]
    assert len(warnings) == 1, output
    assert str(folder / '15.png') in warnings[0]
    assert 'cut off' in warnings[0]
    stamps = [stamp_ns_of(message.header) for message in heard]
    assert all(earlier < later for earlier, later in pairwise(stamps))


@pytest.mark.parametrize('sign', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_player_ends_cleanly(folder: Path, listener: Listener, sign: signal.Signals) -> None:
    heard = listener.hear('/image', Image)
    with player(folder, rate=100.0, loop=True) as process:
        listener.until(lambda: len(heard) > 5, 'no images came')
        process.send_signal(sign)
        status, output = outcome(process, timeout_s=5.0)
    assert status == 0, output
    assert 'Traceback' not in output
    assert 'ERROR' not in output


def test_a_second_interrupt_while_the_interpreter_ends_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(player_module, 'run', lambda: 3)
    try:
        with pytest.raises(SystemExit) as ended:
            player_module.main()
        assert {signal.getsignal(sign) for sign in before} == {signal.SIG_IGN}
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    assert ended.value.code == 3


def test_a_player_nobody_listens_to_can_be_interrupted_too(folder: Path, listener: Listener) -> None:
    with player(folder, wait_for_subscriber=True) as process:
        listener.until(lambda: listener.node.count_publishers('/image'), 'the player did not start')
        process.send_signal(signal.SIGINT)
        assert outcome(process, timeout_s=5.0)[0] == 0


@pytest.mark.parametrize(('source', 'parameters', 'words'), [
    ('', {}, 'no source was given'),
    ('nowhere', {}, "nowhere' does not exist"),
    ('broken', {}, 'gave no image that could be read'),
    ('folder', {'size': '640'}, "size is '640'. Write WIDTHxHEIGHT"),
    ('folder', {'reliability': 'always'}, "reliability is 'always'. Use one of reliable, best_effort"),
    ('folder', {'rate': 'fast'}, 'rate'),
    ('folder', {'rate': -1.0}, 'Parameter rate out of r'),
    ('folder', {'stamps': 'recorded'}, 'has no times of its own. Use now'),
    ('folder', {'stamps': 'then'}, "stamps is 'then'. Use one of now, recorded"),
], ids=['no source', 'missing source', 'nothing but broken files', 'malformed size', 'unknown choice',
        'whole number as rate', 'negative rate', 'times that are not known',
        'unknown stamps'])
def test_what_cannot_be_played_ends_with_a_sentence_and_status_1(source: str, parameters: dict[str, Any],
                                                                 words: str, folder: Path,
                                                                 ros_domain: int) -> None:
    (folder / 'broken').mkdir()
    (folder / 'broken' / 'a.png').write_bytes(b'nothing')
    path = folder if source == 'folder' else folder / source if source else ''
    with player(path, **parameters) as process:
        status, output = outcome(process)
    assert status == 1
    assert 'FATAL' in output
    assert words in output
    assert 'Traceback' not in output


def test_its_parameters_describe_themselves(folder: Path, listener: Listener) -> None:
    with player(folder, wait_for_subscriber=True):
        client = listener.node.create_client(DescribeParameters, '/player/describe_parameters')
        asked = DescribeParameters.Request(names=['rate', 'reliability', 'count'])
        rate, reliability, count = listener.answer(client, asked).descriptors
    assert rate.description.startswith('images per second; 0 as a recording has them')
    assert (rate.floating_point_range[0].from_value, rate.floating_point_range[0].to_value) == (0.0, 1000.0)
    assert reliability.additional_constraints == 'one of reliable, best_effort'
    assert count.type == ParameterType.PARAMETER_INTEGER
    assert all(one.read_only for one in (rate, reliability, count))
