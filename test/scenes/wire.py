# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Messages of one node to itself, over a real middleware."""

from __future__ import annotations

import importlib
import time
from typing import Any


def exchange(node: Any, sent: Any, qos: Any, *, subscribe_late: bool = False) -> Any:
    """Publish a message and return what a subscription of the same node receives."""
    rclpy = importlib.import_module('rclpy')
    executor = rclpy.executors.SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    received: list[Any] = []
    publisher = node.create_publisher(type(sent), 'sent', qos)
    if subscribe_late:
        publisher.publish(sent)
    node.create_subscription(type(sent), 'sent', received.append, qos)
    deadline = time.monotonic() + 20.0
    while not received and time.monotonic() < deadline:
        if not subscribe_late:
            publisher.publish(sent)
        executor.spin_once(timeout_sec=0.1)
    executor.shutdown()
    assert received, 'nothing arrived within 20 s'
    return received[0]
