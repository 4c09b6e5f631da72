# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The map for a person: what stands where in the colours of its class, the way that was gone, the objects found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.palette import Colour, class_colours
from seg_ros.labels.taxonomy import RobotClass, Role
from seg_ros.mapping.charts import FREE, OCCUPIED, UNKNOWN, Chart, Landmark

Image = NDArray[np.uint8]

LONG_SIDE, MARGIN, LEGEND = 1200, 40, 480  # pixels
PAPER, BEYOND, INK, WAY = (255, 255, 255), (226, 228, 231), (40, 44, 52), (20, 90, 200)
NO_CLASS: Colour = (110, 110, 110)
LEAP_M = 2.0  # places so far apart were not gone from one to the next: a recording that starts over say
FLOOR_TINT = 0.35  # of its colour, on white
FONT, SCALE, ID_SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0.6
LINE, SWATCH = 34, 22
BARS_M = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def picture(chart: Chart, objects: Sequence[Landmark], path_m: NDArray[np.float64],
            classes: Sequence[RobotClass]) -> Image:
    """Return an (H, W, 3) uint8 picture in red-green-blue order, y upwards, with legend and scale bar."""
    if not chart.occupancy.size:
        return np.full((MARGIN, LEGEND, 3), PAPER, np.uint8)
    chart = _with_room_for(chart, path_m)
    height, width = chart.occupancy.shape
    zoom = max(1, LONG_SIDE // max(height, width))
    cells = cv2.resize(_cells(chart, classes)[::-1], (width * zoom, height * zoom), interpolation=cv2.INTER_NEAREST)
    place = _Place(chart, zoom)
    _draw_path(cells, path_m, place)
    _draw_objects(cells, objects, classes, place)
    rows = _legend(chart, objects, classes)
    tall = max(cells.shape[0] + 2 * MARGIN + LINE, (len(rows) + 2) * LINE)
    sheet = np.full((tall, cells.shape[1] + 2 * MARGIN + LEGEND, 3), PAPER, np.uint8)
    sheet[MARGIN:MARGIN + cells.shape[0], MARGIN:MARGIN + cells.shape[1]] = cells
    _draw_bar(sheet, (MARGIN, MARGIN + cells.shape[0] + LINE), zoom / chart.resolution_m, cells.shape[1])
    _draw_legend(sheet, rows, cells.shape[1] + 2 * MARGIN)
    return sheet


class _Place:
    """Where metres of the map lie in the picture of its cells."""

    def __init__(self, chart: Chart, zoom: int) -> None:
        self._origin, self._scale = chart.origin_m, zoom / chart.resolution_m
        self._bottom = chart.occupancy.shape[0] * zoom

    def of(self, x: float, y: float) -> tuple[int, int]:
        return (round((x - self._origin[0]) * self._scale), round(self._bottom - (y - self._origin[1]) * self._scale))


def _with_room_for(chart: Chart, path_m: NDArray[np.float64]) -> Chart:
    """Return the map with so much unknown around it that the way of the camera lies within."""
    if not len(path_m):
        return chart
    low = np.floor((path_m[:, :2].min(axis=0) - chart.origin_m) / chart.resolution_m).astype(int) - 1
    high = np.ceil((path_m[:, :2].max(axis=0) - chart.origin_m) / chart.resolution_m).astype(int) + 1
    before = np.maximum(-low, 0)
    after = np.maximum(high - chart.occupancy.shape[::-1], 0)
    around = (before[1], after[1]), (before[0], after[0])
    x, y = np.subtract(chart.origin_m, before * chart.resolution_m)
    return replace(chart, origin_m=(float(x), float(y)),
                   occupancy=np.pad(chart.occupancy, around, constant_values=UNKNOWN),
                   class_ids=np.pad(chart.class_ids, around, constant_values=UNKNOWN))


def _cells(chart: Chart, classes: Sequence[RobotClass]) -> Image:
    colours = np.concatenate([class_colours(classes), [NO_CLASS]]).astype(np.uint8)
    tints = np.rint(255 - FLOOR_TINT * (255.0 - colours)).astype(np.uint8)
    tints[-1] = PAPER
    ids = np.where(chart.class_ids == UNKNOWN, 256, chart.class_ids)
    cells = np.full((*ids.shape, 3), BEYOND, np.uint8)
    free, occupied = chart.occupancy == FREE, chart.occupancy == OCCUPIED
    cells[free], cells[occupied] = tints[ids[free]], colours[ids[occupied]]
    return cells


def _tinted(colour: Colour) -> Colour:
    """Return the colour that free cells have."""
    r, g, b = (round(255 - FLOOR_TINT * (255 - value)) for value in colour)
    return r, g, b


def _draw_path(cells: Image, path_m: NDArray[np.float64], place: _Place) -> None:
    if not len(path_m):
        return
    points = np.array([place.of(x, y) for x, y in path_m[:, :2]], np.int32)
    leaps = np.flatnonzero(np.linalg.norm(np.diff(path_m[:, :2], axis=0), axis=1) > LEAP_M) + 1
    cv2.polylines(cells, np.split(points, leaps), False, WAY, 2, cv2.LINE_AA)
    cv2.circle(cells, tuple(int(v) for v in points[0]), 5, WAY, cv2.FILLED, cv2.LINE_AA)


def _draw_objects(cells: Image, objects: Sequence[Landmark], classes: Sequence[RobotClass], place: _Place) -> None:
    colours = class_colours(classes)
    for one in objects:
        (x, y, _), (wide, long, _) = one.position, one.size
        low, high = place.of(x - wide / 2, y - long / 2), place.of(x + wide / 2, y + long / 2)
        cv2.rectangle(cells, low, high, INK, 1, cv2.LINE_AA)
        middle = place.of(x, y)
        cv2.circle(cells, middle, 5, INK, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(cells, middle, 3, tuple(int(v) for v in colours[one.class_id]), cv2.FILLED, cv2.LINE_AA)
    for one in objects:
        column, row = place.of(*one.position[:2])
        _write(cells, str(one.id), (column + 7, row + 5))


def _legend(chart: Chart, objects: Sequence[Landmark],
            classes: Sequence[RobotClass]) -> list[tuple[Colour | None, str]]:
    """Return colour and text of each line."""
    area, names = chart.resolution_m ** 2, {c.id: c for c in classes}
    rows: list[tuple[Colour | None, str]] = []
    counts = Counter(chart.class_ids[chart.class_ids != UNKNOWN].tolist())
    for label, count in counts.most_common():
        known = names.get(label)
        colour = known.colour if known else NO_CLASS
        rows.append((_tinted(colour) if known and known.role is Role.TRAVERSABLE else colour,
                     f'{known.name if known else label}  {count * area:.1f} m2'))
    if ((chart.occupancy == OCCUPIED) & (chart.class_ids == UNKNOWN)).any():
        rows.append((NO_CLASS, 'something of no known class'))
    rows += [(BEYOND, 'not seen'), (WAY, 'the way of the camera'), (None, ''),
             (None, f'{len(objects)} objects of {chart.views} views')]
    found: dict[int, list[int]] = {}
    for one in objects:
        found.setdefault(one.class_id, []).append(one.id)
    for class_id, ids in sorted(found.items(), key=lambda row: (-len(row[1]), row[0])):
        shown = ', '.join(map(str, ids[:6])) + (' ..' if len(ids) > 6 else '')
        known = names.get(class_id)
        rows.append((known.colour if known else NO_CLASS, f'{len(ids)} {known.name if known else class_id}  ({shown})'))
    return rows


def _draw_legend(sheet: Image, rows: Sequence[tuple[Colour | None, str]], left: int) -> None:
    for k, (colour, text) in enumerate(rows):
        top = MARGIN + k * LINE
        if top + LINE > sheet.shape[0]:
            return
        if colour is not None:
            cv2.rectangle(sheet, (left, top), (left + SWATCH, top + SWATCH), colour, cv2.FILLED)
            cv2.rectangle(sheet, (left, top), (left + SWATCH, top + SWATCH), INK, 1)
        cv2.putText(sheet, text, (left + SWATCH + 10, top + SWATCH - 3), FONT, SCALE, INK, 1, cv2.LINE_AA)


def _draw_bar(sheet: Image, corner: tuple[int, int], pixels_per_m: float, room: int) -> None:
    fitting = [bar for bar in BARS_M if bar * pixels_per_m <= room / 2] or [BARS_M[0]]
    length, (left, top) = round(fitting[-1] * pixels_per_m), corner
    for column in (left, left + length):
        cv2.line(sheet, (column, top - 5), (column, top + 5), INK, 2)
    cv2.line(sheet, (left, top), (left + length, top), INK, 2)
    cv2.putText(sheet, f'{fitting[-1]:g} m', (left + length + 10, top + 9), FONT, SCALE, INK, 1, cv2.LINE_AA)


def _write(image: Image, text: str, at: tuple[int, int]) -> None:
    cv2.putText(image, text, at, FONT, ID_SCALE, PAPER, 4, cv2.LINE_AA)
    cv2.putText(image, text, at, FONT, ID_SCALE, INK, 1, cv2.LINE_AA)
