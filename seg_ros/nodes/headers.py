# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the headers of a camera's messages say of it, and what of that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seg_ros.bridge.header_doubts import (
    doubt_of_depth_frame,
    doubt_of_empty_projection,
    doubt_of_encoding,
    doubt_of_form,
    doubt_of_frame_id,
    doubt_of_info_frame,
    doubt_of_matrices,
    doubt_of_rectified,
    doubt_of_region,
    doubt_of_shape,
    doubt_of_stamp,
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
    found = [doubt_of_frame_id(header.frame_id), doubt_of_encoding(getattr(arrival.message, 'encoding', '')),
             doubt_of_stamp(header.stamp.nanosec), doubt_of_transport(len(arrival.message.data))]
    if hasattr(arrival.message, 'width'):
        size = arrival.message.width, arrival.message.height
        found.append(doubt_of_shape(size, parse_size(settings.output_size)))
    if arrival.depth is not None:
        found.append(doubt_of_depth_frame(header.frame_id, arrival.depth.header.frame_id))
    if info is not None:
        found += [doubt_of_info_frame(header.frame_id, info.header.frame_id), doubt_of_form(info),
                  doubt_of_matrices(info), doubt_of_region(info),
                  doubt_of_empty_projection(info, rectified=settings.rectified),
                  doubt_of_rectified(topic, info.d, rectified=settings.rectified)]
    yield from (doubt for doubt in found if doubt is not None)
