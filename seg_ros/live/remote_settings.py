# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Some settings of a running node: read now and then, and set when a person asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from rcl_interfaces.srv import GetParameters, SetParametersAtomically
from rclpy.node import Node
from rclpy.parameter import Parameter, parameter_value_to_python
from rclpy.task import Future

from seg_ros.errors import SegRosError

PATIENCE_S = 120.0  # a model is loaded before the node answers
TURN_S = 0.1
UNANSWERED_S = 3.0  # then it is asked again: what a node answers before it has met who asks is lost


class RemoteSettings:
    """
    What a node's settings are, as far as they are shown, and a way to change them.

    :meth:`ask` belongs to the thread that spins ``by``; the rest may be used from any thread.

    :param by: the node that asks. :param name: full name of the node asked. :param ending: set when nobody waits more.
    :param shown: the names of the settings that are read.
    """

    def __init__(self, by: Node, name: str, ending: threading.Event, shown: tuple[str, ...]) -> None:
        self._name, self._ending, self._shown = name, ending, shown
        self._setting = by.create_client(SetParametersAtomically, f'{name}/set_parameters_atomically')
        self._getting = by.create_client(GetParameters, f'{name}/get_parameters')
        self._asked: Future | None = None
        self._asked_s = 0.0
        self.values: dict[str, Any] = {}

    @property
    def is_there(self) -> bool:
        """Whether the node can be asked."""
        return bool(self._setting.service_is_ready())

    def ask(self) -> None:
        """Ask for the values, if the last answer has come or will not come any more."""
        if self._asked is not None and not self._asked.done():
            if time.monotonic() - self._asked_s < UNANSWERED_S:
                return
            self._getting.remove_pending_request(self._asked)
        if self._getting.service_is_ready():
            self._asked_s = time.monotonic()
            self._asked = self._getting.call_async(GetParameters.Request(names=list(self._shown)))
            self._asked.add_done_callback(self._on_values)

    def change(self, values: Mapping[str, Any]) -> None:
        """
        Set some values, all or none; a model that they need is loaded before this returns.

        :raises SegRosError: with the node's reason when it refuses, or when it does not answer.
        """
        if not self.is_there:
            raise SegRosError(f'{self._name} is not there', 'start it, or see the name it was given')
        request = SetParametersAtomically.Request(
            parameters=[Parameter(name, value=value).to_parameter_msg() for name, value in values.items()])
        answered = threading.Event()
        future = self._setting.call_async(request)
        future.add_done_callback(lambda _: answered.set())
        deadline = time.monotonic() + PATIENCE_S
        while not answered.wait(TURN_S):
            if self._ending.is_set() or time.monotonic() > deadline or not self.is_there:
                self._setting.remove_pending_request(future)
                raise SegRosError(f'{self._name} did not answer', 'see its log')
        result = future.result().result
        if not result.successful:
            raise SegRosError(result.reason.rstrip('.'))
        self.values = {**self.values, **values}

    def _on_values(self, future: Future) -> None:
        self.values = dict(zip(self._shown, map(parameter_value_to_python, future.result().values)))
