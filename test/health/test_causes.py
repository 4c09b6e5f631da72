# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a camera, from its numbers and what is true around it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from seg_ros.health.causes import Situation, is_answered, jump_of, verdicts
from seg_ros.health.numbers import CameraHealth
from seg_ros.health.verdict import Level, Verdict


def health(**numbers: Any) -> CameraHealth:
    """Return the health of a camera at 30 Hz that is answered in time, but for the given numbers."""
    good: dict[str, Any] = {
        'input_hz': 30.0, 'output_hz': 30.0, 'latency_p50_ms': 20.0, 'latency_p95_ms': 30.0, 'latency_p99_ms': 40.0,
        'received': 100, 'published': 100, 'dropped': 0, 'undecodable': 0, 'last_error': '', 'quiet_s': 0.03}
    return CameraHealth(**{**good, **numbers})


SILENT = {'quiet_s': 9.0, 'input_hz': 0.0, 'output_hz': 0.0}
NEVER = {'quiet_s': math.inf, 'input_hz': 0.0, 'output_hz': 0.0, 'received': 0, 'published': 0}
LOADING = Verdict(Level.ERROR, 'not_configured', "there is no model 'zebra'", 'use indoor')
NOT_GIVEN = Verdict(Level.WARN, 'not_given', '~/scan cannot be made: no depth comes', 'remap depth')
JPEG = ('sensor_msgs/msg/CompressedImage',)


@pytest.mark.parametrize(('numbers', 'around', 'level', 'cause', 'words'), [
    ({}, {}, Level.OK, 'fine', '30.0 Hz, 20 ms behind the camera'),
    ({'output_hz': math.nan}, {}, Level.OK, 'fine', '20 ms behind the camera'),  # of one image there is no rate
    (NEVER, {'active': False}, Level.STALE, 'inactive', 'not active'),
    (SILENT, {'paused': True}, Level.OK, 'paused', '~/enable'),
    (NEVER, {'publishers': 0}, Level.STALE, 'no_publisher', 'nobody publishes /image; no other topic'),
    (NEVER, {'publishers': 0, 'candidates': ('/a/image', '/b')}, Level.STALE, 'elsewhere', 'on /a/image, /b'),
    (NEVER, {'publishers': 0, 'foreign_types': JPEG}, Level.ERROR, 'other_type', '/image carries sensor_msgs/msg/Comp'),
    (NEVER, {'publishers': 0, 'other_transport': 'compressed'}, Level.STALE, 'other_transport',
     'nobody publishes /image; its images are there as compressed'),
    (NEVER, {}, Level.ERROR, 'no_frames', '/image has a publisher, but no image arrives'),
    (SILENT, {}, Level.ERROR, 'stopped', 'stopped 9 s ago'),
    (SILENT, {'publishers': 0}, Level.ERROR, 'gone', 'the camera of /image is gone'),
    ({'quiet_s': 1.9}, {'publishers': 0}, Level.OK, 'fine', '30.0 Hz'),  # it may be about to restart
    ({}, {'clock_stands': True}, Level.ERROR, 'no_clock', 'nobody publishes /clock'),
    ({'received': 0, 'quiet_s': 9.0}, {'clock_stands': True}, Level.ERROR, 'no_clock', 'nobody publishes /clock'),
    ({'quiet_s': 9.0}, {'clock_stands': True, 'publishers': 0}, Level.ERROR, 'gone', 'the camera of /image'),
    ({'latency_p50_ms': -0.1}, {}, Level.OK, 'fine', ', 0 ms behind'),
    ({'failing': 1, 'published': 0, 'last_error': 'Unknown encoding.'}, {}, Level.ERROR, 'undecodable',
     '1 images of /image in a row could not be used: Unknown encoding'),
    ({'failing': 2}, {}, Level.OK, 'fine', '30.0 Hz'),  # a torn frame now and then
    ({'failing': 3, 'last_error': 'cut off'}, {}, Level.ERROR, 'undecodable', 'cut off'),
    ({'failing': 3, 'last_error': 'It is odd. Mend it.'}, {}, Level.ERROR, 'undecodable', 'used: It is odd'),
    ({'failing': 3, 'last_error': 'cut off'}, {'wanted': False}, Level.OK, 'resting', 'nobody subscribes'),
    ({**NEVER, 'heard': False, 'quiet_s': 0.1}, {}, Level.OK, 'awaited', 'the first image is on its way'),
    ({**NEVER, 'heard': False, 'quiet_s': 0.1}, {'publishers': 0}, Level.STALE, 'no_publisher', 'nobody publishes'),
    ({'heard': False, 'quiet_s': 0.1}, {'publishers': 0}, Level.ERROR, 'gone', 'is gone'),  # it was heard before
    ({'output_hz': 0.0}, {'wanted': False}, Level.OK, 'resting', 'nobody subscribes'),
    (NEVER, {'wanted': False}, Level.OK, 'resting', 'nobody subscribes'),
    (NEVER, {'wanted': False, 'publishers': 0}, Level.STALE, 'no_publisher', 'nobody publishes /image'),
    (NEVER, {'active': False, 'unready': LOADING}, Level.ERROR, 'not_configured', "no model 'zebra'"),
    ({}, {'problems': (NOT_GIVEN,)}, Level.WARN, 'not_given', '~/scan cannot be made'),
    ({'problems': (NOT_GIVEN,)}, {}, Level.WARN, 'not_given', '~/scan cannot be made'),
    (SILENT, {'problems': (NOT_GIVEN,)}, Level.ERROR, 'stopped', 'stopped 9 s ago'),  # the first cause
    ({'offset_s': 3600.0}, {}, Level.WARN, 'stamps', '3600.0 s behind the clock'),
    ({'offset_s': -0.6}, {}, Level.WARN, 'stamps', '0.6 s before the clock'),
    ({'offset_s': 1.8e9, 'is_stamped': False, 'latency_p50_ms': math.nan}, {}, Level.WARN, 'unstamped',
     'the images of /image carry no stamp'),
    ({'is_stamped': False, 'latency_p50_ms': math.nan}, {}, Level.OK, 'fine', '30.0 Hz'),  # a clock that begins at 0
    ({'offset_s': 2.9}, {}, Level.OK, 'fine', '30.0 Hz'),
    ({'output_hz': 14.9}, {}, Level.WARN, 'behind', '14.9 of 30.0 images per second of /image'),
    ({'output_hz': 15.0}, {}, Level.OK, 'fine', '15.0 Hz'),
    ({'output_hz': 5.0}, {'max_rate': 5.0}, Level.OK, 'fine', '5.0 Hz'),  # as asked
    ({'output_hz': 2.0}, {'max_rate': 5.0}, Level.WARN, 'behind', '2.0 of 5.0'),
    ({'output_hz': 1.0, 'published': 4}, {}, Level.OK, 'fine', '1.0 Hz'),  # it has only just begun
    ({'input_hz': 0.5, 'output_hz': 0.1}, {}, Level.OK, 'fine', '0.1 Hz'),  # too slow to tell
])
def test_the_first_cause_is_named_with_its_level(numbers: dict[str, Any], around: dict[str, Any], level: Level,
                                                 cause: str, words: str) -> None:
    found = verdicts(health(**numbers), Situation('/image', **around))[0]
    assert (found.level, found.kind) == (level, cause)
    assert words in found.fact
    assert bool(found.remedy) is (cause not in ('fine', 'awaited', 'inactive', 'paused'))


