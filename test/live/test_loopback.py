# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the bench sends and receives is what the node does."""

from __future__ import annotations

import numpy as np
import pytest
from scenes.scripted import INDOOR, drawn

from seg_ros.errors import SettingError
from seg_ros.live.loopback import Loopback
from seg_ros.records import Frame, Result, Segmentation
from seg_ros.stages import measured

LABELS = np.array([[0, 1], [2, 3]], np.uint8).repeat(20, 0).repeat(30, 1)


def test_a_picture_comes_as_a_message_and_is_decoded_to_itself(ros_domain: int) -> None:
    with Loopback(['mask'], ros_domain) as loopback, measured() as spent:
        frame = loopback.decoded(loopback.arrived(drawn(LABELS), 1_500_000_000))
    assert frame.stamp_ns == 1_500_000_000
    np.testing.assert_array_equal(frame.rgb, drawn(LABELS))
    assert list(spent) == ['decode']


def test_only_the_chosen_outputs_are_made_and_published(ros_domain: int) -> None:
    confidence = np.full_like(LABELS, 200)
    result = Result(Frame('', 1, 'camera', drawn(LABELS)), Segmentation((60, 40), LABELS, confidence))
    with Loopback(['mask', 'confidence'], ros_domain) as loopback, measured() as spent:
        loopback.deliver(result, INDOOR.classes)
        assert loopback.wanted == {'mask', 'confidence'}
    assert list(spent) == ['encode', 'publish']


def test_an_unknown_output_is_refused() -> None:
    with pytest.raises(SettingError, match=r"there is no output 'masks' to measure; the nearest known is 'mask'"):
        Loopback(['masks'], 1)
