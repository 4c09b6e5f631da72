"""Notices that a camera's images are no longer what they were."""

from __future__ import annotations

from typing import Any

LEAP_S = 2.0  # the stamps ran ahead of the clock by more than this from one image to the next
QUIET_S = 10.0  # two cameras on one topic change it with every image: said no more often than this


class Continuity:
    """Compares each message of a camera with the one before it."""

    def __init__(self) -> None:
        self._shape = ''
        self._stamp_ns: int | None = None
        self._now_ns = self._said_ns = 0

    def seen(self, message: Any, stamp_ns: int, now_ns: int) -> str:
        """Return what changed, in words; empty when nothing did, or something was said just now."""
        shape, change = shape_of(message), ''
        if self._stamp_ns is not None:
            change = self._jump(stamp_ns, now_ns) or (f'are now {shape}, were {self._shape}'
                                                      if shape != self._shape else '')
        self._shape, self._stamp_ns, self._now_ns = shape, stamp_ns, now_ns
        if not change or 0 <= now_ns - self._said_ns < QUIET_S * 1e9:
            return ''
        self._said_ns = now_ns
        return change

    def _jump(self, stamp_ns: int, now_ns: int) -> str:
        taken_s = (stamp_ns - (self._stamp_ns or 0)) / 1e9
        if taken_s < 0:
            return f'went back in time by {-taken_s:.3f} s: objects are taken for new ones'
        leap_s = taken_s - (now_ns - self._now_ns) / 1e9
        return f'leapt ahead in time by {leap_s:.1f} s: objects are taken for new ones' if leap_s > LEAP_S else ''


def shape_of(message: Any) -> str:
    """Return size and encoding of an image message, or the format of a compressed one."""
    if hasattr(message, 'format'):
        return f"'{message.format}'"
    return f'{message.width}x{message.height} {message.encoding}'
