# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A drive along a drawn floor, written as a folder of posed images and as a recording with odometry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scenes.bags import START_NS, Entry, camera_entries, write_bag
from scenes.drawn_floor import CAMERA, drawn_view

from seg_ros.bridge.images import header_of
from seg_ros.labels.palette import class_colours
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.mapping.view import View

FRAME = 'camera'
STEP_M = 0.1


def views(count: int) -> list[View]:
    """Return views of a box 3 m from the start, each 0.1 m farther on."""
    found = []
    for k in range(count):
        view = drawn_view(box_at=3.0 - STEP_M * k)
        view.map_from_camera[0, 3] = STEP_M * k
        found.append(view)
    return found


def picture(view: View) -> NDArray[np.uint8]:
    """Return the labels in the colours of their classes, which a scripted segmenter reads."""
    return class_colours(load_taxonomy('indoor').classes)[view.labels]


def depth_of(view: View) -> NDArray[np.uint16]:
    """Return the depth in millimetres."""
    return np.nan_to_num(view.surface.z * 1000).round().astype(np.uint16)


def write_folder(folder: Path, count: int) -> Path:
    """Write the drive as pictures, depth and poses."""
    folder.mkdir(parents=True)
    np.savetxt(folder / 'camera-intrinsics.txt', [[CAMERA.fx, 0, CAMERA.cx], [0, CAMERA.fy, CAMERA.cy], [0, 0, 1]])
    for k, view in enumerate(views(count)):
        name = str(folder / f'frame-{k:06d}')
        cv2.imwrite(f'{name}.color.png', picture(view)[..., ::-1])
        cv2.imwrite(f'{name}.depth.png', depth_of(view))
        np.savetxt(f'{name}.pose.txt', view.map_from_camera)
    return folder


def write_drive(path: Path, count: int, *, with_depth: bool = True, late: int = 0) -> Path:
    """Write the drive as a recording at 10 Hz, its odometry at 4 Hz, as many of its first images without odometry."""
    drive = views(count)
    entries = camera_entries([picture(view) for view in drive], camera=CAMERA, frame_id=FRAME,
                             depth=(lambda k: depth_of(drive[k])) if with_depth else None)
    first, last = START_NS + late * 100_000_000, START_NS + count * 100_000_000
    stamps = range(first, last + 250_000_000, 250_000_000)
    odometry = [_odometry(stamp, (stamp - START_NS) / 1e9) for stamp in stamps]
    return write_bag(path, sorted([*entries, *odometry], key=lambda entry: entry[1]))


def _odometry(stamp_ns: int, x: float) -> Entry:
    """Return where the camera was: its optical frame in odom, 1 m/s along x."""
    from nav_msgs.msg import Odometry
    message: Any = Odometry(header=header_of(stamp_ns, 'odom'), child_frame_id=FRAME)
    pose = message.pose.pose
    pose.position.x, pose.position.z = x, 0.4
    pose.orientation.x, pose.orientation.y, pose.orientation.z, pose.orientation.w = -0.5, 0.5, -0.5, 0.5
    return '/odom', stamp_ns + 1_000_000, message
