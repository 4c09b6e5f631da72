# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Calls are made by one thread, in order, and none is forgotten."""

from __future__ import annotations

import pytest

from seg_ros.errors import SegRosError
from seg_ros.nodes.posts import Posts


def refuse() -> None:
    raise SegRosError('it cannot be done')


def test_calls_are_made_in_order_and_answered() -> None:
    posts, made = Posts(), list[int]()
    posts.begin()
    first, second = posts.put(lambda: made.append(1)), posts.put(lambda: made.append(2) or 'done')
    assert not first.done() and not made
    posts.run()
    assert (made, first.result(0), second.result(0)) == ([1, 2], None, 'done')


def test_what_a_call_raises_its_caller_raises_and_the_next_is_made() -> None:
    posts = Posts()
    posts.begin()
    refused, done = posts.put(refuse), posts.put(lambda: 7)
    posts.run()
    with pytest.raises(SegRosError, match='it cannot be done'):
        refused.result(0)
    assert done.result(0) == 7


def test_the_last_ones_are_made_at_the_end_and_no_more_are_taken() -> None:
    posts = Posts()
    with pytest.raises(SegRosError, match='has ended'):
        posts.put(lambda: 1)  # it was not started
    posts.begin()
    last = posts.put(lambda: 1)
    posts.end()
    assert last.result(0) == 1
    with pytest.raises(SegRosError, match='has ended'):
        posts.put(lambda: 2)
