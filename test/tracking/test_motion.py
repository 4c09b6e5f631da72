# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Boxes are predicted by their speed, and parts do not deceive."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seg_ros.tracking.motion import Motion

SIZE = (1000, 1000)
WHOLE, PART = np.array([True]), np.array([False])


def box(left: float, top: float, width: float = 40, height: float = 20) -> NDArray[np.float32]:
    return np.array([[left, top, left + width, top + height]], np.float32)


def walked(speed: float, steps: int, seconds: float) -> Motion:
    """Return the motion of a box that walked right from (100, 300), ``speed`` pixels per second."""
    motion = Motion.started(box(100, 300))
    for k in range(1, steps + 1):
        motion = motion.predicted(seconds, SIZE).corrected(box(100 + speed * seconds * k, 300), whole=WHOLE)
    return motion


def test_a_box_seen_once_stays_where_it_is() -> None:
    motion = Motion.started(box(100, 300))
    assert motion.boxes.tolist() == [[100, 300, 140, 320]]
    assert motion.predicted(0.5, SIZE).boxes.tolist() == [[100, 300, 140, 320]]


@pytest.mark.parametrize('seconds', [1 / 30, 1 / 10, 1 / 3])
def test_the_speed_is_in_seconds_not_frames(seconds: float) -> None:
    motion = walked(90, 20, seconds)
    assert motion.velocities[0] == pytest.approx([90, 0], abs=2)
    there = 100 + 90 * seconds * 20
    assert motion.boxes[0] == pytest.approx([there, 300, there + 40, 320], abs=1)
    assert motion.predicted(0.5, SIZE).boxes[0, 0] == pytest.approx(there + 45, abs=2)


def test_one_long_step_equals_two_short_ones() -> None:
    motion = walked(90, 5, 0.1)
    one, two = motion.predicted(0.4, SIZE), motion.predicted(0.1, SIZE).predicted(0.3, SIZE)
    assert one.boxes == pytest.approx(two.boxes)
    assert one.spreads == pytest.approx(two.spreads)


def test_a_box_waits_at_the_border() -> None:
    motion = walked(900, 9, 0.1)
    assert motion.predicted(5, SIZE).centres[0, 0] == 1000
    assert walked(-900, 1, 0.1).predicted(5, SIZE).centres[0, 0] == 0


def test_a_part_within_the_box_does_not_move_it() -> None:
    motion = walked(90, 20, 0.1)
    expected = motion.predicted(0.1, SIZE)
    left = float(expected.boxes[0, 0])
    after = expected.corrected(box(left, 300, width=8), whole=PART)
    assert after.boxes == pytest.approx(expected.boxes, abs=0.01)
    assert after.velocities == pytest.approx(expected.velocities, abs=0.1)


def test_a_part_outside_the_box_draws_it_near() -> None:
    motion = Motion.started(box(100, 300)).predicted(1.0, SIZE)
    after = motion.corrected(box(190, 300, width=10), whole=PART)  # the whole reaches to 140; 60 too short
    assert after.boxes[0, 2] == pytest.approx(200, abs=1)
    assert after.sizes.tolist() == [[40, 20]]


def test_sizes_follow_when_the_whole_is_seen() -> None:
    motion = Motion.started(box(100, 300))
    for _ in range(20):
        motion = motion.predicted(0.1, SIZE).corrected(box(90, 295, 60, 30), whole=WHOLE)
    assert motion.sizes[0] == pytest.approx([60, 30], abs=0.5)


def test_a_box_without_area_is_followed_like_a_pixel() -> None:
    motion = Motion.started(box(5, 5, 0, 0))
    for k in range(10):
        motion = motion.predicted(0.1, SIZE).corrected(box(5 + k, 5, 0, 0), whole=WHOLE)
    assert np.isfinite(motion.spreads).all()
    assert motion.centres[0] == pytest.approx([14, 5], abs=0.5)


def test_a_stopped_box_has_no_speed() -> None:
    motion = walked(90, 20, 0.1)
    assert motion.stopped().predicted(1.0, SIZE).boxes == pytest.approx(motion.boxes)


def test_boxes_do_not_touch_one_another() -> None:
    slow, fast = walked(10, 5, 0.1), walked(90, 5, 0.1)
    both = slow.joined(fast).predicted(0.1, SIZE)
    assert both.taken([1]).boxes == pytest.approx(fast.predicted(0.1, SIZE).boxes)
    assert both.taken([0]).spreads == pytest.approx(slow.predicted(0.1, SIZE).spreads)
    assert len(both) == 2
