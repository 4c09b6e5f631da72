# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A drive through a drawn room, for what learns from depth: in memory, and as a folder."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scenes.empty_room import BACK, CUPBOARD, LEFT, RIGHT
from scenes.raycast import CAMERA, FLOOR, NOTHING, OBJECT, WALL, Scene, Solid, View, seen

from seg_ros.recordings.posed_frames import PosedFrame
from seg_ros.records import Frame

SMALL = CAMERA.scaled_to(96, 72)
COLOURS = {FLOOR: (60, 40, 30), WALL: (200, 190, 170), OBJECT: (150, 30, 30), NOTHING: (0, 0, 0)}
STEP_M = 0.05


def view_at(x: float, *things: Solid, height_m: float = 1.0) -> View:
    """Return what the camera sees of the room, so far into it."""
    solids = tuple(replace(solid, x=solid.x - x) for solid in (BACK, LEFT, RIGHT, CUPBOARD, *things))
    return seen(Scene(solids, camera_height_m=height_m, pitch_rad=math.radians(15.0), camera=SMALL))


def picture(view: View, seed: int = 0) -> NDArray[np.uint8]:
    """Return the view in the colours of its classes, with noise."""
    rgb = np.array([COLOURS.get(k, (0, 0, 0)) for k in range(256)], np.float64)[view.labels]
    return (rgb + np.random.default_rng(seed).normal(0, 6, rgb.shape)).clip(0, 255).astype(np.uint8)


def image_at(number: int, x: float, view: View) -> PosedFrame:
    """Return the image of a view."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = view.scene.world_from_optical, (x, 0.0, view.scene.camera_height_m)
    frame = Frame('', number * 100_000_000, 'camera', picture(view, number), view.depth_mm, SMALL)
    return PosedFrame(number, frame, pose)


@dataclass
class DrawnDrive:
    """A drive in memory."""

    images: list[PosedFrame]
    is_level: bool = True
    is_posed: bool = True

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self.images)

    def frames(self, first: int = 0) -> Iterator[PosedFrame]:
        """Yield them."""
        return iter(self.images[first:])


def drawn_drive(count: int = 20) -> DrawnDrive:
    """Return a drive straight ahead."""
    return DrawnDrive([image_at(k, STEP_M * k, view_at(STEP_M * k)) for k in range(count)])


def write_drive_folder(folder: Path, drive: DrawnDrive) -> Path:
    """Write a drive as pictures, depth and poses."""
    folder.mkdir(parents=True)
    np.savetxt(folder / 'camera-intrinsics.txt', [[SMALL.fx, 0, SMALL.cx], [0, SMALL.fy, SMALL.cy], [0, 0, 1]])
    for image in drive.images:
        name = str(folder / f'frame-{image.number:06d}')
        assert image.frame.depth is not None
        cv2.imwrite(f'{name}.color.png', image.frame.rgb[..., ::-1])
        cv2.imwrite(f'{name}.depth.png', image.frame.depth)
        np.savetxt(f'{name}.pose.txt', image.map_from_camera)
    return folder
