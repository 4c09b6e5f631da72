# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Training a semantic network: batches of crops, cross entropy, and what was known before is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import ClassVar

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seg_ros.lab.augmentation import CropPlan, pasted, random_crop, random_lens, random_light
from seg_ros.lab.blending import blend
from seg_ros.lab.datasets import NONE_OF_COMPLETE, Data, LabelledImage
from seg_ros.lab.semantic_evaluation import SemanticScorer, SemanticScores
from seg_ros.lab.task import SegmentationTask
from seg_ros.lab.temperature import fitted_temperature
from seg_ros.lab.words import class_logits
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.models.card import Card
from seg_ros.models.card_semantic import CardSemantic
from seg_ros.models.device import Placement
from seg_ros.models.networks import backbone_of, semantic_logits
from seg_ros.records import UNLABELLED, Frame, Mode
from seg_ros.settings import Settings

_Colour = tuple[float, float, float]
_Crop = tuple[Tensor, Tensor]

LEAST_LOGIT = -1e4
"""Of a class that no word of the network means: it has probability 0, and can be enlarged, as infinity cannot."""

FITTED_PIXELS = 1_000_000
"""Of all held-out images together, so many are looked at for the temperature."""


@dataclass
class SemanticTask(SegmentationTask[LabelledImage, SemanticScores]):
    """
    A semantic network, its labelled images and its loss.

    :param network: one of ``models.networks`` with an output for each word of the card.
    :param card: the network as a model. Its words are the names of the classes, or mean classes of the taxonomy.
    :param crop: how crops are cut.
    :param complete: the classes that pixels labelled ``NONE_OF_COMPLETE`` do not show.
    :param donors: whose objects are pasted into a share ``paste`` of the crops.
    :param begun: weights to blend with those learned, see ``blending``. :param share: that of the latter, 0..1.
    :param old: a network whose answers stay where nothing is labelled, as it knows the ``known`` classes, (classes,)
        bool; all where none are named. Learning without forgetting (Li and Hoiem 2016).
    :param keep: how much the divergence from it counts beside the cross entropy; 0 for not at all.
    """

    mode: ClassVar[Mode] = Mode.SEMANTIC

    train_data: Data[LabelledImage]
    card: Card
    taxonomy: Taxonomy
    crop: CropPlan
    complete: tuple[int, ...] = ()
    donors: Data[LabelledImage] | None = None
    paste: float = 0.0
    class_weights: Tensor = field(default_factory=lambda: torch.ones(0))
    begun: Mapping[str, Tensor] = field(default_factory=dict)
    share: float = 1.0
    old: nn.Module = field(default_factory=nn.Identity)
    known: Tensor = field(default_factory=lambda: torch.ones(0, dtype=torch.bool))
    keep: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not len(self.class_weights):
            self.class_weights = class_weights(self.train_data, len(self.taxonomy.classes))
        words = self.card.classes
        self._merge = None if words == self.taxonomy.names else torch.from_numpy(self.taxonomy.merge_matrix(words))

    def body_of(self, network: nn.Module) -> nn.Module:
        """Return the backbone."""
        return backbone_of(network)

    def order(self, count: int, rng: np.random.Generator) -> Sequence[int]:
        """Return each image once, but for the few that would not fill a batch."""
        return rng.permutation(len(self.train_data))[:count].tolist()

    def view(self, index: int, rng: np.random.Generator) -> _Crop:
        """Return a (3, h, w) uint8 crop with its (h, w) int64 labels."""
        sample = self.train_data.read(index)
        rgb, labels = random_crop(sample.rgb, sample.labels, self.crop, rng)
        if self.donors is not None and rng.random() < self.paste:
            donor = self.donors.read(int(rng.integers(len(self.donors))))
            rgb, labels = pasted(rgb, labels, *random_crop(donor.rgb, donor.labels, self.crop, rng), rng)
        rgb, labels = random_lens(rgb, labels, rng)
        rgb = random_light(np.ascontiguousarray(rgb), rng)
        return torch.from_numpy(rgb).permute(2, 0, 1), torch.from_numpy(labels.astype(np.int64))

    def joined(self, views: list[_Crop]) -> _Crop:
        """Return (N, 3, h, w) uint8 images with (N, h, w) int64 labels."""
        return torch.stack([rgb for rgb, _ in views]), torch.stack([labels for _, labels in views])

    def loss(self, network: nn.Module, batch: _Crop, device: torch.device) -> Tensor:
        """Return the weighted cross entropy at the resolution of the labels, and what was forgotten elsewhere."""
        if self.frozen:
            backbone_of(network).eval()
        images, labels = (t.to(device, non_blocking=True) for t in batch)
        logits = self.logits(network, images, labels.shape[-2:])
        loss = self.of_logits(logits, labels)
        return loss + self.keep * self.forgotten(logits, images, labels) if self.keep else loss

    @torch.no_grad()
    def answered_before(self, images: Tensor, size: Sequence[int]) -> Tensor:
        """Return the logits of the old network, as ``logits`` does."""
        return self.logits(self.old.to(images.device), images, size)

    def forgotten(self, logits: Tensor, images: Tensor, labels: Tensor) -> Tensor:
        """Return the divergence from what the old network says of the classes it knows, where there is no label."""
        old, known = self.answered_before(images, labels.shape[-2:]), self.known.to(logits.device)
        if len(known):  # behind the classes there may be a row of words that mean none
            rows = F.pad(known, (0, logits.shape[1] - len(known)), value=True)
            old, logits = old[:, rows], logits[:, rows]
        apart = divergence(logits, old)
        silent = labels == UNLABELLED
        return apart[silent].sum() / silent.sum().clamp(min=1)

    def logits(self, network: nn.Module, images: Tensor, size: Sequence[int]) -> Tensor:
        """Return (N, classes, h, w) logits of (N, 3, H, W) uint8 images, at a size (h, w)."""
        words = semantic_logits(network, normalised(images, self.card.mean, self.card.std))
        logits = class_logits(words.float(), self._merge).clamp(min=LEAST_LOGIT)
        return F.interpolate(logits, tuple(size), mode='bilinear', align_corners=False)

    def of_logits(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the weighted cross entropy of logits with (N, h, w) labels; 0 where nothing is labelled."""
        weights = F.pad(self.class_weights, (0, logits.shape[1] - len(self.class_weights)), value=1.0)
        return _cross_entropy(logits, labels, weights.to(labels.device), self.complete)

    def segmenter(self, network: nn.Module, where: Placement) -> CardSemantic:
        """Return the model that the node will open: blended, so that this is what chooses the epoch."""
        return CardSemantic(self.card, where.place(self._blended(network)), where, self.taxonomy)

    def scorer(self) -> SemanticScorer:
        """Return what scores the held-out images; every pixel counts."""
        return SemanticScorer(self.taxonomy.classes, Settings(unlabelled_threshold=0.0))

    @property
    def per_class(self) -> dict[str, str]:
        """The IoU of each class."""
        return {c.name: f'iou_{c.id}' for c in self.taxonomy.classes}

    def row(self, scores: SemanticScores) -> dict[str, float]:
        """Return ``score``, the mean IoU, ``pixel_accuracy`` and ``iou_<id>``."""
        by_class = {key: scores.iou[name] for name, key in self.per_class.items()}
        return {'score': scores.mean_iou, 'pixel_accuracy': scores.pixel_accuracy} | by_class

    def finished(self, network: nn.Module, device: torch.device) -> Card:
        """Blend a trained network with what it began with, and return its card."""
        temperature = round(self.temperature(network, device), 3)
        self._blended(network)
        return replace(self.card, temperature=temperature)

    def temperature(self, network: nn.Module, device: torch.device) -> float:
        """Return the temperature at which confidence means probability, fitted on pixels of the held-out images."""
        logits, labels = zip(*self._sampled_pixels(deepcopy(network), Placement(device, 'fp32')), strict=True)
        return fitted_temperature(torch.cat(logits), torch.cat(labels), self._merge)

    def _blended(self, network: nn.Module) -> nn.Module:
        if self.begun:
            blend(network, self.begun, self.share)
        return network

    @torch.inference_mode()
    def _sampled_pixels(self, network: nn.Module, where: Placement) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (P, words) logits and (P,) labels of the network's grid, of each held-out image; it is changed."""
        model, rng = self.segmenter(network, where), np.random.default_rng(0)
        for index in range(len(self.held_out)):
            sample = self.held_out.read(index)
            batch = model.prepared(Frame('', index, '', sample.rgb))
            grid = semantic_logits(network, batch)[0].float().cpu()
            near = cv2.resize(sample.labels, grid.shape[:0:-1], interpolation=cv2.INTER_NEAREST_EXACT).ravel()
            known = np.flatnonzero(near != UNLABELLED)
            some = torch.from_numpy(rng.permutation(known)[:max(1, FITTED_PIXELS // len(self.held_out))])
            yield grid.flatten(1).T[some], torch.from_numpy(near.astype(np.int64))[some]


def divergence(logits: Tensor, old: Tensor) -> Tensor:
    """Return (N, h, w), how far the answers of (N, classes, h, w) logits are from those of old ones."""
    return F.kl_div(logits.log_softmax(1), old.log_softmax(1), reduction='none', log_target=True).sum(1)


def _cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor, complete: tuple[int, ...]) -> Tensor:
    """
    Return the weighted mean of -log p(what is known of a pixel) over the pixels of which anything is known.

    Of a pixel labelled ``NONE_OF_COMPLETE`` is known that it shows one of the other classes: their
    probabilities add up, as in learning from partial labels.
    """
    known = labels < NONE_OF_COMPLETE
    exact = torch.where(known, labels, UNLABELLED)
    total = F.cross_entropy(logits, exact, weight=weights, ignore_index=UNLABELLED, reduction='sum')
    count = weights[labels[known]].sum()
    other = labels == NONE_OF_COMPLETE
    if other.any():
        rest = [k for k in range(logits.shape[1]) if k not in complete]
        total = total + (torch.logsumexp(logits, 1) - torch.logsumexp(logits[:, rest], 1))[other].sum()
        count = count + other.sum()
    return total / count.clamp(min=1.0)  # of no pixel anything may be known: then the loss is 0, not NaN


def normalised(images: Tensor, mean: _Colour = (127.5, 127.5, 127.5), std: _Colour = (127.5, 127.5, 127.5)) -> Tensor:
    """Turn (N, 3, H, W) uint8 into floats; as given in -1..1, which the MobileNetV2 weights expect."""
    shift, scale = (images.new_tensor(v, dtype=torch.float32)[:, None, None] for v in (np.divide(mean, std), std))
    return images.float() / scale - shift


def class_weights(data: Data[LabelledImage], n_classes: int) -> Tensor:
    """Return (classes,) weights that rise as each class gets rarer, by the power 0.4, within 0.6 to 3."""
    step = max(1, len(data) // 200)
    counts = np.zeros(n_classes)
    for index in range(0, len(data), step):
        counts += np.bincount(data.read(index).labels[::8, ::8].ravel(), minlength=256)[:n_classes]
    weights = (counts.sum() / n_classes / np.maximum(counts, 1.0)) ** 0.4
    return torch.tensor(weights.clip(0.6, 3.0), dtype=torch.float32)
