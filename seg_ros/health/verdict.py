# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A verdict: what is so of a camera, how bad it is, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from seg_ros.errors import Doubt, SegRosError


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

    :param cause: one word for the case. :param fact: what is so.
    :param remedy: what to do; empty when there is nothing to do. What has a remedy is worth a warning.
    """

    level: Level
    cause: str
    fact: str
    remedy: str = ''

    @property
    def is_silence(self) -> bool:
        """Whether images do not come."""
        return self.cause in SILENCES


def doubted(doubt: Doubt) -> Verdict:
    """Return the warning that a doubt is."""
    return Verdict(Level.WARN, doubt.cause, doubt.fact, doubt.remedy)


def without(cause: str, error: SegRosError) -> Verdict:
    """Return the warning that something is not given, for the reason an error names."""
    return not_given(cause, error.fact, error.remedy)


def not_given(cause: str, fact: str, remedy: str, about: str = '') -> Verdict:
    """
    Return the warning that something is not given; another reason for it, but for its numbers, is another cause.

    :param about: what it is that is not given, with the words that lead to the reason.
    """
    return Verdict(Level.WARN, f'{cause} {re.sub("[0-9.]+", "#", fact)}', f'{about}{fact}', remedy)
