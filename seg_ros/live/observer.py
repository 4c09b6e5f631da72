# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node of one's own for looking at others: the one ROS client helper."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import rclpy
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation

TURN_S = 0.1
O = TypeVar('O', bound='Observer')  # noqa: E741 - Self is too new for Python 3.10


class Observer:
    """
    A ROS node in a context and a thread of its own. Use it in a ``with`` statement.

    :param name: of the node. :param domain: the ROS domain; None for that of the environment.
    :param each_turn: called by the thread at least ten times a second.
    :ivar node: what to make subscriptions and clients with; once the block has begun, from ``each_turn`` and from
        callbacks alone, unless nothing is destroyed.
    """

    def __init__(self, name: str, domain: int | None = None, each_turn: Callable[[], None] = lambda: None) -> None:
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        self.node = rclpy.create_node(name, context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._each_turn = each_turn
        self.ending = threading.Event()
        self._thread = threading.Thread(target=self._spin, name=name, daemon=True)

    def __enter__(self: O) -> O:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self._executor.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)
        self._executor.shutdown(timeout_sec=2.0)
        self.node.destroy_node()
        rclpy.try_shutdown(context=self._context)

    def _spin(self) -> None:
        with suppress(ExternalShutdownException):
            while not self.ending.is_set():
                with suppress(rclpy_implementation.InvalidHandle):  # a message of a subscription that has just ended
                    self._executor.spin_once(timeout_sec=TURN_S)
                self._each_turn()
