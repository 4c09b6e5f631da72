# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a depth image says at the size of the mask: metres per pixel, and which pixels cannot be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ImageError
from seg_ros.geometry.pinhole import Optics, Rays, depth_camera
from seg_ros.geometry.voxels import Voxels, voxels_of
from seg_ros.records import Depth, Frame, Intrinsics
from seg_ros.space import Plane

METRES_PER_UNIT = np.float32(0.001)  # of uint16 depth, REP-118
NEAREST_M, FARTHEST_M = 0.13, 1000.0  # depth outside is no measurement, unless nearer is asked for
INVERSE_DEPTH_UNITS, MOST_UNITS = 2048.0, 16000.0  # 1/z in int16: sums of two fit; what is nearer than 0.13 m is alike
JUMP_SHIFT = 5  # a jump is more than 1/32 of the inverse depth


@dataclass(frozen=True, eq=False)
class Surface:
    """
    The visible surface at output size.

    :param z: (H, W) float32 metres along the optical axis, NaN where nothing was measured.
    :param rays: where each pixel's measurement lies: its point is ``(rays.x * z, rays.y * z, z)``.
    """

    z: NDArray[np.float32]
    rays: Rays
    _voxels: dict[float, Voxels] = field(default_factory=dict, repr=False)
    _judged: NDArray[np.uint8] | None = field(default=None, repr=False)  # what of it is usable, where that is known

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.z.shape[1], self.z.shape[0]

    @cached_property
    def usable(self) -> NDArray[np.uint8]:
        """
        (H, W) uint8, 1 where depth was measured and is not a mixture of foreground and background.

        A mixed pixel lies strictly between its two neighbours, with a jump to either side that the slope
        farther out does not explain. In inverse depth every plane is linear, so a floor seen at a grazing
        angle is kept; so is a thin leg, which lies before both its neighbours.
        """
        if self._judged is not None:
            return self._judged
        units = cv2.patchNaNs(np.divide(np.float32(INVERSE_DEPTH_UNITS), self.z), 0.0)
        inverse = cv2.threshold(units, MOST_UNITS, 0, cv2.THRESH_TRUNC, dst=units)[1].astype(np.int16)
        usable = np.not_equal(inverse, 0).view(np.uint8)
        jump = inverse >> JUMP_SHIFT
        jump += 1
        _clear_mixed(usable, inverse, jump, axis=1)
        _clear_mixed(usable, inverse, jump, axis=0)
        return usable

    def heights(self, plane: Plane) -> NDArray[np.float32]:
        """Return (H, W) float32 metres above the plane, NaN where nothing was measured."""
        x, y, z = (np.float32(v) for v in plane.normal)
        height = self.rays.x * x
        height += self.rays.y * y
        height += z
        height *= self.z
        height += np.float32(plane.camera_height_m)
        return height

    def voxels(self, side_m: float) -> Voxels:
        """Return the cubes the points lie in, made once for all clouds of this surface."""
        if side_m not in self._voxels:
            self._voxels[side_m] = voxels_of(self.rays, self.z, side_m)
        return self._voxels[side_m]

    def thinned(self, step: int) -> Surface:
        """Return the first of so many rows and columns each; a pixel is usable in it that is usable here."""
        if step == 1:
            return self
        return Surface(np.ascontiguousarray(self.z[::step, ::step]), self.rays.thinned(step),
                       _judged=np.ascontiguousarray(self.usable[::step, ::step]))

    def points_at(self, pixels: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return (3, N) float32, the x, y and z of pixels given as flat indices."""
        points = np.empty((3, len(pixels)), np.float32)
        self.z.reshape(-1).take(pixels, out=points[2], mode='clip')
        for axis, ray in enumerate((self.rays.x, self.rays.y)):
            ray.reshape(-1).take(pixels, out=points[axis], mode='clip')
            points[axis] *= points[2]
        return points


def surface_of(frame: Frame, output_size: tuple[int, int] | None = None, *, optics: Optics | None = None,
               nearest_m: float = NEAREST_M) -> Surface:
    """
    Return the surface of a frame with depth, at the size of its outputs.

    :param output_size: (width, height); None for the size of the image.
    :param optics: what is kept of the camera from frame to frame; None computes it.
    :param nearest_m: nearer depth is no measurement.
    :raises ImageError: when depth or intrinsics are missing or do not fit the images.
    """
    image = camera_of(frame)
    if frame.depth is None:
        raise ImageError('the frame has no depth', 'send a depth image with the stamp of the image')
    camera = depth_camera(image, (frame.depth.shape[1], frame.depth.shape[0]))
    output = image if output_size in (None, frame.size) else image.scaled_to(*output_size)
    sampling = (optics or Optics()).sampling(output, camera)
    depth: Depth = frame.depth
    if sampling.pixels is not None:
        depth = cv2.remap(np.ascontiguousarray(frame.depth), sampling.pixels, None, cv2.INTER_NEAREST,
                          borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    z = _metres(depth, nearest_m)
    z.reshape(-1)[sampling.rays.gaps] = np.nan  # a depth without a direction is nowhere
    return Surface(z, sampling.rays)


def camera_of(frame: Frame) -> Intrinsics:
    """
    Return the frame's intrinsics.

    :raises ImageError: when there are none, or they are for another image size.
    """
    camera = frame.intrinsics
    if camera is None:
        raise ImageError('the image has no camera_info', 'publish camera_info beside the image')
    if (camera.width, camera.height) != frame.size:
        raise ImageError(f'camera_info is for {camera.width}x{camera.height}, the image has '
                         f'{frame.size[0]}x{frame.size[1]}', 'publish the camera_info of this image')
    return camera


def _metres(depth: Depth, nearest_m: float) -> NDArray[np.float32]:
    """Return a new (H, W) float32 image in metres, NaN where the depth is 0, NaN, too near or out of all reason."""
    nearest_m = max(nearest_m, float(METRES_PER_UNIT))
    if depth.dtype == np.uint16:
        z = np.multiply(depth, METRES_PER_UNIT, dtype=np.float32)
        invalid = np.less(depth, np.uint16(round(nearest_m * 1000))).view(np.int8)
    else:
        z = depth.astype(np.float32)
        invalid = np.equal(cv2.inRange(z, nearest_m, FARTHEST_M), 0).view(np.int8)
    bits = z.view(np.int32)
    bits |= np.negative(invalid, dtype=np.int32)  # all bits set are a NaN; ten times faster than a mask
    return z


def _clear_mixed(usable: NDArray[np.uint8], inverse: NDArray[np.int16], jump: NDArray[np.int16], axis: int) -> None:
    """Set ``usable`` to 0 where a pixel is a mixture of its neighbours along an axis, more than ``jump`` from both."""
    def part(image: NDArray[Any], first: int, last: int) -> NDArray[Any]:
        return image[:, first:last] if axis else image[first:last]
    length, width = inverse.shape[axis], inverse.shape[1]
    if length < 5:
        return
    steps = cv2.absdiff(part(inverse, 2, length - 1), part(inverse, 1, length - 2))
    jumps = np.minimum(part(steps, 0, -1), part(steps, 1, length)) > part(jump, 2, length - 2)
    rows, columns = np.divmod(np.flatnonzero(jumps), jumps.shape[1])  # few
    stride = 1 if axis else width
    pixels = rows * width + columns + 2 * stride
    line = inverse.reshape(-1)[pixels[:, None] + np.arange(-2, 3) * stride].astype(np.int32)
    far_before, before, after, far_after = np.diff(line, axis=1).T
    inner, outer = np.abs(before) + np.abs(after), np.abs(far_before) + np.abs(far_after)
    mixed = ((before > 0) == (after > 0)) & (2 * inner > 3 * outer)
    usable.reshape(-1)[pixels[mixed]] = 0
