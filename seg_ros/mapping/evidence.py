# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What one view says of the cells around the camera: what stands in them, that they are floor, that nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.cloud import Band, obstacle_pixels, rising_pixels
from seg_ros.labels.taxonomy import RobotClass, Role, Taxonomy
from seg_ros.mapping.sight import REACHED_PER_M2, Cells, Floats, Sight
from seg_ros.records import UNLABELLED

SURE_POINTS = 3.0  # so many points in a cell are a full observation
BODY = (0.15, 0.5, 0.85)  # where between its lowest and its highest point a standing thing is looked for


@dataclass(frozen=True)
class Meaning:
    """
    What label bytes mean for a map, (256,) each.

    :param stands: such a pixel is something in the way. :param is_ground: such a pixel may be driven on.
    :param moves: such a pixel says nothing of what stays.
    :param kind_of: which of ``kinds``, the labels of what stands, such a pixel is where it stands: floor that rises is
        unlabelled. :param counts_fully: 255 where doubt is then no matter: it stands or moves, whatever it is.
    """

    stands: NDArray[np.bool_]
    is_ground: NDArray[np.bool_]
    moves: NDArray[np.bool_]
    kinds: NDArray[np.uint8]
    kind_of: NDArray[np.uint8]
    counts_fully: NDArray[np.uint8]


@dataclass(frozen=True)
class Standing:
    """
    What stands in N cells.

    :param cells: (N,) flat within the sight's extent. :param weights: (N,) 0..1, how surely each is occupied.
    :param moving: (N,) 0..1, which share of that is of what moves.
    :param low_m, high_m: (N,) heights above the floor of the lowest and highest point seen.
    :param shares: label byte → (N,) share of the points, weighted by confidence.
    """

    cells: Cells
    weights: Floats
    moving: Floats
    low_m: Floats
    high_m: Floats
    shares: dict[int, Floats]


@dataclass(frozen=True)
class Ground:
    """
    N cells whose floor was looked at.

    :param cells: (N,) flat within the sight's extent. :param weights: (N,) 0..1.
    :param labels: (N,) uint8; 255 where a ray passed low over the cell and ended behind it.
    """

    cells: Cells
    weights: Floats
    labels: NDArray[np.uint8]


def meaning_of(classes: Sequence[RobotClass], moving: Sequence[str]) -> Meaning:
    """Return what label bytes mean for a map."""
    def table(ids: list[int]) -> NDArray[np.bool_]:
        return np.isin(np.arange(256), ids)

    moves = table([c.id for c in classes if c.name in moving])
    stands = table([c.id for c in classes if c.role is Role.OBSTACLE]) | moves
    kinds = np.array([*np.flatnonzero(stands[:UNLABELLED]), UNLABELLED], np.uint8)
    kind_of = np.full(256, len(kinds) - 1, np.uint8)
    kind_of[kinds] = np.arange(len(kinds))
    return Meaning(stands, table([c.id for c in classes if c.role is Role.TRAVERSABLE]) & ~moves, moves, kinds, kind_of,
                   np.where(stands & ~moves, 0, 255).astype(np.uint8))


