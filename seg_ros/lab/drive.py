# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A drive whose images can teach: thinned, all on one floor, and parted in time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError
from seg_ros.geometry.bare_floor import find_floor
from seg_ros.geometry.facets import UPRIGHT, Facets, facets_of, up_of
from seg_ros.geometry.pinhole import Optics
from seg_ros.geometry.steady_floor import steady_floor
from seg_ros.geometry.structure import doubt_of
from seg_ros.geometry.surface import Surface, surface_of
from seg_ros.lab.datasets import spread
from seg_ros.records import Frame
from seg_ros.space import Plane

MOVED_M, TURNED_RAD = 0.03, math.radians(2.0)  # since the last image that is taken
CHANGED = 8.0  # grey levels of a thumbnail, the mean difference, where poses are not known
THUMBNAIL = 32
MOST_IMAGES = 240
LEAST_IMAGES = 16
LEAST_FLAT = 0.1  # of an image, that is flat where depth is right
LEARN, CHOOSE, JUDGE = 'learn', 'choose', 'judge'
PARTS = (LEARN, 0.7), (CHOOSE, 0.85), (JUDGE, 1.0)
"""What a part of the drive is for, and the share of the images at which it ends."""

Floats = NDArray[np.float64]


class PosedImage(Protocol):
    """An image with depth, and where its camera was."""

    @property
    def number(self) -> int:
        """Its place in the drive."""

    @property
    def frame(self) -> Frame:
        """Picture, depth and camera."""

    @property
    def map_from_camera(self) -> Floats:
        """(4, 4), takes points of the optical frame into the map."""


class Drive(Protocol):
    """Images in the order of time."""

    is_level: bool
    is_posed: bool

    @property
    def count(self) -> int:
        """How many there are."""

    def frames(self, first: int = 0) -> Iterator[PosedImage]:
        """Yield those that have depth."""
        ...


@dataclass(frozen=True)
class Taken:
    """An image that teaches: its number in the drive, the floor in it, and what it is for."""

    number: int
    floor: Plane
    part: str


