# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The labels of a drive are right also where depth is not, and hold from one image to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.raycast import FLOOR, NOTHING, Solid, View, noisy
from scenes.taught_drive import STEP_M, DrawnDrive, drawn_drive, image_at, view_at

from seg_ros.lab.drive import PosedImage, Survey, survey
from seg_ros.lab.drive_labels import write_labels
from seg_ros.lab.pseudo_labels import Teacher
from seg_ros.lab.taught_images import TaughtImages
from seg_ros.lab.taught_labels import NOT_FLOOR, Kinds
from seg_ros.records import UNLABELLED

KINDS = Kinds(0, 1)
FURNITURE, PERSON = 6, 7


class Says:
    """A model that is sure that everything is of one class: each time it is asked, of the next of these."""

    ids = np.arange(10, dtype=np.uint8)
    surest = Teacher.surest

    def __init__(self, words: Iterable[int]) -> None:
        self._words = iter(words)

    def probabilities(self, rgb: NDArray[np.uint8], scales: Sequence[float]) -> NDArray[np.float32]:
        """Return the next answer."""
        shares = np.zeros((10, *rgb.shape[:2]), np.float32)
        shares[next(self._words)] = 1.0
        return shares


def labelled(drive: DrawnDrive, words: Iterable[int], folder: Path) -> tuple[Survey, TaughtImages]:
    found = survey(drive, 'the drive', lambda images: images)
    write_labels(drive, found, cast(Teacher, Says(words)), KINDS, folder, lambda images: images)
    return found, TaughtImages(folder, [one.number for one in found.taken])


def test_an_answer_that_another_look_contradicts_is_not_kept(tmp_path: Path) -> None:
    words = [FURNITURE] * 8 + [PERSON] + [FURNITURE] * 7
    _, images = labelled(drawn_drive(16), words, tmp_path)
    kept = [np.unique(images.read(k).kept, return_counts=True) for k in range(16)]
    shares = [float(np.mean(images.read(k).kept != UNLABELLED)) for k in range(16)]
    assert kept[3][0].tolist() == [FURNITURE, UNLABELLED]
    assert max(shares[7:10]) < 0.4 * min(shares[:7] + shares[10:])


def test_without_poses_answers_are_not_compared(tmp_path: Path) -> None:
    drive = replace(drawn_drive(16), is_posed=False, is_level=False)
    drive.images = [replace(one, frame=replace(one.frame, rgb=one.frame.rgb // 2 + 90 * (one.number % 2)))
                    for one in drive.images]
    found, images = labelled(drive, [FURNITURE, PERSON] * 8, tmp_path)
    assert min(float(np.mean(images.read(k).kept != UNLABELLED)) for k in range(len(found.taken))) > 0.3


def disturbed(number: int, rng: np.random.Generator) -> tuple[PosedImage, View]:
    """Return what a camera with noise sees, 3 % of it on planes that are not there, of a person who walks through."""
    x = STEP_M * number
    view = view_at(x, Solid(2.6, 1.2 - 0.12 * number, (0.45, 0.45, 1.7), is_round=True))
    depth = noisy(view.depth_m, rng, sigma_at_2m=0.02)
    for _ in range(3):
        top, left = rng.integers(0, 72 - 8), rng.integers(0, 96 - 8)
        depth[top:top + 8, left:left + 8] = rng.integers(600, 5000)
    image = image_at(number, x, view)
    return replace(image, frame=replace(image.frame, depth=depth)), view


@pytest.fixture(scope='module')
def drive_with_faults() -> list[tuple[PosedImage, View]]:
    rng = np.random.default_rng(0)
    return [disturbed(number, rng) for number in range(20)]


def test_noise_false_planes_and_a_person_leave_the_floor_right(drive_with_faults: list[tuple[PosedImage, View]],
                                                             tmp_path: Path) -> None:
    drive = DrawnDrive([image for image, _ in drive_with_faults])  # type: ignore[misc]
    found, images = labelled(drive, [FURNITURE] * 20, tmp_path)
    assert len(found.taken) >= 16
    truth = np.stack([drive_with_faults[one.number][1].labels for one in found.taken])
    geometry = np.stack([images.read(k).geometry for k in range(len(found.taken))])
    called, floor = geometry == KINDS.floor, truth == FLOOR
    assert (called & floor).sum() > 0.97 * called.sum()
    assert (called & floor).sum() > 0.6 * floor.sum()
    no_floor = (geometry == NOT_FLOOR) & (truth != NOTHING)
    assert (no_floor & floor).sum() < 0.05 * no_floor.sum()
