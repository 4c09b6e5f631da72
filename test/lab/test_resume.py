# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A training of either kind that is killed and resumed writes the model of one that was never killed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from scenes.rooms import write_rooms

from seg_ros.lab.instance_recipe import InstanceRecipe
from seg_ros.lab.mask_rcnn_training import MaskRcnnTask
from seg_ros.lab.model_training import train_model
from seg_ros.lab.semantic_recipe import SemanticRecipe
from seg_ros.lab.semantic_training import SemanticTask
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.training import TrainingOptions

OPTIONS = TrainingOptions(epochs=2, batch=2, lr=1e-3, warmup_steps=1, ema_decay=0.5)
Train = Callable[[Path, bool], Path]


def semantic(root: Path) -> Train:
    recipe = SemanticRecipe('home', 'lraspp_mobilenet_v2', 'indoor', *write_rooms(root / 'train', 2),
                            *write_rooms(root / 'dev', 2, first=50), input_size=(64, 48), crop=(64, 48),
                            heights=(40, 60), head_epochs=1)
    return lambda out, resume: train_model(recipe, OPTIONS, out, resume=resume)


def squares(root: Path, count: int, seed: int) -> ObjectSource:
    """Write images with a square each."""
    root.mkdir()
    rng = np.random.default_rng(seed)
    table: dict[str, list[Any]] = {'images': [], 'annotations': [], 'categories': [{'id': 1, 'name': 'square'}]}
    for k in range(count):
        x, y = (int(v) for v in rng.integers(5, 30, 2))
        picture = rng.integers(0, 60, (64, 64, 3)).astype(np.uint8)
        cv2.rectangle(picture, (x, y), (x + 25, y + 25), (30, 30, 220), -1)
        cv2.imwrite(str(root / f'{k}.png'), picture)
        table['images'].append({'id': k, 'file_name': f'{k}.png', 'width': 64, 'height': 64})
        table['annotations'].append({'id': k, 'image_id': k, 'category_id': 1, 'segmentation':
                                     [[x, y, x + 26, y, x + 26, y + 26, x, y + 26]]})
    (root / 'objects.json').write_text(json.dumps(table))
    return ObjectSource(root / 'objects.json', root)


def instance(root: Path) -> Train:
    recipe = InstanceRecipe('squares', 'maskrcnn_mobilenet_v2_fpn', squares(root / 'train', 2, 1),
                            squares(root / 'dev', 1, 2), input_size=(64, 64), crop=(64, 64), heights=(60, 70),
                            head_epochs=1)
    return lambda out, resume: train_model(recipe, OPTIONS, out, resume=resume)


@pytest.mark.timeout(600)  # seconds of work, minutes on a machine that trains beside
@pytest.mark.parametrize(('prepare', 'task'), [(semantic, SemanticTask), (instance, MaskRcnnTask)],
                         ids=['semantic', 'instance'])
def test_a_killed_training_ends_in_the_same_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                  prepare: Callable[[Path], Train], task: Any) -> None:
    run = prepare(tmp_path)
    whole = run(tmp_path / 'whole', False)
    loss, calls = task.loss, []

    def fatal(self: Any, *arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:  # a batch makes an epoch: within the second
            raise KeyboardInterrupt
        return loss(self, *arguments)

    monkeypatch.setattr(task, 'loss', fatal)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / 'killed', False)
    monkeypatch.undo()
    torch.manual_seed(99)  # another process has drawn other random numbers
    resumed = run(tmp_path / 'killed', True)
    for name in ('weights.safetensors', 'card.yaml'):
        assert (resumed / name).read_bytes() == (whole / name).read_bytes()
    assert (tmp_path / 'killed' / 'history.json').read_text() == (tmp_path / 'whole' / 'history.json').read_text()
    pictures = sorted(path.relative_to(tmp_path / 'whole') for path in (tmp_path / 'whole' / 'epochs').rglob('*.jpg'))
    assert all((tmp_path / 'killed' / path).read_bytes() == (tmp_path / 'whole' / path).read_bytes()
               for path in pictures)
