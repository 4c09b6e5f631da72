# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the rooms below log reaches the node's logger, whatever was logged before."""

from __future__ import annotations

import logging

import pytest

pytest.importorskip('rclpy')

from rclpy.logging import get_logger

from seg_ros.nodes.logs import forward_logs, levels_of_nothing, stop_forwarding


def test_severities_may_follow_each_other_in_any_order(capfd: pytest.CaptureFixture[str]) -> None:
    handler = forward_logs(get_logger('the_node'))
    log = logging.getLogger('seg_ros.below')
    try:
        for number, level in enumerate(('warning', 'info', 'error', 'critical', 'warning', 'info')):
            getattr(log, level)('line %d', number)
    finally:
        stop_forwarding(handler)
    said = ''.join(capfd.readouterr())
    assert 'Logging error' not in said
    lines = [line for line in said.splitlines() if 'the_node' in line]
    for number, word in enumerate(('WARN', 'INFO', 'ERROR', 'FATAL', 'WARN', 'INFO')):
        assert any(word in line and line.endswith(f'line {number}') for line in lines)


def test_with_the_last_node_all_is_as_without_nodes() -> None:
    package = logging.getLogger('seg_ros')
    first, second = forward_logs(get_logger('first')), forward_logs(get_logger('second'))
    stop_forwarding(first)
    assert not package.propagate
    stop_forwarding(second)
    assert (package.level, package.propagate) == (logging.NOTSET, True)
    assert first not in package.handlers and second not in package.handlers


@pytest.mark.parametrize(('rule', 'nearest'), [
    ('robot.segmentaton:=debug', 'robot.segmentation'), ('/robot/segmentation:=debug', 'robot.segmentation'),
    ('rcll:=debug', 'rcl'), ('robot.segmentation:=debug', ''), ('debug', ''), ('nav2_util:=info', ''),
])
def test_a_level_of_no_logger_is_told_with_the_nearest(rule: str, nearest: str) -> None:
    said = [*levels_of_nothing(['node', '--ros-args', '--log-level', rule], 'robot.segmentation')]
    assert len(said) == bool(nearest)
    assert not said or said[0].endswith(f"the nearest known is '{nearest}'")
