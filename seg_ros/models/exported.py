"""Models whose network was exported and runs outside of PyTorch: its outputs become the same answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seg_ros.errors import ModelError
from seg_ros.labels.taxonomy import RobotClass, Taxonomy, load_taxonomy
from seg_ros.labels.things import things_of
from seg_ros.models.card import Card
from seg_ros.models.device import Placement
from seg_ros.models.instance_networks import Proposals
from seg_ros.models.instance_output import Selection, instances_of
from seg_ros.models.preprocess import network_size, to_network
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.semantic_output import SemanticOutput
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings, parse_size
from seg_ros.stages import stage

log = logging.getLogger(__name__)

INSTANCE_OUTPUTS = ('boxes', 'scores', 'labels', 'masks')
STRIDES = {Mode.SEMANTIC.value: 16, Mode.INSTANCE.value: 32}
HOST = Placement(torch.device('cpu'), 'fp32')
"""Images are resized and normalised, and answers read, on the CPU; the runtime moves them to its device."""

SQUEEZED = 1.1
"""A picture whose shape differs from that of a network of one size by more than this factor is worth a warning."""


@dataclass(frozen=True)
class Exported:
    """
    A network outside of PyTorch's own modules.

    :param precision: ``fp32``, ``fp16`` or ``int8``. :param device: ``cpu`` or ``cuda:N``.
    :param size: (width, height) of the images it takes; None for any.
    :param one_by_one: whether it takes one image at a time.
    :param run: takes (N, 3, H, W) images, normalised as the card says, and the score below which objects need not
        be computed; gives ``(logits,)``, or of an instance network what ``INSTANCE_OUTPUTS`` names.
    """

    card: Card
    precision: str
    device: str
    size: tuple[int, int] | None
    one_by_one: bool
    run: Callable[[NDArray[np.float32], float], list[NDArray[Any]]]


def exported_segmenter(name: str, network: Exported, source: str, settings: Settings) -> Segmenter:
    """
    Return the model that an exported network is, having looked at what it answers to a grey image.

    :param source: where the network is from, for errors.
    :raises ModelError: when its answer is not of the shape its card promises.
    """
    taxonomy, card = load_taxonomy(settings.taxonomy), network.card
    width, height = network.size or network_size(card.input_size, card.input_size, STRIDES[card.kind])
    try:
        outputs = network.run(np.zeros((1, 3, height, width), np.float32), 0.5)
    except Exception as error:
        raise ModelError(f'{source} cannot answer a grey image of {width}x{height} '
                         f'({str(error).strip().partition(chr(10))[0][:200]})',
                         'export it again, at this size or for any') from error
    if card.kind == Mode.SEMANTIC.value:
        _check_logits(source, card, outputs[0].shape)
        return ExportedSemantic(name, network, taxonomy)
    _check_objects(source, outputs)
    return ExportedInstance(name, network, things_of(taxonomy, card.classes))


class ExportedSemantic:
    """A semantic network outside of PyTorch; see ``Segmenter``. Its answers are those of the network in PyTorch."""

    modes = frozenset({Mode.SEMANTIC})

    def __init__(self, name: str, network: Exported, taxonomy: Taxonomy) -> None:
        self.name, self.classes = name, taxonomy.classes
        self.device, self.precision = network.device, network.precision
        self._input, card = _Input(network), network.card
        merge = torch.from_numpy(taxonomy.merge_matrix(card.classes))
        ids = torch.tensor([c.id for c in taxonomy.classes], dtype=torch.uint8)
        self._output = SemanticOutput(merge, ids, card.temperature)

    @torch.inference_mode()
    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return labels and confidence of each frame; frames of one network size share a run, if the file can."""
        answers: dict[int, Segmentation] = {}
        for chosen, _, (logits, *_) in self._input.answers(frames, 0.0):
            with stage('output'):
                answers |= {k: self._output.answer(torch.from_numpy(logits[row:row + 1]), frames[k], settings)
                            for row, k in enumerate(chosen)}
        return [answers[k] for k in range(len(frames))]

    def close(self) -> None:
        """Forget the network; its runtime frees the memory."""
        self._input = _Input(None)


