# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Changes a running node as anybody else would: by its parameter service."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rcl_interfaces.srv import SetParametersAtomically
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.task import Future


@dataclass(frozen=True)
class Step:
    """Settings that hold up to a moment of the recording, seconds after its first image."""

    until_s: float
    settings: Mapping[str, str]


class ScheduledSettings:
    """
    Sends the settings of each step when its time in the recording has come.

    :param by: the node that asks. :param node: full name of the node that is changed.
    :ivar changes: what was asked for, and how it was answered. :ivar heard_s: when the last was, in steady time.
    :ivar waiting: whether something was asked for that is not answered yet.
    """

    def __init__(self, by: Node, node: str, steps: Sequence[Step]) -> None:
        self._client = by.create_client(SetParametersAtomically, f'{node}/set_parameters_atomically')
        self._steps, self._now = list(steps), 0
        self._start_ns: int | None = None
        self.changes: list[tuple[float, Mapping[str, str], str]] = []
        self.heard_s, self.waiting = 0.0, False

    def at(self, taken_ns: int) -> None:
        """Say which moment of the recording was just played."""
        self._start_ns = taken_ns if self._start_ns is None else self._start_ns
        at_s = (taken_ns - self._start_ns) / 1e9
        number = next((k for k, one in enumerate(self._steps) if at_s < one.until_s), len(self._steps) - 1)
        if number != self._now and number >= 0:
            self._now = number
            self._change(at_s, self._steps[number].settings)

    def _change(self, at_s: float, settings: Mapping[str, str]) -> None:
        request = SetParametersAtomically.Request(
            parameters=[Parameter(name, value=value).to_parameter_msg() for name, value in settings.items()])

        def answered(future: Future) -> None:
            result = future.result().result
            self.changes.append((at_s, settings, '' if result.successful else result.reason))
            self.heard_s, self.waiting = time.monotonic(), False

        self.waiting = True
        self._client.call_async(request).add_done_callback(answered)
