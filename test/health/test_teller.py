# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is said, and when."""

from __future__ import annotations

import pytest

from seg_ros.health.teller import Teller
from seg_ros.health.verdict import Level, Verdict, not_given

NOT_GIVEN = not_given('not_given', 'no depth comes', 'remap depth', ['~/scan'])
FINE = Verdict(Level.OK, 'fine', '10.0 Hz, 20 ms behind the camera')
GONE = Verdict(Level.ERROR, 'gone', 'the camera of /image is gone', 'start its driver again')
BEHIND = Verdict(Level.WARN, 'behind', '2.0 of 30.0 images per second are answered', 'use a GPU')
INACTIVE = Verdict(Level.STALE, 'inactive', 'the node is not active')
REFUSED = Verdict(Level.ERROR, 'not_configured', 'there is no model', 'use indoor')  # logged when it was refused
NO_CLOCK = Verdict(Level.ERROR, 'no_clock', 'use_sim_time is true', 'max_rate is not')
GONE_SAID, BEHIND_SAID = ('The camera of /image is gone. Start its driver again.',
                          '2.0 of 30.0 images per second are answered. Use a GPU.')
BACK_SAID = 'Images arrive again: 10.0 Hz, 20 ms behind the camera'


@pytest.mark.parametrize(('heard', 'said'), [
    ([GONE, GONE], []),
    ([GONE, FINE, GONE, FINE], []),
    ([GONE] * 60, [GONE_SAID]),
    ([BEHIND] * 3 + [FINE] + [BEHIND] * 30, [BEHIND_SAID]),  # it trembles
    ([BEHIND] * 3 + [FINE] * 3 + [BEHIND] * 30, [BEHIND_SAID] * 2),  # it was over, and returned
    (([GONE] * 3 + [FINE]) * 2, [GONE_SAID, BACK_SAID] * 2),
    ([GONE] * 3 + [BEHIND] * 3, [GONE_SAID, 'Images arrive again', BEHIND_SAID]),
    ([INACTIVE] * 60, []), ([REFUSED] * 60, []),
    ([NO_CLOCK] * 3, ['use_sim_time is true. max_rate is not.']),  # names are said as they are typed
])
def test_a_verdict_that_lasts_is_said_once(heard: list[Verdict], said: list[str]) -> None:
    teller = Teller()
    assert [sentence for one in heard for sentence, _ in teller.heard([one])] == said


def test_images_that_do_not_come_are_not_said_to_arrive() -> None:
    teller = Teller()
    for one in [GONE] * 3:
        teller.heard([one])
    assert [teller.heard([one], is_coming=False) for one in (FINE, INACTIVE)] == [[], []]
    assert teller.heard([FINE]) == [(BACK_SAID, True)]


@pytest.mark.parametrize('cause', ['other_transport', 'elsewhere'])
def test_another_reason_for_silence_is_no_return(cause: str) -> None:
    teller = Teller()
    said = [sentence for one in [GONE] * 3 + [Verdict(Level.STALE, cause, 'it is elsewhere', 'remap')] * 3
            for sentence, _ in teller.heard([one])]
    assert said == [GONE_SAID, 'It is elsewhere. Remap.']


def test_another_reason_why_nothing_is_given_is_said_too() -> None:
    late = [not_given('not_given', f'depth comes 0.{k} s after its image', 'raise depth_wait_s', ['~/scan'])
            for k in range(3)]
    teller = Teller()
    said = [sentence for one in [NOT_GIVEN] * 3 + late + late for sentence, _ in teller.heard([one])]
    assert said == ['~/scan cannot be made: no depth comes. Remap depth.',
                    '~/scan cannot be made: depth comes 0.2 s after its image. Raise depth_wait_s.']


def test_what_is_wrong_beside_the_first_cause_is_said_too() -> None:
    teller = Teller()
    said = [sentence for _ in range(9) for sentence, _ in teller.heard([NOT_GIVEN, BEHIND])]
    assert said == ['~/scan cannot be made: no depth comes. Remap depth.', BEHIND_SAID]


def test_who_rests_is_told_without_a_warning() -> None:
    teller, resting = Teller(), Verdict(Level.OK, 'resting', 'resting: nobody listens', 'subscribe')
    assert [one for _ in range(4) for one in teller.heard([resting])] == [('Resting: nobody listens. Subscribe.', True)]


def test_only_the_return_of_images_is_good_news() -> None:
    teller = Teller()
    assert [good for one in [GONE] * 3 + [FINE] for _, good in teller.heard([one])] == [False, True]
