# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One view: what a camera measured and recognised at one moment, and where it stood."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.geometry.pinhole import Optics
from seg_ros.geometry.surface import Surface, camera_of, surface_of
from seg_ros.records import Frame, Instances, Intrinsics, Segmentation
from seg_ros.space import Plane

Floats = NDArray[np.float64]
ENOUGH_PIXELS = 76_800  # so many of an image are looked at, but for small objects
RIGID = 1e-3  # how far a rotation may be from one


@dataclass(frozen=True, eq=False)
class View:
    """
    A labelled surface with its place in the map.

    :param stamp_ns: when it was taken. :param camera: of the surface's size.
    :param map_from_camera: (4, 4) float64, takes points of the optical frame into the map, whose z points up.
    :param labels: (H, W) uint8 class ids, 255 unlabelled; None where only objects are known.
    :param confidence: (H, W) uint8, 0..255 for 0..1; None counts every label fully.
    :param instances: the objects in it; None where only labels are known.
    :param floor: the floor as it was measured in this view; None takes the map's z = 0.
    :param source: whose track ids the objects bear, the name of the camera say.
    :raises ImageError: when sizes differ, or the pose is no pose.
    """

    stamp_ns: int
    surface: Surface
    camera: Intrinsics
    map_from_camera: Floats
    labels: NDArray[np.uint8] | None = None
    confidence: NDArray[np.uint8] | None = None
    instances: Instances | None = None
    floor: Plane | None = None
    source: str = ''

    def __post_init__(self) -> None:
        shape = self.surface.z.shape
        for name, image in (('labels', self.labels), ('confidence', self.confidence)):
            if image is not None and (image.shape != shape or image.dtype != np.uint8):
                raise ImageError(f'{name} must be {shape} uint8, not {image.shape} {image.dtype}')
        sizes = {self.surface.size, (self.camera.width, self.camera.height)}
        if len(sizes | ({self.instances.size} if self.instances is not None else set())) > 1:
            raise ImageError(f'camera or objects of another size came with depth at {self.surface.size}')
        turn = self.map_from_camera[:3, :3]
        if self.map_from_camera.shape != (4, 4) or not np.allclose(turn @ turn.T, np.eye(3), atol=RIGID):
            raise ImageError('the pose of the camera is no rotation and translation', 'check the transforms')

    @property
    def place(self) -> Floats:
        """(3,) metres, where the camera stood."""
        return self.map_from_camera[:3, 3]

    @property
    def step(self) -> int:
        """Of how many rows and columns each one is looked at."""
        return max(1, round((self.surface.z.size / ENOUGH_PIXELS) ** 0.5))

    @cached_property
    def thinned(self) -> Surface:
        """The pixels that are looked at."""
        return self.surface.thinned(self.step)

    @cached_property
    def ground(self) -> Plane:
        """The floor in the optical frame: as measured, or else the map's z = 0."""
        if self.floor is not None:
            return self.floor
        x, y, z = (float(v) for v in self.map_from_camera[2, :3])
        return Plane((x, y, z), float(self.place[2]))


class Viewing:
    """Makes the views of one camera, and keeps what is the same from frame to frame."""

    def __init__(self) -> None:
        self._optics = Optics()

    def view(self, frame: Frame, segmentation: Segmentation, map_from_camera: Floats, *,
             floor: Plane | None = None) -> View:
        """
        Return the view of a frame with depth and what a model said of it.

        :raises ImageError: when depth or intrinsics are missing or do not fit.
        """
        camera = camera_of(frame)
        if frame.size != segmentation.size:
            camera = camera.scaled_to(*segmentation.size)
        surface = surface_of(frame, segmentation.size, optics=self._optics)
        return View(frame.stamp_ns, surface, camera, map_from_camera, segmentation.labels, segmentation.confidence,
                    segmentation.instances, floor, frame.camera)
