# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Renders the drive through the room, frame by frame: the picture, and the truth of every pixel."""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from drive import FRAMES, RATE, Pose, poses
from mathutils import Matrix
from numpy.typing import NDArray
from passes import write_passes
from quiet import Quiet
from tqdm import tqdm

WIDTH, HEIGHT, FOCAL_LENGTH = 640, 480, 460.0
FARTHEST_M = 20.0  # what lies beyond is not measured
BLENDER_FROM_LINK = Matrix(((0, 0, -1, 0), (-1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1)))


class Renderer:
    """
    Blender with the room in it.

    :param samples: light paths per pixel before the denoiser. :param threads: processor threads.
    """

    def __init__(self, *, samples: int, threads: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        from scene import Room  # materials are made on import, and live in the file that is open
        self.room = Room()
        self.room.build()
        self._scene, self._samples = bpy.context.scene, samples
        self._camera = _camera(self._scene)
        _settings(self._scene, threads)
        self._folder = tempfile.TemporaryDirectory()
        self._truth = _truth_outputs(self._scene, Path(self._folder.name))

    def picture(self, pose: Pose, path: Path) -> None:
        """Write the picture from a pose of the camera (x forward) as PNG."""
        scene = self._place(pose)
        scene.use_nodes = False
        scene.cycles.samples, scene.cycles.use_denoising = self._samples, True
        scene.cycles.pixel_filter_type = 'BLACKMAN_HARRIS'
        scene.cycles.max_bounces = 4
        scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)

    def truth(self, pose: Pose) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Return (depth in millimetres along the optical axis, number of the thing), sampled in the pixels' centres."""
        scene = self._place(pose)
        scene.use_nodes = True
        scene.cycles.samples, scene.cycles.use_denoising = 1, False
        scene.cycles.pixel_filter_type, scene.cycles.filter_width = 'BOX', 0.01
        scene.cycles.max_bounces = 0
        bpy.ops.render.render()
        depth_m, things = (_read(Path(self._folder.name) / f'{name}0001.exr') for name in ('depth', 'things'))
        far = (depth_m > FARTHEST_M) | ~np.isfinite(depth_m)
        depth = np.round(np.where(far, 0, depth_m) * 1000).astype(np.uint16)
        return depth, np.round(things).astype(np.uint16)

    def _place(self, pose: Pose) -> Any:
        self._camera.matrix_world = Matrix(pose.tolist()) @ BLENDER_FROM_LINK
        return self._scene


def _camera(scene: Any) -> Any:
    data = bpy.data.cameras.new('camera')
    data.sensor_width, data.lens = 36.0, FOCAL_LENGTH * 36.0 / WIDTH
    data.clip_start, data.clip_end = 0.02, 100.0
    scene.camera = bpy.data.objects.new('camera', data)
    scene.collection.objects.link(scene.camera)
    return scene.camera


def _settings(scene: Any, threads: int) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine, render.use_persistent_data = 'CYCLES', True
    render.resolution_x, render.resolution_y, render.resolution_percentage = WIDTH, HEIGHT, 100
    render.threads_mode, render.threads = 'FIXED', threads
    render.image_settings.file_format, render.image_settings.color_mode = 'PNG', 'RGB'
    cycles.device, cycles.denoiser = 'CPU', 'OPENIMAGEDENOISE'
    cycles.denoising_input_passes, cycles.denoising_prefilter = 'RGB_ALBEDO_NORMAL', 'FAST'
    cycles.use_adaptive_sampling, cycles.use_light_tree = False, True
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.blur_glossy = 4.0, 1.0
    cycles.glossy_bounces, cycles.transmission_bounces = 2, 0
    # After the first bounce light is guessed from how open a place is, which halves the time.
    cycles.use_fast_gi, cycles.fast_gi_method, cycles.ao_bounces_render = True, 'REPLACE', 1
    scene.world.light_settings.distance, scene.world.light_settings.ao_factor = 3.0, 0.7
    cycles.seed = 1
    scene.view_settings.view_transform, scene.view_settings.exposure = 'AgX', 0.7
    scene.view_settings.look = 'AgX - Medium High Contrast'


def _truth_outputs(scene: Any, folder: Path) -> None:
    """Let the compositor write depth and numbers as they are."""
    write_passes(scene, folder, {'depth': 'Depth', 'things': 'IndexOB'})


def _read(path: Path) -> NDArray[np.float32]:
    """Return the first channel of an EXR file, (H, W), the top row first."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = 'Non-Color'
    pixels = np.empty(WIDTH * HEIGHT * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels.reshape(HEIGHT, WIDTH, 4)[::-1, :, 0]


def render(out: Path, numbers: list[int], *, samples: int, threads: int) -> None:
    """Render the frames that are not in ``out`` yet."""
    out.mkdir(parents=True, exist_ok=True)
    missing = [number for number in _coarse_first(numbers) if not (out / f'{number:04d}.npz').exists()]
    with Quiet():
        renderer = Renderer(samples=samples, threads=threads)
    (out / 'scene.json').write_text(json.dumps(
        {'width': WIDTH, 'height': HEIGHT, 'focal_length': FOCAL_LENGTH, 'rate': RATE,
         'things': renderer.room.things}, indent=1))
    for number in tqdm(missing, unit='frame', desc='rendering'):
        base, camera = poses(number)
        with Quiet():
            renderer.picture(base @ camera, out / f'{number:04d}.png')
            depth, things = renderer.truth(base @ camera)
        unfinished = out / f'{number:04d}.unfinished.npz'
        np.savez_compressed(unfinished, depth_mm=depth, things=things, odom_from_base=base, base_from_camera=camera)
        unfinished.rename(out / f'{number:04d}.npz')


def _coarse_first(numbers: list[int]) -> list[int]:
    """Return every fourth, then what lies between: a drive at a lower rate is there long before the whole."""
    return sorted(numbers, key=lambda number: (number % 4 != 0, number % 2 != 0, number))


def main() -> None:
    """Render the drive into a folder; begun again, it goes on where it was."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument('out', type=Path, help='the folder of the frames')
    parser.add_argument('--samples', type=int, default=3, help='light paths per pixel before the denoiser')
    parser.add_argument('--threads', type=int, default=max(1, math.ceil((os.cpu_count() or 1) / 2)))
    parser.add_argument('--frames', default=f'0:{FRAMES}:1', help='first:end:step')
    arguments = parser.parse_args()
    try:
        render(arguments.out, list(range(*map(int, arguments.frames.split(':')))), samples=arguments.samples,
               threads=arguments.threads)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == '__main__':
    main()
