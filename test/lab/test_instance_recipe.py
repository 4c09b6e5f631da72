# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A recipe learns from all that it names, and holds out what it is told to."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from scenes.outlined import NAMES, shapes

from seg_ros.lab.instance_recipe import InstanceRecipe
from seg_ros.lab.sources import ObjectSource


def test_images_of_several_files_and_of_nothing_are_learned_together(tmp_path: Path) -> None:
    for name, count in (('first', 3), ('second', 2), ('dev', 1)):
        shapes(tmp_path / name, count, count)
    (tmp_path / 'rooms').mkdir()
    cv2.imwrite(str(tmp_path / 'rooms' / 'hall.png'), np.zeros((64, 64, 3), np.uint8))

    def where(name: str) -> ObjectSource:
        return ObjectSource(tmp_path / name / 'instances.json', tmp_path / name)

    more, empty = ((tmp_path / 'second', tmp_path / 'second' / 'instances.json'),), (tmp_path / 'rooms',)
    recipe = InstanceRecipe('mine', 'maskrcnn_mobilenet_v2_fpn', train=where('first'), val=where('dev'), more=more,
                            empty=empty)
    learned, held_out, _ = recipe.data()
    assert (len(learned), len(held_out), learned.class_names) == (6, 1, NAMES)
    assert [learned.file(k).parent.name for k in range(6)] == ['first'] * 3 + ['second'] * 2 + ['rooms']
    assert [len(learned.read(k).masks) > 0 for k in range(6)] == [True] * 5 + [False]
