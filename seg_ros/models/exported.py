"""Models whose network was exported and runs outside of PyTorch: its outputs become the same answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ModelError
from seg_ros.labels.taxonomy import RobotClass, Taxonomy, load_taxonomy
from seg_ros.labels.things import things_of
from seg_ros.models.card import Card
from seg_ros.models.instance_output import Proposals, Selection, instances_of
from seg_ros.models.plausible import are_probabilities, check_logits, check_objects
from seg_ros.models.preprocess import Normalisation, network_size
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.semantic_output import TINY, SemanticOutput
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings, parse_size
from seg_ros.stages import stage

log = logging.getLogger(__name__)

STRIDES = {Mode.SEMANTIC.value: 16, Mode.INSTANCE.value: 32}
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
    image = np.zeros((1, 3, height, width), np.float32)
    if card.kind == Mode.SEMANTIC.value:  # a grey image full of noise tells logits from probabilities
        image += np.random.default_rng(0).normal(size=(height, width)).astype(np.float32)
    try:
        outputs = network.run(image, 0.5)
    except Exception as error:
        raise ModelError(f'{source} cannot answer a grey image of {width}x{height} '
                         f'({str(error).strip().partition(chr(10))[0][:200]})',
                         'export it again, at this size or for any') from error
    if card.kind == Mode.INSTANCE.value:
        check_objects(source, outputs)
        return ExportedInstance(name, network, things_of(taxonomy, card.classes))
    check_logits(source, card, outputs[0])
    ended = are_probabilities(outputs[0])
    if ended:
        log.info('%s gives probabilities, by a softmax or sigmoid of its own: they are taken as they are', source)
    return ExportedSemantic(name, network, taxonomy, ended=ended)


class ExportedSemantic:
    """A semantic network outside of PyTorch; see ``Segmenter``. Its answers are those of the network in PyTorch."""

    modes = frozenset({Mode.SEMANTIC})

    def __init__(self, name: str, network: Exported, taxonomy: Taxonomy, *, ended: bool) -> None:
        self.name, self.classes = name, taxonomy.classes
        self.device, self.precision = network.device, network.precision
        self._input, self._ended, card = _Input(network), ended, network.card
        ids = np.array([c.id for c in taxonomy.classes], np.uint8)
        self._output = SemanticOutput(taxonomy.merge_matrix(card.classes), ids, card.temperature)

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return labels and confidence of each frame; frames of one network size share a run, if the file can."""
        answers: dict[int, Segmentation] = {}
        for chosen, _, (given, *_) in self._input.answers(frames, 0.0):
            with stage('output'):
                logits = _logits_of(given) if self._ended else given
                answers |= {k: self._output.answer(logits[row], frames[k], settings)
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

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return the objects in each frame."""
        selection = Selection.of(settings, self.classes)
        answers: dict[int, Segmentation] = {}
        for (k,), size, outputs in self._input.answers(frames, selection.score_threshold):
            with stage('output'):
                boxes, scores, labels, masks = outputs
                self._check_classes(labels)
                out = parse_size(settings.output_size) or frames[k].size
                found = Proposals(size, boxes, scores, labels, masks)
                answers[k] = Segmentation(out, instances=instances_of(found, out, self._class_ids, selection))
        return [answers[k] for k in range(len(frames))]

    def _check_classes(self, labels: NDArray[np.int64]) -> None:
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
        if network is not None:
            self._normalisation = Normalisation(network.card.mean, network.card.std)

    def answers(self, frames: Sequence[Frame],
                min_score: float) -> Iterator[tuple[list[int], tuple[int, int], list[NDArray[Any]]]]:
        """Yield the indices of frames shown together, the (width, height) of it, and what the network gave."""
        assert self._network is not None, 'the model is closed'
        for chosen, size in self._groups(self._network, frames):
            batch = self._normalisation.planes([frames[k].rgb for k in chosen], size)
            with stage('forward'):
                outputs = self._network.run(batch, min_score)
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


def _logits_of(given: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (N, words, h, w) logits that mean these probabilities."""
    logs = np.log(np.maximum(given, np.float32(TINY)))
    return logs if given.shape[1] > 1 else logs - np.log(np.maximum(1.0 - given, np.float32(TINY)))