def moving_of(classes: Sequence[RobotClass], taxonomy: Taxonomy, words: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the classes that are one of the words, or that the taxonomy calls so: a hand is a person."""
    def meant(name: str) -> str:
        found = taxonomy.class_of(name) if taxonomy.knows(name) else None
        return name if found is None else found.name

    return tuple(c.name for c in classes if c.name in words or meant(c.name) in words)


def standing(sight: Sight, meaning: Meaning) -> Standing:
    """Return what is in the way: of an obstacle's class, or unlabelled or called floor and risen above the floor."""
    pixels = np.flatnonzero(_in_the_way(sight, meaning).view(np.bool_))
    cells = sight.cells_of(pixels)
    counts = np.bincount(cells, minlength=1)
    found = np.flatnonzero(counts)
    points, number = counts[found].astype(np.float32), np.empty(len(counts), np.intp)
    number[found] = np.arange(len(found))
    cells = number[cells]  # from here on only those that are found are counted
    low, high = np.full(len(found), np.inf, np.float32), np.full(len(found), -np.inf, np.float32)
    heights = sight.heights.reshape(-1)[pixels]
    np.minimum.at(low, cells, heights)
    np.maximum.at(high, cells, heights)
    kinds = cv2.LUT(sight.labels, meaning.kind_of).reshape(-1)[pixels].astype(np.intp)
    trust = cv2.bitwise_or(sight.trust, cv2.LUT(sight.labels, meaning.counts_fully)).reshape(-1)[pixels]
    shape = len(meaning.kinds), len(found)
    sums = np.bincount(kinds * shape[1] + cells, trust, shape[0] * shape[1]).reshape(shape)
    rows = (sums / (255 * points)).astype(np.float32)
    moving = rows[meaning.moves[meaning.kinds]].sum(axis=0)
    shares = {label: row for label, row in zip(meaning.kinds.tolist(), rows) if row.any() and not meaning.moves[label]}
    sure = np.minimum(points / np.float32(SURE_POINTS), 1) * sight.weights(found)
    return Standing(found, sure, moving, low, high, shares)


def ground(sight: Sight, meaning: Meaning) -> Ground:
    """Return the cells whose floor is in sight, or over which a ray passed lower than what may stand there."""
    cells = sight.ahead
    depth, pixels = sight.pixels_of(sight.feet(cells), np.float32(0))
    shown = np.flatnonzero(depth)
    cells, depth, pixels = cells[shown], depth[shown], pixels[shown]
    z, labels = sight.z.reshape(-1)[pixels], sight.labels.reshape(-1)[pixels]
    slack = np.float32(sight.settings.resolution_m) + depth * depth * np.float32(REACHED_PER_M2)
    flat = np.abs(sight.heights.reshape(-1)[pixels]) <= np.float32(sight.settings.min_height_m)
    near = np.abs(z - depth) <= slack
    votes = meaning.is_ground[labels] | (near & (labels != UNLABELLED) & ~meaning.moves[labels])
    keep = np.flatnonzero(flat & (z >= depth - slack) & (votes | ~near))
    cells, pixels, votes = cells[keep], pixels[keep], votes[keep]
    trust = np.where(votes, sight.trust.reshape(-1)[pixels].astype(np.float32) / 255, np.float32(1))
    return Ground(cells, sight.weights(cells) * trust, np.where(votes, labels[keep], np.uint8(UNLABELLED)))


def seen_through(sight: Sight, cells: Cells, low_m: Floats, high_m: Floats) -> NDArray[np.bool_]:
    """
    Return where the view reaches the middle of a cell or what lies behind it, at every height that is in sight.

    :param low_m, high_m: (N,) of what was thought to stand in the (N,) cells.
    """
    depth, pixels = sight.pixels_of(sight.feet(cells), low_m + np.array(BODY, np.float32)[:, None] * (high_m - low_m))
    measured = sight.z.reshape(-1)[pixels]
    known = (depth > 0) & np.isfinite(measured)
    short = known & ~sight.reaches(depth, measured)
    return np.asarray(known.any(axis=0) & ~short.any(axis=0))


def columns(sight: Sight, cells: Cells, levels_m: Sequence[float]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """
    Return at which heights above (N,) cells nothing is in the line of sight, and at which something is.

    :param levels_m: at most 16 heights above the floor.
    :return: sets of bits, (N,) each, bit k for level k; a height out of sight is in neither.
    """
    depth, pixels = sight.pixels_of(sight.feet(cells), np.array(levels_m, np.float32)[:, None])
    known = (depth > 0) & np.isfinite(sight.z.reshape(-1)[pixels])
    reached = sight.reaches(depth, sight.nearest_about.reshape(-1)[pixels])
    bits = (1 << np.arange(len(levels_m))).astype(np.uint16)
    return bits @ (known & reached), bits @ (known & ~reached)


def _in_the_way(sight: Sight, meaning: Meaning) -> NDArray[np.uint8]:
    """Return (h, w), not 0 where ``~/obstacles`` of segmentation would have a point."""
    labels, heights, settings = sight.labels, sight.heights, sight.settings
    band = Band(settings.min_range_m, settings.max_range_m, settings.min_height_m, settings.max_height_m,
                settings.min_rise_m)
    return np.asarray(cv2.bitwise_or(obstacle_pixels(sight.surface, labels, meaning.stands, heights, band),
                                     rising_pixels(sight.surface, labels, meaning.is_ground, heights, band)), np.uint8)