@pytest.mark.parametrize(('name', 'remedy'), [
    ('image', '-r image:=TOPIC, in a launch file image:=TOPIC'),
    ('front/image', '-r front/image:=TOPIC, in a launch file image:=TOPIC with {camera} for its name')])
def test_the_way_to_another_topic_is_that_of_the_camera(name: str, remedy: str) -> None:
    found, = verdicts(health(**NEVER), Situation('/front/image', 0, name=name, candidates=('/cam/image',)))
    assert found.remedy == f'start the camera, or remap {name} to its topic: {remedy}'


def test_all_that_is_wrong_is_told_the_first_cause_first() -> None:
    numbers = health(failing=3, last_error='cut off', offset_s=3600.0, problems=(NOT_GIVEN,))
    found = verdicts(numbers, Situation('/image'))
    assert [one.kind for one in found] == ['undecodable', 'not_given', 'stamps']


def test_that_images_which_cannot_be_used_are_not_answered_needs_no_gpu() -> None:
    found = verdicts(health(failing=3, last_error='cut off', output_hz=0.0), Situation('/image'))
    assert [one.kind for one in found] == ['undecodable']


def test_images_that_cannot_be_used_for_another_reason_are_another_cause() -> None:
    causes = [verdicts(health(failing=k, last_error=f'it has {k} bytes{why}'), Situation('/image'))[0].cause
              for k, why in ((3, ''), (4, ''), (5, ' too few'))]
    assert causes[0] == causes[1] != causes[2]


@pytest.mark.parametrize(('numbers', 'is_so'), [
    ({}, True), ({'failing': 2}, True), ({'failing': 3}, False), ({'quiet_s': 2.1}, False), ({'heard': False}, False),
])
def test_what_was_seen_last_is_seen_now_while_images_can_be_used(numbers: dict[str, Any], is_so: bool) -> None:
    assert is_answered(health(**numbers)) is is_so


@pytest.mark.parametrize(('back_s', 'ahead_s', 'words'), [
    (0.0, 0.0, ''),  # a camera that stamps twice alike
    (0.01, -0.11, ''),  # one that came a little late
    (2.5, -2.6, 'went back in time by 2.500 s: objects are taken for new ones'),
    (-5.1, 5.0, 'leapt ahead in time by 5.0 s: objects are taken for new ones'),
    (-60.0, 0.0, ''),  # the camera was away for a minute
])
def test_a_jump_in_time_is_named(back_s: float, ahead_s: float, words: str) -> None:
    assert jump_of(back_s, ahead_s) == words
