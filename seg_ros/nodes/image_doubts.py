# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the images of a camera are, and what is doubtful about them."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

from seg_ros.health.causes import FAILING
from seg_ros.health.darkness import Darkness
from seg_ros.health.verdict import Verdict, doubted
from seg_ros.nodes.headers import doubts_of, shape_of
from seg_ros.nodes.mailbox import Arrival
from seg_ros.records import Frame
from seg_ros.settings import Settings

log = logging.getLogger(__name__)

QUIET_S = 10.0  # two cameras on one topic change it with every image: said no more often than this


class ImageDoubts:
    """
    What was seen of a camera's images since they are wanted; used by the thread that decodes, asked by others.

    :ivar seen: what was decoded last. :ivar undecoded: images since then.
    :ivar described: the headers by which images and what comes with them are judged.
    """

    def __init__(self) -> None:
        self.seen: Frame | None = None
        self.undecoded = 0
        self.described: tuple[Any, ...] = ()
        self._darkness = Darkness()
        self._shape, self._said_s = '', float('-inf')
        self._of_headers: tuple[Verdict, ...] = ()

    def describe(self, described: tuple[Any, ...], topic: str, arrival: Arrival, settings: Settings) -> None:
        """Note what images now are, and what is doubtful about that; say it."""
        shape = shape_of(arrival.message)
        if not self.described:
            log.info('The first image of %s: %s', topic, shape)
        elif self.described[0] != described[0] and time.monotonic() - self._said_s > QUIET_S:
            self._said_s = time.monotonic()
            log.warning('The images of %s are now %s, were %s', topic, shape, self._shape)
        self.described, self._shape = described, shape
        self._of_headers = tuple(map(doubted, doubts_of(topic, arrival, settings)))

    def verdicts(self, *, is_filming: bool) -> Iterator[Verdict]:
        """
        Yield what is doubtful, as long as images can be decoded.

        :param is_filming: whether they come; a camera that has stopped is not black.
        """
        if self.undecoded >= FAILING:
            return
        yield from self._of_headers
        if is_filming and self.seen is not None and (
                doubt := self._darkness.doubt(self.seen.rgb, time.monotonic())):
            yield doubted(doubt)
