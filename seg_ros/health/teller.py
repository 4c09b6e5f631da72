# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is said of a camera, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from seg_ros.errors import capital
from seg_ros.health.verdict import Level, Verdict

SAID = ('not_configured',)  # in the log already, when it came to be
PATIENCE = 3  # reports in a row, one a second: what passes by itself is not worth a line


class Teller:
    """
    Turns verdicts that last into one sentence each, when they begin to last; what is over and returns is said again.

    It is told once a second what is so.
    """

    def __init__(self) -> None:
        self._lasted: dict[str, int] = {}  # reports in a row by cause; beyond PATIENCE it was said
        self._over: Counter[str] = Counter()
        self._silence = ''  # the cause that was said

    def heard(self, found: Iterable[Verdict], *, is_coming: bool = True) -> list[tuple[str, bool]]:
        """
        Return the sentences to say now, and of each whether it is no warning.

        :param is_coming: whether images come.
        """
        found = tuple(found)
        how = f': {found[0].fact}' if found[0].cause == 'fine' else ''
        said = [(f'Images arrive again{how}', True)] if is_coming and self._is_back(found[0]) else []
        for one in found:
            self._over.pop(one.cause, None)
            self._lasted[one.cause] = self._lasted.get(one.cause, 0) + 1
            if self._lasted[one.cause] == PATIENCE and one.remedy and one.cause not in SAID:
                said.append((f'{capital(one.words)}. {capital(one.remedy)}.', one.level is Level.OK))
                self._silence = one.cause if one.is_silence else self._silence
        self._forget(self._lasted.keys() - {one.cause for one in found})
        return said

    def _is_back(self, first: Verdict) -> bool:
        """Tell whether images come again after it was said that they do not."""
        if not self._silence or first.is_silence:
            return False
        self._lasted.pop(self._silence, None)
        self._silence = ''
        return True

    def _forget(self, absent: Iterable[str]) -> None:
        """Forget what has not been so for as long as it takes to say it; before, a trembling cause is one."""
        for cause in tuple(absent):
            self._over[cause] += 1
            if self._lasted[cause] < PATIENCE or self._over[cause] >= PATIENCE:
                del self._lasted[cause], self._over[cause]
