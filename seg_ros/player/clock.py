# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""When the player's next image is due."""

from __future__ import annotations

import time

DEFAULT_RATE = 10.0
LEAST_WAIT_NS = 1_000_000


class PlaybackClock:
    """
    Images are due at a rate, or as long after the first as they were recorded.

    :param rate: images per second; 0 for the times of the recording, and 10 where there are none.
    """

    def __init__(self, rate: float) -> None:
        self._follows = rate == 0.0
        self.period_s = 1.0 / (rate or DEFAULT_RATE)
        self.words = 'at its own pace' if self._follows else f'at {rate:g} Hz'
        self._start: tuple[float, int] | None = None

    def wait_ns(self, stamp_ns: int | None, next_ns: int | None) -> int:
        """Return how long to wait after an image was published; a delay is caught up, a leap back begins anew."""
        if not self._follows or stamp_ns is None or next_ns is None:
            return round(self.period_s * 1e9)
        if next_ns <= stamp_ns:
            self._start = None
            return round(self.period_s * 1e9)
        now_s = time.monotonic()
        self._start = self._start or (now_s, stamp_ns)
        due_s = self._start[0] + (next_ns - self._start[1]) / 1e9
        return max(LEAST_WAIT_NS, round((due_s - now_s) * 1e9))
