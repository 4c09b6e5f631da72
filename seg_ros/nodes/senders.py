# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Who publishes the images of a camera, where one alone should."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from seg_ros.health.verdict import Level, Verdict

GONE_S = 30.0  # a node that was killed is seen beside the one started after it, by Fast DDS for 20 s


class Lasting:
    """Tells whether something has been so for longer than a node that was killed is seen; ask once a second."""

    def __init__(self) -> None:
        self._since_s = math.inf

    def holds(self, is_so: bool, now_s: float) -> bool:
        """Note whether it is so now, in steady time, and return whether it lasts."""
        self._since_s = min(self._since_s, now_s) if is_so else math.inf
        return now_s - self._since_s >= GONE_S


class Senders:
    """Tells when several nodes publish the images of one camera; call :meth:`problem` once a second."""

    def __init__(self) -> None:
        self._twice = Lasting()  # several have one name

    def problem(self, topic: str, names: Iterable[str], now_s: float) -> Verdict | None:
        """
        Return that several publish a topic; None where one does, or another of its name may be a former one.

        :param names: of the nodes, one for each publisher. :param now_s: in steady time.
        """
        counts = Counter(names)
        if not self._twice.holds(max(counts.values(), default=0) > 1, now_s) and len(counts) < 2:
            return None
        names = ', '.join(f'{name} ({count} times)' if count > 1 else name for name, count in sorted(counts.items()))
        many = counts.total()
        fact = f'{many} nodes publish {topic}' if many == len(counts) else f'{topic} has {many} publishers'
        return Verdict(Level.WARN, 'senders', f'{fact}: {names}; their images are taken for those of one camera',
                       'end all but one of them, or remap image to a topic that one camera has alone')
