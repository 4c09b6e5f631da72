# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the floor and the obstacles of the bundled recording truly are, in the frame odom."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rosbags.highlevel import AnyReader
from rosbags.typesys import Stores, get_typestore

CAMERA = '/camera/color/camera_info'
DEPTH = '/camera/aligned_depth_to_color/image_raw/compressedDepth'
LABELS, NAMES = '/truth/labels', '/truth/label_info'
HEADER_BYTES = 12  # of compressedDepth, before its PNG
OVERHEAD = {'ceiling'}
MAX_RANGE_M, MIN_HEIGHT_M, MAX_HEIGHT_M = 5.0, 0.02, 2.5
EVERY = 3  # frame, row and column; at 5 m the pixels taken are less than a cell apart


@dataclass(frozen=True)
class Truth:
    """Points in metres, z up: what may be driven on, and what is in the way."""

    floor: NDArray[np.float32]
    obstacles: NDArray[np.float32]


class Transforms:
    """The transforms of a recording."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._known: defaultdict[str, list[tuple[int, NDArray[np.float64]]]] = defaultdict(list)

    def add(self, one: Any) -> None:
        """Take in a TransformStamped."""
        matrix, t = np.eye(4), one.transform.translation
        matrix[:3, :3], matrix[:3, 3] = rotation_of(one.transform.rotation), (t.x, t.y, t.z)
        self._parents[one.child_frame_id] = one.header.frame_id
        self._known[one.child_frame_id].append((stamp_ns_of(one), matrix))

    def outwards(self, frame: str, stamp_ns: int) -> NDArray[np.float64]:
        """Return the (4, 4) transform from a frame into the outermost one, by the nearest in time."""
        matrix = np.eye(4)
        while frame in self._parents:
            known = sorted(self._known[frame], key=lambda pair: pair[0])
            after = min(bisect_left([stamp for stamp, _ in known], stamp_ns), len(known) - 1)
            near = min((max(0, after - 1), after), key=lambda k: abs(known[k][0] - stamp_ns))
            matrix, frame = known[near][1] @ matrix, self._parents[frame]
        return matrix


def truth_of(recording: Path) -> Truth:
    """Return what every third frame of a recording truly shows within reach."""
    floor, obstacles = [], []
    for _, points, labels, names, _ in _frames(recording):
        ground, standing = _parts(points, labels, names)
        floor.append(points[ground])
        obstacles.append(points[standing])
    return Truth(np.concatenate(floor), np.concatenate(obstacles))


def frames_of(recording: Path, frame: str) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the stamp of each image with the obstacles it shows, (N, 3) points in a frame of the robot."""
    for stamp_ns, points, labels, names, transforms in _frames(recording, every=1):
        _, standing = _parts(points, labels, names)
        back = np.linalg.inv(transforms.outwards(frame, stamp_ns))
        yield stamp_ns, (points[standing] @ back[:3, :3].T + back[:3, 3]).astype(np.float32)


def rotation_of(q: Any) -> NDArray[np.float64]:
    """Return the (3, 3) rotation of a quaternion."""
    x, y, z, w = q.x, q.y, q.z, q.w
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


def stamp_ns_of(message: Any) -> int:
    """Return the time of a message in nanoseconds."""
    return int(message.header.stamp.sec) * 1_000_000_000 + int(message.header.stamp.nanosec)


def _parts(points: NDArray[np.float32], labels: NDArray[np.uint8],
           names: dict[int, str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which points are floor and which are in the way."""
    ground = np.isin(labels, [key for key, name in names.items() if name == 'floor'])
    overhead = np.isin(labels, [key for key, name in names.items() if name in OVERHEAD])
    return ground, (points[:, 2] > MIN_HEIGHT_M) & (points[:, 2] < MAX_HEIGHT_M) & ~ground & ~overhead


def _frames(recording: Path, every: int = EVERY) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.uint8],
                                                                   dict[int, str], Transforms]]:
    """Yield stamp, (N, 3) points in odom, their (N,) labels, the names of these, and the transforms."""
    transforms, depths, labels, camera, names = _read(recording)
    focal_x, focal_y, centre_x, centre_y = camera.k[0], camera.k[4], camera.k[2], camera.k[5]
    for stamp_ns in sorted(depths)[::every]:
        z = _metres(depths[stamp_ns])
        rows, columns = (EVERY * index for index in np.nonzero(((z > 0) & (z < MAX_RANGE_M))[::EVERY, ::EVERY]))
        z = z[rows, columns]
        points = np.stack([(columns - centre_x) / focal_x * z, (rows - centre_y) / focal_y * z, z, np.ones_like(z)])
        outside = transforms.outwards(depths[stamp_ns].header.frame_id, stamp_ns) @ points
        image = labels[stamp_ns]
        yield (stamp_ns, outside[:3].T.astype(np.float32),
               np.frombuffer(image.data, np.uint8).reshape(image.height, image.width)[rows, columns], names, transforms)


def _read(recording: Path) -> tuple[Transforms, dict[int, Any], dict[int, Any], Any, dict[int, str]]:
    transforms, found = Transforms(), {topic: {} for topic in (DEPTH, LABELS, CAMERA, NAMES)}
    with AnyReader([recording], default_typestore=get_typestore(Stores.ROS2_JAZZY)) as reader:
        wanted = [one for one in reader.connections if one.topic in {*found, '/tf', '/tf_static'}]
        for connection, _, data in reader.messages(wanted):
            message: Any = reader.deserialize(data, connection.msgtype)
            if connection.topic in found:
                found[connection.topic][stamp_ns_of(message)] = message
            else:
                for one in message.transforms:
                    transforms.add(one)
    words = next(iter(found[NAMES].values())).class_map
    return (transforms, found[DEPTH], found[LABELS], next(iter(found[CAMERA].values())),
            {one.class_id: one.class_name for one in words})


def _metres(message: Any) -> NDArray[np.float64]:
    picture = cv2.imdecode(np.frombuffer(message.data, np.uint8)[HEADER_BYTES:], cv2.IMREAD_UNCHANGED)
    return np.asarray(picture * 1e-3, float)
