# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What it costs to turn labels and depth into clouds, boxes and a scan, beside plain NumPy in float64.

Method: a drawn scene (test/scenes/raycast.py) with RealSense-like noise; both versions run in turn in one
process on one thread, from uint16 depth to finished arrays, and the median of the thread's CPU time is
printed: on a machine with nothing else to do that is the time it takes. What does not change from frame to
frame (rays of the camera) is computed before in both. The plain version is benchmarks/plain_space.py; the
fit of the floor is the same in both, on the same few thousand pixels.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import plain_space as plain

from seg_ros.geometry.boxes import upright_boxes
from seg_ros.geometry.cloud import (
    Band,
    chosen_cloud,
    ground_pixels,
    obstacle_pixels,
    organised_cloud,
    rising_pixels,
    scene_cloud,
    target_cloud,
    target_pixels,
)
from seg_ros.geometry.ground import fit_floor
from seg_ros.geometry.scan import beams_of, scan_of_points
from seg_ros.geometry.surface import surface_of
from seg_ros.space import Plane

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'test'))
from scenes.raycast import CAMERA, FLOOR, IS_GROUND, IS_OBSTACLE, WALL, Scene, Solid, noisy, seen

VOXEL_M = 0.05
SIZES = ((320, 240), (640, 480), (848, 480), (1280, 720))
COUNTS = (1, 3, 10, 30, 100)

Stages = dict[str, Callable[[], Any]]


class Desk:
    """One frame of a drawn scene, and every output made from it by either version, stage by stage."""

    def __init__(self, size: tuple[int, int], objects: int) -> None:
        camera = CAMERA if size == (640, 480) else CAMERA.scaled_to(*size)
        view = seen(Scene(_solids(objects), 1.0, math.radians(25), camera=camera))
        self.frame = view.frame(noisy(view.depth_m, np.random.default_rng(0)))
        self.labels, self.ids, self.instances, self.camera = view.labels, view.ids, view.instances, camera
        self.floor, self.band, self.beams = view.labels == FLOOR, Band(), beams_of(camera)
        self.rays = plain.rays(camera)
        self.surface, self.plane = surface_of(self.frame), Plane((0.0, -1.0, 0.0), 1.0)

    def fast(self) -> Stages:
        """Return the stages of seg_ros.geometry, to be run in order."""
        return {'depth': self._surface, 'organised cloud': self._organised, 'floor plane': self._fit,
                'obstacles': self._obstacles, 'ground': self._ground, 'scan': self._scan, 'boxes': self._boxes,
                'target': self._target, 'scene': self._scene}

    def plain(self) -> Stages:
        """Return the same stages in plain NumPy."""
        return {'depth': self._plain_surface, 'organised cloud': self._plain_organised, 'floor plane': self._fit,
                'obstacles': self._plain_obstacles, 'ground': self._plain_ground, 'scan': self._plain_scan,
                'boxes': self._plain_boxes, 'target': self._plain_target, 'scene': self._plain_scene}

    def _surface(self) -> None:
        self.surface = surface_of(self.frame)
        assert self.surface.usable.any()

    def _organised(self) -> None:
        self.cloud = organised_cloud(self.surface, self.frame.rgb, self.labels, self.ids)

    def _fit(self) -> None:
        plane = fit_floor(self.surface, self.floor)
        assert plane is not None
        self.plane = plane

    def _obstacles(self) -> None:
        self.heights = self.surface.heights(self.plane)
        self.blocked = obstacle_pixels(self.surface, self.labels, IS_OBSTACLE, self.heights, self.band)
        self.blocked |= rising_pixels(self.surface, self.labels, IS_GROUND, self.heights, self.band)
        self.obstacles = chosen_cloud(self.surface, self.blocked, VOXEL_M)

    def _ground(self) -> None:
        pixels = ground_pixels(self.surface, self.labels, IS_GROUND, self.heights, self.band)
        self.ground = chosen_cloud(self.surface, pixels, VOXEL_M)

    def _scan(self) -> None:
        self.scan = scan_of_points(self.surface, self.blocked, self.plane, self.beams)

    def _boxes(self) -> None:
        self.boxes = upright_boxes(self.surface, self.instances, self.plane)

    def _target(self) -> None:
        self.target = target_cloud(self.surface, self.instances, [0], self.frame.rgb, self.labels, self.ids)

    def _scene(self) -> None:
        self.scene = scene_cloud(self.surface, target_pixels(self.instances, [0]), voxel_m=VOXEL_M)

    def _plain_surface(self) -> None:
        self.xyz = plain.points(np.asarray(self.frame.depth), *self.rays)
        self.good = plain.usable(self.xyz[..., 2])

    def _plain_organised(self) -> None:
        self.plain_cloud = plain.organised(self.xyz, self.frame.rgb, self.labels, self.ids)

    def _plain_obstacles(self) -> None:
        self.plain_heights = self.xyz @ np.array(self.plane.normal) + self.plane.camera_height_m
        self.plain_blocked = plain.obstacles(self.xyz, self.good, self.labels, (IS_OBSTACLE, IS_GROUND),
                                             self.plain_heights, self.band)
        self.plain_obstacle_points = plain.thinned(self.xyz[self.plain_blocked], VOXEL_M)

    def _plain_ground(self) -> None:
        pixels = plain.ground(self.xyz, self.good, self.labels, IS_GROUND, self.plain_heights, self.band)
        self.plain_ground_points = plain.thinned(self.xyz[pixels], VOXEL_M)

    def _plain_scan(self) -> None:
        self.plain_ranges = plain.scan(self.xyz, self.good, self.plain_blocked, self.plane, self.beams)

    def _plain_boxes(self) -> None:
        self.plain_sizes = [plain.box(self.xyz, self.good, self.instances, k, self.plane, self.plain_heights)
                            for k in range(len(self.instances))]

    def _plain_target(self) -> None:
        self.plain_target_points = plain.target(self.xyz, self.good, self.instances, 0, self.plain_cloud)

    def _plain_scene(self) -> None:
        rest = self.good & plain.in_range(self.xyz, Band(0.0)) & (target_pixels(self.instances, [0]) == 0)
        self.plain_scene_points = plain.thinned(self.xyz[rest], VOXEL_M)


