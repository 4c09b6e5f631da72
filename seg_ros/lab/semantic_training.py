"""Training a semantic network: batches of crops, cross entropy, validation by intersection over union."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from seg_ros.lab.augmentation import CropPlan, random_crop, random_lens, random_light
from seg_ros.lab.datasets import NONE_OF_COMPLETE, SemanticData
from seg_ros.lab.loading import grouped, in_order
from seg_ros.lab.metrics import ConfusionMatrix
from seg_ros.lab.training import TrainingOptions
from seg_ros.lab.words import class_logits
from seg_ros.models.networks import backbone_of, semantic_logits
from seg_ros.records import UNLABELLED

Colour = tuple[float, float, float]


@dataclass
class SemanticTask:
    """
    A semantic network, its labelled images and its loss.

    :param network: one of ``models.networks``; label k is output k, or the outputs that row k of ``merge`` names.
    :param train_data: images to learn from. :param held_out: images that choose the best epoch.
    :param crop: how crops are cut. :param input_size: (width, height) at which the model will be used.
    :param frozen: how many of the first backbone blocks keep their weights; 0 for a backbone that has seen
        nothing yet, any more also keeps the batch statistics of the whole backbone.
    :param complete: the classes that pixels labelled ``NONE_OF_COMPLETE`` do not show.
    :param head_epochs: epochs at the beginning in which the head alone learns.
    :param mean: of red, green and blue in 0..255, subtracted; likewise ``std``, divided by.
    :param merge: (classes, words) of 0 and 1, for a network of words; None where each output is a class.
    """

    network: nn.Module
    n_classes: int
    train_data: SemanticData
    held_out: SemanticData
    crop: CropPlan
    input_size: tuple[int, int]
    frozen: int = 0
    complete: tuple[int, ...] = ()
    head_epochs: int = 0
    mean: Colour = (127.5, 127.5, 127.5)
    std: Colour = (127.5, 127.5, 127.5)
    merge: Tensor | None = None
    class_weights: Tensor = field(default_factory=lambda: torch.ones(0))

    def __post_init__(self) -> None:
        for block in list(backbone_of(self.network).children())[:self.frozen]:
            block.requires_grad_(False)
        self._late = [p for p in backbone_of(self.network).parameters() if p.requires_grad]
        if not len(self.class_weights):
            self.class_weights = class_weights(self.train_data, self.n_classes)

    def parameter_groups(self, lr: float) -> list[dict[str, Any]]:
        """Train the head at the full rate and the backbone, which has seen the world, at a third of it."""
        backbone = [p for p in backbone_of(self.network).parameters() if p.requires_grad]
        return [{'params': list(cast(nn.Module, self.network.classifier).parameters()), 'lr': lr},
                {'params': backbone, 'lr': lr / 3}]

    def begin_epoch(self, epoch: int) -> None:
        """Let the backbone rest in the first epochs: a new head would only spoil it."""
        for parameter in self._late:
            parameter.requires_grad_(epoch >= self.head_epochs)

    def steps_per_epoch(self, options: TrainingOptions) -> int:
        """Return the number of full batches in the data."""
        return max(1, len(self.train_data) // options.batch)

    def batches(self, epoch: int, options: TrainingOptions) -> Iterable[tuple[Tensor, Tensor]]:
        """Yield (N, 3, h, w) uint8 images with (N, h, w) int64 labels."""
        order = np.random.default_rng((options.seed, epoch)).permutation(len(self.train_data))
        order = order[:self.steps_per_epoch(options) * options.batch]
        crops = in_order(lambda k: self._crop(int(order[k]), (options.seed, epoch, 1 + k)), len(order),
                         workers=options.workers, ahead=3 * options.batch)
        for group in grouped(crops, options.batch):
            yield torch.stack([rgb for rgb, _ in group]), torch.stack([labels for _, labels in group])

    def _crop(self, index: int, seed: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng(seed)
        sample = self.train_data.read(index)
        rgb, labels = random_crop(sample.rgb, sample.labels, self.crop, rng)
        rgb, labels = random_lens(rgb, labels, rng)
        rgb = random_light(np.ascontiguousarray(rgb), rng)
        return torch.from_numpy(rgb).permute(2, 0, 1), torch.from_numpy(labels.astype(np.int64))

    def loss(self, network: nn.Module, batch: tuple[Tensor, Tensor], device: torch.device) -> Tensor:
        """Return the weighted cross entropy at the resolution of the labels; 0 where nothing is labelled."""
        if self.frozen:  # a backbone that has seen the world keeps its batch statistics: crops would spoil them
            backbone_of(network).eval()
        images, labels = (t.to(device, non_blocking=True) for t in batch)
        logits = self._logits(network, images).float()
        logits = F.interpolate(logits, labels.shape[-2:], mode='bilinear', align_corners=False)
        weights = F.pad(self.class_weights, (0, logits.shape[1] - self.n_classes), value=1.0)
        return _cross_entropy(logits, labels, weights.to(device), self.complete)

    def validate(self, network: nn.Module, epoch: int, device: torch.device) -> dict[str, float]:
        """Return mean IoU and pixel accuracy of the held-out images at their own size."""
        matrix = ConfusionMatrix(self.n_classes)
        for index in range(len(self.held_out)):
            sample = self.held_out.read(index)
            matrix.add(self.predicted(network, sample.rgb, device), sample.labels)
        iou = matrix.iou()
        scores = {'score': float(np.nanmean(iou)), 'pixel_accuracy': matrix.pixel_accuracy()}
        return scores | {f'iou_{k}': float(v) for k, v in enumerate(iou)}

    def predicted(self, network: nn.Module, rgb: NDArray[np.uint8], device: torch.device) -> NDArray[np.uint8]:
        """Return the (H, W) uint8 best class of each pixel of an (H, W, 3) uint8 image, seen at ``input_size``."""
        small = cv2.resize(rgb, self.input_size, interpolation=cv2.INTER_AREA)
        with torch.inference_mode():
            image = torch.from_numpy(small).permute(2, 0, 1)[None].to(device)
            logits = self._logits(network.eval(), image)[:, :self.n_classes]
            logits = F.interpolate(logits, rgb.shape[:2], mode='bilinear', align_corners=False)
            return logits[0].argmax(0).to(torch.uint8).cpu().numpy()

    def _logits(self, network: nn.Module, images: Tensor) -> Tensor:
        logits = semantic_logits(network, normalised(images, self.mean, self.std))
        return class_logits(logits, self.merge if self.merge is None else self.merge.to(logits.device))


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


def normalised(images: Tensor, mean: Colour = (127.5, 127.5, 127.5), std: Colour = (127.5, 127.5, 127.5)) -> Tensor:
    """Turn (N, 3, H, W) uint8 into floats; as given in -1..1, which the MobileNetV2 weights expect."""
    shift, scale = (images.new_tensor(v, dtype=torch.float32)[:, None, None] for v in (np.divide(mean, std), std))
    return images.float() / scale - shift


def class_weights(data: SemanticData, n_classes: int) -> Tensor:
    """Return (classes,) weights that rise as each class gets rarer, by the power 0.4, within 0.6 to 3."""
    step = max(1, len(data) // 200)
    counts = np.zeros(n_classes)
    for index in range(0, len(data), step):
        counts += np.bincount(data.read(index).labels[::8, ::8].ravel(), minlength=256)[:n_classes]
    weights = (counts.sum() / n_classes / np.maximum(counts, 1.0)) ** 0.4
    return torch.tensor(weights.clip(0.6, 3.0), dtype=torch.float32)
