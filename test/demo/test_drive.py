# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A play without an answer is a failure, told with the words of the node that failed."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip('rclpy')

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from seg_ros.demo import drive
from seg_ros.demo.drive import _judge, _wait_until_ready
from seg_ros.errors import SegRosError
from seg_ros.live.monitor import Monitor


def process(status: int | None, said: str = '') -> Any:
    return SimpleNamespace(status=status, last_words=lambda: said, log='node.log')


def recorder(answers: int) -> Any:
    return SimpleNamespace(answers=answers)


def test_what_was_answered_is_well() -> None:
    _judge(recorder(3), process(None), process(0), {})
    _judge(recorder(3), process(None), process(None), {})


def test_a_player_that_failed_is_told_in_its_words() -> None:
    with pytest.raises(SegRosError, match=r'the player failed\. Its whole log .*\nbroken\.png cannot be read\.$'):
        _judge(recorder(0), process(None), process(1, 'broken.png cannot be read.\n'), {})


def test_no_answer_is_told_with_the_last_error_of_the_node() -> None:
    values = {'received': '8', 'last error': 'no memory'}
    with pytest.raises(SegRosError, match=r'8 images reached the node, last error: no memory\. Its whole .*\nhalted'):
        _judge(recorder(0), process(1, 'halted'), process(0), values)


@pytest.mark.parametrize(('status', 'words'), [(1, 'the node ended'), (None, 'the node was not ready within 0 s')])
def test_a_node_that_does_not_come_is_told_in_its_words(status: int | None, words: str,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, 'START_PATIENCE_S', 0.0)
    monitor: Any = SimpleNamespace(ready=Event(), refused='')
    with pytest.raises(SegRosError, match=rf'{words}. Its whole log is node.log, which ends with:\nLoading'):
        _wait_until_ready(process(status, 'Loading\n'), monitor)


@pytest.mark.parametrize(('level', 'model', 'refused'), [
    (DiagnosticStatus.ERROR, 'none', 'there is no such word. Add it.'), (DiagnosticStatus.STALE, 'none', ''),
    (DiagnosticStatus.ERROR, 'indoor', '')])
def test_a_node_that_says_why_it_cannot_start_is_not_waited_for(level: bytes, model: str, refused: str) -> None:
    """Loading is no refusal, nor what a node that has its model says of its camera."""
    monitor: Any = SimpleNamespace(ready=Event(), refused='', _watched='/segmentation')
    said = [KeyValue(key='model', value=model), KeyValue(key='remedy', value='add it')]
    Monitor._on_diagnostics(monitor, DiagnosticArray(status=[DiagnosticStatus(
        level=level, name='/segmentation', message='there is no such word', values=said)]))
    assert monitor.refused == refused
    if refused:
        with pytest.raises(SegRosError, match=r'cannot be configured: there is no such word\. Add it\.$'):
            _wait_until_ready(process(None), monitor)
