# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The transforms of a recording, of /tf or odometry; no ROS installation is needed to read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from seg_ros.errors import DataError
from seg_ros.recordings.bags import Bag, reading, rosbags_module

TF, TF_STATIC, ODOMETRY = '/tf', '/tf_static', 'nav_msgs/msg/Odometry'
LATE_NS = 100_000_000  # a pose may be held so long at the ends of what was recorded

Pose = NDArray[np.float64]


class Track:
    """
    A transform that was told at moments; between them it is interpolated.

    :param stamps_ns: (N,) ascending. :param poses: (N, 4, 4).
    """

    def __init__(self, stamps_ns: NDArray[np.int64], poses: Pose) -> None:
        self._stamps_ns, first = np.unique(stamps_ns, return_index=True)
        self._poses = poses[first]

    def at(self, stamp_ns: int) -> Pose | None:
        """Return the pose at a moment; None where it was not told long before and after."""
        stamps = self._stamps_ns
        if len(stamps) == 1 and stamps[0] == 0:
            return self._poses[0]
        if not stamps[0] - LATE_NS <= stamp_ns <= stamps[-1] + LATE_NS:
            return None
        k = int(np.clip(np.searchsorted(stamps, stamp_ns) - 1, 0, max(len(stamps) - 2, 0)))
        if len(stamps) == 1:
            return self._poses[0]
        share = float(np.clip((stamp_ns - stamps[k]) / (stamps[k + 1] - stamps[k]), 0, 1))
        pose = np.eye(4)
        pose[:3, :3] = Slerp([0, 1], Rotation.from_matrix(self._poses[k:k + 2, :3, :3]))(share).as_matrix()
        pose[:3, 3] = (1 - share) * self._poses[k, :3, 3] + share * self._poses[k + 1, :3, 3]
        return pose


class Tree:
    """
    The transforms of a recording.

    :param tracks: child frame → (parent frame, track of parent-from-child).
    """

    def __init__(self, tracks: dict[str, tuple[str, Track]]) -> None:
        self._tracks = tracks

    def chain(self, target: str, source: str) -> list[Track]:
        """
        Return the tracks from a frame up to a frame above it.

        :raises DataError: when the one is not above the other.
        """
        links, here = list[Track](), source
        while here != target:
            if here not in self._tracks or len(links) > len(self._tracks):
                frames = sorted({*self._tracks, *(parent for parent, _ in self._tracks.values())})
                raise DataError(f'no transforms lead from {source} to {target}; known frames: '
                                f'{", ".join(frames) or "none"}', 'name another with --map-frame, or record /tf and '
                                                                  '/tf_static')
            here, link = self._tracks[here]
            links.append(link)
        return links

    def leads(self, target: str, source: str) -> bool:
        """Tell whether the one frame is above the other."""
        try:
            self.chain(target, source)
        except DataError:
            return False
        return True

    def up(self, frame: str, stamp_ns: int) -> NDArray[np.float64] | None:
        """
        Return the (3,) unit vector up in a frame at a moment; None when it is unknown.

        The outermost frame has z up (REP-105).
        """
        root, seen = frame, {frame}
        while root in self._tracks and (parent := self._tracks[root][0]) not in seen:
            root = parent
            seen.add(root)
        pose = pose_along(self.chain(root, frame), stamp_ns) if root != frame else None
        return None if pose is None else np.asarray(pose[2, :3])

    def roots(self) -> set[str]:
        """Return the frames that have a child and no parent, and those directly below."""
        return {parent for parent, _ in self._tracks.values()}


def pose_along(links: Sequence[Track], stamp_ns: int) -> Pose | None:
    """Return the (4, 4) pose of the first frame of a chain in its last at a moment; None where a link is not known."""
    pose = np.eye(4)
    for link in links:
        step = link.at(stamp_ns)
        if step is None:
            return None
        pose = step @ pose
    return pose


def transforms_of(path: Path, *, first_s: float | None = None) -> Tree:
    """
    Return the transforms of a recording: those of /tf and /tf_static, and nav_msgs/Odometry where /tf lacks it.

    :param first_s: so many seconds of its beginning are read, and no odometry; None reads all.
    :raises DataError: when the recording is damaged.
    """
    typesys = rosbags_module('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    told: dict[tuple[str, str], list[tuple[int, Pose]]] = {}
    with Bag(path) as bag:
        odometry = [topic for topic, one in bag.topics.items() if one.msgtype == ODOMETRY and first_s is None]
        stop_ns = None if first_s is None else bag.span_ns[0] + round(first_s * 1e9)
        wanted = [topic for topic in (TF, TF_STATIC, *odometry) if topic in bag.topics]
        for connection, _, data in (bag.raw(wanted, stop_ns=stop_ns) if wanted else ()):
            with reading(path):
                message = store.deserialize_cdr(data, connection.msgtype)
            for parent, child, stamp_ns, pose in _edges(message, connection.topic):
                told.setdefault((parent, child), []).append((stamp_ns, pose))
    tracks: dict[str, tuple[str, Track]] = {}
    for (parent, child), rows in told.items():  # those of odometry come last, and give way
        stamps_ns, poses = np.array([row[0] for row in rows]), np.stack([row[1] for row in rows])
        tracks.setdefault(child, (parent, Track(stamps_ns, poses)))
    return Tree(tracks)


def _edges(message: Any, topic: str) -> Iterator[tuple[str, str, int, Pose]]:
    if hasattr(message, 'transforms'):
        for one in message.transforms:
            at, turn = one.transform.translation, one.transform.rotation
            yield (one.header.frame_id.lstrip('/'), one.child_frame_id.lstrip('/'),
                   0 if topic == TF_STATIC else _stamp_ns(one.header), _pose_of(at, turn))
    else:
        yield (message.header.frame_id.lstrip('/'), message.child_frame_id.lstrip('/'), _stamp_ns(message.header),
               _pose_of(message.pose.pose.position, message.pose.pose.orientation))


def _stamp_ns(header: Any) -> int:
    return int(header.stamp.sec) * 1_000_000_000 + int(header.stamp.nanosec)


def _pose_of(at: Any, turn: Any) -> Pose:
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_quat([turn.x, turn.y, turn.z, turn.w]).as_matrix()
    pose[:3, 3] = at.x, at.y, at.z
    return pose
