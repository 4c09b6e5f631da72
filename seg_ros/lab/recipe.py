"""From folders of labelled images to a model folder: what ``seg_ros train semantic`` does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from seg_ros.errors import DataError, SettingError
from seg_ros.lab.augmentation import CropPlan
from seg_ros.lab.blending import begun_weights, blend
from seg_ros.lab.checking import check
from seg_ros.lab.datasets import CocoPixels, Joined, LabelFolder, SemanticData
from seg_ros.lab.pictures import Picture, side_by_side
from seg_ros.lab.results import Results, shown_of
from seg_ros.lab.semantic_training import SemanticTask, normalised
from seg_ros.lab.starting import Start, begin_from, read_start, start_card, tensors_of
from seg_ros.lab.temperature import fitted_temperature
from seg_ros.lab.training import History, TrainingOptions, train
from seg_ros.lab.words import kept_words
from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.networks import SEMANTIC_NETWORKS, load_backbone, semantic_logits, semantic_network
from seg_ros.models.weights import save_weights
from seg_ros.records import Segmentation

log = logging.getLogger(__name__)

ARCHITECTURES = tuple(sorted(SEMANTIC_NETWORKS))
"""The networks that can be trained."""


@dataclass(frozen=True)
class SemanticRecipe:
    """
    What to train on and what to train; the words are those of ``seg_ros train semantic --help``.

    :param more: further folders of images with folders of their label images.
    :param start: a trained model to begin with (``--from``). :param head_epochs: epochs in which the backbone rests.
    :param keep_words: whether the network keeps the words of ``start``; each class whose name is none becomes one.
    :param blend: share of the trained weights in the model, 0..1; the rest is ``start``.
    """

    name: str
    architecture: str
    taxonomy: str
    images: Path
    labels: Path
    val_images: Path
    val_labels: Path
    val_every: int = 1
    more: tuple[tuple[Path, Path], ...] = ()
    coco: tuple[Path, Path] | None = None
    coco_classes: tuple[str, ...] = ()
    coco_complete: tuple[str, ...] = ()
    backbone: Path | None = None
    start: str = ''
    keep_words: bool = False
    blend: float = 1.0
    head_epochs: int = 0
    input_size: tuple[int, int] = (384, 288)
    crop: tuple[int, int] = (320, 256)
    heights: tuple[int, int] = (240, 480)


def train_semantic(recipe: SemanticRecipe, options: TrainingOptions, folder: Path, *, resume: bool) -> Path:
    """
    Train a semantic model and return the folder that holds its card and weights.

    :raises DataError: when data is missing or malformed, or the folder already holds a run.
    :raises ModelError: when the backbone weights do not fit, or the input size is out of bounds.
    """
    cv2.setNumThreads(0)  # the loading threads are the parallelism; OpenCV's own would fight torch's
    taxonomy = load_taxonomy(recipe.taxonomy)
    ids = [c.id for c in taxonomy.classes]
    if ids != list(range(len(ids))):
        raise DataError(f"taxonomy '{taxonomy.name}' has the ids {ids}", 'for training, number them from 0')
    card = Card(recipe.name, 'semantic', recipe.architecture, _words(recipe, taxonomy), recipe.input_size)
    merge = torch.from_numpy(taxonomy.merge_matrix(card.classes)) if recipe.keep_words else None
    torch.manual_seed(options.seed)  # the first weights of the head are part of what the seed decides
    network = semantic_network(recipe.architecture, len(card.classes))
    start = read_start(recipe.start, card.kind, recipe.architecture) if recipe.start else None
    if start is not None:
        card = replace(card, mean=start.mean, std=start.std)
        begun = _begun(network, start, card)
    if recipe.backbone is not None:
        load_backbone(network, tensors_of(recipe.backbone))
    held_out = LabelFolder(recipe.val_images, recipe.val_labels, taxonomy)
    held_out.pairs = held_out.pairs[::recipe.val_every]
    parts = _training_data(recipe, taxonomy)
    check(parts, held_out, workers=options.workers)
    task = SemanticTask(network, len(ids), Joined([(part, 1) for part in parts]), held_out,
                        CropPlan(recipe.crop, recipe.heights), recipe.input_size,
                        frozen=4 if recipe.start or recipe.backbone is not None else 0,
                        head_epochs=recipe.head_epochs, mean=card.mean, std=card.std, merge=merge,
                        complete=tuple(c.id for c in taxonomy.classes if c.name in recipe.coco_complete))
    device = torch.device(options.device)
    results = Results(folder, {c.name: f'iou_{c.id}' for c in taxonomy.classes},
                      lambda network: _pictures(task, network, taxonomy, device))

    def on_epoch(history: History, network: nn.Module) -> None:
        _say(history[-1], taxonomy)
        results.add(history, network)

    best = train(task, options, folder, resume=resume, recipe={'kind': card.kind, **asdict(recipe)},
                 on_epoch=on_epoch)
    if start is not None:
        blend(best, begun, recipe.blend)
    return _write_model(best, card, held_out, device, folder / 'model', merge)


def _begun(network: nn.Module, start: Start, card: Card) -> dict[str, Tensor]:
    """Fill a network with the weights to start from and return what of them it can be moved back to."""
    build = partial(semantic_network, card.architecture)
    begin_from(start, network, build, card.classes)
    return begun_weights(network, build, start.card.classes if start.card else (), card.classes)


def _words(recipe: SemanticRecipe, taxonomy: Taxonomy) -> tuple[str, ...]:
    if not recipe.keep_words:
        return taxonomy.names
    card = start_card(recipe.start, 'semantic') if recipe.start else None
    if card is None:
        raise SettingError('there are no words to keep', 'give --from a model that has a card')
    return kept_words(card.classes, taxonomy)


def _training_data(recipe: SemanticRecipe, taxonomy: Taxonomy) -> list[LabelFolder | CocoPixels]:
    rooms: list[LabelFolder | CocoPixels] = [LabelFolder(images, labels, taxonomy) for images, labels in
                                             ((recipe.images, recipe.labels), *recipe.more)]
    if recipe.coco is None:
        return rooms
    return [*rooms, CocoPixels(*recipe.coco, taxonomy, recipe.coco_classes, recipe.coco_complete)]


def _pictures(task: SemanticTask, network: nn.Module, taxonomy: Taxonomy,
              device: torch.device) -> Iterator[tuple[str, Picture]]:
    """Yield the held-out images shown after each epoch: camera, truth, prediction."""
    for index in shown_of(len(task.held_out)):
        sample = task.held_out.read(index)
        size = sample.rgb.shape[1], sample.rgb.shape[0]
        found = Segmentation(size, task.predicted(network, sample.rgb, device))
        yield sample.name, side_by_side(sample.rgb, Segmentation(size, sample.labels), found, taxonomy.classes)


def _say(scores: dict[str, float], taxonomy: Taxonomy) -> None:
    per_class = '  '.join(f'{c.name} {scores[f"iou_{c.id}"]:.2f}' for c in taxonomy.classes)
    log.info('epoch %d: mean IoU %.3f, pixel accuracy %.3f  (%s)', scores['epoch'] + 1, scores['score'],
             scores['pixel_accuracy'], per_class)


def _write_model(network: nn.Module, card: Card, held_out: SemanticData, device: torch.device,
                 folder: Path, merge: Tensor | None) -> Path:
    temperature = fitted_temperature(*_sampled_pixels(network, card, held_out, device), merge)
    save_weights(network, folder / WEIGHTS)
    write_card(folder, replace(card, temperature=round(temperature, 3)))
    return folder


def _sampled_pixels(network: nn.Module, card: Card, data: SemanticData,
                    device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the logits and labels of the network's own grid over the held-out images."""
    logits, labels = [], []
    for index in range(len(data)):
        sample = data.read(index)
        small = cv2.resize(sample.rgb, card.input_size, interpolation=cv2.INTER_AREA)
        with torch.inference_mode():
            image = torch.from_numpy(small).permute(2, 0, 1)[None].to(device)
            grid = semantic_logits(network, normalised(image, card.mean, card.std))[0].float().cpu()
        logits.append(grid.flatten(1).T)
        near = cv2.resize(sample.labels, grid.shape[:0:-1], interpolation=cv2.INTER_NEAREST)
        labels.append(torch.from_numpy(near.astype(np.int64)).flatten())
    return torch.cat(logits), torch.cat(labels)
