# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Arrivals become frames: the image, and beside it depth and camera where an output needs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seg_ros.bridge.cameras import intrinsics_of
from seg_ros.bridge.images import decode_depth, decode_image
from seg_ros.errors import Doubt, ImageError
from seg_ros.geometry.lens import with_lens
from seg_ros.geometry.spaces import IN_SPACE
from seg_ros.nodes.mailbox import Arrival
from seg_ros.records import Frame, Intrinsics
from seg_ros.settings import Settings

NO_CAMERA_INFO = 'no camera_info comes with the image'

CLOCKS_S = 1.0  # as far as depth_slop_s goes

Part = Callable[[Frame, Arrival, Settings], Frame]


def frame_of(camera: str, arrival: Arrival, settings: Settings, wanted: frozenset[str] = frozenset()) -> Frame:
    """
    Return the decoded frame of an arrival.

    Depth or camera_info that cannot be used do not stop the image: the frame says what is wrong with them.

    :param wanted: the outputs that somebody listens to, of those that the mode has.
    :raises ImageError: when the image cannot be used.
    """
    doubts: list[Doubt] = []
    rgb = decode_image(arrival.message, settings.max_pixels, doubts.append)
    frame = Frame(camera, arrival.stamp_ns, arrival.message.header.frame_id, rgb, wanted=wanted, doubts=tuple(doubts))
    if wanted & IN_SPACE:
        for part in (_with_camera, _with_depth):
            frame = _tried(part, frame, arrival, settings)
    return frame


def depth_of(frame: Frame, arrival: Arrival) -> str:
    """Return whether an image came with its depth, in words that are counted."""
    if frame.depth is not None:
        return 'with depth'
    if arrival.depth is not None:
        return 'with unreadable depth'
    return 'without depth' if arrival.depth_gap_ns is None else 'with depth out of step'


def _tried(part: Part, frame: Frame, arrival: Arrival, settings: Settings) -> Frame:
    try:
        return part(frame, arrival, settings)
    except ImageError as error:
        return replace(frame, depth_problem=frame.depth_problem or str(error))


def _with_camera(frame: Frame, arrival: Arrival, settings: Settings) -> Frame:
    if arrival.camera_info is None:
        raise ImageError(NO_CAMERA_INFO, 'remap camera_info to that of the image')
    return replace(frame, intrinsics=_intrinsics(frame, arrival, settings))


def _intrinsics(frame: Frame, arrival: Arrival, settings: Settings) -> Intrinsics:
    info = arrival.camera_info
    if settings.rectified:
        return intrinsics_of(info, frame.size, rectified=True)
    return with_lens(intrinsics_of(info, frame.size), info.distortion_model, info.d)


def _with_depth(frame: Frame, arrival: Arrival, settings: Settings) -> Frame:
    if arrival.depth is not None:
        return replace(frame, depth=decode_depth(arrival.depth, settings.max_pixels))
    if arrival.depth_late_s is not None:
        raise ImageError(f'depth comes {arrival.depth_late_s:.3f} s after its image',
                         f'raise depth_wait_s ({settings.depth_wait_s:g})')
    if arrival.depth_gap_ns is None:
        return frame
    side = 'after' if arrival.depth_gap_ns > 0 else 'before'
    gap_s = abs(arrival.depth_gap_ns) / 1e9
    raise ImageError(f'image and depth are out of step: the nearest depth was taken {gap_s:.3f} s {side} the image',
                     remedy_of_gap(gap_s, settings.depth_slop_s))


def remedy_of_gap(gap_s: float, slop_s: float) -> str:
    """Return what to do where depth is as far from its image; ``slop_s`` is what may lie between them."""
    if gap_s > CLOCKS_S:
        return 'the two are stamped by two clocks: let one driver stamp both, or compare the clocks of the computers'
    return f'synchronise the camera, or raise depth_slop_s ({slop_s:g})'
