# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The picture that shows a person what the robot sees."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from seg_ros.labels.palette import Colour, Image, class_colours, instance_colour
from seg_ros.labels.plates import Plates, text_scale
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.records import UNLABELLED, Instances, Segmentation

WHITE: Colour = (255, 255, 255)
MAX_DRAWN = 254  # objects, best score first: each has one byte in the slot image, 0 is nobody


def overlay(rgb: Image, segmentation: Segmentation, classes: Sequence[RobotClass], *, alpha: float = 0.5,
            target_ids: frozenset[int] = frozenset(), score_threshold: float = 0.0, legend: bool = True,
            is_true: bool = False) -> Image:
    """
    Return the picture for a person, (H, W, 3) uint8 of the segmentation's size; ``rgb`` is left as it is.

    Regions are tinted in the colour of their class and outlined in it, objects in the colour of their track (of their
    class where they have no track) with id, class and score beside them, where there is room. Of objects that overlap
    the better score lies on top.

    :param rgb: (h, w, 3) uint8; resized when it has another size than the segmentation.
    :param alpha: 0 shows the image with outlines, 1 the colours alone.
    :param target_ids: tracks that get a thick white outline and are called the target.
    :param score_threshold: objects less certain than this continue a track, and are said to.
    :param legend: whether to name the classes present, along the upper edge: the floor ahead lies at the lower one.
    :param is_true: whether this is the truth, of which nobody asks how sure it is: scores are not written.
    """
    image = sized(rgb, segmentation.size)
    colours = class_colours(classes)
    labels, instances = segmentation.labels, segmentation.instances
    tint, outlines = image.copy(), np.zeros(image.shape[:2], np.uint8)
    slots = None
    if labels is not None:
        labels = np.ascontiguousarray(labels)
        tint, outlines = _coloured(labels, colours), _outlines(labels)
    if instances is not None and len(instances):
        slots = _tint_instances(tint, outlines, instances, colours)
    picture = np.asarray(cv2.addWeighted(image, 1 - alpha, tint, alpha, 0), np.uint8)
    cv2.copyTo(tint, outlines, picture)
    plates = Plates(picture, slots)
    if instances is not None and len(instances):
        _mark_targets(picture, instances, target_ids)
    if labels is not None and legend:
        plates.legend(legend_rows(labels, classes))
    if instances is not None and len(instances):
        _write_names(plates, instances, classes, colours, target_ids, None if is_true else score_threshold)
    plates.draw()
    return picture


def legend_rows(labels: Image, classes: Sequence[RobotClass]) -> list[tuple[Colour, str]]:
    """Return colour and name of each class present, in the order of their ids, so that none jumps; others last."""
    counts = cv2.calcHist([np.ascontiguousarray(labels)], [0], None, [256], [0, 256]).ravel()
    names, colours = {UNLABELLED: 'unlabelled', **{c.id: c.name for c in classes}}, class_colours(classes)
    return [(_colour(colours[label]), names.get(int(label), str(label))) for label in np.flatnonzero(counts)]


def sized(rgb: Image, size: tuple[int, int]) -> Image:
    """Return a picture with (width, height) pixels, averaged where it becomes smaller."""
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
        np.copyto(slots[instances.place(k)], np.uint8(k + 1), where=instances.masks[k])
    return slots


def _tint_instances(tint: Image, outlines: Image, instances: Instances, colours: Image) -> Image:
    """Paint the objects into ``tint``, and into ``outlines`` theirs in place of those they hide; return where."""
    drawn = range(min(len(instances), MAX_DRAWN))
    slots = _slots(instances, drawn)
    slot_colours = np.zeros((256, 3), np.uint8)
    for k in drawn:
        slot_colours[k + 1] = _colour_of(instances, k, colours)
    cv2.copyTo(_coloured(slots, slot_colours), slots, tint)
    cv2.copyTo(_outlines(slots), slots, outlines)
    return slots


def _mark_targets(picture: Image, instances: Instances, target_ids: frozenset[int]) -> None:
    drawn = range(min(len(instances), MAX_DRAWN))
    chosen = [k for k in drawn if int(instances.track_ids[k]) in target_ids]
    if chosen:
        width = 2 * round(2 * text_scale(picture)) + 3
        picture[_outlines(_slots(instances, chosen), width) > 0] = WHITE


def _write_names(plates: Plates, instances: Instances, classes: Sequence[RobotClass], colours: Image,
                 target_ids: frozenset[int], score_threshold: float | None) -> None:
    """Write what each object is, the target first, then the best; and how sure, unless there is no threshold."""
    names = {c.id: c.name for c in classes}
    drawn = range(min(len(instances), MAX_DRAWN))
    for k in sorted(drawn, key=lambda k: int(instances.track_ids[k]) not in target_ids):
        class_id, track_id, score = int(instances.class_ids[k]), int(instances.track_ids[k]), float(instances.scores[k])
        is_target = track_id in target_ids
        words = ('target' if is_target else '', f'#{track_id}' if track_id else '', str(names.get(class_id, class_id)),
                 '' if score_threshold is None else f'{100 * score:.0f} %',
                 'continued' if score < (score_threshold or 0.0) else '')
        (left, top), (height, width) = instances.corners[k], instances.masks[k].shape
        plates.beside(' '.join(filter(None, words)), (left, top, left + width, top + height),
                      WHITE if is_target else _colour_of(instances, k, colours))


def _colour_of(instances: Instances, k: int, colours: Image) -> Colour:
    track_id = int(instances.track_ids[k])
    return instance_colour(track_id) if track_id else _colour(colours[instances.class_ids[k]])


def _colour(row: Image) -> Colour:
    return int(row[0]), int(row[1]), int(row[2])
