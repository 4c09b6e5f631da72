"""What has come of one camera and is not yet decoded: the newest image, and the depth that belongs to it."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

WAITING_IMAGES = 4  # images that may wait for their depth
KEPT_DEPTHS = 32
KEPT_NS = 500_000_000  # depth older than this, by its stamp, is of no use
DEPTH_GONE_S = 1.0  # no image waits for depth that has not come for so long
TREMBLE_NS = 2_000_000  # by so much the distance between the stamps of image and depth may vary


@dataclass(frozen=True)
class Arrival:
    """
    An undecoded image message.

    :param stamp_ns: when it was taken; 0 where the camera does not say.
    :param depth: the depth message that belongs to it; None when there is none.
    :param depth_gap_ns: by how much the stamp of the nearest depth is later than its own, negative when earlier; None
        when there was no depth at all.
    :param depth_late_s: how long after its image depth came of late, too late to be waited for; None when none did.
    :param camera_info: the newest description of the camera.
    """

    message: Any
    stamp_ns: int = 0
    depth: Any = None
    depth_gap_ns: int | None = None
    depth_late_s: float | None = None
    camera_info: Any = None


class Mailbox:
    """
    The one place between the thread that receives and the thread that decodes.

    :meth:`put` never waits; an image not yet taken is overwritten by a newer one and counted as dropped. Depth joins
    here, by stamp, once: while depth comes, an image may wait ``wait_s`` for its own.

    :param bell: rung when something comes; the mailboxes of all cameras share it, and it guards them.
    :ivar slop_s: depth belongs to an image when their stamps differ by no more than this. :ivar camera_info: the
        newest, None for none. :ivar dropped: how many images were overwritten unseen.
    """

    def __init__(self, bell: threading.Condition) -> None:
        self.slop_s, self.wait_s = 0.02, 0.1
        self.camera_info: Any = None
        self.dropped = 0
        self._bell = bell
        self._images: deque[tuple[Arrival, float]] = deque()
        self._depths: deque[tuple[int, Any]] = deque(maxlen=KEPT_DEPTHS)
        self._depth_heard_s = float('-inf')
        self._usual_gap_ns = 0
        self._went_without: deque[tuple[int, float]] = deque(maxlen=8)  # stamp, and when it came
        self._late_s: float | None = None

    def put(self, message: Any, stamp_ns: int) -> None:
        """Store the newest image."""
        with self._bell:
            now_s = time.monotonic()
            room = WAITING_IMAGES if self._awaits_depth(now_s) else 1
            self._images.append((Arrival(message, stamp_ns), now_s + self.wait_s))
            while len(self._images) > room:
                self._images.popleft()
                self.dropped += 1
            self._bell.notify()

    def put_depth(self, message: Any, stamp_ns: int) -> None:
        """Store a depth image, for the image with its stamp."""
        with self._bell:
            self._depths.append((stamp_ns, message))
            while stamp_ns - self._depths[0][0] > KEPT_NS:
                self._depths.popleft()
            self._depth_heard_s = time.monotonic()
            self._late_s = next((self._depth_heard_s - came_s for taken_ns, came_s in self._went_without
                                 if abs(taken_ns - stamp_ns) <= self.slop_s * 1e9), self._late_s)
            self._bell.notify()

    def forget_depth(self) -> None:
        """Let go of depth and of the description of the camera: no image waits for them any more."""
        with self._bell:
            self._depths.clear()
            self._went_without.clear()
            self._depth_heard_s, self._late_s, self.camera_info = float('-inf'), None, None

    def clear(self) -> None:
        """Forget what is waiting, without counting it."""
        with self._bell:
            self._images.clear()
            self._depths.clear()

    @property
    def due_s(self) -> float:
        """When, in steady time, an image has waited long enough; infinity when none is there."""
        return min((due for _, due in self._images), default=float('inf'))

    def taken(self, now_s: float) -> Arrival | None:
        """Remove and return the newest image that has its depth or waited long enough. Call it with the bell held."""
        waits = self._awaits_depth(now_s)
        for k in range(len(self._images) - 1, -1, -1):
            arrival, due_s = self._images[k]
            gap_ns, depth = self._nearest(arrival.stamp_ns)
            if not waits or now_s >= due_s or self._is_decided(gap_ns, arrival.stamp_ns):
                for _ in range(k + 1):
                    self._images.popleft()
                self.dropped += k
                return self._joined(arrival, due_s - self.wait_s, gap_ns, depth)
        return None

    def _joined(self, arrival: Arrival, came_s: float, gap_ns: int | None, depth: Any) -> Arrival:
        if gap_ns is not None and abs(gap_ns) <= self.slop_s * 1e9:
            self._usual_gap_ns, self._late_s = abs(gap_ns), None
            return replace(arrival, depth=depth, depth_gap_ns=gap_ns, camera_info=self.camera_info)
        self._went_without.append((arrival.stamp_ns, came_s))
        return replace(arrival, depth_gap_ns=gap_ns, depth_late_s=self._late_s, camera_info=self.camera_info)

    def _is_decided(self, gap_ns: int | None, stamp_ns: int) -> bool:
        """Tell whether the nearest depth belongs to an image, and none that is still to come can be nearer."""
        if gap_ns is None or abs(gap_ns) > self.slop_s * 1e9:
            return False
        return abs(gap_ns) <= self._usual_gap_ns + TREMBLE_NS or self._depths[-1][0] >= stamp_ns

    def _nearest(self, stamp_ns: int) -> tuple[int | None, Any]:
        """Return how much later the nearest depth is, and its message; None for both when there is none."""
        if not self._depths:
            return None, None
        newest = self._depths[-1]
        if not stamp_ns or not newest[0]:  # without stamps what came last belongs together
            return 0, newest[1]
        stamp, depth = min(self._depths, key=lambda one: abs(one[0] - stamp_ns))
        return stamp - stamp_ns, depth

    def _awaits_depth(self, now_s: float) -> bool:
        return now_s - self._depth_heard_s < DEPTH_GONE_S
