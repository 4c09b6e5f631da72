# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The rules of tf2's buffer, one by one: what is interpolated, what is refused, and what is said."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from seg_ros.errors import ImageError
from seg_ros.geometry import frames
from seg_ros.geometry.frames import CACHE_NS, LATEST, TransformBuffer

SECOND = 1_000_000_000
STILL = (0.0, 0.0, 0.0, 1.0)
Quaternion = tuple[float, float, float, float]


def turned(degrees: float) -> Quaternion:
    """Return the rotation about z."""
    half = math.radians(degrees) / 2
    return (0.0, 0.0, math.sin(half), math.cos(half))


def driven(buffer: TransformBuffer, *seconds: float) -> None:
    """Let base_link go along x of odom at 1 m/s, turning by 10 degrees per second."""
    for second in seconds:
        assert buffer.add('base_link', 'odom', round(second * SECOND), (second, 0.0, 0.0), turned(10 * second))


def robot() -> TransformBuffer:
    """Return map <- odom (static), odom <- base_link from 1 to 3 s, base_link <- camera (static)."""
    buffer = TransformBuffer()
    buffer.add('odom', 'map', 0, (100.0, 0.0, 0.0), turned(90), is_static=True)
    buffer.add('camera', 'base_link', 0, (0.0, 0.0, 1.5), STILL, is_static=True)
    driven(buffer, 1, 2, 3)
    return buffer


def moved(buffer: TransformBuffer, target: str, source: str, seconds: float, point: tuple[float, float, float]
          ) -> NDArray[np.float64]:
    rotation, translation = buffer.lookup(target, source, round(seconds * SECOND))
    assert rotation.shape == (3, 3) and np.allclose(rotation @ rotation.T, np.eye(3))
    return np.asarray(rotation @ point + translation)


