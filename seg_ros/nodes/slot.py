"""The place between two threads, where the newest wins."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar('T')


class Slot(Generic[T]):
    """Holds one thing by each name at most; every method may be called from any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._held: dict[str, T] = {}
        self._woken = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._held

    def put(self, things: Mapping[str, T]) -> list[str]:
        """Store things by name, and return the names of those whose place they took."""
        with self._condition:
            over = [name for name in things if name in self._held]
            self._held.update(things)
            self._condition.notify_all()
            return over

    def take(self, timeout_s: float) -> dict[str, T]:
        """Remove and return all there is, as soon as there is something; none after the timeout or a :meth:`wake`."""
        with self._condition:
            self._condition.wait_for(lambda: self._held or self._woken, timeout_s)
            taken, self._held, self._woken = self._held, {}, False
            self._condition.notify_all()
            return taken

    def wait_for_turn(self, timeout_s: float, early_s: Callable[[], float]) -> None:
        """
        Wait until it is time to put something.

        :param early_s: how many seconds it is until then, asked again whenever something is taken.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._condition:
            while (wait_s := min(early_s(), deadline_s - time.monotonic())) > 0:
                self._condition.wait(wait_s)

    def clear(self) -> None:
        """Let go of what is there."""
        with self._condition:
            self._held = {}
            self._condition.notify_all()

    def wake(self) -> None:
        """End one waiting :meth:`take`."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()
