# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which object is the one to pick."""

from __future__ import annotations

import numpy as np

from seg_ros.records import Instances


def target_index(instances: Instances, *, class_id: int | None, track_id: int) -> int | None:
    """
    Return the index of the chosen object, or None when it is not in sight.

    :param class_id: it must be of this class; None for any. :param track_id: it must have this lasting id;
        0 for any. With neither there is no target. Of several the most certain is chosen.
    """
    if class_id is None and track_id == 0:
        return None
    fits = np.ones(len(instances), bool)
    if track_id:
        fits &= instances.track_ids == track_id
    if class_id is not None:
        fits &= instances.class_ids == class_id
    found = np.flatnonzero(fits)
    return int(found[0]) if len(found) else None
