"""What lasts is said once; what passes is not; what comes back is said too."""

from __future__ import annotations

import pytest

from seg_ros.health import Level, Verdict
from seg_ros.nodes.health_report import Teller

FINE = Verdict(Level.OK, 'fine', '10.0 Hz, 20 ms behind the camera')
GONE = Verdict(Level.ERROR, 'gone', 'the camera of /image is gone', 'start its driver again')
BEHIND = Verdict(Level.WARN, 'behind', '2.0 of 30.0 images per second are answered', 'use a GPU')
INACTIVE = Verdict(Level.STALE, 'inactive', 'the node is not active')


@pytest.mark.parametrize(('heard', 'said'), [
    ([GONE, GONE], []),
    ([GONE, FINE, GONE, FINE], []),
    ([GONE] * 60, ['The camera of /image is gone. Start its driver again.']),
    ([BEHIND] * 3 + [FINE] + [BEHIND] * 30, ['2.0 of 30.0 images per second are answered. Use a GPU.']),
    (([GONE] * 3 + [FINE]) * 2, ['The camera of /image is gone. Start its driver again.',
                                 'Images arrive again: 10.0 Hz, 20 ms behind the camera'] * 2),
    ([GONE] * 3 + [INACTIVE] * 3, ['The camera of /image is gone. Start its driver again.']),
    ([INACTIVE] * 60, []),
])
def test_a_verdict_that_lasts_is_said_once(heard: list[Verdict], said: list[str]) -> None:
    teller = Teller()
    assert [sentence for sentence, _ in map(teller.heard, heard) if sentence] == said


def test_only_the_return_of_images_is_good_news() -> None:
    teller = Teller()
    assert [good for sentence, good in map(teller.heard, [GONE] * 3 + [FINE]) if sentence] == [False, True]
