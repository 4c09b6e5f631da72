"""The newest message of each camera, gathered into a batch; what was overwritten is counted."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Arrival:
    """An undecoded message of a camera, and when it came (nanoseconds of the node's clock)."""

    camera: str
    message: Any
    received_ns: int


class Intake:
    """
    One slot per camera between the thread that receives and the thread that works.

    :meth:`put` never waits; a message not yet taken is overwritten by a newer one and counted as dropped.
    """

    def __init__(self, cameras: Sequence[str]) -> None:
        self._slots: dict[str, Arrival | None] = dict.fromkeys(cameras)
        self._dropped = dict.fromkeys(cameras, 0)
        self._condition = threading.Condition()
        self._nudged = False

    def put(self, arrival: Arrival) -> None:
        """Store the newest message of a camera."""
        with self._condition:
            if self._slots[arrival.camera] is not None:
                self._dropped[arrival.camera] += 1
            self._slots[arrival.camera] = arrival
            self._condition.notify()

    def take(self, timeout_s: float) -> list[Arrival]:
        """
        Return and empty the filled slots as soon as there is one.

        :return: nothing after the timeout or a :meth:`nudge`.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._nudged or any(self._slots.values()), timeout_s)
            self._nudged = False
            batch = [arrival for arrival in self._slots.values() if arrival is not None]
            self._slots = dict.fromkeys(self._slots)
            return batch

    def nudge(self) -> None:
        """Wake a waiting :meth:`take`, which then returns what there is."""
        with self._condition:
            self._nudged = True
            self._condition.notify()

    def clear(self) -> None:
        """Forget what is waiting, without counting it."""
        with self._condition:
            self._slots = dict.fromkeys(self._slots)

    def dropped(self, camera: str) -> int:
        """Return how many messages of a camera were overwritten unseen."""
        with self._condition:
            return self._dropped[camera]
