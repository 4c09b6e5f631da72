# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The player as a process of its own, and a node beside it that listens."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from scenes.child import python

from seg_ros.bridge.images import decode_image

QOS = {'reliable': QoSProfile(depth=50, reliability=ReliabilityPolicy.RELIABLE),
       'best_effort': QoSProfile(depth=50, reliability=ReliabilityPolicy.BEST_EFFORT)}


class Listener:
    """A node beside the player that keeps what it hears."""

    def __init__(self, context: Context) -> None:
        self.node = Node('listener', context=context)
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self.node)

    def hear(self, topic: str, kind: type, reliability: str = 'reliable') -> list[Any]:
        """Return a list that fills with the messages of a topic."""
        heard: list[Any] = []
        self.node.create_subscription(kind, topic, heard.append, QOS[reliability])
        return heard

    def until(self, true: Callable[[], Any], otherwise: str, timeout_s: float = 20.0) -> None:
        """Listen until something is true; fail with a sentence if it does not become so."""
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, otherwise
            self._executor.spin_once(timeout_sec=0.05)

    def answer(self, client: Any, request: Any) -> Any:
        """Return the first answer of another process; what it answers before it knows the way back is lost."""
        asked: list[Any] = []

        def answered() -> bool:
            asked.append(client.call_async(request))
            self._executor.spin_until_future_complete(asked[-1], 1.0)
            return bool(asked[-1].done())

        self.until(client.service_is_ready, 'the service is not there')
        self.until(answered, 'no answer')
        return asked[-1].result()

    def close(self) -> None:
        """End the node."""
        self._executor.shutdown()
        self.node.destroy_node()


@contextmanager
def player(source: Path | str, *arguments: str, **parameters: Any) -> Iterator[subprocess.Popen[str]]:
    """Run the player on a source; its output is in the process's pipe."""
    given = [f'{name}:={json.dumps(value)}' for name, value in {'source': str(source), **parameters}.items()]
    words = [word for one in given for word in ('-p', one)]
    with python('-m', 'seg_ros.nodes.player', '--ros-args', *words, *arguments) as process:
        yield process


def outcome(process: subprocess.Popen[str], *, timeout_s: float = 60.0) -> tuple[int, str]:
    """Wait for the end, and return exit status and output."""
    output, _ = process.communicate(timeout=timeout_s)
    return process.returncode, output


def picture(red: int) -> NDArray[np.uint8]:
    """Return a 7x5 picture whose pixels all differ; red names it."""
    rgb = np.zeros((5, 7, 3), np.uint8)
    rgb[..., 0] = red
    rgb[..., 1] = np.arange(7)
    rgb[..., 2] = np.arange(5)[:, None]
    return rgb


def reds(messages: list[Any]) -> list[int]:
    return [int(decode_image(message)[0, 0, 0]) for message in messages]
