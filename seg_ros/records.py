# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What flows through the package: plain records, frozen, validated when made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import Doubt, ImageError
from seg_ros.space import Plane, Space

Depth = NDArray[np.uint16] | NDArray[np.float32]
"""A depth image (h, w): whole millimetres, or metres; 0 and NaN where none was measured."""

UNLABELLED = 255
"""The label of a pixel the model is not sure about; its confidence is 0."""


class Mode(str, Enum):
    """What is computed for a frame: every pixel a class, every object a mask, or both."""

    SEMANTIC = 'semantic'
    INSTANCE = 'instance'
    PANOPTIC = 'panoptic'

    @property
    def has_labels(self) -> bool:
        """Whether this mode gives a class for every pixel."""
        return self is not Mode.INSTANCE

    @property
    def has_instances(self) -> bool:
        """Whether this mode gives individual objects."""
        return self is not Mode.SEMANTIC


@dataclass(frozen=True)
class Intrinsics:
    """
    A pinhole camera (REP-104): lengths in pixels, pixel centres at integers.

    :param distortion: k1 k2 p1 p2 and more, 4, 5, 8, 12 or 14 of them, in OpenCV's order; of a fisheye lens (OpenCV's
        ``fisheye``, the equidistant model) k1 to k4; empty for none.
    :raises ImageError: when a size or focal length is not positive.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, ...] = ()
    is_fisheye: bool = False

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 1 or not (self.fx > 0 and self.fy > 0):
            raise ImageError(f'camera_info has size {self.width}x{self.height} and focal lengths '
                             f'{self.fx}, {self.fy}', 'calibrate the camera or fix its driver')

    def scaled_to(self, width: int, height: int) -> Intrinsics:
        """Return the same camera seen at another image size (K scaled as REP-104 asks)."""
        sx, sy = width / self.width, height / self.height
        return Intrinsics(width, height, self.fx * sx, self.fy * sy,
                          (self.cx + 0.5) * sx - 0.5, (self.cy + 0.5) * sy - 0.5, self.distortion,
                          self.is_fisheye)


@dataclass(frozen=True)
class Frame:
    """
    One decoded camera image, with what came beside it.

    ``rgb`` is (H, W, 3) uint8 in red-green-blue order; ``depth`` is None or an (h, w) image, uint16 in
    millimetres or float32 in metres, 0 or NaN where nothing was measured (REP-118).

    :param floor: the floor as the mounting of the camera gives it; None where nobody said.
    :param depth_problem: why depth or intrinsics that were sent cannot be used; empty for no reason.
    :param floor_problem: why the mounting of the camera is not known although it was said how; empty for no reason.
    :param wanted: names of the outputs that somebody listens to, of those that the mode has.
    :param doubts: what is doubtful about the picture.
    :raises ImageError: when ``rgb`` or ``depth`` has another shape or dtype.
    """

    camera: str
    stamp_ns: int
    frame_id: str
    rgb: NDArray[np.uint8]
    depth: Depth | None = None
    intrinsics: Intrinsics | None = None
    floor: Plane | None = None
    depth_problem: str = ''
    floor_problem: str = ''
    wanted: frozenset[str] = frozenset()
    doubts: tuple[Doubt, ...] = ()

    def __post_init__(self) -> None:
        if self.rgb.dtype != np.uint8 or self.rgb.ndim != 3 or self.rgb.shape[2] != 3 or not self.rgb.size:
            raise ImageError(f'a frame needs an (H, W, 3) uint8 image, not {self.rgb.shape} {self.rgb.dtype}')
        if self.depth is not None and (self.depth.ndim != 2 or self.depth.dtype not in (np.uint16, np.float32)):
            raise ImageError(f'depth must be (h, w) uint16 millimetres or float32 metres, '
                             f'not {self.depth.shape} {self.depth.dtype}')

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the image in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


@dataclass(frozen=True)
class Instances:
    """
    N individual objects of one frame, best score first.

    :param size: (width, height) of the image they lie in.
    :param boxes: (N, 4) float32, left, top, right, bottom in pixels, right and bottom exclusive.
    :param scores: (N,) float32 in 0..1, descending.
    :param class_ids: (N,) uint8, ids as announced in LabelInfo.
    :param corners: (N, 2) int32, column and row of each mask's top left pixel.
    :param masks: N boolean crops (h, w); crop k covers columns ``corners[k, 0]`` onwards and rows
        ``corners[k, 1]`` onwards and lies inside the image. Crops may overlap each other.
    :param track_ids: (N,) int64 lasting ids, 0 where an object has none (yet).
    """

    size: tuple[int, int]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.uint8]
    corners: NDArray[np.int32]
    masks: tuple[NDArray[np.bool_], ...]
    track_ids: NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.masks)
        shapes = (self.boxes.shape, self.scores.shape, self.class_ids.shape, self.corners.shape,
                  self.track_ids.shape)
        if shapes != ((n, 4), (n,), (n,), (n, 2), (n,)):
            raise ImageError(f'{n} instance masks came with arrays of shapes {shapes}')

    def __len__(self) -> int:
        return len(self.masks)

    @classmethod
    def none(cls, size: tuple[int, int]) -> Instances:
        """Return the record of a frame in which nothing was found."""
        return cls(size, np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.uint8),
                   np.zeros((0, 2), np.int32), (), np.zeros(0, np.int64))

    def place(self, k: int) -> tuple[slice, slice]:
        """Return the rows and columns of the image that the crop of an object covers."""
        (left, top), (height, width) = self.corners[k].tolist(), self.masks[k].shape
        return slice(top, top + height), slice(left, left + width)

    def whole_mask(self, k: int) -> NDArray[np.bool_]:
        """Return the (H, W) mask of an object in the image."""
        mask = np.zeros(self.size[::-1], np.bool_)
        mask[self.place(k)] = self.masks[k]
        return mask

    def taken(self, indices: NDArray[np.intp] | Sequence[int]) -> Instances:
        """Return the chosen objects, in the given order."""
        pick = np.asarray(indices, np.intp)
        return Instances(self.size, self.boxes[pick], self.scores[pick], self.class_ids[pick],
                         self.corners[pick], tuple(self.masks[k] for k in pick), self.track_ids[pick])


@dataclass(frozen=True)
class Segmentation:
    """
    What a model says about one frame; one record for all modes.

    :param size: (width, height) of every array below.
    :param labels: (H, W) uint8 robot class ids, 255 unlabelled; None in instance mode.
    :param confidence: (H, W) uint8, 0..255 for 0..1, 0 where unlabelled; None in instance mode.
    :param instances: the individual objects; None in semantic mode.
    """

    size: tuple[int, int]
    labels: NDArray[np.uint8] | None = None
    confidence: NDArray[np.uint8] | None = None
    instances: Instances | None = None

    def __post_init__(self) -> None:
        shape = self.size[1], self.size[0]
        for name, image in (('labels', self.labels), ('confidence', self.confidence)):
            if image is not None and (image.shape != shape or image.dtype != np.uint8):
                raise ImageError(f'{name} must be {shape} uint8, not {image.shape} {image.dtype}')
        if self.instances is not None and self.instances.size != self.size:
            raise ImageError(f'instances of size {self.instances.size} in a segmentation of {self.size}')


@dataclass(frozen=True)
class Result:
    """
    Everything made from one frame.

    :param frame: the frame it came from; outputs copy its stamp and frame_id.
    :param target: index of the object to pick among the instances; None when there is none in sight.
    :param space: what was wanted of the frame in metres.
    :param score_threshold: objects less certain than this are there because they continue a track.
    """

    frame: Frame
    segmentation: Segmentation
    target: int | None = None
    space: Space = field(default_factory=Space)
    score_threshold: float = 0.0
