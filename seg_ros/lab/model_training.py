# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From a recipe to a model folder: what ``seg_ros train`` does, for models of both kinds."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import torch
from torch import nn

from seg_ros.lab.checking import check
from seg_ros.lab.recipe import Recipe, Task
from seg_ros.lab.results import Results
from seg_ros.lab.training import History, refuse_other_run, train
from seg_ros.lab.training_options import TrainingOptions
from seg_ros.models.card import WEIGHTS, write_card
from seg_ros.models.device import device_named
from seg_ros.models.weights import save_weights

log = logging.getLogger(__name__)


def train_model(recipe: Recipe, options: TrainingOptions, folder: Path, *, resume: bool) -> Path:
    """
    Train a model and return the folder that holds its card and weights.

    :raises DataError: when data is missing or malformed, or the folder cannot take this run.
    :raises ModelError: when the weights to begin with do not fit, or the input size is out of bounds.
    :raises SettingError: when the device is not there.
    """
    device = device_named(options.device)
    refuse_other_run(folder, resume=resume)
    cv2.setNumThreads(0)  # the loading threads are the parallelism; OpenCV's own would fight torch's
    learned, held_out, parts = recipe.data()
    torch.manual_seed(options.seed)  # the first weights of the head are part of what the seed decides
    task = recipe.task(learned, held_out)
    check(parts, held_out, workers=options.workers)
    options = replace(options.for_images(task.views_per_epoch, views=recipe.views, most=recipe.batch),
                      device=str(device))
    task.head_epochs = recipe.resting(options)
    if not recipe.knows():
        log.warning('The network begins with random weights and needs thousands of images so: --from a trained model, '
                    'or a --backbone, needs tens')
    log.info('%d images and %d held out, epochs: %d, images of a batch: %d', len(learned), len(held_out),
             options.epochs, options.batch)
    results = Results(folder, task.per_class, lambda network: task.pictures(network, device))

    def on_epoch(history: History, network: nn.Module) -> None:
        _say(history[-1], results.per_class)
        results.add(history, network)

    best = train(task, options, folder, resume=resume, recipe={'kind': recipe.kind, **asdict(recipe)},
                 on_epoch=on_epoch)
    return _write_model(task, best, device, folder / 'model')


def _say(row: dict[str, float], per_class: Mapping[str, str]) -> None:
    whole = {name: value for name, value in row.items() if name not in (*per_class.values(), 'epoch')}
    of_class = {name: row[key] for name, key in per_class.items()}
    log.info('epoch %d: %s  (%s)', row['epoch'] + 1, _listed(whole), _listed(of_class))


def _listed(values: Mapping[str, float]) -> str:
    """Return scores in a line; a dash for the class that no held-out image shows."""
    return '  '.join(f'{name} {"–" if math.isnan(value) else f"{value:.3f}"}' for name, value in values.items())


def _write_model(task: Task, network: nn.Module, device: torch.device, folder: Path) -> Path:
    card = task.finished(network, device)
    save_weights(network, folder / WEIGHTS)
    write_card(folder, card)
    return folder
