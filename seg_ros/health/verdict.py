# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A verdict: what is so of a camera, how bad it is, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from seg_ros.errors import Doubt, SegRosError, TransformError


class Level(IntEnum):
    """How bad it is, as diagnostic_msgs/DiagnosticStatus counts."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


SILENCES = ('no_clock', 'other_type', 'other_transport', 'elsewhere', 'no_publisher', 'gone', 'no_frames', 'stopped')
"""The causes that keep images from coming."""


@dataclass(frozen=True)
class Verdict:
    """
    How a camera fares, in words.

    :param cause: one word for the case, and after it what tells it from others of its kind. :param fact: what is so.
    :param remedy: what to do; empty when there is nothing to do. What has a remedy is worth a warning.
    :param outputs: what is not given for that reason, ``~/scan`` say.
    """

    level: Level
    cause: str
    fact: str
    remedy: str = ''
    outputs: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is so, and what is not given for it."""
        return f'{", ".join(self.outputs)} cannot be made: {self.fact}' if self.outputs else self.fact

    @property
    def kind(self) -> str:
        """The first word of the cause."""
        return self.cause.partition(' ')[0]

    @property
    def reason(self) -> str:
        """What is so but for its numbers, which change from image to image."""
        return re.sub(r"(?<![\w'/.-])[0-9][0-9.]*", '#', self.fact)

    @property
    def is_silence(self) -> bool:
        """Whether images do not come."""
        return self.cause in SILENCES


def doubted(doubt: Doubt) -> Verdict:
    """Return the warning that a doubt is."""
    return Verdict(Level.WARN, doubt.cause, doubt.fact, doubt.remedy)


def without(cause: str, error: SegRosError, level: Level = Level.WARN) -> Verdict:
    """Return the warning that something is not given, for the reason an error names: TF has words of its own."""
    if isinstance(error, TransformError):
        cause = 'late_transform' if error.is_late else 'no_transform'
    return replace(not_given(cause, error.fact, error.remedy), level=level)


def not_given(cause: str, fact: str, remedy: str, outputs: Iterable[str] = ()) -> Verdict:
    """Return the warning that something is not given; another reason for it, but for its numbers, is another cause."""
    found = Verdict(Level.WARN, cause, fact, remedy, tuple(sorted(outputs)))
    return replace(found, cause=f'{cause} {found.reason}')
