# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What other threads ask the networks' thread to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from seg_ros.errors import SegRosError

T = TypeVar('T')


class Posts:
    """
    Calls that wait for one thread to make them, in their order.

    :meth:`begin`, :meth:`run` and :meth:`end` belong to that thread, or to who starts it; any other may :meth:`put`.

    :ivar waiting: the calls, each with what will hold its outcome.
    """

    def __init__(self) -> None:
        self.waiting: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._lock = threading.Lock()
        self._ended = True  # until it begins: nobody would make the calls

    def begin(self) -> None:
        """Take calls from now on."""
        self._ended = False

    def put(self, act: Callable[[], T]) -> Future[T]:
        """
        Return what will hold the outcome of a call.

        :raises SegRosError: when the thread has ended, or was not started.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._ended:
                raise SegRosError('the worker has ended')
            self.waiting.put((act, future))
        return future

    def run(self) -> None:
        """Make the calls that wait; what they raise, their callers raise."""
        while True:
            try:
                act, future = self.waiting.get_nowait()
            except Empty:
                return
            try:
                future.set_result(act())
            except Exception as error:  # noqa: BLE001 - the caller raises it
                future.set_exception(error)

    def end(self) -> None:
        """Take no more, and make the last ones: nobody waits for ever."""
        with self._lock:
            self._ended = True
        self.run()