class ExportedInstance:
    """A network that finds objects, outside of PyTorch; see ``Segmenter``."""

    modes = frozenset({Mode.INSTANCE})

    def __init__(self, name: str, network: Exported, things: tuple[RobotClass, ...]) -> None:
        self.name, self.classes = name, things
        self.device, self.precision = network.device, network.precision
        self._input = _Input(network, one_by_one=True)
        self._class_ids = np.array([thing.id for thing in things], np.uint8)

    @torch.inference_mode()
    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return the objects in each frame."""
        selection = Selection.of(settings, self.classes)
        answers: dict[int, Segmentation] = {}
        for (k,), size, outputs in self._input.answers(frames, selection.score_threshold):
            with stage('output'):
                boxes, scores, labels, masks = map(torch.from_numpy, outputs)
                self._check_classes(labels)
                out = parse_size(settings.output_size) or frames[k].size
                found = Proposals(size, boxes, scores, labels, masks)
                answers[k] = Segmentation(out, instances=instances_of(found, out, self._class_ids, selection))
        return [answers[k] for k in range(len(frames))]

    def _check_classes(self, labels: Tensor) -> None:
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(self.classes):
            raise ModelError(f'{self.name} gives class {int(labels.max())} and its card has {len(self.classes)}, '
                             'counted from 0', 'the card must list the classes of this network, in their order')

    def close(self) -> None:
        """Forget the network; its runtime frees the memory."""
        self._input = _Input(None)


class _Input:
    """Shows frames to a network, at the sizes it takes."""

    def __init__(self, network: Exported | None, *, one_by_one: bool = False) -> None:
        self._network = network
        self._one_by_one = one_by_one or (network is not None and network.one_by_one)
        self._told = False

    def answers(self, frames: Sequence[Frame],
                min_score: float) -> Iterator[tuple[list[int], tuple[int, int], list[NDArray[Any]]]]:
        """Yield the indices of frames shown together, the (width, height) of it, and what the network gave."""
        assert self._network is not None, 'the model is closed'
        card = self._network.card
        for chosen, size in self._groups(self._network, frames):
            batch = to_network([frames[k].rgb for k in chosen], size, card.mean, card.std, HOST)
            with stage('forward'):
                outputs = self._network.run(_plain(batch), min_score)
            yield chosen, size, outputs

    def _groups(self, network: Exported, frames: Sequence[Frame]) -> Iterator[tuple[list[int], tuple[int, int]]]:
        card = network.card
        sizes = [network.size or network_size(frame.size, card.input_size, STRIDES[card.kind]) for frame in frames]
        for frame in frames:
            self._warn_of_shape(network, frame)
        if self._one_by_one:
            yield from (([k], size) for k, size in enumerate(sizes))
            return
        for size in dict.fromkeys(sizes):
            yield [k for k, other in enumerate(sizes) if other == size], size

    def _warn_of_shape(self, network: Exported, frame: Frame) -> None:
        """Say once that pictures are squeezed into a network of one size."""
        if network.size is None or self._told or not frame.camera + frame.frame_id:
            return
        ratio = (frame.size[0] / frame.size[1]) / (network.size[0] / network.size[1])
        if not 1 / SQUEEZED <= ratio <= SQUEEZED:
            self._told = True
            log.warning('Images of %dx%d are squeezed into the %dx%d of the exported network; export it again with '
                        '--size %dx%d', *frame.size, *network.size, *frame.size)


def _plain(batch: Tensor) -> NDArray[np.float32]:
    """Return a batch as ONNX lays it out: rows of each channel one after the other."""
    return batch.contiguous().numpy()


def _check_logits(source: str, card: Card, shape: tuple[int, ...]) -> None:
    if len(shape) != 4 or shape[0] != 1:
        raise ModelError(f'{source} gives an answer of shape {shape} for one image',
                         'a semantic network gives logits, (images, classes, height, width): export it before its '
                         'argmax')
    if shape[1] != len(card.classes):
        raise ModelError(f'{source} gives {shape[1]} classes and its card has {len(card.classes)}',
                         'the card must list the classes of this network, in the order of its outputs')


def _check_objects(source: str, outputs: Sequence[NDArray[Any]]) -> None:
    ranks = {'boxes': 2, 'scores': 1, 'labels': 1, 'masks': 3}
    wrong = [f'{name} of shape {one.shape}' for name, one in zip(INSTANCE_OUTPUTS, outputs)
             if one.ndim != ranks[name] or len(one) != len(outputs[0])]
    if wrong or outputs[0].shape[1] != 4:
        raise ModelError(f'{source} gives {", ".join(wrong) or f"boxes of shape {outputs[0].shape}"} for one image',
                         'boxes are (objects, 4), scores and labels (objects,), masks (objects, m, m)')
