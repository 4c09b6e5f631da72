# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The ends of an object on an axis: robust to one view, whole from parts, at any size."""

from __future__ import annotations

import pytest

from seg_ros.mapping.coverage import FINEST_M, Coverage


def covered(*stretches: tuple[float, float]) -> Coverage:
    axis = Coverage(sum(stretches[0]) / 2)
    for low, high in stretches:
        axis.add(low, high)
    return axis


@pytest.mark.parametrize(('stretches', 'ends'), [
    (((1.0, 1.2),), (1.0, 1.2)),
    (((1.0, 1.2), (1.1, 1.3)), (1.0, 1.3)),  # two views: all that either saw
    (((1.0, 1.2),) * 5 + ((0.2, 1.2),), (1.0, 1.2)),  # what one view adds does not count
    (((1.0, 1.2),) * 5 + ((0.8, 1.2),) * 2, (0.8, 1.2)),
    (((-5.0, 5.0), (-5.0, 5.0)), (-5.0, 5.0)),  # wider than the bins are at first
    (((0.0, 0.2), (3.0, 3.2), (-4.0, 3.2)), (-4.0, 3.2)),
])
def test_ends(stretches: tuple[tuple[float, float], ...], ends: tuple[float, float]) -> None:
    axis = covered(*stretches)
    assert axis.ends() == pytest.approx(ends, abs=1.01 * axis.bin_m)
    assert axis.bin_m == FINEST_M or ends[1] - ends[0] > 1.5


def test_what_another_counted_is_counted() -> None:
    one, other = covered((0.0, 0.5), (0.0, 0.5), (0.0, 0.5)), covered((0.4, 4.0), (0.4, 4.0), (0.4, 4.0))
    one.merge(other)
    assert one.ends() == pytest.approx((0.0, 4.0), abs=2 * one.bin_m)
    assert int(one.counts.max()) == 6
