# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How often a camera is answered at most."""

from __future__ import annotations


class Pace:
    """Lets frames pass at most so often, on the average exactly so often where the camera allows it."""

    def __init__(self) -> None:
        self._due_s = float('-inf')

    def is_due(self, now_s: float, rate_hz: float) -> bool:
        """
        Tell whether a frame may pass now.

        :param now_s: steady time. :param rate_hz: frames per second; 0 lets all pass.
        """
        if rate_hz <= 0.0:
            return True
        period_s = 1.0 / rate_hz
        due_s = min(self._due_s, now_s + period_s)  # a rate just raised counts at once
        if now_s < due_s - 0.1 * period_s:  # cameras tremble
            self._due_s = due_s
            return False
        self._due_s = (due_s if now_s - due_s < period_s else now_s) + period_s
        return True
