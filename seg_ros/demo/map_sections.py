# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the report of a demo says of the map of the drive."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from seg_ros.demo.charts import Section, percent
from seg_ros.mapping.agreement import cells_against, objects_against
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.picture import picture


def map_sections(mapped: Mapper | None, true: Mapper | None, judged: Collection[str]) -> list[Section]:
    """
    Return the map as a picture, and how it compares with the truth.

    :param mapped: of the answers; None where there is none. :param true: of the true labels and objects of the same
        images; None where they are not known. :param judged: the names of the objects that the model can find.
    """
    if mapped is None:
        return []
    shown = picture(mapped.chart(), mapped.objects(), mapped.path, mapped.classes)
    sections = [Section('The map of the drive', f'{mapped.seen_m2:.1f} m² of {mapped.views} answers, put together by '
                        'the depth and the transforms of the recording. Persons leave no trace.',
                        pictures=[('floor light, what stands on it in the colour of its class, objects with their ids',
                                   shown)], whole=True)]
    return sections if true is None else [*sections, _agreement(mapped, true, judged)]


def _agreement(mapped: Mapper, true: Mapper, judged: Collection[str]) -> Section:
    cells, objects = cells_against(mapped, true), objects_against(mapped, true, judged)
    rows = [('what', 'value'), ('cells compared', str(cells.seen)), ('cells right', percent(cells.accuracy)),
            ('occupied: precision, recall', _pair(cells.occupied_precision, cells.occupied_recall)),
            ('free: precision, recall', _pair(cells.free_precision, cells.free_recall)),
            ('classes of occupied cells', percent(cells.classes_right))]
    if objects.found or objects.there:  # the model finds none in mode semantic
        rows += [('objects in the map', str(objects.found)),
                 ('of these there, of the true objects', f'{len(objects.error_m)} of {objects.there}')]
    if len(objects.error_m):
        rows.append(('position error, median and largest',
                     f'{np.median(objects.error_m):.3f} m, {objects.error_m.max():.3f} m'))
    return Section('The map against the truth',
                   'Against the map that the true labels and objects of the same images give with the same depth and '
                   'transforms: what wrong answers do to a map. Of true objects those count whose class the model '
                   'knows; one is there when an object of its class lies within half a metre.', rows)


def _pair(precision: float, recall: float) -> str:
    return f'{percent(precision)}, {percent(recall)}'
