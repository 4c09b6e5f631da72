# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Models whose network was exported and runs outside of PyTorch: its outputs become the same answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
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
from seg_ros.models.segmenter import Segmenter, StagedSegmenter, groups_of
from seg_ros.models.semantic_output import TINY, SemanticOutput
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings, parse_size
from seg_ros.stages import stage

log = logging.getLogger(__name__)

Planes = NDArray[np.float32]

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


class _ExportedModel(StagedSegmenter):
    """What models outside of PyTorch have in common; see ``Segmenter``."""

    def __init__(self, name: str, network: Exported, classes: tuple[RobotClass, ...]) -> None:
        self.name, self.classes = name, classes
        self.device, self.precision = network.device, network.precision
        self._network: Exported | None = network
        self._normalisation, self._told = Normalisation(network.card.mean, network.card.std), False

    def prepared(self, frame: Frame) -> Planes:
        """Return the (1, 3, h, w) image that the network is shown, at a size that it takes."""
        network = self._open
        self._warn_of_shape(network, frame)
        card = network.card
        size = network.size or network_size(frame.size, card.input_size, STRIDES[card.kind])
        return self._normalisation.planes([frame.rgb], size)

    def close(self) -> None:
        """Forget the network; its runtime frees the memory."""
        self._network = None

    @property
    def _open(self) -> Exported:
        assert self._network is not None, 'the model is closed'
        return self._network

    def _outputs(self, images: Sequence[Planes], min_score: float) -> list[list[NDArray[Any]]]:
        """Return what the network gives for each image: its outputs, of instance networks those of one image."""
        network, given = self._open, dict[int, list[NDArray[Any]]]()
        is_instance = network.card.kind == Mode.INSTANCE.value
        one_by_one = is_instance or network.one_by_one
        sizes = list(range(len(images))) if one_by_one else [image.shape for image in images]
        with stage('forward'):
            for chosen in groups_of(sizes):
                batch = images[chosen[0]] if len(chosen) == 1 else np.concatenate([images[k] for k in chosen])
                outputs = network.run(batch, min_score)
                given |= {k: outputs if is_instance else [outputs[0][row]] for row, k in enumerate(chosen)}
        return [given[k] for k in range(len(images))]

    def _warn_of_shape(self, network: Exported, frame: Frame) -> None:
        """Say once that pictures are squeezed into a network of one size."""
        if network.size is None or self._told or not frame.camera + frame.frame_id:
            return
        ratio = (frame.size[0] / frame.size[1]) / (network.size[0] / network.size[1])
        if not 1 / SQUEEZED <= ratio <= SQUEEZED:
            self._told = True
            log.warning('Images of %dx%d are squeezed into the %dx%d of the exported network; export it again with '
                        '--size %dx%d', *frame.size, *network.size, *frame.size)


class ExportedSemantic(_ExportedModel):
    """A semantic network outside of PyTorch. Its answers are those of the network in PyTorch."""

    modes = frozenset({Mode.SEMANTIC})

    def __init__(self, name: str, network: Exported, taxonomy: Taxonomy, *, ended: bool) -> None:
        super().__init__(name, network, taxonomy.classes)
        merge = taxonomy.merge_matrix(network.card.classes)
        self._output = SemanticOutput(merge, taxonomy.ids, network.card.temperature)
        self._ended = ended

    def passed(self, prepared: Sequence[Planes], settings: Settings) -> list[Planes]:
        """Return the (words, h, w) logits of each image."""
        return [given[0] for given in self._outputs(prepared, 0.0)]

    def read(self, given: Planes, frame: Frame, settings: Settings) -> Segmentation:
        """Return labels and confidence of a frame."""
        with stage('output'):
            return self._output.answer(_logits_of(given) if self._ended else given, frame, settings)


class ExportedInstance(_ExportedModel):
    """A network that finds objects, outside of PyTorch."""

    modes = frozenset({Mode.INSTANCE})

    def __init__(self, name: str, network: Exported, things: tuple[RobotClass, ...]) -> None:
        super().__init__(name, network, things)
        self._class_ids = np.array([thing.id for thing in things], np.uint8)

    def passed(self, prepared: Sequence[Planes], settings: Settings) -> list[Proposals]:
        """Return what is found in each image."""
        wanted = Selection.of(settings, self.classes).score_threshold
        return [Proposals((image.shape[3], image.shape[2]), *given)
                for image, given in zip(prepared, self._outputs(prepared, wanted))]

    def read(self, given: Proposals, frame: Frame, settings: Settings) -> Segmentation:
        """Return the objects in a frame."""
        with stage('output'):
            self._check_classes(given.labels)
            out = parse_size(settings.output_size) or frame.size
            selection = Selection.of(settings, self.classes)
            return Segmentation(out, instances=instances_of(given, out, self._class_ids, selection))

    def _check_classes(self, labels: NDArray[np.int64]) -> None:
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(self.classes):
            raise ModelError(f'{self.name} gives class {int(labels.max())} and its card has {len(self.classes)}, '
                             'counted from 0', 'the card must list the classes of this network, in their order')


def _logits_of(given: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (words, h, w) logits that mean these probabilities."""
    logs = np.log(np.maximum(given, np.float32(TINY)))
    return logs if given.shape[0] > 1 else logs - np.log(np.maximum(1.0 - given, np.float32(TINY)))