def timed(desk: Desk, runs: int, *, with_plain: bool = True) -> dict[str, tuple[float, float]]:
    """Return the median milliseconds of each stage, fast and plain (0 when left out), run in turn."""
    versions = (desk.fast(), desk.plain()) if with_plain else (desk.fast(),)
    spent: list[dict[str, list[float]]] = [{name: [] for name in stages} for stages in versions]
    for run in range(runs + 1):  # the first warms up
        for stages, lists in zip(versions, spent, strict=True):
            for name, stage in stages.items():
                start = time.thread_time()
                stage()
                if run:
                    lists[name].append((time.thread_time() - start) * 1e3)
    return {name: (median(spent[0][name]), median(spent[1][name]) if with_plain else 0.0) for name in versions[0]}


def main() -> None:
    """Print three tables: stages, growth with pixels, growth with objects."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--runs', type=int, default=15, help='of which the median is printed (default 15)')
    runs = parser.parse_args().runs
    if os.environ.get('OPENBLAS_NUM_THREADS') != '1':  # OpenBLAS reads it when NumPy is imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, 'OPENBLAS_NUM_THREADS': '1'})
    cv2.setNumThreads(1)
    print('640x480, 10 objects          seg_ros     plain NumPy float64')
    rows = timed(Desk((640, 480), 10), runs)
    for name, (fast, slow) in {**rows, 'together': _together(rows)}.items():
        print(f'{name:<24} {fast:8.2f} ms {slow:10.2f} ms {slow / fast:8.1f} x')
    print('\npixels, 10 objects           seg_ros     plain NumPy float64')
    for size in SIZES:
        _print_growth(f'{size[0]}x{size[1]}', timed(Desk(size, 10), runs))
    print('\nobjects at 640x480           seg_ros     plain NumPy float64')
    for count in COUNTS:
        _print_growth(str(count), timed(Desk((640, 480), count), max(3, runs // 3)))


def _together(rows: dict[str, tuple[float, float]]) -> tuple[float, float]:
    return sum(fast for fast, _ in rows.values()), sum(slow for _, slow in rows.values())


def _print_growth(name: str, rows: dict[str, tuple[float, float]]) -> None:
    fast, slow = _together(rows)
    print(f'{name:<24} {fast:8.2f} ms {slow:10.2f} ms {slow / fast:8.1f} x', flush=True)


def _solids(count: int) -> tuple[Solid, ...]:
    """Return a wall and so many objects, alternately boxes and cylinders, in rows on the floor."""
    across = math.ceil(math.sqrt(count))
    width = 1.6 / across
    solids = [Solid(1.6 + 1.8 * (k // across) / across, (k % across + 0.5) * width - 0.8,
                    (0.5 * width, 0.5 * width, 0.4 * width + 0.05), 0.3 * k, is_round=k % 2 == 1)
              for k in range(count)]
    return (*solids, Solid(4.5, 0.0, (0.2, 8.0, 2.5), label=WALL))


if __name__ == '__main__':
    main()
