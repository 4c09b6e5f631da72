# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The picture for people shows the whole way, the objects, and a scale that is true."""

from __future__ import annotations

import numpy as np
from scenes.drawn_floor import drawn_classes, drawn_view

from seg_ros.mapping.charts import Landmark
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.picture import INK, LEGEND, MARGIN, WAY, picture


def test_the_way_lies_within_the_picture_and_the_bar_is_a_metre() -> None:
    mapper = Mapper(drawn_classes())
    mapper.update(drawn_view(box_at=2.0))
    chart = mapper.chart()
    near = picture(chart, (), np.array([[1.0, 0.0, 0.4], [2.0, 0.0, 0.4]]), mapper.classes)
    far = picture(chart, (), np.array([[x, 0.0, 0.4] for x in (-4.0, -2.5, -1.0, 0.5, 2.0)]), mapper.classes)
    for image, length_m in ((near, 1.0), (far, 6.0)):
        columns = np.flatnonzero((image[:, :-LEGEND] == WAY).all(axis=2).any(axis=0))
        bar = image[-2 * MARGIN:, MARGIN:-LEGEND]
        rows = (bar == INK).all(axis=2)
        inked = np.flatnonzero(rows[rows.sum(axis=1).argmax()])
        ends = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)[0]  # beside it stands how long it is
        assert (columns[-1] - columns[0]) / length_m > 30
        per_m = (columns[-1] - columns[0] - 6) / length_m
        assert round((ends[-1] - ends[0]) / per_m, 1) in (0.5, 1.0, 2.0, 5.0)


def test_places_far_apart_are_not_joined_by_a_way_that_nobody_went() -> None:
    mapper = Mapper(drawn_classes())
    mapper.update(drawn_view(box_at=2.0))
    path = np.array([[0.0, -1.0, 0.4], [1.0, -1.0, 0.4], [4.0, 1.0, 0.4], [4.0, 0.0, 0.4]])
    image = picture(mapper.chart(), (), path, mapper.classes)[:, :-LEGEND]
    columns = (image == WAY).all(axis=2).any(axis=0)
    assert columns[MARGIN:-MARGIN].mean() < 0.4  # one of four metres, and a line across


def test_an_object_is_drawn_where_it_is() -> None:
    mapper = Mapper(drawn_classes())
    mapper.update(drawn_view(box_at=2.0))
    mark = Landmark(1, 6, {6: 1.0}, (1.5, 0.5, 0.1), np.eye(3), (0.4, 0.4, 0.2), 3, 0, 0)
    without, with_it = (picture(mapper.chart(), marks, mapper.path, mapper.classes) for marks in ((), (mark,)))
    rows, columns = np.nonzero((without != with_it).any(axis=2)[:, :-LEGEND])
    zoom = 1200 // max(mapper.chart().occupancy.shape)
    assert abs((columns.max() - columns.min()) - 0.4 / 0.05 * zoom) < 40
    assert abs((rows.max() - rows.min()) - 0.4 / 0.05 * zoom) < 40
