# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the bundled recording truly has obstacles in the zones of config/nav2/collision_monitor.yaml."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray
from truth import frames_of

CONFIG = Path(__file__).resolve().parents[2] / 'config' / 'nav2' / 'collision_monitor.yaml'
BASE = 'base_link'


@dataclass(frozen=True)
class Moment:
    """How many of the obstacle points that a frame shows lie in the zone to stop and in the zone to slow down."""

    stamp_ns: int
    in_stop: int
    in_slow: int


def monitor_parameters() -> dict[str, Any]:
    """Return the shipped parameters, with the frames of the recording."""
    table = yaml.safe_load(CONFIG.read_text(encoding='utf-8'))['collision_monitor']['ros__parameters']
    return {**table, 'base_frame_id': BASE, 'odom_frame_id': 'odom', 'transform_tolerance': 1.0}


def zone(name: str) -> NDArray[np.float32]:
    """Return the (N, 2) corners of a zone, metres in the frame of the robot."""
    return np.array(json.loads(monitor_parameters()[name]['points']), np.float32)


def zones_of(recording: Path) -> list[Moment]:
    """Return what each frame of a recording truly shows in the zones."""
    return [Moment(stamp_ns, *(_inside(points, zone(name)) for name in ('stop_zone', 'slow_zone')))
            for stamp_ns, points in frames_of(recording, BASE)]


def _inside(points: NDArray[np.float32], corners: NDArray[np.float32]) -> int:
    low, high = corners.min(axis=0), corners.max(axis=0)
    near = points[((points[:, :2] > low) & (points[:, :2] < high)).all(axis=1), :2]
    return sum(cv2.pointPolygonTest(corners, (float(x), float(y)), measureDist=False) > 0 for x, y in near)


if __name__ == '__main__':
    print(yaml.safe_dump({'collision_monitor': {'ros__parameters': monitor_parameters()}}))
