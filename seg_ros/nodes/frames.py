"""Arrivals become frames: the image, and beside it depth, camera and floor where somebody wants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from seg_ros.bridge.cameras import intrinsics_of, stamp_ns_of
from seg_ros.bridge.images import decode_depth, decode_image
from seg_ros.errors import ImageError
from seg_ros.geometry.lens import with_lens
from seg_ros.nodes.intake import Arrival
from seg_ros.nodes.transforms import Transforms
from seg_ros.records import Frame, Intrinsics
from seg_ros.settings import Settings

Part = Callable[[Frame, Arrival, Settings], Frame]


def frame_of(arrival: Arrival, settings: Settings, transforms: Transforms, *, in_space: bool) -> Frame:
    """
    Return the decoded frame of an arrival.

    Depth or camera_info that cannot be used do not stop the image: the frame says what is wrong with them.

    :param in_space: whether depth, camera and floor are wanted.
    :raises ImageError: when the image cannot be used.
    """
    header = arrival.message.header
    rgb = decode_image(arrival.message, settings.max_pixels)
    frame = Frame(arrival.camera, stamp_ns_of(header), header.frame_id, rgb)
    if not in_space:
        return frame
    for part in (_with_camera, _with_depth, partial(_with_floor, transforms)):
        frame = _tried(part, frame, arrival, settings)
    return frame


def _tried(part: Part, frame: Frame, arrival: Arrival, settings: Settings) -> Frame:
    try:
        return part(frame, arrival, settings)
    except ImageError as error:
        return replace(frame, depth_problem=frame.depth_problem or str(error))


def _with_camera(frame: Frame, arrival: Arrival, settings: Settings) -> Frame:
    if arrival.camera_info is None:
        raise ImageError('no camera_info comes with the image', 'remap camera_info to that of the image')
    return replace(frame, intrinsics=_intrinsics(frame, arrival, settings))


def _with_floor(transforms: Transforms, frame: Frame, arrival: Arrival, settings: Settings) -> Frame:
    return replace(frame, floor=transforms.floor_under(frame.frame_id, frame.stamp_ns, settings))


def _intrinsics(frame: Frame, arrival: Arrival, settings: Settings) -> Intrinsics:
    info = arrival.camera_info
    if settings.rectified:
        return intrinsics_of(info, frame.size, rectified=True)
    return with_lens(intrinsics_of(info, frame.size), info.distortion_model, info.d)


def _with_depth(frame: Frame, arrival: Arrival, settings: Settings) -> Frame:
    if arrival.depth is not None:
        return replace(frame, depth=decode_depth(arrival.depth, settings.max_pixels))
    if arrival.depth_gap_ns is None:
        return frame
    raise ImageError(f'image and depth are out of step: the nearest depth is {arrival.depth_gap_ns / 1e9:.3f} s away',
                     f'synchronise the camera, or raise depth_slop_s ({settings.depth_slop_s:g})')
