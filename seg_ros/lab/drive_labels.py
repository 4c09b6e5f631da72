# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Labels of the images of a drive: what depth shows, and the model's own answers that hold from image to image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seg_ros.geometry.pinhole import Optics
from seg_ros.geometry.seen_again import seen_again
from seg_ros.geometry.structure import structure_of
from seg_ros.geometry.surface import Surface, camera_of
from seg_ros.lab.drive import Drive, PosedImage, Survey, parts_of
from seg_ros.lab.pseudo_labels import Teacher
from seg_ros.lab.taught_images import TaughtImages
from seg_ros.lab.taught_labels import SURE, Kinds, Labels, agreed, geometry_labels, kept_labels
from seg_ros.space import Plane

LOOKS = (1.0,)
"""The sizes at which the model is asked about an image."""


@dataclass(frozen=True, eq=False)
class Look:
    """
    An image of a drive.

    :param geometry: (H, W) uint8, what depth says. :param sure: (H, W) uint8, what the model is sure of.
    """

    image: PosedImage
    surface: Surface
    geometry: Labels
    sure: Labels


def write_labels(drive: Drive, found: Survey, teacher: Teacher, kinds: Kinds, folder: Path,
                 seen: Callable[[Iterable[PosedImage]], Iterable[PosedImage]]) -> None:
    """Write those of the taken images that are not there yet."""
    images, floors = TaughtImages(folder, ()), {one.number: one.floor for one in found.taken}
    numbers = list(floors)
    missing = [k for k, number in enumerate(numbers) if not images.has(number)]
    if not missing:
        return
    passing = seen(drive.frames(numbers[max(0, missing[0] - 1)]))
    looks = _looks((image for image in passing if image.number in floors), floors, teacher, kinds)
    for look, beside in _with_neighbours(looks, numbers[-1]):
        if not images.has(look.image.number):
            sure = _agreed(look, beside) if drive.is_posed else look.sure
            images.write(look.image.number, look.image.frame.rgb, look.geometry,
                         kept_labels(look.geometry, sure, kinds))


def _looks(images: Iterable[PosedImage], floors: dict[int, Plane], teacher: Teacher, kinds: Kinds) -> Iterator[Look]:
    optics, row = Optics(), list(teacher.ids).index(kinds.wall)
    for image in images:
        surface, facets = parts_of(image.frame, optics)
        shares = teacher.probabilities(image.frame.rgb, LOOKS)
        geometry = geometry_labels(structure_of(surface, facets, floors[image.number]), shares[row], kinds)
        yield Look(image, surface, geometry, teacher.surest(shares, SURE))


def _with_neighbours(looks: Iterable[Look], last: int) -> Iterator[tuple[Look, tuple[Look, ...]]]:
    """Yield each look with the one before and the one after it, once both are there."""
    before, here = tuple[Look, ...](), None
    for after in looks:
        if here is not None:
            yield here, (*before, after)
            before = (here,)
        here = after
    if here is not None and here.image.number == last:
        yield here, before


def _agreed(look: Look, beside: Iterable[Look]) -> Labels:
    """Return the sure answers about an image that those about its neighbours do not contradict."""
    sure = look.sure
    for other in beside:
        step = np.linalg.inv(other.image.map_from_camera) @ look.image.map_from_camera
        sure = agreed(sure, seen_again(look.surface, other.surface, step, camera_of(other.image.frame)), other.sure)
    return sure
