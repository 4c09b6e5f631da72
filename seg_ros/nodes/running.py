# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Runs a node until somebody asks it to end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from seg_ros.errors import SegRosError

SWITCH_S = 0.0002
"""How long a thread of Python may go on while another waits: the networks' thread asks for its turn at every layer."""

THREADS = 3  # the usual callbacks, one that loads a model, and one to spare
LOOK_AROUND_S = 0.2
"""How long a signal may wait: Python cannot interrupt the wait for messages."""


def run_node(name: str, make: Callable[[], Node], arguments: list[str] | None = None) -> int:
    """
    Build a node, call its ``start()`` and spin it until SIGINT or SIGTERM; return the exit status.

    rclpy's own signal handlers are not used: they make the context invalid at once, in the middle of a
    lifecycle transition say, which then fails with an exception.
    """
    sys.setswitchinterval(SWITCH_S)
    status = _run(name, make, arguments)
    if threading.active_count() > 1:
        # A model is still being loaded or run, or a callback waits for it. The interpreter's end would break into its
        # thread, and PyTorch's C++ calls abort() then.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


def _run(name: str, make: Callable[[], Node], arguments: list[str] | None) -> int:
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, _interrupt)
    node: Node | None = None
    try:
        node = make()
        _spin(node)
    except (SegRosError, ParameterException) as error:
        rclpy.logging.get_logger(name).fatal(f'Not started: {error}')
        return 1
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
    return 0


def _spin(node: Node) -> None:
    executor = MultiThreadedExecutor(num_threads=THREADS)
    executor.add_node(node)
    executor.create_task(node.start)  # type: ignore[attr-defined]
    while rclpy.ok():
        with suppress(rclpy_implementation.InvalidHandle):  # a message of a subscription that has just ended
            executor.spin_once(timeout_sec=LOOK_AROUND_S)


def _interrupt(sign: int, frame: FrameType | None) -> None:
    """Interrupt the main thread once; a second signal does not disturb the clean end."""
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt
