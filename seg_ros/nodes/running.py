# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Runs a node until somebody asks it to end."""

from __future__ import annotations

import gc
import logging
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import takewhile
from typing import NoReturn

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from seg_ros.errors import SegRosError
from seg_ros.nodes.freed_memory import keep_freed_memory
from seg_ros.nodes.shared_memory import take_back_shared_memory

SWITCH_S = 0.0002
"""How long a thread of Python may go on while another waits: the networks' thread asks for its turn at every layer."""

THREADS = 3  # the usual callbacks, one that loads a model, and one to spare
FINISH_S = 0.5  # so long what is being done may take before the node ends
LOOK_AROUND_S = 0.2
"""How long a signal may wait: Python cannot interrupt the wait for messages."""


def run_node(name: str, make: Callable[[], Node], arguments: list[str] | None = None) -> NoReturn:
    """
    Build a node, call its ``start()`` and spin it until SIGINT or SIGTERM; end the process with the exit status.

    rclpy's own signal handlers are not used: they make the context invalid at once, in the middle of a
    lifecycle transition say, which then fails with an exception. Nor is the interpreter's own end: it takes PyTorch
    apart, for seconds on a busy computer, and where a model is still being loaded or run it breaks into its thread,
    and PyTorch's C++ calls abort() then.
    """
    sys.setswitchinterval(SWITCH_S)
    keep_freed_memory()
    status = status_of(name, arguments, partial(_run, make), 'Not started: ')
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _joined(name: str, arguments: list[str] | None) -> bool:
    """
    Join ROS, without its signal handlers; tell whether that went well. What killed nodes left is cleared away first.

    :param arguments: those ROS cannot read, a broken file of parameters say, are named in the log.
    """
    if freed := take_back_shared_memory():
        rclpy.logging.get_logger(name).info(f'Took back {freed / 1e6:.0f} MB of shared memory of killed processes')
    try:
        rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:  # each of rclpy's own errors here is one
        said = re.sub(r',? at /\S+|failed to initialize rcl: ', '', str(error).splitlines()[0])
        said = f'ROS knows no argument {said[1:-1]}' if said.startswith('[') else said
        if ' rule: ' in said:  # what follows is where its parser stood, in numbers of its own
            said = f"{said.partition('. Error: ')[0]}. Write it like -p max_rate:=5.0 or -r image:=/camera/image_raw"
        rclpy.logging.get_logger(name).fatal(f'Not started: {said}')
        return False
    words = (sys.argv if arguments is None else arguments)[1:]
    if before := ' '.join(takewhile(lambda word: word != '--ros-args', words)):
        rclpy.logging.get_logger(name).warning(f"'{before}' sets no parameter: before --ros-args nothing does. Write "
                                               '--ros-args -p max_rate:=5.0 -r image:=/camera/image_raw, say')
    return True


def status_of(name: str, arguments: list[str] | None, act: Callable[[Sequence[int]], None], words: str = '') -> int:
    """
    Join ROS, do something, leave ROS, and return the exit status; an error becomes a sentence in the log.

    :param act: ends when what it is given holds something: then SIGINT or SIGTERM came.
    :param words: what that sentence begins with.
    """
    asked: list[int] = []  # an exception in the place of this could end in a callback that swallows it
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, _: asked.append(number))
    if not _joined(name, arguments):
        return 1
    try:
        act(asked)
    except (SegRosError, ParameterException) as error:
        rclpy.logging.get_logger(name).fatal(f'{words}{str(error).rstrip(".")}.')
        return 1
    except ExternalShutdownException:
        pass
    finally:
        gc.collect()  # a node whose making has failed knows itself, and holds its memory until then
        rclpy.try_shutdown()
        rclpy.get_default_context().destroy()  # and what Fast DDS has in shared memory
    return 0


def _run(make: Callable[[], Node], asked: Sequence[int]) -> None:
    node = make()
    try:
        _spin(node, asked)
    finally:
        node.destroy_node()


def _spin(node: Node, asked: Sequence[int]) -> None:
    executor = MultiThreadedExecutor(num_threads=THREADS)
    executor.add_node(node)
    executor.create_task(node.start)  # type: ignore[attr-defined]
    while rclpy.ok() and not asked:
        with suppress(rclpy_implementation.InvalidHandle):  # a message of a subscription that has just ended
            executor.spin_once(timeout_sec=LOOK_AROUND_S)
    # rclpy's own shutdown() means to wait for what is being done, and does not: it asks whether it has ended after
    # saying so. Who looks into what it runs can wait; where rclpy names that otherwise, as Humble's does, nothing is
    # waited for, and whoever called a service at that moment gets no answer.
    until_s = time.monotonic() + FINISH_S
    while time.monotonic() < until_s and not all(one.done() for one in getattr(executor, '_futures', ())):
        time.sleep(0.01)
