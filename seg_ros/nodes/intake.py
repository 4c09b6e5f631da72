"""The newest message of each camera with its depth, gathered into a batch; what was overwritten is counted."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

WAITING_IMAGES = 4  # images of one camera that may wait for their depth
KEPT_DEPTHS = 8
DEPTH_GONE_S = 1.0  # no image waits for depth that has not come for so long


@dataclass(frozen=True)
class Arrival:
    """
    An undecoded message of a camera, and when it came (nanoseconds of the node's clock).

    :param stamp_ns: when it was taken.
    :param depth: the depth message that belongs to it; None when there is none.
    :param depth_gap_ns: how far the stamp of the nearest depth is off; None when there was no depth at all.
    :param camera_info: the newest description of the camera.
    """

    camera: str
    message: Any
    received_ns: int
    stamp_ns: int = 0
    depth: Any = None
    depth_gap_ns: int | None = None
    camera_info: Any = None


@dataclass
class _Slot:
    """What is there of one camera: images not yet taken with the moment each stops waiting, and the newest depths."""

    images: deque[tuple[Arrival, float]] = field(default_factory=deque)
    depths: deque[tuple[int, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_DEPTHS))
    camera_info: Any = None
    depth_heard_s: float = float('-inf')
    dropped: int = 0


class Intake:
    """
    One slot per camera between the threads that receive and the thread that works.

    :meth:`put` never waits; an image not yet taken is overwritten by a newer one and counted as dropped. Depth
    joins here, by stamp, once: while depth comes, an image may wait ``wait_s`` for its own, and of the images
    that have theirs the newest is taken.

    :ivar slop_s: depth belongs to an image when their stamps differ by no more than this.
    """

    def __init__(self, cameras: Sequence[str], *, slop_s: float = 0.02, wait_s: float = 0.05) -> None:
        self.slop_s, self.wait_s = slop_s, wait_s
        self._slots = {camera: _Slot() for camera in cameras}
        self._condition = threading.Condition()
        self._nudged = False

    def put(self, arrival: Arrival) -> None:
        """Store the newest image of a camera."""
        with self._condition:
            slot, now_s = self._slots[arrival.camera], time.monotonic()
            room = WAITING_IMAGES if _awaits_depth(slot, now_s) else 1
            slot.images.append((arrival, now_s + self.wait_s))
            while len(slot.images) > room:
                slot.images.popleft()
                slot.dropped += 1
            self._condition.notify()

    def put_depth(self, camera: str, stamp_ns: int, message: Any) -> None:
        """Store a depth image of a camera, for the image with its stamp."""
        with self._condition:
            slot = self._slots[camera]
            slot.depths.append((stamp_ns, message))
            slot.depth_heard_s = time.monotonic()
            self._condition.notify()

    def put_camera_info(self, camera: str, message: Any) -> None:
        """Store the newest description of a camera; None forgets it."""
        with self._condition:
            self._slots[camera].camera_info = message

    def forget_depth(self, camera: str) -> None:
        """Let go of the depth of a camera: no image waits for it any more."""
        with self._condition:
            slot = self._slots[camera]
            slot.depths.clear()
            slot.depth_heard_s = float('-inf')

    def take(self, timeout_s: float) -> list[Arrival]:
        """
        Return and remove the newest image of each camera as soon as one is ready.

        :return: nothing after the timeout or a :meth:`nudge`.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._condition:
            while True:
                now_s = time.monotonic()
                batch = [arrival for slot in self._slots.values() if (arrival := self._taken(slot, now_s)) is not None]
                if batch or self._nudged or now_s >= deadline_s:
                    self._nudged = False
                    return batch
                due_s = [due for slot in self._slots.values() for _, due in slot.images]
                self._condition.wait(max(0.0, min([deadline_s, *due_s]) - now_s))

    def nudge(self) -> None:
        """Wake a waiting :meth:`take`, which then returns what there is."""
        with self._condition:
            self._nudged = True
            self._condition.notify()

    def clear(self) -> None:
        """Forget what is waiting, without counting it."""
        with self._condition:
            for slot in self._slots.values():
                slot.images.clear()
                slot.depths.clear()

    def dropped(self, camera: str) -> int:
        """Return how many messages of a camera were overwritten unseen."""
        with self._condition:
            return self._slots[camera].dropped

    def _taken(self, slot: _Slot, now_s: float) -> Arrival | None:
        """Remove and return the newest image that has its depth, or has waited long enough."""
        waits = _awaits_depth(slot, now_s)
        for k in range(len(slot.images) - 1, -1, -1):
            arrival, due_s = slot.images[k]
            gap_ns, depth = _nearest(slot, arrival.stamp_ns)
            fits = gap_ns is not None and gap_ns <= self.slop_s * 1e9
            if fits or not waits or now_s >= due_s:
                slot.dropped += k
                for _ in range(k + 1):
                    slot.images.popleft()
                return replace(arrival, depth=depth if fits else None, depth_gap_ns=gap_ns,
                               camera_info=slot.camera_info)
        return None


def _awaits_depth(slot: _Slot, now_s: float) -> bool:
    return now_s - slot.depth_heard_s < DEPTH_GONE_S


def _nearest(slot: _Slot, stamp_ns: int) -> tuple[int | None, Any]:
    """Return how far the nearest depth is off, and its message; None for both when there is none."""
    if not slot.depths:
        return None, None
    stamp, depth = min(slot.depths, key=lambda one: abs(one[0] - stamp_ns))
    return abs(stamp - stamp_ns), depth
