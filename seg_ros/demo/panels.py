"""Four pictures in one: the camera, its labels, its objects, and the robot's surroundings from above."""

from __future__ import annotations

import math
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.boxes import Points
from seg_ros.labels.palette import Image, instance_colour
from seg_ros.labels.plates import FONT

NamedPlaces = Mapping[int, tuple[str, tuple[float, float, float]]]

SHOWN_WIDTH = 640
CAPTION = 30  # pixels above each panel
BACK, PALE, FAINT = (24, 28, 34), (222, 228, 236), (58, 66, 78)
GROUND, OBSTACLE = (70, 130, 92), (236, 96, 84)
REACH_M = 5.0


def four_panels(pictures: Mapping[str, Image | None], size: tuple[int, int]) -> Image:
    """
    Return a picture of two by two panels with their captions; a panel without a picture says that it rests.

    :param pictures: by caption, four of them. :param size: (width, height) of the camera's images.
    """
    width, height = SHOWN_WIDTH, max(1, round(SHOWN_WIDTH * size[1] / size[0]))
    panels = [_captioned(caption, _resting((width, height)) if picture is None else _fitted(picture, (width, height)))
              for caption, picture in pictures.items()]
    rows = [np.concatenate(panels[k:k + 2], axis=1) for k in (0, 2)]
    whole = np.concatenate(rows, axis=0)
    return whole[:whole.shape[0] // 2 * 2]  # codecs want even sides


def top_view(obstacles: Points | None, ground: Points | None, objects: NamedPlaces, up: NDArray[np.float64],
             size: tuple[int, int], *, reach_m: float = REACH_M) -> Image:
    """
    Return the surroundings from above, the camera below the middle, looking up the picture; rings are a metre apart.

    :param obstacles: (N, 3) metres in the optical frame, as ``ground``; None where there are none.
    :param objects: name and place by lasting id. :param up: (3,) unit vector in the optical frame.
    """
    width, height = size
    picture = np.full((height, width, 3), BACK, np.uint8)
    scale = (height - 30) / reach_m
    origin = np.array([width / 2, height - 16])
    for metres in range(1, math.ceil(width / scale) + 1):
        cv2.circle(picture, _pixel(origin), round(metres * scale), FAINT, 1, cv2.LINE_AA)
        if metres <= reach_m:
            _write(picture, f'{metres} m', origin + np.array([4, 12 - metres * scale]), FAINT)
    plan = _plan(up)
    for points, colour in ((ground, GROUND), (obstacles, OBSTACLE)):
        if points is not None and len(points):
            _dots(picture, origin + points.astype(np.float64) @ plan.T * (scale, -scale), colour)
    cv2.drawMarker(picture, _pixel(origin), PALE, cv2.MARKER_TRIANGLE_UP, 16, 2, cv2.LINE_AA)
    for track_id, (name, place) in objects.items():
        at = origin + plan @ np.array(place) * (scale, -scale)
        cv2.circle(picture, _pixel(at), 7, instance_colour(track_id), cv2.FILLED, cv2.LINE_AA)
        _write(picture, f'#{track_id} {name} {math.dist(place, (0, 0, 0)):.2f} m', at + np.array([10, 5]), PALE)
    return picture


def up_of(ground: Points | None) -> NDArray[np.float64] | None:
    """Return the unit vector up from the floor points of a frame, in the optical frame; None when there are too few."""
    if ground is None or len(ground) < 100:
        return None
    step = max(1, len(ground) // 2000)
    centred = ground[::step] - ground[::step].mean(axis=0)
    _, spread, axes = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    if spread[1] < max(4 * spread[2], 0.02 * spread[0]):  # a line or a lump, no floor
        return None
    return np.asarray(axes[2] * math.copysign(1.0, -axes[2][1]))


def _plan(up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (2, 3) matrix from the optical frame to right and ahead in metres, as seen from above."""
    view = np.array([0.0, 0.0, 1.0]) if abs(up[2]) < 0.9 else np.array([0.0, -1.0, 0.0])  # a camera that looks down
    ahead = view - up * (view @ up)
    ahead /= np.linalg.norm(ahead)
    return np.stack([np.cross(ahead, up), ahead])


def _dots(picture: Image, places: NDArray[np.float64], colour: tuple[int, int, int]) -> None:
    columns, rows = np.round(places).astype(int).T
    inside = (columns >= 1) & (rows >= 1) & (columns < picture.shape[1] - 1) & (rows < picture.shape[0] - 1)
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        picture[rows[inside] + dy, columns[inside] + dx] = colour


def _captioned(caption: str, panel: Image) -> Image:
    head = np.full((CAPTION, panel.shape[1], 3), BACK, np.uint8)
    cv2.putText(head, caption, (10, 21), FONT, 0.55, PALE, 1, cv2.LINE_AA)
    return np.concatenate([head, panel], axis=0)


def _fitted(picture: Image, size: tuple[int, int]) -> Image:
    if picture.shape[1::-1] == size:
        return picture
    how = cv2.INTER_AREA if picture.shape[1] > size[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _resting(size: tuple[int, int]) -> Image:
    picture = np.full((size[1], size[0], 3), BACK, np.uint8)
    cv2.putText(picture, 'not computed in this mode', (20, size[1] // 2), FONT, 0.7, FAINT, 2, cv2.LINE_AA)
    return picture


def _write(picture: Image, text: str, at: NDArray[np.float64], colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, text, _pixel(at), FONT, 0.45, colour, 1, cv2.LINE_AA)


def _pixel(place: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))
