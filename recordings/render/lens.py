# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Blender's renderer as a camera: the light that falls on each pixel, and what is truly there."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray
from passes import write_passes

BLENDER_FROM_OPTICAL = Matrix(((1, 0, 0, 0), (0, -1, 0, 0), (0, 0, -1, 0), (0, 0, 0, 1)))
Pixels = NDArray[np.float32]


class Lens:
    """
    The camera of the scene that is open.

    :param size: width and height in pixels. :param samples: light paths per pixel before the denoiser.
    """

    def __init__(self, size: tuple[int, int], *, samples: int, threads: int) -> None:
        self._size, self._samples = size, samples
        self._scene = bpy.context.scene
        data = bpy.data.cameras.new('camera')
        data.sensor_width, data.clip_start, data.clip_end = 36.0, 0.02, 200.0
        self._camera = self._scene.camera = bpy.data.objects.new('camera', data)
        self._scene.collection.objects.link(self._camera)
        _settings(self._scene, size, threads)
        self._folder = tempfile.TemporaryDirectory()
        _outputs(self._scene, Path(self._folder.name))

    def place(self, room_from_camera: NDArray[np.float64], wide: float) -> None:
        """Put the camera (z forward, y down) at a pose; ``wide`` is its horizontal field of view in degrees."""
        self._camera.matrix_world = Matrix(room_from_camera.tolist()) @ BLENDER_FROM_OPTICAL
        self._camera.data.angle = math.radians(wide)

    def light(self) -> Pixels:
        """Return the light of each pixel, (H, W, 3), linear, red-green-blue."""
        cycles = self._scene.cycles
        cycles.samples, cycles.use_denoising, cycles.max_bounces = self._samples, True, 3
        cycles.pixel_filter_type, cycles.filter_width = 'BLACKMAN_HARRIS', 1.5
        bpy.ops.render.render()
        return self._read('light')[..., :3]

    def truth(self) -> tuple[Pixels, NDArray[np.uint16]]:
        """Return (depth in metres along the optical axis, number of the thing), sampled in the pixels' centres."""
        cycles = self._scene.cycles
        cycles.samples, cycles.use_denoising, cycles.max_bounces = 1, False, 0
        cycles.pixel_filter_type, cycles.filter_width = 'BOX', 0.01
        bpy.ops.render.render()
        return self._read('depth')[..., 0], np.round(self._read('things')[..., 0]).astype(np.uint16)

    def _read(self, name: str) -> Pixels:
        """Return an EXR file, (H, W, 4), the top row first."""
        image = bpy.data.images.load(str(Path(self._folder.name) / f'{name}0001.exr'))
        image.colorspace_settings.name = 'Non-Color'
        width, height = self._size
        pixels = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(pixels)
        bpy.data.images.remove(image)
        return pixels.reshape(height, width, 4)[::-1]


def _settings(scene: Any, size: tuple[int, int], threads: int) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine, render.use_persistent_data = 'CYCLES', True
    render.resolution_x, render.resolution_y, render.resolution_percentage = *size, 100
    render.threads_mode, render.threads = 'FIXED', threads
    cycles.device, cycles.denoiser = 'CPU', 'OPENIMAGEDENOISE'
    cycles.denoising_input_passes, cycles.denoising_prefilter = 'RGB_ALBEDO_NORMAL', 'FAST'
    cycles.use_adaptive_sampling, cycles.use_light_tree = False, True
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.blur_glossy = 4.0, 1.0
    cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = 3, 2, 2
    cycles.transparent_max_bounces = 6
    cycles.seed = 1


def _outputs(scene: Any, folder: Path) -> None:
    """Let the compositor write light, depth and numbers as they are."""
    scene.view_layers[0].pass_alpha_threshold = 0.0  # a pane of glass is a thing, though one looks through it
    write_passes(scene, folder, {'light': 'Image', 'depth': 'Depth', 'things': 'IndexOB'})
