# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The shipped models that find objects, on real pictures, through the real node: found, kept and counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from scenes.graph import Graph, image, pixels_of, until, values_of
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

from seg_ros.lab.coco import InstanceData, OutlinedImage
from seg_ros.models.catalog import open_model

DATA = Path(__file__).parents[3] / 'shared' / 'data'


def best_matches(true: OutlinedImage, masks: np.ndarray) -> list[tuple[float, int]]:
    """Return for each found (H, W) mask its largest overlap with a true object, and that object's class."""
    matches = []
    for mask in masks > 0:
        overlaps = [(float((mask & (one > 0)).sum() / max(1, (mask | (one > 0)).sum())), int(k))
                    for one, k in zip(true.masks, true.classes)]
        matches.append(max(overlaps))
    return matches


@pytest.mark.parametrize(('model', 'pictures'), [('tools', (11, 11, 24, 39, 59)), ('plants', (1, 1, 3, 5, 7))])
def test_real_objects_are_found_named_kept_and_counted(ros_context: Context, model: str,
                                                       pictures: tuple[int, ...]) -> None:
    folder = DATA / model / 'dev'
    if not folder.is_dir():
        pytest.skip(f'the pictures of {model} are not beside the repository')
    data = InstanceData(folder / 'images', folder / 'instances.json')
    right = found = 0
    with Graph(ros_context, {'mode': 'instance', 'instance_model': model, 'device': 'cpu'}, open_model) as graph:
        detections = graph.listen('/segmentation/instances', Detection2DArray)
        masks = graph.listen('/segmentation/instance_masks', Image)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        publish = graph.camera()
        for shown, index in enumerate(pictures):  # the first picture twice
            sample = data.read(index)
            publish(image(sample.rgb, stamp=(100 + shown, 0) if shown > 1 else (100, shown * 100_000_000)))
            until(lambda: len(masks) > shown and len(detections) > shown, 'no answer', timeout_s=60.0)
            stack = pixels_of(masks[-1]).reshape(-1, *sample.rgb.shape[:2])
            names = [d.results[0].hypothesis.class_id for d in detections[-1].detections]
            assert len(stack) == len(names)
            for (overlap, k), name in zip(best_matches(sample, stack), names):
                found += 1
                right += overlap >= 0.5 and data.class_names[k] == name
        until(lambda: any(key.endswith(' ever') for key in values_of(reports)), 'no counts', timeout_s=20.0)
    first, second = ([d.id for d in message.detections] for message in detections[:2])
    assert first == second and '0' not in first  # the same picture a moment later: the same objects
    assert found >= 5
    assert right / found > 0.3  # a floor well below what is measured, see docs/models.md
