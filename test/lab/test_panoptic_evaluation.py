# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Labels and objects of scripted models, scored against label images and outlines on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scenes.rooms import write_image
from scenes.scripted import THINGS, ScriptedInstances, ScriptedSegmenter, Thing, drawn

from seg_ros.errors import DataError
from seg_ros.lab.coco import InstanceData
from seg_ros.lab.datasets import LabelFolder
from seg_ros.lab.evaluation import evaluate, scored
from seg_ros.lab.panoptic_evaluation import PanopticData, PanopticScorer, PanopticScores, on_both
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.segmenter import Segmenter
from seg_ros.pipeline import Pipeline
from seg_ros.settings import Settings

INDOOR = load_taxonomy('indoor')
FLOOR, WALL = 0, 1
SETTINGS = Settings().changed({'mode': 'panoptic', 'semantic_model': 'indoor', 'instance_model': 'tools'})
FOUND = (Thing('hammer', 0.9, (10, 10, 30, 20)), Thing('wrench', 0.8, (40, 30, 50, 40)),
         Thing('wrench', 0.1, (0, 0, 5, 5)))  # the last is below the threshold of the robot


def open_model(name: str, settings: Settings) -> Segmenter:
    return ScriptedSegmenter() if name == 'indoor' else ScriptedInstances({0: FOUND})


def written(root: Path) -> tuple[Path, Path, Path]:
    """Write a wall above a floor with the hammer that is found, and a wrench elsewhere than found."""
    labels = np.full((48, 64), WALL, np.uint8)
    labels[24:] = FLOOR
    write_image(root / 'images' / 'a.png', drawn(labels))
    write_image(root / 'labels' / 'a.png', labels)
    boxes = {1: (10, 10, 30, 20), 2: (2, 30, 12, 40)}
    table = {'images': [{'id': 1, 'file_name': 'a.png', 'width': 64, 'height': 48},
                        {'id': 2, 'file_name': 'unlabelled.png', 'width': 64, 'height': 48}],
             'categories': [{'id': 1, 'name': 'hammer'}, {'id': 2, 'name': 'wrench'}],
             'annotations': [{'id': k, 'image_id': 1, 'category_id': k,
                              'segmentation': [[x0, y0, x1, y0, x1, y1, x0, y1]]}
                             for k, (x0, y0, x1, y1) in boxes.items()]}
    (root / 'objects.json').write_text(json.dumps(table))
    return root / 'images', root / 'labels', root / 'objects.json'


def test_a_scene_is_scored_as_worked_out_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('seg_ros.lab.evaluation.open_model', open_model)
    images, labels, coco = written(tmp_path)
    found = scored(SETTINGS, on_both(SETTINGS, images, labels, coco), overlays=tmp_path / 'seen')
    assert found.images == 1
    assert found.of['hammer'] == pytest.approx({'pq': 199 / 200, 'sq': 199 / 200, 'rq': 1.0})  # but for a corner
    assert found.of['wrench'] == {'pq': 0.0, 'sq': 0.0, 'rq': 0.0}
    wall, floor = 24 * 64 - 200, 24 * 64 - 100
    assert found.of['wall']['pq'] == pytest.approx(wall / (wall + 1))
    assert found.of['floor']['pq'] == pytest.approx((floor - 99) / (floor + 100))
    assert np.isnan(found.of['person']['pq'])
    parts = [found.of[name]['pq'] for name in ('hammer', 'wrench', 'wall', 'floor')]
    assert (found.pq, found.pq_things, found.pq_stuff) == pytest.approx(
        (np.mean(parts), np.mean(parts[:2]), np.mean(parts[2:])))
    assert sorted(path.name for path in (tmp_path / 'seen').iterdir()) == ['a.jpg', 'worst.jpg']


def evaluate_panoptic(pipeline: Pipeline, settings: Settings, data: PanopticData) -> PanopticScores:
    return evaluate(pipeline, settings, data, PanopticScorer(THINGS, pipeline.classes, settings))


def test_the_objects_are_those_the_robot_would_report(tmp_path: Path) -> None:
    """With a lower threshold the doubtful wrench is a false alarm as well."""
    images, labels, coco = written(tmp_path)
    data = PanopticData(LabelFolder(images, labels, INDOOR), InstanceData(images, coco, [c.name for c in THINGS]))
    pipeline = Pipeline(open_model)
    pipeline.configure(SETTINGS)
    scores = [evaluate_panoptic(pipeline, SETTINGS.changed({'score_threshold': threshold}), data).of['wall']['pq']
              for threshold in (0.5, 0.85)]
    assert scores[0] == scores[1]
    assert evaluate_panoptic(pipeline, SETTINGS.changed({'score_threshold': 0.95}), data).of['hammer']['rq'] == 0.0


def test_images_with_labels_and_objects_are_found_by_name(tmp_path: Path) -> None:
    images, labels, coco = written(tmp_path)
    folder = LabelFolder(images, labels, INDOOR)
    data = PanopticData(folder, InstanceData(images, coco))
    assert len(data) == 1
    assert (data.read(0).labelled.name, data.read(0).outlined.name) == ('a', 'a')
    table = json.loads(coco.read_text())
    table['images'] = table['images'][1:]
    coco.write_text(json.dumps(table))
    with pytest.raises(DataError, match=r'no image has both a label image and an entry in .*objects\.json'):
        PanopticData(folder, InstanceData(images, coco))
