# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Renders two drives through an interior with an unusual floor: to teach by the one, to judge by the other."""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from layout import Layout
from numpy.typing import NDArray
from views import HEIGHT, WIDTH, View, floor_at

STEP_M, TURN_DEG = 0.2, 12.0  # between two images
WIDE_DEG = 68.0
LEAST_FLOOR = 0.08  # of a view, that is worth rendering
JPEG_QUALITY = 92
FALSE_SHARE = 0.03  # of the depth, that lies on planes which are not there


def way(layout: Layout, dice: random.Random) -> Iterator[View]:
    """Yield what the camera of a robot sees that goes from place to place, always ahead, turning where it stands."""
    z, pitch = dice.uniform(0.4, 1.1), dice.uniform(10, 22)
    x, y = _place(layout, dice)
    heading = dice.uniform(0, 360)
    while True:
        goal = _place(layout, dice)
        if not _is_clear(layout, (x, y), goal):
            continue
        towards = math.degrees(math.atan2(goal[1] - y, goal[0] - x))
        turn = (towards - heading + 180) % 360 - 180
        for _ in range(int(abs(turn) / TURN_DEG)):
            heading += math.copysign(TURN_DEG, turn)
            yield View(x, y, z, heading, pitch, 0.0, WIDE_DEG)
        heading, steps = towards, math.ceil(math.dist((x, y), goal) / STEP_M)
        for k in range(1, steps + 1):
            at = (x + (goal[0] - x) * k / steps, y + (goal[1] - y) * k / steps)
            yield View(*at, z, heading, pitch, 0.0, WIDE_DEG)
        x, y = goal


def _place(layout: Layout, dice: random.Random) -> tuple[float, float]:
    """Return a place where nothing stands."""
    while True:
        x, y = dice.uniform(0.3, layout.length - 0.3), dice.uniform(0.3, layout.width - 0.3)
        if floor_at(layout, x, y) == 0.0:
            return x, y


def _is_clear(layout: Layout, start: tuple[float, float], end: tuple[float, float]) -> bool:
    count = math.ceil(math.dist(start, end) / 0.1) + 1
    return all(floor_at(layout, start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t) == 0.0
               for t in np.linspace(0, 1, count))


def measured(depth_mm: NDArray[np.uint16], dice: np.random.Generator) -> NDArray[np.uint16]:
    """Return true depth as a depth camera has it: noise that grows with its square, holes at edges, false planes."""
    z = depth_mm / 1000.0
    noisy = z + dice.normal(size=z.shape) * (0.0012 + 0.0019 * (z - 0.4) ** 2)  # Nguyen, Izadi and Lovell 2012
    near, far = (change(depth_mm, np.ones((3, 3), np.uint8)) / 1000.0 for change in (cv2.erode, cv2.dilate))
    noisy[(z == 0) | (z > 8.0) | (far > 1.08 * near)] = 0
    side = round(math.sqrt(FALSE_SHARE / 3 * z.size))
    for _ in range(3):
        top, left = dice.integers(0, z.shape[0] - side), dice.integers(0, z.shape[1] - side)
        noisy[top:top + side, left:left + side] = dice.uniform(0.6, 5.0)
    return np.round(noisy.clip(0) * 1000).astype(np.uint16)


def lay(interior: Any, floor: int) -> None:
    """Every floor of an interior is of a pattern, dark or glossy, by chance."""
    import bpy
    import surfaces
    material = surfaces.unusual_floor(random.Random(f'floor {floor}'))
    for one in bpy.data.objects:
        if one.pass_index in interior.things and interior.things[one.pass_index]['word'] == 'floor':
            one.data.materials.clear()
            one.data.materials.append(material)


def drive(interior: Any, name: str, count: int) -> list[View]:
    """Return so many views on the way of a robot that show enough of the floor."""
    found, path = list[View](), way(interior.layout, random.Random(f'drive {interior.layout.seed} {name}'))
    while len(found) < count:
        view = next(path)
        classes, depths = interior.seen(view)
        if np.mean(classes == 0) >= LEAST_FLOOR and np.quantile(depths, 0.1) >= 0.3:
            found.append(view)
    return found


def render_drive(interior: Any, views: list[View], folder: Path) -> None:
    """
    Render the views that are missing.

    ``folder`` then is one that ``seg_ros teach`` takes, and its folders ``images`` and ``labels`` are what ``--check``
    takes.
    """
    for kind in ('images', 'labels'):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for number, view in enumerate(views):
        if not (folder / f'{number:04d}.pose.txt').exists():
            _write(folder, f'{number:04d}', interior, view)
    f = views[0].focal_length
    np.savetxt(folder / 'camera-intrinsics.txt', [[f, 0, (WIDTH - 1) / 2], [0, f, (HEIGHT - 1) / 2], [0, 0, 1]])


def _write(folder: Path, name: str, interior: Any, view: View) -> None:
    """Write an image, its pose last."""
    from develop import develop
    light, depth, _, labels = interior.render(view)
    rgb = develop(light, random.Random(f'photograph {folder} {name}'))
    depth = measured(depth, np.random.default_rng([interior.layout.seed, int(name)]))
    for path in (folder / f'{name}.color.jpg', folder / 'images' / f'{name}.jpg'):
        cv2.imwrite(str(path), rgb[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
    cv2.imwrite(str(folder / 'labels' / f'{name}.png'), labels)
    cv2.imwrite(str(folder / f'{name}.depth.png'), depth)
    np.savetxt(folder / f'{name}.pose.txt', view.room_from_camera())


def main() -> None:
    """Render two drives into the folders ``first`` and ``second``; begun again, it goes on where it was."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument('out', type=Path)
    parser.add_argument('--seed', type=int, required=True, help='of the interior')
    parser.add_argument('--floor', type=int, required=True, help='the seed of its floor')
    parser.add_argument('--first', type=int, default=64, help='images to teach by')
    parser.add_argument('--second', type=int, default=24, help='images to judge by')
    parser.add_argument('--samples', type=int, default=6)
    parser.add_argument('--threads', type=int, default=1)
    arguments = parser.parse_args()
    from planner import plan
    from quiet import Quiet
    from rooms import Interior
    with Quiet():
        interior = Interior(plan(arguments.seed), samples=arguments.samples, threads=arguments.threads)
        drives = {name: drive(interior, name, getattr(arguments, name)) for name in ('second', 'first')}
        lay(interior, arguments.floor)  # a ray that is cast after this hits nothing
        for name, views in drives.items():
            render_drive(interior, views, arguments.out / name)


if __name__ == '__main__':
    main()