@dataclass(frozen=True)
class Survey:
    """
    What of a drive is taken.

    :param taken: in the order of time. :param left_out: why how many images were not taken.
    """

    images: int
    taken: tuple[Taken, ...]
    left_out: dict[str, int]

    def numbers(self, part: str) -> tuple[int, ...]:
        """Return the numbers of the images of a part."""
        return tuple(one.number for one in self.taken if one.part == part)

    def table(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        rows = [[one.number, one.part, *one.floor.normal, one.floor.camera_height_m, one.floor.trust]
                for one in self.taken]
        return {'images': self.images, 'taken': rows, 'left_out': self.left_out}

    @classmethod
    def of_table(cls, table: dict[str, Any]) -> Survey:
        """Return what :meth:`table` said."""
        taken = tuple(Taken(number, Plane((x, y, z), height, trust), part)
                      for number, part, x, y, z, height, trust in table['taken'])
        return cls(table['images'], taken, table['left_out'])


def survey(drive: Drive, name: str, seen: Callable[[Iterable[PosedImage]], Iterable[PosedImage]]) -> Survey:
    """
    Look through a drive and return what can teach.

    :param name: of the drive, for errors. :param seen: passes the images on, and tells of the progress.
    :raises DataError: when too little of it can, or it shows two floors.
    """
    notes = _Notes(name, drive)
    for image in seen(drive.frames()):
        notes.add(image)
    notes.refuse_little(len(notes.floors))
    kept = notes.of_one_floor()
    notes.refuse_little(len(kept))
    return Survey(notes.images, tuple(parted(spread(kept, MOST_IMAGES))), dict(notes.reasons))


class _Notes:
    """What is noted while a drive is looked through."""

    def __init__(self, name: str, drive: Drive) -> None:
        self._name, self._drive = name, drive
        self._thinning, self._optics = Thinning(is_posed=drive.is_posed), Optics()
        self.images, self.reasons = 0, Counter[str]()
        self.floors, self._poses, self._flat = list[tuple[int, Plane]](), list[Floats](), list[float]()

    def add(self, image: PosedImage) -> None:
        """Look at an image."""
        self.images += 1
        if not self._thinning.is_new(image):
            self.reasons['show nothing new'] += 1
            return
        surface, facets = parts_of(image.frame, self._optics)
        self._flat.append(float(np.mean(facets.is_flat)))
        plane = _floor_of(surface, facets, image, is_level=self._drive.is_level)
        doubt = 'show no floor' if plane is None else doubt_of(surface, facets, plane)
        if plane is None or doubt:
            self.reasons[doubt] += 1
            return
        self.floors.append((image.number, plane))
        self._poses.append(image.map_from_camera)

    def of_one_floor(self) -> list[tuple[int, Plane]]:
        """
        Return the images that show the floor of the drive.

        :raises DataError: when many show another one.
        """
        steady = steady_floor([plane for _, plane in self.floors], self._poses if self._drive.is_posed else None,
                              np.array([0.0, 0.0, 1.0]) if self._drive.is_level else None)
        if len(steady.heights_m) > 1:
            raise DataError(f'{self._name} shows two floors, {abs(np.diff(steady.heights_m)[0]):.2f} m from each other',
                            'teach from a drive on one floor, without ramps and steps')
        kept = [one for one, agrees in zip(self.floors, steady.agrees, strict=True) if agrees]
        if len(kept) < len(self.floors):
            self.reasons['show another floor than the rest'] += len(self.floors) - len(kept)
        return kept

    def refuse_little(self, usable: int) -> None:
        """
        Refuse a drive of which too little can teach.

        :raises DataError: with the reasons.
        """
        if usable >= LEAST_IMAGES:
            return
        if not self.images:
            raise DataError(f'no image of {self._name} has depth',
                            'check that image and depth have stamps of the same clock')
        if float(np.median(self._flat)) < LEAST_FLAT:
            raise DataError(f'the depth of {self._name} is flat almost nowhere',
                            'calibrate the depth camera, and check that camera_info belongs to it')
        listed = ''.join(f'; {count} {words}' for words, count in self.reasons.most_common())
        raise DataError(f'{usable} of {self.images} images of {self._name} can teach, {LEAST_IMAGES} are needed'
                        f'{listed}', 'record three minutes, driving slowly, with the floor in view')


def parts_of(frame: Frame, optics: Optics) -> tuple[Surface, Facets]:
    """Return the surface of a frame and its flat pieces."""
    surface = surface_of(frame, optics=optics)
    return surface, facets_of(surface)


def _floor_of(surface: Surface, facets: Facets, image: PosedImage, *, is_level: bool) -> Plane | None:
    """Return the floor of an image; what is up the pose says, or what is level and upright in the image."""
    guess = image.map_from_camera[2, :3] if is_level else UPRIGHT
    up = up_of(facets, np.asarray(guess))
    return None if up is None else find_floor(surface, facets, up)


class Thinning:
    """Says which images show something new; of a long stop one is taken."""

    def __init__(self, *, is_posed: bool) -> None:
        self._is_posed = is_posed
        self._pose: Floats | None = None
        self._thumbnail: NDArray[np.float32] | None = None

    def is_new(self, image: PosedImage) -> bool:
        """Whether the camera has moved since the last image that was new."""
        return self._has_moved(image.map_from_camera) if self._is_posed else self._has_changed(image.frame.rgb)

    def _has_moved(self, pose: Floats) -> bool:
        if self._pose is not None:
            step = np.linalg.inv(self._pose) @ pose
            turn = math.acos(float(np.clip((np.trace(step[:3, :3]) - 1) / 2, -1, 1)))
            if np.linalg.norm(step[:3, 3]) < MOVED_M and turn < TURNED_RAD:
                return False
        self._pose = pose
        return True

    def _has_changed(self, rgb: NDArray[np.uint8]) -> bool:
        small = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (THUMBNAIL, THUMBNAIL),
                           interpolation=cv2.INTER_AREA).astype(np.float32)
        if self._thumbnail is not None and float(np.abs(small - self._thumbnail).mean()) < CHANGED:
            return False
        self._thumbnail = small
        return True


def parted(found: Sequence[tuple[int, Plane]]) -> Iterator[Taken]:
    """Yield the images with what each is for: the first to learn from, later ones to choose by, the last to judge."""
    for k, (number, floor) in enumerate(found):
        part = next(name for name, end in PARTS if k < round(end * len(found)))
        yield Taken(number, floor, part)
