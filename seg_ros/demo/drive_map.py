# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The map of a drive, made of the answers that were recorded and of the depth and places of the recording played."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError, ImageError
from seg_ros.geometry.ground import measured_floor
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.mapping.evidence import moving_of
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.view import View, Viewing
from seg_ros.mapping.words import MapWords
from seg_ros.recordings.posed_frames import PosedFrame, posed_frames
from seg_ros.recordings.recorded_answers import RecordedAnswer, Truth
from seg_ros.records import Segmentation
from seg_ros.settings import Settings

log = logging.getLogger(__name__)


def drive_map(bag: Path, answers: Iterable[RecordedAnswer]) -> Mapper | None:
    """Return the map that answers give, in order of their images; None where the recording has no depth or places."""
    taxonomy = load_taxonomy(Settings().taxonomy)
    words = MapWords(taxonomy)
    mapper, viewing = Mapper(words.classes), Viewing()
    try:
        for answer, posed in _pairs(answers, posed_frames(bag).frames()):
            table, names = words.learn(answer.names), () if answer.objects is None else answer.objects.names
            of_objects = words.learn(dict(enumerate(names)))
            if words.classes != mapper.classes:
                moving = moving_of(words.classes, taxonomy, MapSettings().moving)
                mapper = mapper.going_on(words.classes, MapSettings(moving=moving))
            mapper.update(_view(answer, posed, table, of_objects, mapper.meaning.is_ground, viewing))
    except (DataError, ImageError) as error:
        log.info('There is no map of the drive: %s', error)
    return mapper if mapper.views else None


def corrected(answers: Iterable[RecordedAnswer], true: Iterable[Truth]) -> Iterator[RecordedAnswer]:
    """Yield the answers with true labels in place of labels, and true objects in place of objects."""
    for answer, truth in zip((one for one in answers if one.recorded_ns is not None), true):
        assert answer.recorded_ns == truth.frame.stamp_ns
        yield replace(answer, names=truth.names, labels=None if answer.labels is None else truth.labels,
                      objects=None if answer.objects is None else truth.objects)


def _pairs(answers: Iterable[RecordedAnswer],
           frames: Iterator[PosedFrame]) -> Iterator[tuple[RecordedAnswer, PosedFrame]]:
    """Yield each answer with the frame of its image, where there is one."""
    posed = next(frames, None)
    for answer in answers:
        while posed is not None and answer.recorded_ns is not None and posed.frame.stamp_ns < answer.recorded_ns:
            posed = next(frames, None)
        if posed is not None and posed.frame.stamp_ns == answer.recorded_ns:
            yield answer, posed


def _view(answer: RecordedAnswer, posed: PosedFrame, table: NDArray[np.uint8], of_objects: NDArray[np.uint8],
          is_ground: NDArray[np.bool_], viewing: Viewing) -> View:
    """
    Return what an answer says of its image, in the words of the map.

    :param table: (256,) from its labels to these. :param of_objects: (256,) from the numbers of its objects' names.
    :param viewing: makes the views of this camera.
    """
    labels, objects, size = answer.labels, None, posed.frame.size
    if labels is not None:
        labels, size = table[labels], (labels.shape[1], labels.shape[0])
    if answer.objects is not None:
        objects = answer.objects.instances
        objects, size = replace(objects, class_ids=of_objects[objects.class_ids]), objects.size
    view = viewing.view(posed.frame, Segmentation(size, labels, None, objects), posed.map_from_camera)
    return view if labels is None else replace(view, floor=measured_floor(view.surface, labels, is_ground))
