"""Colours that stay the same from run to run, and the picture that shows a person what the robot sees."""

from __future__ import annotations

from collections.abc import Sequence
from colorsys import hsv_to_rgb

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.records import UNLABELLED, Instances, Segmentation

Colour = tuple[int, int, int]
Image = NDArray[np.uint8]

UNLABELLED_COLOUR: Colour = (48, 48, 48)
WHITE: Colour = (255, 255, 255)
GOLDEN_RATIO = 0.618033988749895  # a turn of this share of the circle never comes near an earlier hue soon
MAX_DRAWN = 254  # objects, best score first: each has one byte in the slot image, 0 is nobody
FONT = cv2.FONT_HERSHEY_SIMPLEX


def class_colours(classes: Sequence[RobotClass]) -> Image:
    """Return the (256, 3) uint8 colours of all label bytes; ids without a class, and 255, are dark grey."""
    colours = np.full((256, 3), UNLABELLED_COLOUR, np.uint8)
    for robot_class in classes:
        colours[robot_class.id] = robot_class.colour
    return colours


def instance_colour(track_id: int) -> Colour:
    """Return the (r, g, b) of a track, the same in every run; ids that follow each other differ most."""
    hue = (track_id * GOLDEN_RATIO) % 1.0
    value = (1.0, 0.8, 0.9)[track_id % 3]
    red, green, blue = hsv_to_rgb(hue, 0.75, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def overlay(rgb: Image, segmentation: Segmentation, classes: Sequence[RobotClass], *, alpha: float = 0.5,
            target_ids: frozenset[int] = frozenset(), legend: bool = True) -> Image:
    """
    Return the picture for a person, (H, W, 3) uint8 of the segmentation's size; ``rgb`` is left as it is.

    Regions are tinted in the colour of their class and outlined in it, objects in the colour of their
    track (of their class where they have no track) with id, class and score beside them. Of objects
    that overlap the better score lies on top.

    :param rgb: (h, w, 3) uint8; resized when it has another size than the segmentation.
    :param alpha: 0 shows the image with outlines, 1 the colours alone.
    :param target_ids: tracks that get a thick white outline.
    :param legend: whether to list the classes present with their shares, where the picture has room.
    """
    image = _fitted(rgb, segmentation.size)
    colours = class_colours(classes)
    labels, instances = segmentation.labels, segmentation.instances
    tint, outlines = image.copy(), np.zeros(image.shape[:2], np.uint8)
    if labels is not None:
        labels = np.ascontiguousarray(labels)
        tint, outlines = _coloured(labels, colours), _outlines(labels)
    if instances is not None and len(instances):
        _tint_instances(tint, outlines, instances, colours)
    picture = np.asarray(cv2.addWeighted(image, 1 - alpha, tint, alpha, 0), np.uint8)
    cv2.copyTo(tint, outlines, picture)
    if instances is not None and len(instances):
        _mark_targets(picture, instances, target_ids)
        _write_names(picture, instances, classes, colours)
    if labels is not None and legend:
        _draw_legend(picture, legend_rows(labels, classes))
    return picture


def legend_rows(labels: Image, classes: Sequence[RobotClass]) -> list[tuple[Colour, str]]:
    """Return colour and text (``floor 37 %``) of each class present, largest share first."""
    counts = cv2.calcHist([np.ascontiguousarray(labels)], [0], None, [256], [0, 256])[:, 0]
    names = {UNLABELLED: 'unlabelled', **{c.id: c.name for c in classes}}
    colours = class_colours(classes)
    rows = []
    for label in sorted(np.flatnonzero(counts), key=lambda k: (-counts[k], k)):
        share = 100.0 * counts[label] / labels.size
        text = f'{share:.0f} %' if share >= 1 else '<1 %'
        rows.append((_colour(colours[label]), f'{names.get(int(label), label)} {text}'))
    return rows


def _fitted(rgb: Image, size: tuple[int, int]) -> Image:
    image = np.ascontiguousarray(rgb)
    if image.shape[1::-1] == size:
        return image
    shrinks = size[0] * size[1] < image.shape[0] * image.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)


def _coloured(indices: Image, colours: Image) -> Image:
    return np.asarray(cv2.applyColorMap(indices, colours[:, None]), np.uint8)


def _outlines(regions: Image, width: int = 3) -> Image:
    """Return an image that is not 0 within ``width`` // 2 pixels of where ``regions`` changes its value."""
    square = np.ones((width, width), np.uint8)
    return np.asarray(cv2.morphologyEx(regions, cv2.MORPH_GRADIENT, square), np.uint8)


