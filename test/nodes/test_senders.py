# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Two who publish the images of one camera are named."""

from __future__ import annotations

from seg_ros.nodes.senders import GONE_S, Senders


def said(senders: Senders, *names: str, at_s: float) -> str:
    problem = senders.problem('/image', names, at_s)
    return '' if problem is None else problem.fact.partition(';')[0]


def test_one_is_no_crowd_and_two_are() -> None:
    senders = Senders()
    assert [said(senders, *names, at_s=1.0) for names in ((), ('/driver',), ('/driver', '/bag'))] == [
        '', '', '2 nodes publish /image: /bag, /driver']


def test_a_driver_that_was_started_again_is_one_and_one_that_runs_twice_is_named_in_time() -> None:
    senders = Senders()
    twice = '/driver', '/driver'
    assert said(senders, *twice, at_s=5.0) == said(senders, *twice, at_s=5.0 + GONE_S - 1) == ''
    assert said(senders, *twice, at_s=5.0 + GONE_S) == '/image has 2 publishers: /driver (2 times)'
    assert said(senders, '/driver', at_s=40.0) == said(senders, *twice, at_s=41.0) == ''
