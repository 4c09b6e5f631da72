# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Cells and objects become the messages that Nav2 and everybody else read."""

from __future__ import annotations

import numpy as np
import pytest

from seg_ros.bridge.images import header_of
from seg_ros.bridge.maps import class_map_message, landmarks_message, layer_message, map_message
from seg_ros.mapping.charts import Chart, Landmark

HEADER = header_of(5, 'map')


def chart(values: list[list[int]], ids: list[list[int]]) -> Chart:
    cells = np.array(values, np.int8)
    percent = {3: np.where(cells == 100, 80, -1).astype(np.int8)}
    return Chart(0.05, (-1.0, 2.0), cells, np.array(ids, np.int16), percent, np.zeros(cells.shape, np.float32), 4, 100)


def test_row_zero_of_a_grid_is_the_lowest_y_and_origin_is_its_corner() -> None:
    message = map_message(chart([[0, 100, -1], [-1, -1, 0]], [[1, 3, -1], [-1, -1, 1]]), HEADER)
    assert (message.info.width, message.info.height) == (3, 2)
    assert message.info.resolution == pytest.approx(0.05)
    assert (message.info.origin.position.x, message.info.origin.position.y) == (-1.0, 2.0)
    assert message.info.origin.orientation.w == 1.0
    assert list(message.data) == [0, 100, -1, -1, -1, 0]
    assert message.header == HEADER


def test_a_cell_of_the_class_map_is_its_id_and_above_127_the_byte_of_it() -> None:
    one = chart([[0, 100, 100, 100, -1]], [[1, 127, 128, 254, -1]])
    message = class_map_message(one, HEADER)
    assert list(message.data) == [1, 127, -128, -2, -1]
    assert np.array(message.data, np.int8).view(np.uint8).tolist() == [1, 127, 128, 254, 255]


def test_a_layer_is_how_likely_a_class_is_and_zero_where_others_are() -> None:
    one = chart([[0, 100, -1]], [[1, 3, -1]])
    assert list(layer_message(one, 3, HEADER).data) == [-1, 80, -1]
    assert list(layer_message(one, 5, HEADER).data) == [0, 0, -1]


def test_an_empty_map_has_one_unknown_cell() -> None:
    message = map_message(chart([], []), HEADER)
    assert (message.info.width, message.info.height, list(message.data)) == (1, 1, [-1])


def test_an_object_has_its_classes_the_likeliest_first_and_its_covariance() -> None:
    mark = Landmark(12, 3, {1: 0.25, 3: 0.75}, (1.0, 2.0, 0.5), np.diag([0.01, 0.02, 0.03]), (0.1, 0.2, 0.3), 9, 1, 2)
    one, = landmarks_message((mark,), {3: 'crop', 1: 'weed'}, HEADER).detections
    assert one.id == '12'
    assert [(found.hypothesis.class_id, found.hypothesis.score) for found in one.results] == [('crop', 0.75),
                                                                                             ('weed', 0.25)]
    covariance = np.array(one.results[0].pose.covariance).reshape(6, 6)
    assert np.diag(covariance).tolist() == pytest.approx([0.01, 0.02, 0.03, 0, 0, 0])
    assert (one.bbox.center.position.y, one.bbox.size.z, one.bbox.center.orientation.w) == (2.0, 0.3, 1.0)
