"""Models whose network is torchvision's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy
from seg_ros.models.catalog import Card
from seg_ros.models.device import Placement, placement
from seg_ros.models.networks import semantic_logits, semantic_network
from seg_ros.models.preprocess import network_size, to_network
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.semantic_output import SemanticOutput
from seg_ros.models.weights import load_weights
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings, parse_size

STRIDE = 16


def open_torchvision(card: Card, weights: Path, settings: Settings) -> Segmenter:
    """
    Load a torchvision network and its weights onto its device.

    :raises ModelError: when the architecture is unknown or the weights are unusable.
    """
    where = placement(settings)
    taxonomy = load_taxonomy(settings.taxonomy)
    network = semantic_network(card.architecture, len(card.classes))
    load_weights(network, weights)
    return TorchvisionSemantic(card, where.place(network), where, taxonomy)


class TorchvisionSemantic:
    """A semantic network with its card and the taxonomy its words are merged into; see ``Segmenter``."""

    modes = frozenset({Mode.SEMANTIC})

    def __init__(self, card: Card, network: nn.Module, where: Placement, taxonomy: Taxonomy) -> None:
        self.name, self.classes = card.name, taxonomy.classes
        self.device, self.precision = str(where.device), where.precision
        self._card, self._where, self._network = card, where, network
        merge = torch.from_numpy(taxonomy.merge_matrix(card.classes))
        ids = torch.tensor([c.id for c in taxonomy.classes], dtype=torch.uint8)
        self._output = SemanticOutput(merge.to(where.device), ids.to(where.device), card.temperature)

    @torch.inference_mode()
    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return labels and confidence of each frame; frames of one network size share a forward pass."""
        sizes = [network_size(frame.size, self._card.input_size, STRIDE) for frame in frames]
        answers: dict[int, Segmentation] = {}
        for size in dict.fromkeys(sizes):
            chosen = [k for k, other in enumerate(sizes) if other == size]
            batch = to_network([frames[k].rgb for k in chosen], size, self._card.mean, self._card.std, self._where)
            logits = semantic_logits(self._network, batch)
            for row, k in enumerate(chosen):
                out = parse_size(settings.output_size) or frames[k].size
                labels, confidence = self._output.read(logits[row:row + 1], out, settings.unlabelled_threshold)
                answers[k] = Segmentation(out, labels, confidence)
        return [answers[k] for k in range(len(frames))]

    def close(self) -> None:
        """Forget the network and give its memory back to the device."""
        self._network = nn.Identity()
        if self._where.device.type == 'cuda':
            torch.cuda.empty_cache()
