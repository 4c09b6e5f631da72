# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The bundled drive as views with true labels, depth, objects and poses; worse sensors can be put in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from seg_ros.geometry.ground import fit_floor
from seg_ros.geometry.surface import Surface
from seg_ros.labels.taxonomy import RobotClass, load_taxonomy
from seg_ros.labels.things import announced, things_of
from seg_ros.mapping.view import View, Viewing
from seg_ros.recordings.posed_frames import posed_frames
from seg_ros.recordings.recorded_answers import truths
from seg_ros.records import Instances, Segmentation

ROOM = Path(__file__).parents[2] / 'recordings' / 'room'


class _Every(frozenset[int]):
    def __contains__(self, stamp_ns: object) -> bool:
        return True


@lru_cache(maxsize=1)
def true_drive() -> tuple[tuple[RobotClass, ...], list[View]]:
    """Return the classes of labels and objects, and the views of the drive; floors are not measured."""
    taxonomy, found = load_taxonomy('indoor'), list(truths(ROOM, _Every()))
    words = sorted({name for one in found if one.objects for name in one.objects.names})
    things = things_of(taxonomy, words)
    ids = {thing.name: thing.id for thing in things}
    views, viewing = [], Viewing()
    for one, posed in zip(found, posed_frames(ROOM).frames(), strict=True):
        assert one.objects is not None and one.frame.stamp_ns == posed.frame.stamp_ns
        instances = one.objects.instances
        named = np.array([ids[one.objects.names[k]] for k in instances.class_ids], np.uint8)
        segmentation = Segmentation(instances.size, one.labels, None, replace(instances, class_ids=named))
        views.append(viewing.view(posed.frame, segmentation, posed.map_from_camera))
    return announced(taxonomy.classes, things), views


def without_tracks(instances: Instances) -> Instances:
    """Return the objects without ids."""
    return replace(instances, track_ids=np.zeros_like(instances.track_ids))


def worse(views: Sequence[View], seed: int = 0) -> Iterator[View]:
    """
    Yield views of a robot as it is: 1 cm and 0.5 degrees beside its pose, depth as a stereo camera measures it, and
    labels of which a fifth, another at each moment, are wrong.
    """
    rng = np.random.default_rng(seed)
    for view in views:
        pose = view.map_from_camera.copy()
        axis = rng.normal(size=3)
        angle = np.radians(rng.normal(0, 0.5))
        pose[:3, :3] = pose[:3, :3] @ Rotation.from_rotvec(axis / np.linalg.norm(axis) * angle).as_matrix()
        pose[:3, 3] += rng.normal(0, 0.01, 3)
        surface, labels = Surface(_stereo(view.surface.z, rng), view.surface.rays), _mistaken(view.labels, rng)
        yield replace(view, map_from_camera=pose, surface=surface, labels=labels, floor=fit_floor(surface, labels == 0))


def _stereo(z: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return depth whose error grows with its square and is alike in neighbours, with holes at edges and far away."""
    blobs = cv2.resize(rng.normal(size=(160, 213)).astype(np.float32), z.shape[::-1])
    noisy = z + blobs * (np.float32(0.0012) + np.float32(0.0019) * (z - np.float32(0.4)) ** 2)
    filled = np.nan_to_num(z, nan=20.0)
    edges = cv2.morphologyEx(filled, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0.15
    noisy[(edges & (rng.random(z.shape) < 0.5)) | (noisy > 6.0)] = np.nan
    return noisy.astype(np.float32)


def _mistaken(labels: NDArray[np.uint8] | None, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return labels of which every fifth patch is taken for something else."""
    assert labels is not None
    wrong, patch = rng.random((15, 20)) < 0.2, rng.integers(0, 10, (15, 20)).astype(np.uint8)
    where, what = (cv2.resize(one.astype(np.uint8), labels.shape[::-1], interpolation=cv2.INTER_NEAREST)
                   for one in (wrong, patch))
    return np.where(where > 0, what, labels).astype(np.uint8)
