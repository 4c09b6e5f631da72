# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which way is up for a camera of a recording, by the transforms in it; no ROS installation is needed to read them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.recordings.bags import Bag, rosbags_module

TOPICS = ('/tf', '/tf_static')
LONGEST_CHAIN = 50  # frames between a camera and the world; more is a circle


class RecordedTransforms:
    """The turns between the frames of a recording, whose outermost frame has z up (REP-105)."""

    def __init__(self, path: Path) -> None:
        typesys = rosbags_module('rosbags.typesys')
        store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
        self._parents: dict[str, str] = {}
        self._turns: defaultdict[str, list[tuple[int, NDArray[np.float64]]]] = defaultdict(list)
        with Bag(path) as bag:
            for connection, _, data in bag.raw([topic for topic in TOPICS if topic in bag.topics] or ('none',)):
                for one in store.deserialize_cdr(data, connection.msgtype).transforms:
                    self._add(one)
        for turns in self._turns.values():
            turns.sort(key=lambda turn: turn[0])

    def at(self, frame: str, stamp_ns: int) -> NDArray[np.float64] | None:
        """Return the (3,) unit vector up in a frame at a moment, by the nearest transforms; None when it is unknown."""
        if frame not in self._parents:
            return None
        up = np.array([0.0, 0.0, 1.0])
        for turn in reversed(self._chain(frame, stamp_ns)):
            up = turn.T @ up
        return up

    def _chain(self, frame: str, stamp_ns: int) -> list[NDArray[np.float64]]:
        """Return the turns from a frame outwards."""
        turns: list[NDArray[np.float64]] = []
        while frame in self._parents and len(turns) < LONGEST_CHAIN:
            known = self._turns[frame]
            after = min(bisect_left([stamp for stamp, _ in known], stamp_ns), len(known) - 1)
            near = min((max(0, after - 1), after), key=lambda k: abs(known[k][0] - stamp_ns))
            turns.append(known[near][1])
            frame = self._parents[frame]
        return turns

    def _add(self, one: Any) -> None:
        q, stamp = one.transform.rotation, one.header.stamp
        self._parents[one.child_frame_id] = one.header.frame_id
        self._turns[one.child_frame_id].append((stamp.sec * 1_000_000_000 + stamp.nanosec, _turn(q.x, q.y, q.z, q.w)))


def _turn(x: float, y: float, z: float, w: float) -> NDArray[np.float64]:
    """Return the (3, 3) rotation from the child into its parent."""
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
