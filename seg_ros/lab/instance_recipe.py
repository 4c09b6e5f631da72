"""From COCO files to a model folder: what ``seg_ros train instance`` does."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torchvision.models.detection import MaskRCNN

from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.checking import check
from seg_ros.lab.instance_augmentation import ViewPlan
from seg_ros.lab.instance_training import InstanceTask, found_in
from seg_ros.lab.pictures import Picture, side_by_side, true_objects
from seg_ros.lab.results import Results, shown_of
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.starting import begin_from, read_start, tensors_of
from seg_ros.lab.training import History, TrainingOptions, train
from seg_ros.labels.palette import instance_colour
from seg_ros.labels.taxonomy import RobotClass, Role
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.instance_networks import INSTANCE_NETWORKS, instance_network, load_instance_backbone
from seg_ros.models.weights import save_weights
from seg_ros.records import Segmentation

log = logging.getLogger(__name__)

INSTANCE_ARCHITECTURES = tuple(sorted(INSTANCE_NETWORKS))
"""The networks that can be trained."""


@dataclass(frozen=True)
class InstanceRecipe:
    """
    What to train on and what to train; the words are those of ``seg_ros train instance --help``.

    :param start: a trained model to begin with (``--from``). :param head_epochs: epochs in which the backbone rests.
    :param heights: smallest and largest height in pixels to which images are scaled before cutting.
    :param turn_deg: views are turned by at most this angle. :param upside_down: views may be upside down.
    :param paste: share of the views into which objects of another image are pasted.
    :param repeats: how many times as many views as images make an epoch.
    :param rare_share: images of classes rarer than this share are seen more often.
    """

    name: str
    architecture: str
    train: ObjectSource
    val: ObjectSource
    backbone: Path | None = None
    start: str = ''
    head_epochs: int = 0
    input_size: tuple[int, int] = (576, 432)
    crop: tuple[int, int] = (512, 384)
    heights: tuple[int, int] = (320, 560)
    turn_deg: float = 15.0
    upside_down: bool = False
    paste: float = 0.3
    repeats: int = 1
    rare_share: float = 0.1


def train_instance(recipe: InstanceRecipe, options: TrainingOptions, folder: Path, *, resume: bool) -> Path:
    """
    Train a model that finds objects and return the folder that holds its card and weights.

    :raises DataError: when data is missing or malformed, or the folder already holds a run.
    :raises ModelError: when the weights to start from do not fit.
    """
    cv2.setNumThreads(0)  # the loading threads are the parallelism; OpenCV's own would fight torch's
    torch.manual_seed(options.seed)
    data = recipe.train.opened()
    held_out = recipe.val.opened(data.class_names)
    check([data], held_out, workers=options.workers)
    network = _network(recipe, data.class_names)
    task = InstanceTask(network, data, held_out,
                        ViewPlan(CropPlan(recipe.crop, recipe.heights), turn_deg=recipe.turn_deg,
                                 upside_down=recipe.upside_down, paste=recipe.paste),
                        recipe.input_size, frozen=7, repeats=recipe.repeats, rare_share=recipe.rare_share,
                        head_epochs=recipe.head_epochs)
    results = Results(folder, {name: f'AP50_{name}' for name in data.class_names},
                      lambda network: _pictures(task, network, torch.device(options.device)))

    def on_epoch(history: History, network: torch.nn.Module) -> None:
        _say(history[-1])
        results.add(history, network)

    best = train(task, options, folder, resume=resume, recipe={'kind': 'instance', **asdict(recipe)},
                 on_epoch=on_epoch)
    model = folder / 'model'
    save_weights(best, model / WEIGHTS)
    write_card(model, Card(recipe.name, 'instance', recipe.architecture, tuple(data.class_names),
                           recipe.input_size, _bytes(network.transform.image_mean),
                           _bytes(network.transform.image_std)))
    return model


def _network(recipe: InstanceRecipe, class_names: Sequence[str]) -> MaskRCNN:
    sides = min(recipe.input_size), max(recipe.input_size)
    network = instance_network(recipe.architecture, len(class_names), *sides)
    if recipe.backbone is not None:
        load_instance_backbone(network, tensors_of(recipe.backbone))
    if recipe.start:
        start = read_start(recipe.start, 'instance', recipe.architecture)
        begin_from(start, network, lambda n: instance_network(recipe.architecture, n, *sides), class_names)
        network.transform.image_mean = [v / 255.0 for v in start.mean]
        network.transform.image_std = [v / 255.0 for v in start.std]
    return network


def _bytes(shares: Sequence[float]) -> tuple[float, float, float]:
    """Return a colour in 0..255, given in 0..1."""
    red, green, blue = (round(255.0 * share, 4) for share in shares)
    return red, green, blue


def _pictures(task: InstanceTask, network: torch.nn.Module, device: torch.device) -> Iterator[tuple[str, Picture]]:
    """Yield the held-out images shown after each epoch: camera, truth, and the objects of score 0.5 and more."""
    names = task.held_out.class_names
    classes = [RobotClass(k, name, instance_colour(k + 1), Role.OBSTACLE) for k, name in enumerate(names)]
    for index in shown_of(len(task.held_out)):
        sample = task.held_out.read(index)
        found = found_in(network, sample.rgb, task.input_size, len(names), task.selection, device)
        sure = found.taken(np.flatnonzero(found.scores >= 0.5))
        true = true_objects(sample, range(len(names)))
        yield sample.name, side_by_side(sample.rgb, Segmentation(true.size, instances=true),
                                        Segmentation(sure.size, instances=sure), classes)


def _say(scores: dict[str, float]) -> None:
    log.info('epoch %d: mask AP50 %.3f, AP %.3f, wrong class %.3f', scores['epoch'] + 1, scores['AP50'],
             scores['AP'], scores['wrong_class'])
