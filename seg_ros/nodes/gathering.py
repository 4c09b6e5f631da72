# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the answers about one image wait for each other, for its depth, and for the transform of its moment."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from seg_ros.health.causes import BACK_S
from seg_ros.health.numbers import WINDOW, Arrivals

MOST_WAITING = 32  # images of a camera that wait at once
KEPT_DEPTHS = 64
RECENT_NS = 5_000_000_000  # a topic that came so long before an image, and not since, comes no more
DEPTH = 'depth'


@dataclass(frozen=True)
class Parts:
    """
    What came of one image, by the name of its topic.

    :param since_s: when the first of it came, in steady time.
    """

    stamp_ns: int
    since_s: float
    messages: dict[str, Any]


class Gathering:
    """
    The messages of one camera, put together by stamp; the oldest image goes first.

    An image is ready when all of ``wanted`` came. Nobody waits for what comes no more, since its topic is ahead
    already, nor longer than ``wait_s``. Images that are too many are let go, the oldest first, and counted.

    :param bell: rung when something comes; it guards what is here. :param say: told in words when time goes back.
    :ivar slop_s: depth belongs to an image when their stamps differ by no more than this.
    """

    def __init__(self, wanted: Collection[str], bell: threading.Condition,
                 say: Callable[[str], None] = lambda _: None) -> None:
        self._wanted, self._bell, self._say = frozenset(wanted), bell, say
        self.slop_s, self.wait_s = 0.02, 1.0
        self._waiting: dict[int, Parts] = {}
        self._depths: deque[tuple[int, Any]] = deque(maxlen=KEPT_DEPTHS)
        self._newest: dict[str, int] = {}  # stamp by topic
        self._done_ns = 0  # stamp of the last one that was done with
        self._times_ns: deque[int] = deque(maxlen=WINDOW)
        self._last = 0, 0, time.monotonic()  # newest stamp and its arrival (ns), and that in steady time (s)
        self._received = self._dropped = 0

    def put(self, name: str, message: Any, stamp_ns: int, now_ns: int) -> None:
        """Store what came on a topic at ``now_ns`` of the node's clock."""
        with self._bell:
            back_s = (self._newest.get(name, stamp_ns) - stamp_ns) / 1e9
            if back_s > BACK_S:
                self._begin_again(back_s)
            self._newest[name] = max(stamp_ns, self._newest.get(name, stamp_ns))
            if name == DEPTH:
                self._depths.append((stamp_ns, message))
            elif stamp_ns > self._done_ns:
                self._part(stamp_ns, now_ns).messages[name] = message
            self._bell.notify()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def oldest(self, now_s: float) -> Parts | None:
        """Return the oldest image with its depth, if it need not wait for any of its parts."""
        with self._bell:
            if not self._waiting:
                return None
            parts = self._waiting[min(self._waiting)]
            depth = self._nearest(parts.stamp_ns)
            messages = parts.messages | ({} if depth is None else {DEPTH: depth})
            awaited = [name for name in self._wanted - messages.keys() if not self._is_ahead(name, parts.stamp_ns)]
            if awaited and now_s - parts.since_s < self.wait_s:
                return None
            return replace(parts, messages=messages)

    def comes(self, name: str, stamp_ns: int) -> bool:
        """Tell whether a topic came at all about the time of an image."""
        with self._bell:
            return self._newest.get(name, 0) > stamp_ns - RECENT_NS

    def depth_gap_s(self, stamp_ns: int) -> float | None:
        """Return by how much the nearest depth was taken after an image, in seconds; None where there is none."""
        with self._bell:
            gaps = [stamp - stamp_ns for stamp, _ in self._depths]
            return min(gaps, key=abs) / 1e9 if gaps else None

    def done(self, stamp_ns: int) -> None:
        """Let go of an image, and of what still comes of it; unless time began again meanwhile."""
        with self._bell:
            if self._waiting.pop(stamp_ns, None) is not None:
                self._done_ns = max(self._done_ns, stamp_ns)

    def clear(self) -> None:
        """Forget what waits, without counting it; silence is counted from here."""
        with self._bell:
            self._waiting.clear()
            self._depths.clear()
            self._newest.clear()
            self._times_ns.clear()
            self._done_ns = 0
            self._last = *self._last[:2], time.monotonic()

    def came(self) -> Arrivals:
        """Return what has come so far."""
        with self._bell:
            return Arrivals(tuple(self._times_ns), *self._last, self._received, self._dropped)

    def _part(self, stamp_ns: int, now_ns: int) -> Parts:
        """Return the image of a stamp, begun if nothing of it came before."""
        if stamp_ns not in self._waiting:
            self._waiting[stamp_ns] = Parts(stamp_ns, time.monotonic(), {})
            if len(self._waiting) > MOST_WAITING:
                del self._waiting[min(self._waiting)]
                self._dropped += 1
            self._received += 1
            if self._times_ns and now_ns < self._times_ns[-1]:  # the clock went back: a recording started over
                self._times_ns.clear()
            self._times_ns.append(now_ns)
            self._last = stamp_ns, now_ns, time.monotonic()
        return self._waiting.get(stamp_ns) or Parts(stamp_ns, 0.0, {})

    def _is_ahead(self, name: str, stamp_ns: int) -> bool:
        """Tell whether a topic has passed a stamp, so that nothing more of it is to come."""
        slack_ns = round(self.slop_s * 1e9) if name == DEPTH else 0
        return self._newest.get(name, 0) > stamp_ns + slack_ns

    def _nearest(self, stamp_ns: int) -> Any:
        """Return the depth of an image once none that is still to come can be nearer; None before, or where none is."""
        if not self._depths:
            return None
        stamp, depth = min(self._depths, key=lambda one: abs(one[0] - stamp_ns))
        decided = stamp == stamp_ns or self._newest[DEPTH] > stamp_ns
        return depth if decided and abs(stamp - stamp_ns) <= self.slop_s * 1e9 else None

    def _begin_again(self, back_s: float) -> None:
        """Let go of all that waits: a recording or a simulation started over."""
        self._say(f'went back in time by {back_s:.3f} s: the map goes on with what is seen now')
        self._waiting.clear()
        self._depths.clear()
        self._newest.clear()
        self._done_ns = 0