def _slots(instances: Instances, chosen: Sequence[int]) -> Image:
    """Return the (H, W) uint8 image of k + 1 where object k of the chosen lies, best score on top."""
    width, height = instances.size
    slots = np.zeros((height, width), np.uint8)
    for k in reversed(chosen):
        mask, (left, top) = instances.masks[k], instances.corners[k]
        region = slots[top:top + mask.shape[0], left:left + mask.shape[1]]
        np.copyto(region, np.uint8(k + 1), where=mask)
    return slots


def _tint_instances(tint: Image, outlines: Image, instances: Instances, colours: Image) -> None:
    """Paint the objects into ``tint``, and into ``outlines`` theirs in place of those they hide."""
    drawn = range(min(len(instances), MAX_DRAWN))
    slots = _slots(instances, drawn)
    slot_colours = np.zeros((256, 3), np.uint8)
    for k in drawn:
        slot_colours[k + 1] = _colour_of(instances, k, colours)
    cv2.copyTo(_coloured(slots, slot_colours), slots, tint)
    cv2.copyTo(_outlines(slots), slots, outlines)


def _mark_targets(picture: Image, instances: Instances, target_ids: frozenset[int]) -> None:
    drawn = range(min(len(instances), MAX_DRAWN))
    chosen = [k for k in drawn if int(instances.track_ids[k]) in target_ids]
    if chosen:
        width = 2 * round(2 * _text_scale(picture)) + 3
        picture[_outlines(_slots(instances, chosen), width) > 0] = WHITE


def _write_names(picture: Image, instances: Instances, classes: Sequence[RobotClass], colours: Image) -> None:
    names = {c.id: c.name for c in classes}
    scale = _text_scale(picture)
    for k in reversed(range(min(len(instances), MAX_DRAWN))):
        class_id, track_id = int(instances.class_ids[k]), int(instances.track_ids[k])
        text = f'{names.get(class_id, class_id)} {100 * float(instances.scores[k]):.0f} %'
        left, top = (int(v) for v in instances.corners[k])
        _write(picture, f'#{track_id} {text}' if track_id else text, (left, top), scale,
               _colour_of(instances, k, colours), above=True)


def _colour_of(instances: Instances, k: int, colours: Image) -> Colour:
    track_id = int(instances.track_ids[k])
    return instance_colour(track_id) if track_id else _colour(colours[instances.class_ids[k]])


def _colour(row: Image) -> Colour:
    return int(row[0]), int(row[1]), int(row[2])


def _text_scale(picture: Image) -> float:
    """Return the font scale at which text reads alike in pictures of any size (0.75 at 1280x720)."""
    return float(np.clip(min(picture.shape[:2]) / 960, 0.35, 3.0))


def _write(picture: Image, text: str, corner: tuple[int, int], scale: float, back: Colour, *,
           above: bool = False) -> None:
    """Write ``text`` on a plate below or above ``corner``, moved inside; nothing where it has no room."""
    thickness = max(1, round(1.5 * scale))
    (width, height), base = cv2.getTextSize(text, FONT, scale, thickness)
    width, height = width + 4, height + base + 3
    room_x, room_y = picture.shape[1] - width, picture.shape[0] - height
    if room_x < 0 or room_y < 0:
        return
    left = min(max(corner[0], 0), room_x)
    top = min(max(corner[1] - (height if above else 0), 0), room_y)
    bright = 299 * back[0] + 587 * back[1] + 114 * back[2] > 128_000
    cv2.rectangle(picture, (left, top), (left + width - 1, top + height - 1), back, cv2.FILLED)
    cv2.putText(picture, text, (left + 2, top + height - base - 1), FONT, scale,
                (0, 0, 0) if bright else WHITE, thickness, cv2.LINE_AA)


def _draw_legend(picture: Image, rows: Sequence[tuple[Colour, str]]) -> None:
    """Write the rows into the lower left corner, as many as fit."""
    scale = _text_scale(picture)
    (_, text_height), base = cv2.getTextSize('Ag', FONT, scale, max(1, round(1.5 * scale)))
    row_height = text_height + base + 3
    shown = rows[:picture.shape[0] // row_height]
    for k, (colour, text) in enumerate(shown):
        _write(picture, text, (0, picture.shape[0] - (len(shown) - k) * row_height), scale, colour)
