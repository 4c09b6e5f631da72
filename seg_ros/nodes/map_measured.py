# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What came of an image becomes what was measured in it: the surface, its labels, and who is in front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.bridge.answers import ids_of, labels_of, organised_points_of
from seg_ros.bridge.cameras import intrinsics_of
from seg_ros.bridge.images import decode_depth
from seg_ros.errors import ImageError
from seg_ros.geometry.lens import with_lens
from seg_ros.geometry.pinhole import Optics, camera_of_points
from seg_ros.geometry.surface import NEAREST_M, Surface, surface_of
from seg_ros.mapping.settings import MappingSettings
from seg_ros.nodes.gathering import DEPTH, Parts
from seg_ros.nodes.map_doubts import MapDoubts
from seg_ros.nodes.streams import camera_topic
from seg_ros.records import Frame, Intrinsics

MOST_OBLONG = 0.03  # the shape of labels may differ so much from that of the camera's images: sizes are rounded


@dataclass(frozen=True, eq=False)
class Measured:
    """
    One image, measured.

    :param camera: of the size of the surface. :param labels: (H, W); None where none came.
    :param front: (H, W), which object is in front, 0 for none; None where that did not come.
    """

    surface: Surface
    camera: Intrinsics
    labels: NDArray[np.uint8] | None
    front: NDArray[np.uint16] | None


class Measuring:
    """
    Measures the images of one camera, and keeps what is the same from image to image.

    :param name: prefix of its topics; empty for none. :param doubts: told of the depth as it came.
    """

    def __init__(self, name: str, doubts: MapDoubts) -> None:
        self._name, self._doubts = name, doubts
        self._optics = Optics()
        self._fitted: Intrinsics | None = None  # the camera as its points tell it

    def of(self, parts: Parts, info: Any, settings: MappingSettings) -> Measured:
        """
        Return what was measured, by points, or by depth and ``info``, the camera_info.

        :raises ImageError: when a part is missing or cannot be used.
        """
        if settings.source == 'points':
            return self._of_points(parts, settings)
        messages = parts.messages
        labels = labels_of(messages['mask']) if 'mask' in messages else None
        front = ids_of(messages['instance_ids']) if 'instance_ids' in messages else None
        shown = front if labels is None else labels
        if shown is None:
            raise ImageError('neither labels nor objects come', "set mode to what segmentation's mode gives")
        height, width = shown.shape
        camera = self._camera(info, settings, (width, height))
        depth = decode_depth(messages[DEPTH])
        self._doubts.look_at_depth(depth, settings)
        surface = self._surface(depth, camera, parts, settings, (width, height))
        fitting = camera if (camera.width, camera.height) == (width, height) else camera.scaled_to(width, height)
        return Measured(surface, fitting, labels, front)

    def _of_points(self, parts: Parts, settings: MappingSettings) -> Measured:
        if 'points' not in parts.messages:
            raise ImageError('no points come with the objects', 'see what /diagnostics says of segmentation')
        points = organised_points_of(parts.messages['points'])
        if self._fitted is None or (self._fitted.height, self._fitted.width) != points.xyz.shape[:2]:
            self._fitted = camera_of_points(points.xyz)
        camera, depth = self._fitted, np.ascontiguousarray(points.xyz[..., 2])
        return Measured(self._surface(depth, camera, parts, settings, (camera.width, camera.height)), camera,
                        points.labels, points.ids)

    def _camera(self, info: Any, settings: MappingSettings, size: tuple[int, int]) -> Intrinsics:
        camera = intrinsics_of(info, None, rectified=settings.rectified or None)
        if abs(camera.width * size[1] / (camera.height * size[0]) - 1) > MOST_OBLONG:
            raise ImageError(f'camera_info is of a {camera.width}x{camera.height} image, but the labels are '
                             f'{size[0]}x{size[1]}, another shape', f'remap {camera_topic(self._name, "camera_info")} '
                             'to that of the image')
        return camera if settings.rectified else with_lens(camera, info.distortion_model, info.d)

    def _surface(self, depth: Any, camera: Intrinsics, parts: Parts, settings: MappingSettings,
                 size: tuple[int, int]) -> Surface:
        blank = np.broadcast_to(np.uint8(0), (camera.height, camera.width, 3))
        surface = surface_of(Frame(self._name, parts.stamp_ns, '', blank, depth, camera), size, optics=self._optics,
                             nearest_m=min(NEAREST_M, settings.min_range_m))
        if not np.isfinite(surface.z).any():
            raise ImageError('the depth image holds no measurement',
                             'see whether the depth camera is covered, or too near')
        return surface
