# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the images of a camera are, and what is doubtful about them."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

from seg_ros.bridge.header_doubts import (
    doubt_of_encoding,
    doubt_of_rectified,
    doubt_of_shape,
    doubt_of_stamp,
    doubts_of_geometry,
)
from seg_ros.errors import Doubt
from seg_ros.health.causes import FAILING
from seg_ros.health.darkness import Darkness
from seg_ros.health.verdict import Verdict, doubted
from seg_ros.nodes.fast_dds import doubt_of_transport
from seg_ros.nodes.mailbox import Arrival
from seg_ros.records import Frame
from seg_ros.settings import Settings, parse_size

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
        shape = _shape_of(arrival.message)
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


def doubts_of(topic: str, arrival: Arrival, settings: Settings) -> Iterator[Doubt]:
    """Yield what a camera's messages say of themselves that cannot be."""
    header, info = arrival.message.header, arrival.camera_info
    found = [doubt_of_encoding(getattr(arrival.message, 'encoding', '')), doubt_of_stamp(header.stamp.nanosec),
             doubt_of_transport(len(arrival.message.data))]
    if hasattr(arrival.message, 'width'):
        size = arrival.message.width, arrival.message.height
        found.append(doubt_of_shape(size, parse_size(settings.output_size)))
    depth_frame = '' if arrival.depth is None else arrival.depth.header.frame_id
    found += doubts_of_geometry(header.frame_id, depth_frame, info, rectified=settings.rectified)
    if info is not None:
        found.append(doubt_of_rectified(topic, info.d, rectified=settings.rectified))
    yield from (doubt for doubt in found if doubt is not None)


def _shape_of(message: Any) -> str:
    """Return size and encoding of an image message, or the format of a compressed one."""
    if hasattr(message, 'format'):
        return f"'{message.format}'"
    return f'{message.width}x{message.height} {message.encoding}'
