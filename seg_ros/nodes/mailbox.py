# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where frames wait: in the mailbox of a camera until they are decoded, in a slot between two threads."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from seg_ros.bridge.images import SECOND_NS
from seg_ros.health.causes import jump_of
from seg_ros.health.numbers import WINDOW, Arrivals

T = TypeVar('T')
WAITING_IMAGES = 4  # images that may wait for their depth
KEPT_DEPTHS = 32
KEPT_NS = 500_000_000  # depth older than this, by its stamp, is of no use
DEPTH_GONE_S = 1.0  # no image waits for depth that has not come for so long
LAGS = 5
JUMP_NS = SECOND_NS  # stamps that run ahead of the clock by more are looked at
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

    @property
    def headers(self) -> tuple[Any, ...]:
        """What the images of a camera have in common, size and encoding first."""
        message, info, depth = self.message, self.camera_info, self.depth
        shape = message.format if hasattr(message, 'format') else (message.width, message.height, message.encoding)
        is_odd = message.header.stamp.nanosec >= SECOND_NS
        return (shape, message.header.frame_id, is_odd, None if depth is None else depth.header.frame_id,
                None if info is None else said_of_camera(info))


def said_of_camera(info: Any) -> tuple[Any, ...]:
    """Return all that a camera_info says of its camera."""
    return (info.header.frame_id, *info.d, *info.k, *info.r, *info.p, info.width, info.height, info.roi.x_offset,
            info.roi.y_offset, info.roi.width, info.roi.height, info.binning_x, info.binning_y)


class Mailbox:
    """
    The one place between the thread that receives and the thread that decodes.

    :meth:`put` never waits; an image not yet taken is overwritten by a newer one and counted as dropped. Depth joins
    here, by stamp, once: while depth comes, an image may wait ``wait_s`` for its own.

    :param bell: rung when something comes; the mailboxes of all cameras share it, and it guards them.
    :param say: told in words when the time of the camera jumps.
    :ivar slop_s: depth belongs to an image when their stamps differ by no more than this. :ivar camera_info: the
        newest, None for none. :ivar images: those not yet taken, each with the steady time until which it waits.
    :ivar dropped: how many images were overwritten unseen.
    """

    def __init__(self, bell: threading.Condition, say: Callable[[str], None] = lambda _: None) -> None:
        self._say = say
        self.slop_s, self.wait_s = 0.02, 0.1
        self.camera_info: Any = None
        self.dropped = self._received = 0
        self._times_ns: deque[int] = deque(maxlen=WINDOW)
        self._lags_ns: deque[int] = deque(maxlen=LAGS)  # how long after their stamps the last images came
        self._newest = 0, 0, float('-inf')  # its stamp and arrival (ns), and its arrival in steady time (s)
        self._bell = bell
        self.images: deque[tuple[Arrival, float]] = deque()
        self._depths: deque[tuple[int, Any]] = deque(maxlen=KEPT_DEPTHS)
        self._depth_heard_s = float('-inf')
        self._usual_gap_ns = 0
        self._went_without: deque[tuple[int, float]] = deque(maxlen=8)  # stamp, and when it came
        self._late_s: float | None = None

    def put(self, message: Any, now_ns: int) -> None:
        """Store the newest image, which came at ``now_ns`` of the node's clock."""
        with self._bell:
            now_s, stamp = time.monotonic(), message.header.stamp
            stamp_ns = stamp.sec * SECOND_NS + stamp.nanosec
            room = WAITING_IMAGES if now_s - self._depth_heard_s < DEPTH_GONE_S else 1
            self.images.append((Arrival(message, stamp_ns), now_s + self.wait_s))
            while len(self.images) > room:
                self.images.popleft()
                self.dropped += 1
            self._received += 1
            if self._times_ns and now_ns < self._times_ns[-1]:  # the clock went back: a recording started over
                self._times_ns.clear()
                self._lags_ns.clear()
            self._times_ns.append(now_ns)
            if stamp_ns:
                self._note_jump(stamp_ns, now_ns - stamp_ns)
            self._newest = stamp_ns, now_ns, now_s
            self._bell.notify()

    def _note_jump(self, stamp_ns: int, lag_ns: int) -> None:
        """Say when the time of the camera jumps; one image that came late and the next that does not are no jump."""
        back_ns = self._newest[0] - stamp_ns if self._newest[0] else 0
        ahead_ns = min(self._lags_ns) - lag_ns if len(self._lags_ns) > 1 else 0
        if (back_ns > 0 or ahead_ns > JUMP_NS) and (words := jump_of(back_ns / 1e9, ahead_ns / 1e9)):
            self._say(words)
            self._lags_ns.clear()
        self._lags_ns.append(lag_ns)

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

    def begin(self) -> None:
        """Note that images are listened to from now on: rates and silence are counted from here."""
        with self._bell:
            self._times_ns.clear()
            self._newest = *self._newest[:2], time.monotonic()

    def came(self) -> Arrivals:
        """Return what has come so far."""
        with self._bell:
            return Arrivals(tuple(self._times_ns), *self._newest, self._received, self.dropped)

    def clear(self) -> None:
        """Forget what is waiting, without counting it."""
        with self._bell:
            self.images.clear()
            self._depths.clear()

    def taken(self, now_s: float) -> Arrival | None:
        """Remove and return the newest image that has its depth or waited long enough."""
        with self._bell:
            if self.images and now_s - self._depth_heard_s >= DEPTH_GONE_S:  # no depth comes
                self.dropped += len(self.images) - 1
                arrival, _ = self.images.pop()
                self.images.clear()
                return replace(arrival, camera_info=self.camera_info) if self.camera_info is not None else arrival
            for k in range(len(self.images) - 1, -1, -1):
                arrival, due_s = self.images[k]
                gap_ns, depth = self._nearest(arrival.stamp_ns)
                if now_s >= due_s or self._is_decided(gap_ns, arrival.stamp_ns):
                    for _ in range(k + 1):
                        self.images.popleft()
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


class Slot(Generic[T]):
    """
    The place between two threads, where the newest wins; every method may be called from any thread.

    :ivar held: what is there, one thing by each name at most.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.held: dict[str, T] = {}
        self._woken = False

    def put(self, things: Mapping[str, T]) -> list[str]:
        """Store things by name, and return the names of those whose place they took."""
        with self._condition:
            over = [name for name in things if name in self.held]
            self.held.update(things)
            self._condition.notify_all()
            return over

    def take(self, timeout_s: float) -> dict[str, T]:
        """Remove and return all there is, as soon as there is something; none after the timeout or a :meth:`wake`."""
        with self._condition:
            self._condition.wait_for(lambda: self.held or self._woken, timeout_s)
            taken, self.held, self._woken = self.held, {}, False
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
            self.held = {}
            self._condition.notify_all()

    def wake(self) -> None:
        """End one waiting :meth:`take`."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()
