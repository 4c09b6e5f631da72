# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Names of layers are names of topics and files, whatever a class is called."""

from __future__ import annotations

import pytest

from seg_ros.mapping.charts import layer_name


@pytest.mark.parametrize(('word', 'name'), [
    ('floor', 'floor'), ('potted plant', 'potted_plant'), ('3D printer', '_3D_printer'),
    ('café', 'caf_'), ('植物', 'class_7'), ('../..', 'class_7')])
def test_a_layer_bears_its_class_as_far_as_ros_allows(word: str, name: str) -> None:
    assert layer_name(word, 7) == name
