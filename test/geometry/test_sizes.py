# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A pair of calipers of two metres is no pair of calipers."""

from __future__ import annotations

import numpy as np
import pytest

from seg_ros.geometry.sizes import plausible
from seg_ros.space import Boxes3D, Space

LENGTHS = (2.0, 0.3, np.nan, 0.9)
WORDS = ('calipers', 'calipers', 'hammer', 'sofa')


def space() -> Space:
    n = len(LENGTHS)
    sizes = np.stack([np.full(n, 0.1), LENGTHS, np.full(n, 0.05)], axis=1).astype(np.float32)
    known = np.isfinite(np.array(LENGTHS))[:, None]
    ones = np.where(known, np.ones((n, 4)), np.nan).astype(np.float32)
    return Space(objects=Boxes3D(ones[:, :3], np.where(known, sizes, np.nan).astype(np.float32), ones))


@pytest.mark.parametrize(('limits', 'kept'), [
    ({}, [True, True, False, True]),  # the third has no depth
    ({'calipers': 0.4}, [False, True, False, True]),
    ({'*': 0.5}, [False, True, False, False]),
    ({'calipers': 3.0, '*': 0.5}, [True, True, False, False]),  # its own limit counts
])
def test_boxes_longer_than_their_class_can_be_are_left_out(limits: dict[str, float], kept: list[bool]) -> None:
    objects = plausible(space(), WORDS, limits).objects
    assert objects is not None
    assert objects.known.tolist() == kept
    assert np.isfinite(objects.sizes[objects.known]).all() and np.isnan(objects.quaternions[~objects.known]).all()


def test_what_is_left_out_is_named_once_per_class() -> None:
    doubts = plausible(space(), ['calipers'] * 4, {'calipers': 0.25}).doubts
    doubt, = doubts
    assert doubt.fact == ('a box of calipers is 0.90 m long, more than the 0.25 m of size_limits_m: it is left out of '
                          '~/objects')


def test_without_boxes_nothing_is_doubted() -> None:
    assert plausible(Space(), [], {'*': 0.5}) == Space()
