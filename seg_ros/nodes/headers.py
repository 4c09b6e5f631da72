# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the headers of a camera's messages say of it, and what of that cannot be."""

from __future__ import annotations

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
from seg_ros.nodes.fast_dds import doubt_of_transport
from seg_ros.nodes.mailbox import Arrival
from seg_ros.settings import Settings, parse_size


def shape_of(message: Any) -> str:
    """Return size and encoding of an image message, or the format of a compressed one."""
    if hasattr(message, 'format'):
        return f"'{message.format}'"
    return f'{message.width}x{message.height} {message.encoding}'


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