def test_a_point_goes_up_the_tree_and_down() -> None:
    buffer = TransformBuffer()
    buffer.add('left', 'base', 0, (0.0, 1.0, 0.0), turned(90), is_static=True)
    buffer.add('right', 'base', 0, (0.0, -1.0, 0.0), turned(-90), is_static=True)
    np.testing.assert_allclose(moved(buffer, 'base', 'left', 5, (1, 0, 0)), (0, 2, 0), atol=1e-12)
    np.testing.assert_allclose(moved(buffer, 'left', 'base', 5, (0, 2, 0)), (1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(moved(buffer, 'right', 'left', 5, (1, 0, 0)), (-3, 0, 0), atol=1e-12)


def test_a_moment_between_two_samples_is_interpolated() -> None:
    buffer = robot()
    rotation, translation = buffer.lookup('odom', 'base_link', round(2.25 * SECOND))
    np.testing.assert_allclose(translation, (2.25, 0, 0), atol=1e-12)
    np.testing.assert_allclose(rotation, Rotation.from_quat(turned(22.5)).as_matrix(), atol=1e-9)
    # odom is turned by 90 degrees in the map: x of odom is y of the map
    np.testing.assert_allclose(moved(buffer, 'map', 'camera', 2.25, (0, 0, 0)), (100, 2.25, 1.5), atol=1e-9)


@pytest.mark.parametrize(('target', 'source', 'seconds', 'expected'), [
    ('map', 'camera', 2.5, True), ('camera', 'map', 3.0, True), ('map', 'camera', 3.1, False),
    ('base_link', 'camera', 99.0, True),  # static between them, however old what is above
    ('map', 'nowhere', 2.0, False), ('camera', 'camera', 99.0, True),
])
def test_what_is_known_can_be_told_without_looking_it_up(target: str, source: str, seconds: float,
                                                         expected: bool) -> None:
    assert robot().knows(target, source, round(seconds * SECOND)) is expected


def test_rotations_take_the_short_way() -> None:
    buffer = TransformBuffer()
    buffer.add('a', 'b', 0, (0, 0, 0), turned(170))
    buffer.add('a', 'b', SECOND, (0, 0, 0), tuple(-v for v in turned(190)))
    rotation, _ = buffer.lookup('b', 'a', SECOND // 2)
    np.testing.assert_allclose(rotation, Rotation.from_quat(turned(180)).as_matrix(), atol=1e-9)


@pytest.mark.parametrize(('seconds', 'words'), [
    (3.15, 'from base_link to odom ends 0.150 s before it'), (0.9, 'from base_link to odom begins 0.100 s after it')])
@pytest.mark.parametrize(('target', 'source'), [('map', 'camera'), ('camera', 'map')])
def test_nothing_is_made_up_outside_the_samples(target: str, source: str, seconds: float, words: str) -> None:
    with pytest.raises(ImageError) as caught:
        robot().lookup(target, source, round(seconds * SECOND))
    assert f'from {source} to {target} at the stamp' in caught.value.fact
    assert words in caught.value.fact


def test_the_very_samples_are_known_and_a_single_one_at_its_stamp_alone() -> None:
    buffer = TransformBuffer()
    driven(buffer, 2)
    np.testing.assert_allclose(moved(buffer, 'odom', 'base_link', 2, (0, 0, 0)), (2, 0, 0))
    with pytest.raises(ImageError, match=r'ends 0\.001 s before'):
        buffer.lookup('odom', 'base_link', 2 * SECOND + 1_000_000)


def test_what_lies_beyond_the_meeting_point_is_not_asked_for() -> None:
    buffer = robot()
    np.testing.assert_allclose(moved(buffer, 'base_link', 'camera', 77, (0, 0, 0)), (0, 0, 1.5))
    np.testing.assert_allclose(moved(buffer, 'map', 'odom', 77, (0, 0, 0)), (100, 0, 0))


def test_a_frame_lies_in_itself_whether_or_not_it_is_known() -> None:
    rotation, translation = TransformBuffer().lookup('camera', '/camera', 5)
    np.testing.assert_array_equal(rotation, np.eye(3))
    np.testing.assert_array_equal(translation, np.zeros(3))


def test_stamp_zero_asks_for_the_newest_moment_that_all_know() -> None:
    buffer = robot()
    buffer.add('arm', 'base_link', 1 * SECOND, (1.0, 0.0, 0.0), STILL)
    buffer.add('arm', 'base_link', 2 * SECOND, (5.0, 0.0, 0.0), STILL)
    np.testing.assert_allclose(moved(buffer, 'odom', 'base_link', LATEST, (0, 0, 0)), (3, 0, 0))
    at_two = moved(buffer, 'odom', 'arm', 2, (0, 0, 0))
    np.testing.assert_allclose(moved(buffer, 'odom', 'arm', LATEST, (0, 0, 0)), at_two)
    np.testing.assert_allclose(moved(buffer, 'base_link', 'camera', LATEST, (0, 0, 0)), (0, 0, 1.5))


def test_samples_may_come_in_any_order_but_not_twice_and_not_too_old() -> None:
    buffer = TransformBuffer()
    driven(buffer, 20, 18, 19)
    np.testing.assert_allclose(moved(buffer, 'odom', 'base_link', 18.5, (0, 0, 0)), (18.5, 0, 0), atol=1e-9)
    assert not buffer.add('base_link', 'odom', 19 * SECOND, (0.0, 0.0, 0.0), STILL)
    assert not buffer.add('base_link', 'odom', 20 * SECOND - CACHE_NS - 1, (0.0, 0.0, 0.0), STILL)
    assert buffer.add('base_link', 'odom', 20 * SECOND - CACHE_NS, (0.0, 0.0, 0.0), STILL)


def test_ten_seconds_are_kept() -> None:
    buffer = TransformBuffer()
    driven(buffer, *range(1, 16))
    np.testing.assert_allclose(moved(buffer, 'odom', 'base_link', 5, (0, 0, 0)), (5, 0, 0))
    with pytest.raises(ImageError, match='begins'):
        buffer.lookup('odom', 'base_link', 4 * SECOND)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, 'MOST_FRAMES', 5)
    monkeypatch.setattr(frames, 'MOST_SAMPLES', 7)
    buffer = TransformBuffer()
    taken = [buffer.add(f'frame_{k}', 'map', 0, (0, 0, 0), STILL) for k in range(8)]
    assert taken == [True] * 5 + [False] * 3
    for stamp in range(1, 30):
        assert buffer.add('frame_0', 'map', stamp, (stamp, 0, 0), STILL)
    with pytest.raises(ImageError, match='begins'):
        buffer.lookup('map', 'frame_0', 22)
    assert buffer.lookup('map', 'frame_0', 23)[1][0] == 23


def test_after_a_jump_in_time_the_static_ones_are_left() -> None:
    buffer = robot()
    buffer.clear()
    np.testing.assert_allclose(moved(buffer, 'base_link', 'camera', 1, (0, 0, 0)), (0, 0, 1.5))
    with pytest.raises(ImageError, match='camera hangs from base_link, map from map'):
        buffer.lookup('map', 'camera', 2 * SECOND)
    driven(buffer, 0.1, 0.2)  # a recording has started over
    np.testing.assert_allclose(moved(buffer, 'map', 'camera', 0.1, (0, 0, 0)), (100, 0.1, 1.5), atol=1e-9)


def test_a_frame_may_change_its_parent() -> None:
    buffer = TransformBuffer()
    for name in ('shelf', 'gripper'):
        buffer.add(name, 'map', 0, (1.0 if name == 'shelf' else 5.0, 0.0, 0.0), STILL, is_static=True)
    buffer.add('cup', 'shelf', 1 * SECOND, (0.5, 0.0, 0.0), STILL)
    buffer.add('cup', 'gripper', 2 * SECOND, (0.1, 0.0, 0.0), STILL)
    assert moved(buffer, 'map', 'cup', 1.9, (0, 0, 0))[0] == pytest.approx(1.5)  # until then it stood there
    assert moved(buffer, 'map', 'cup', 2.0, (0, 0, 0))[0] == pytest.approx(5.1)


def test_a_static_transform_given_anew_holds() -> None:
    buffer = robot()
    buffer.add('camera', 'base_link', 9 * SECOND, (0.0, 0.0, 2.0), STILL, is_static=True)
    np.testing.assert_allclose(moved(buffer, 'base_link', 'camera', 1, (0, 0, 0)), (0, 0, 2.0))


def test_frames_that_go_round_in_a_circle_are_said() -> None:
    buffer = TransformBuffer()
    for child, parent in (('a', 'b'), ('b', 'c'), ('c', 'a')):
        buffer.add(child, parent, 0, (0, 0, 0), STILL, is_static=True)
    for stamp in (5, LATEST):
        with pytest.raises(ImageError, match='a -> b -> c -> a go round in a circle'):
            buffer.lookup('map', 'a', stamp)


@pytest.mark.parametrize(('target', 'source', 'words'), [
    ('map', 'camera_optical', "TF knows no frame 'camera_optical'; the nearest known is 'camera'"),
    ('mapp', 'camera', "TF knows no frame 'mapp'; the nearest known is 'map'"),
    ('other', 'camera', 'camera hangs from map, other from island')])
def test_what_is_not_joined_is_named(target: str, source: str, words: str) -> None:
    buffer = robot()
    buffer.add('other', 'island', 0, (0, 0, 0), STILL, is_static=True)
    with pytest.raises(ImageError) as caught:
        buffer.lookup(target, source, 2 * SECOND)
    assert words in caught.value.fact


def test_where_nothing_was_heard_that_is_said() -> None:
    with pytest.raises(ImageError, match=r"TF knows no frame 'camera'; known: none \(camera was to be placed in \w+\)"):
        TransformBuffer().lookup('map', 'camera', 5)


@pytest.mark.parametrize(('child', 'parent', 'translation', 'quaternion'), [
    ('', 'map', (0, 0, 0), STILL), ('a', '', (0, 0, 0), STILL), ('a', 'a', (0, 0, 0), STILL),
    ('a', '/a', (0, 0, 0), STILL), ('a', 'map', (0, 0, math.nan), STILL), ('a', 'map', (0, 0, math.inf), STILL),
    ('a', 'map', (0, 0, 0), (0, 0, 0, 0)), ('a', 'map', (0, 0, 0), (0, 0, 0, 1.1)),
    ('a', 'map', (0, 0, 0), (math.nan, 0, 0, 1))])
def test_what_is_no_transform_is_not_taken(child: str, parent: str, translation: tuple[float, float, float],
                                           quaternion: Quaternion) -> None:
    buffer = TransformBuffer()
    assert not buffer.add(child, parent, 0, translation, quaternion)
    assert buffer.add('/a', '/map', 0, (1, 2, 3), (0, 0, 0, 1.005))  # rounded, and named as ROS 1 did
    assert buffer.lookup('map', 'a', 0)[1].tolist() == [1, 2, 3]


def test_threads_may_fill_and_ask_at_once() -> None:
    buffer = robot()

    def ask() -> list[float]:
        return [float(buffer.lookup('map', 'camera', LATEST)[1][1]) for _ in range(300)]
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        driven(buffer, *(3 + k / 100 for k in range(1, 400)))
        along = asked.result()
    assert along == sorted(along)  # the robot only ever went on


def test_a_transform_that_is_none_is_the_first_cause() -> None:
    """The rotation that nobody set, all zeros, is the commonest."""
    buffer = TransformBuffer()
    assert not buffer.add('camera', 'map', 1, (0, 0, 1), (0, 0, 0, 0))
    with pytest.raises(ImageError, match='TF gives camera a rotation of length 0 and the place 0, 0, 1, which is no'):
        buffer.lookup('map', 'camera', 1)
    assert buffer.add('camera', 'map', 1, (0, 0, 1), (0, 0, 0, 1))
    assert buffer.lookup('map', 'camera', 1)[1].tolist() == [0, 0, 1]


def test_a_transform_that_is_none_now_is_the_first_cause_of_its_end() -> None:
    buffer = TransformBuffer()
    buffer.add('camera', 'map', SECOND, (0, 0, 1), STILL)
    assert not buffer.add('camera', 'map', 3 * SECOND, (0, 0, 1), (0, 0, 0, 0))
    with pytest.raises(ImageError, match='TF gives camera a rotation of length 0'):
        buffer.lookup('map', 'camera', 3 * SECOND)
    assert buffer.lookup('map', 'camera', SECOND)[1].tolist() == [0, 0, 1]


def test_two_who_place_one_frame_are_the_first_cause() -> None:
    buffer = TransformBuffer()
    for k in range(4):
        buffer.add('camera', 'base' if k % 2 else 'odom', k * SECOND, (0, 0, 1), STILL)
    with pytest.raises(ImageError, match=r'TF has camera hang from base and odom in turn\. Two programs publish where'):
        buffer.lookup('base', 'camera', 5 * SECOND // 2)


def test_who_is_given_to_another_has_one_parent() -> None:
    """A thing that a hand takes hangs from the hand."""
    buffer = TransformBuffer()
    for k, parent in enumerate(('table', 'table', 'hand', 'hand')):
        buffer.add('cup', parent, k * SECOND, (0, 0, 1), STILL)
    with pytest.raises(ImageError, match=r'TF gives no transform from cup to table|knows no frame'):
        buffer.lookup('table', 'cup', 3 * SECOND)
