# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The Python of docs/ids_and_counting.md reads what the package makes."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from scenes.moving_shapes import crossing, full_masks, true_objects

from seg_ros.records import Instances
from seg_ros.tracking.overlap import id_image, mask_array

GUIDE = Path(__file__).parents[2] / 'docs' / 'ids_and_counting.md'


def read_by_the_guide(instances: Instances) -> list[Any]:
    """Return what the guide's function yields for messages of these objects."""
    found = re.search(r'```python\n(.*?)```', GUIDE.read_text(encoding='utf-8'), re.DOTALL)
    assert found
    names: dict[str, Any] = {}
    exec(found[1], names)
    width, height = instances.size
    detections = [SimpleNamespace(id=str(track), results=[SimpleNamespace(hypothesis=SimpleNamespace(class_id='disc'))])
                  for track in instances.track_ids]
    return list(names['objects_of'](
        SimpleNamespace(detections=detections),
        SimpleNamespace(width=width, height=height, data=id_image(instances).tobytes()),
        SimpleNamespace(data=mask_array(instances).tobytes())))


def test_every_object_is_read_whole_and_as_it_is_visible() -> None:
    scene = true_objects(crossing(), 2.6)
    objects, masks = read_by_the_guide(scene), full_masks(scene)
    assert [track for track, *_ in objects] == [str(track) for track in scene.track_ids]
    assert all((whole == mask).all() for (_, _, whole, _), mask in zip(objects, masks))
    assert (np.sum([visible for *_, visible in objects], axis=0) == masks.any(axis=0)).all()


def test_a_frame_without_objects_reads_as_such() -> None:
    assert read_by_the_guide(Instances.none((48, 27))) == []
