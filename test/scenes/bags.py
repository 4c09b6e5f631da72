# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Small recordings, written message by message with the library rosbags."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.cameras import camera_info_message
from seg_ros.bridge.images import compressed_message, header_of, image_message
from seg_ros.recordings.message_definitions import described, type_name
from seg_ros.records import Intrinsics

SECOND_NS = 1_000_000_000
START_NS = 1_700_000_000 * SECOND_NS

Entry = tuple[str, int, Any]
"""A topic, when it was recorded (ns), and the message."""


def write_bag(path: Path, entries: Iterable[Entry], *, storage: str = 'mcap', compressed: bool = False) -> Path:
    """Write a recording in the order given, its topics in the order in which they first appear."""
    rosbag2 = pytest.importorskip('rosbags.rosbag2')
    from rosbags.rosbag2.enums import CompressionFormat, CompressionMode
    writer = rosbag2.Writer(path, version=9, storage_plugin=rosbag2.StoragePlugin[storage.upper()])
    if compressed:
        mode = CompressionMode.STORAGE if storage == 'mcap' else CompressionMode.MESSAGE
        writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connections: dict[str, Any] = {}
        for topic, recorded_ns, message in entries:
            if topic not in connections:
                text, digest = described(type(message))
                connections[topic] = writer.add_connection(topic, type_name(type(message)), msgdef=text, rihs01=digest)
            writer.write(connections[topic], recorded_ns, serialize_message(message))
    return path


def camera_entries(pictures: Iterable[NDArray[np.uint8]], *, topic: str = '/camera/image_raw', rate: float = 10.0,
                   depth: Any = None, camera: Intrinsics | None = None, jpeg: bool = False, start_ns: int = START_NS,
                   frame_id: str = 'camera') -> list[Entry]:
    """
    Return the entries of a camera, each image recorded 5 ms after it was taken and followed by its depth.

    :param depth: what gives picture k its (H, W) depth, or None. :param jpeg: images as CompressedImage.
    """
    entries: list[Entry] = []
    folder = topic.rpartition('/')[0]
    for k, rgb in enumerate(pictures):
        stamp_ns = start_ns + round(k * SECOND_NS / rate)
        header, recorded_ns = header_of(stamp_ns, frame_id), stamp_ns + 5_000_000
        if camera is not None:
            entries.append((f'{folder}/camera_info', recorded_ns, camera_info_message(camera, header)))
        if jpeg:
            entries.append((f'{topic}/compressed', recorded_ns, compressed_message(rgb, header)))
        else:
            entries.append((topic, recorded_ns, image_message(rgb, 'rgb8', header)))
        if depth is not None:
            pixels = depth(k)
            encoding = '32FC1' if pixels.dtype.kind == 'f' else '16UC1'
            entries.append((f'{folder}/aligned_depth/image', recorded_ns + 2_000_000,
                            image_message(pixels, encoding, header)))
    return entries


def compressed_depth(pixels: NDArray[Any], stamp_ns: int) -> CompressedImage:
    """Return depth as compressed_depth_image_transport writes it: a header of 12 bytes, and a PNG."""
    encoding, a, b = '16UC1', 0.0, 0.0
    if pixels.dtype.kind == 'f':
        encoding, a = '32FC1', 100.0 * 101.0  # its default quantisation, up to 10 m
        b = 1.0 - a / 10.0
        pixels = np.where(np.isfinite(pixels), a / pixels + b, 0).astype(np.uint16)
    coded = struct.pack('<iff', 0, a, b) + cv2.imencode('.png', pixels)[1].tobytes()
    return CompressedImage(header=header_of(stamp_ns, 'camera'), format=f'{encoding}; compressedDepth png', data=coded)


def thinned(path: Path, out: Path, frames: Iterable[int], rate: float = 10.0) -> Path:
    """Write some frames of a recording, unopened, with all that was recorded once, such as latched topics."""
    rosbag2 = pytest.importorskip('rosbags.rosbag2')
    wanted = set(frames)
    with rosbag2.Reader(path) as reader, rosbag2.Writer(out, version=9,
                                                        storage_plugin=rosbag2.StoragePlugin.MCAP) as writer:
        copies = {one.id: writer.add_connection(one.topic, one.msgtype, msgdef=one.msgdef.data, rihs01=one.digest,
                                                offered_qos_profiles=one.ext.offered_qos_profiles)
                  for one in reader.connections}
        for one, recorded_ns, data in reader.messages():
            frame = round((recorded_ns - reader.start_time) * rate / SECOND_NS)
            if one.msgcount == 1 or frame in wanted:
                writer.write(copies[one.id], recorded_ns, data)
    return out
