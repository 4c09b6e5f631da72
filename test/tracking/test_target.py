# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which object is the target: a table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scenes.scripted import THINGS, Thing, instances_from

from seg_ros.tracking.target import target_index

HAMMER, WRENCH, PERSON = (c.id for c in THINGS)
SCENE = replace(instances_from([Thing('hammer', 0.9, (0, 0, 4, 4)), Thing('wrench', 0.8, (1, 1, 5, 5)),
                                Thing('wrench', 0.7, (2, 2, 6, 6))], (8, 8)),
                track_ids=np.array([5, 6, 7], np.int64))


@pytest.mark.parametrize(('class_id', 'track_id', 'expected'), [
    (None, 0, None),  # nothing is asked for
    (WRENCH, 0, 1),  # the most certain of the class
    (None, 7, 2),  # by its lasting id
    (WRENCH, 7, 2),  # both
    (HAMMER, 7, None),  # both, which contradict
    (PERSON, 0, None),  # not in sight
    (None, 99, None),  # gone
])
def test_the_target_is_chosen_by_class_and_id(class_id: int | None, track_id: int, expected: int | None) -> None:
    assert target_index(SCENE, class_id=class_id, track_id=track_id) == expected
