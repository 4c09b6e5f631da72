# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The transforms of a recording, of /tf or odometry; no ROS installation is needed to read them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError, TransformError
from seg_ros.geometry.frames import TransformBuffer
from seg_ros.recordings.bags import Bag, reading, rosbags_module

TF, TF_STATIC, ODOMETRY = '/tf', '/tf_static', 'nav_msgs/msg/Odometry'

Floats = NDArray[np.float64]
Edge = tuple[str, str, int, tuple[float, float, float], tuple[float, float, float, float]]


class Tree(TransformBuffer):
    """The transforms of a recording, from its beginning to its end."""

    def __init__(self) -> None:
        super().__init__(is_recorded=True)

    @property
    def children(self) -> tuple[str, ...]:
        """The frames whose place in another is told."""
        return tuple(self._tracks)

    def pose(self, target: str, source: str, stamp_ns: int) -> Floats | None:
        """Return the (4, 4) pose of a frame in another at a moment; None where that is not known then."""
        pose = np.eye(4)
        try:
            pose[:3, :3], pose[:3, 3] = self._between(target, source.lstrip('/'), stamp_ns)
        except TransformError:
            return None
        return pose

    def up(self, frame: str, stamp_ns: int) -> Floats | None:
        """
        Return the (3,) unit vector up in a frame at a moment; None when it is unknown.

        The outermost frame has z up (REP-105).
        """
        *below, root = self._newest(frame.lstrip('/'))
        pose = self.pose(root, frame, stamp_ns) if below else None
        return None if pose is None else np.asarray(pose[2, :3])

    def unjoined(self, target: str, source: str) -> DataError:
        """Return the error that says that no way leads from a frame to another."""
        return DataError(f'no transforms lead from {source} to {target}; known frames: '
                         f'{", ".join(sorted(self._known())) or "none"}',
                         'name another with --map-frame, or record /tf and /tf_static')


def transforms_of(path: Path, *, first_s: float | None = None) -> Tree:
    """
    Return the transforms of a recording: those of /tf and /tf_static, and nav_msgs/Odometry where /tf lacks it.

    :param first_s: so many seconds of its beginning are read, and no odometry; None reads all.
    :raises DataError: when the recording is damaged.
    """
    tree, driven = Tree(), list[tuple[str, Edge]]()
    for topic, edge in _edges(path, first_s):
        if topic in (TF, TF_STATIC):
            tree.add(*edge, is_static=topic == TF_STATIC)
        else:
            driven.append((topic, edge))
    told_by = dict.fromkeys(tree.children, TF)
    for topic, edge in driven:
        if told_by.setdefault(edge[0], topic) == topic:  # odometry gives way, to /tf and to other odometry before it
            tree.add(*edge)
    return tree


def _edges(path: Path, first_s: float | None) -> Iterator[tuple[str, Edge]]:
    """Yield each transform with its topic, as they were recorded."""
    typesys = rosbags_module('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    with Bag(path) as bag:
        odometry = [topic for topic, one in bag.topics.items() if one.msgtype == ODOMETRY and first_s is None]
        stop_ns = None if first_s is None else bag.span_ns[0] + round(first_s * 1e9)
        wanted = [topic for topic in (TF, TF_STATIC, *odometry) if topic in bag.topics]
        for connection, _, data in (bag.raw(wanted, stop_ns=stop_ns) if wanted else ()):
            with reading(path):
                message = store.deserialize_cdr(data, connection.msgtype)
            if connection.topic in odometry:
                yield connection.topic, _edge(message, message.pose.pose.position, message.pose.pose.orientation)
                continue
            for one in message.transforms:
                yield connection.topic, _edge(one, one.transform.translation, one.transform.rotation)


def _edge(message: Any, at: Any, turn: Any) -> Edge:
    """Return child and parent of a message, its stamp, the place and the turn, of whatever length that was written."""
    stamp, length = message.header.stamp, math.hypot(turn.x, turn.y, turn.z, turn.w) or 1.0
    return (message.child_frame_id.lstrip('/'), message.header.frame_id,
            int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec), (at.x, at.y, at.z),
            (turn.x / length, turn.y / length, turn.z / length, turn.w / length))
