# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The robot's surroundings from above, as near as what is in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.boxes import Points
from seg_ros.labels.palette import Image, instance_colour
from seg_ros.labels.plates import Plates

NamedPlaces = Mapping[int, tuple[str, tuple[float, float, float]]]

BACK, PALE, FAINT = (24, 28, 34), (222, 228, 236), (58, 66, 78)
GROUND, OBSTACLE = (70, 130, 92), (236, 96, 84)
SPANS_M = (0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0)
RINGS_M = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
OUTSIDE = 2.0  # percent of the points may lie before the view, and as many behind it
EDGE = 15  # pixels around what is shown
FONT_SCALE = 0.38


@dataclass(frozen=True)
class Bounds:
    """Which part of the surroundings is shown: from so many metres ahead of the camera to so many."""

    near_m: float = 0.0
    far_m: float = 5.0

    def kept_for(self, other: Bounds) -> Bounds:
        """Return the view to go on with where another would be the best: this one while it holds that and fits it."""
        holds = self.near_m <= other.near_m and other.far_m <= self.far_m
        return self if holds and self.far_m - self.near_m <= 2 * (other.far_m - other.near_m) else other


def top_view(obstacles: Points | None, ground: Points | None, objects: NamedPlaces, up: NDArray[np.float64],
             size: tuple[int, int], view: Bounds | None = None) -> Image:
    """
    Return the surroundings from above, the camera at or below the lower edge, looking up.

    Rings, and the words beside objects, tell distances from the camera over the ground.

    :param obstacles: (N, 3) metres in the optical frame, as ``ground``; None where there are none.
    :param objects: name and place by lasting id. :param up: (3,) unit vector in the optical frame.
    """
    (width, height), view = size, view or Bounds()
    picture = np.full((height, width, 3), BACK, np.uint8)
    scale = (height - 2 * EDGE) / (view.far_m - view.near_m)
    origin = np.array([width / 2, height - EDGE + view.near_m * scale])
    plan, occupied = plan_of(up), np.zeros((height, width), np.uint8)
    rings_m = _rings(view)
    for ring_m in rings_m:
        cv2.circle(picture, _pixel(origin), round(ring_m * scale), FAINT, 1, cv2.LINE_AA)
    for points, colour in ((ground, GROUND), (obstacles, OBSTACLE)):
        if points is not None and len(points):
            places = origin + points.astype(np.float64) @ plan.T * (scale, -scale)
            _dots(picture, places, colour)
            _dots(occupied[..., None], places, (int(colour == OBSTACLE),))
    cv2.drawMarker(picture, _pixel(origin), PALE, cv2.MARKER_TRIANGLE_UP, 14, 2, cv2.LINE_AA)
    for _, place in objects.values():
        cv2.circle(occupied, _pixel(origin + plan @ np.array(place) * (scale, -scale)), 6, 1, cv2.FILLED)
    plates = Plates(picture, occupied, scale=FONT_SCALE)
    for ring_m in rings_m:
        at = origin - (0, ring_m * scale)
        plates.beside(f'{ring_m:g} m', (at[0], at[1], at[0] + 1, at[1] + 1), FAINT)
    for track_id, (name, place) in objects.items():
        at = plan @ np.array(place)
        _name(plates, picture, track_id, f'{name} {math.hypot(*at):.2f} m', origin + at * (scale, -scale))
    plates.draw()
    return picture


def bounds_of(obstacles: Points | None, ground: Points | None, objects: NamedPlaces, up: NDArray[np.float64],
            size: tuple[int, int]) -> Bounds:
    """Return the view that is filled by what there is, with the camera in it unless all of it is far ahead."""
    parts = [_limits(points, up) for points in (obstacles, ground) if points is not None and len(points)]
    if objects:
        places = np.array([place for _, place in objects.values()], np.float32)
        parts.append(_limits(places, up, outside=0.0))
    if not parts:
        return Bounds()
    low, high, aside = (float(v) for v in (min(p[0] for p in parts), max(p[1] for p in parts),
                                           max(p[2] for p in parts)))
    wide = aside * (size[1] - 2 * EDGE) / max(1.0, size[0] / 2 - EDGE)
    span = _span(max(high - low, wide))
    near = (low + high - span) / 2
    if near < span / 2:
        return Bounds(0.0, _span(max(high, wide)))
    return Bounds(near, near + span)


def fitted_up(ground: Points | None) -> NDArray[np.float64] | None:
    """Return the unit vector up from the floor points of a frame, in the optical frame; None when there are too few."""
    if ground is None or len(ground) < 100:
        return None
    step = max(1, len(ground) // 2000)
    centred = ground[::step] - ground[::step].mean(axis=0)
    _, spread, axes = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    if spread[1] < max(4 * spread[2], 0.02 * spread[0]):  # a line or a lump, no floor
        return None
    return np.asarray(axes[2] * math.copysign(1.0, -axes[2][1]))


def plan_of(up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (2, 3) matrix from the optical frame to right and ahead in metres, as seen from above."""
    view = np.array([0.0, 0.0, 1.0]) if abs(up[2]) < 0.9 else np.array([0.0, -1.0, 0.0])  # a camera that looks down
    ahead = view - up * (view @ up)
    ahead /= np.linalg.norm(ahead)
    return np.stack([np.cross(ahead, up), ahead])


def _limits(points: Points, up: NDArray[np.float64], outside: float = OUTSIDE) -> tuple[float, float, float]:
    """Return how far ahead (N, 3) points begin and end, and how far aside they reach, in metres."""
    aside, ahead = plan_of(up) @ points[np.isfinite(points).all(axis=1)].astype(np.float64).T
    low, high = np.percentile(ahead, (outside, 100 - outside))
    return float(low), float(high), float(np.percentile(np.abs(aside), 100 - outside))


def _span(metres: float) -> float:
    return next((span for span in SPANS_M if metres <= span), SPANS_M[-1])


def _rings(view: Bounds) -> list[float]:
    """Return the distances that have a ring: at most five in view."""
    step_m = next((step for step in RINGS_M if (view.far_m - view.near_m) / step <= 5), RINGS_M[-1])
    first, last = math.ceil(view.near_m / step_m - 1e-6), math.floor(view.far_m / step_m + 1e-6)
    return [k * step_m for k in range(max(1, first), last + 1)]


def _name(plates: Plates, picture: Image, track_id: int, words: str, at: NDArray[np.float64]) -> None:
    """Draw an object as a dot in its colour, and put its id and words beside it."""
    colour = instance_colour(track_id)
    cv2.circle(picture, _pixel(at), 5, colour, cv2.FILLED, cv2.LINE_AA)
    plates.beside(f'#{track_id} {words}', (at[0] - 7, at[1] - 7, at[0] + 7, at[1] + 7), colour)


def _dots(picture: Image, places: NDArray[np.float64], colour: tuple[int, ...]) -> None:
    columns, rows = np.round(places[np.isfinite(places).all(axis=1)]).astype(int).T
    inside = (columns >= 1) & (rows >= 1) & (columns < picture.shape[1] - 1) & (rows < picture.shape[0] - 1)
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        picture[rows[inside] + dy, columns[inside] + dx] = colour


def _pixel(place: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))
