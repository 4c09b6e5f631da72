# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Turns in plain floats are those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from seg_ros.geometry.turns import NO_TURN, after, back, between, matrix_of, turned, unit

A, B = (unit(*values) for values in ((0.1, -0.7, 0.3, 0.6), (-0.5, 0.2, 0.8, -0.1)))


def test_turns_are_joined_undone_and_applied_as_scipy_does() -> None:
    first, second = Rotation.from_quat(A), Rotation.from_quat(B)
    np.testing.assert_allclose(matrix_of(after(B, A)), (second * first).as_matrix(), atol=1e-12)
    np.testing.assert_allclose(matrix_of(after(back(A), A)), np.eye(3), atol=1e-12)
    np.testing.assert_allclose(turned(A, (1.0, 2.0, 3.0)), first.apply([1.0, 2.0, 3.0]), atol=1e-12)


@pytest.mark.parametrize('last', [B, tuple(-v for v in B), unit(0.1, -0.7, 0.301, 0.6), NO_TURN])
@pytest.mark.parametrize('share', [0.0, 0.3, 1.0])
def test_a_turn_between_two_goes_the_short_way(last: tuple[float, float, float, float], share: float) -> None:
    expected = Slerp([0, 1], Rotation.from_quat([A, last]))(share)
    np.testing.assert_allclose(matrix_of(between(A, last, share)), expected.as_matrix(), atol=1e-7)
