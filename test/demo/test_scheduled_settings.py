# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings are sent when their time in the recording has come, and it is known whether the node has answered."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip('rclpy')

from rclpy.task import Future

from seg_ros.demo.scheduled_settings import ScheduledSettings, Step


def test_a_switch_is_waited_for_until_it_is_answered() -> None:
    future = Future()
    client = SimpleNamespace(call_async=lambda request: future)
    node: Any = SimpleNamespace(create_client=lambda kind, name: client)
    schedule = ScheduledSettings(node, '/segmentation', [Step(1.0, {}), Step(2.0, {'mode': 'instance'})])
    schedule.at(5_000_000_000)
    assert not schedule.waiting
    schedule.at(6_100_000_000)
    assert schedule.waiting and schedule.changes == []
    asked_s = time.monotonic()
    future.set_result(SimpleNamespace(result=SimpleNamespace(successful=True, reason='')))
    assert not schedule.waiting and schedule.heard_s >= asked_s
    assert schedule.changes == [(1.1, {'mode': 'instance'}, '')]
