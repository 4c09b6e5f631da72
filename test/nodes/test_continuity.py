"""A change of size, encoding or time is said once, in words."""

from __future__ import annotations

import pytest
from sensor_msgs.msg import CompressedImage, Image

from seg_ros.nodes.continuity import Continuity

S = 1_000_000_000
SMALL, LARGE, GREY = (Image(width=w, height=h, encoding=e) for w, h, e in
                      ((640, 480, 'rgb8'), (1280, 720, 'rgb8'), (640, 480, 'mono8')))
JPEG, PNG = CompressedImage(format='rgb8; jpeg compressed bgr8'), CompressedImage(format='rgb8; png compressed bgr8')


@pytest.mark.parametrize(('first', 'second', 'words'), [
    # (message, stamp s, arrival s)
    ((SMALL, 100.0, 100.0), (SMALL, 100.1, 100.1), ''),
    ((SMALL, 100.0, 100.0), (SMALL, 100.0, 100.1), ''),  # a camera that stamps twice alike
    ((SMALL, 100.0, 100.0), (LARGE, 100.1, 100.1), 'are now 1280x720 rgb8, were 640x480 rgb8'),
    ((SMALL, 100.0, 100.0), (GREY, 100.1, 100.1), 'are now 640x480 mono8, were 640x480 rgb8'),
    ((JPEG, 100.0, 100.0), (PNG, 100.1, 100.1),
     "are now 'rgb8; png compressed bgr8', were 'rgb8; jpeg compressed bgr8'"),
    ((SMALL, 100.0, 100.0), (SMALL, 97.5, 100.1), 'went back in time by 2.500 s: objects are taken for new ones'),
    ((SMALL, 100.0, 100.0), (SMALL, 105.1, 100.1), 'leapt ahead in time by 5.0 s: objects are taken for new ones'),
    ((SMALL, 100.0, 100.0), (SMALL, 160.0, 160.0), ''),  # the camera was away for a minute
])
def test_a_change_is_named(first: tuple[Image, float, float], second: tuple[Image, float, float], words: str) -> None:
    continuity = Continuity()
    said = [continuity.seen(message, round(stamp * S), round(now * S)) for message, stamp, now in (first, second)]
    assert said == ['', words]


def test_two_cameras_on_one_topic_are_said_no_more_often_than_every_ten_seconds() -> None:
    continuity = Continuity()
    said = [continuity.seen((SMALL, LARGE)[k % 2], k * S // 10, k * S // 10 + 100 * S) for k in range(150)]
    assert len([words for words in said if words]) == 2
