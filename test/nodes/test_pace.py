# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How often a camera is answered at most."""

from __future__ import annotations

import pytest

from seg_ros.nodes.pace import Pace


@pytest.mark.parametrize(('rate', 'times_s', 'expected'), [
    (0.0, [0.0, 0.01, 0.02], [0.0, 0.01, 0.02]),  # no limit
    (10.0, [0.0, 0.03, 0.06, 0.1, 0.13, 0.2], [0.0, 0.1, 0.2]),  # a faster camera
    (10.0, [0.0, 0.095, 0.2, 0.291], [0.0, 0.095, 0.2, 0.291]),  # a camera of that rate that trembles by 10 %
    (10.0, [0.0, 5.0, 5.05, 5.1], [0.0, 5.0, 5.1]),  # a pause is not made up for
    (2.0, [0.0, 0.3, 0.6, 0.9, 1.2, 1.5], [0.0, 0.6, 1.2, 1.5]),  # the mean rate is kept: 0.6 late, so 1.5 is due
])
def test_max_rate_is_kept(rate: float, times_s: list[float], expected: list[float]) -> None:
    pace = Pace()
    assert [time_s for time_s in times_s if pace.is_due(1000.0 + time_s, rate)] == expected


def test_a_raised_max_rate_counts_at_once() -> None:
    """One frame in 100 s was asked for; whoever then asks for 10 Hz does not wait for those 100 s."""
    pace = Pace()
    assert [pace.is_due(now_s, 0.01) for now_s in (1000.0, 1001.0)] == [True, False]
    assert sum(pace.is_due(1001.1 + k / 10, 10.0) for k in range(5)) >= 4
