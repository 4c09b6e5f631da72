# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How far an exported file and the model it was made from say the same about pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pycocotools import mask as coco_masks

from seg_ros.errors import DataError, ModelError
from seg_ros.lab.evaluation import Progress
from seg_ros.lab.export import tracing_quietly
from seg_ros.lab.instance_metrics import run_lengths
from seg_ros.lab.starting import opened
from seg_ros.models.card import CARD, card_of
from seg_ros.models.catalog import open_model
from seg_ros.models.exported import Exported, exported_segmenter
from seg_ros.models.from_card import segmenter_of
from seg_ros.models.segmenter import Segmenter
from seg_ros.records import Frame, Instances, Mode, Segmentation
from seg_ros.settings import Settings
from seg_ros.tracking.overlap import box_overlap

LEAST_SAME, LEAST_SAME_HALF = 0.99, 0.95
"""Shares below which an export is refused; the second for objects in half precision, whose scores stray most."""

SURE, ALMOST = 0.3, 0.25
"""Objects of at least the first score are compared; their partners may have the second."""

SAME_IOU, SAME_SCORE = 0.9, 0.05


@dataclass(frozen=True)
class Agreement:
    """
    How far an exported file and the model in PyTorch, on the CPU in fp32, say the same about pictures.

    :param share: of the pixels with the same label, or of the objects that both find: of one class, box and mask
        overlapping by 0.9, scores at most 0.05 apart. :param of: ``pixels`` or ``objects``. :param compared: how many.
    """

    pictures: int
    compared: int
    of: str
    share: float

    def check(self, *, half: bool) -> None:
        """
        Refuse an export that says something else than its model.

        :raises ModelError: when too little agrees.
        """
        least = LEAST_SAME_HALF if half and self.of == 'objects' else LEAST_SAME
        if self.share < least:
            raise ModelError(f'only {self.share:.2%} of {self.compared} {self.of} are those of the model in PyTorch, '
                             f'and {least:.0%} must be; the file was not kept',
                             'export it without --half, or report this')


def agreement(name: str, exported: Path, pictures: Sequence[NDArray[np.uint8]], *,
              progress: Progress = lambda indices: indices) -> Agreement:
    """
    Compare an exported file with the network it was made from, shown pictures as its card says.

    :param exported: ends in ``.onnx``, or else is TorchScript.
    :raises ModelError: when the file cannot be run.
    :raises DataError: when no object is found in any picture, so that nothing is compared.
    """
    settings = Settings().changed({'device': 'cpu', 'precision': 'fp32', 'tracking': False, 'score_threshold': ALMOST})
    model = segmenter_of(*opened(name), settings)
    other = open_model(f'onnx:{exported.absolute()}', settings) if exported.suffix == '.onnx' else \
        _open_torchscript(exported, settings)
    return agreement_of(model, other, pictures, settings, progress=progress)


def agreement_of(model: Segmenter, other: Segmenter, pictures: Sequence[NDArray[np.uint8]], settings: Settings, *,
                 progress: Progress = lambda indices: indices) -> Agreement:
    """Compare two loaded models, each picture by itself; raises as :func:`agreement` does."""
    same = compared = 0
    for k in progress(range(len(pictures))):
        frame = Frame('', k, '', pictures[k])
        (one,), (two,) = model.segment([frame], settings), other.segment([frame], settings)
        equal, of = _compared(one, two)
        same, compared = same + equal, compared + of
    if not compared:
        raise DataError(f"'{model.name}' finds no object in these pictures, so that nothing is compared",
                        'give pictures that show what it finds')
    unit = 'pixels' if Mode.SEMANTIC in model.modes else 'objects'
    return Agreement(len(pictures), compared, unit, same / compared)


def _compared(one: Segmentation, two: Segmentation) -> tuple[int, int]:
    """Return how many pixels or objects are the same, and of how many."""
    if one.labels is not None and two.labels is not None:
        return int(np.count_nonzero(one.labels == two.labels)), one.labels.size
    first, second = (s.instances or Instances.none(s.size) for s in (one, two))
    same = _same(first, second)
    found = np.concatenate([np.any(same, axis=1)[first.scores >= SURE], np.any(same, axis=0)[second.scores >= SURE]])
    return int(found.sum()), len(found)


def _same(one: Instances, two: Instances) -> NDArray[np.bool_]:
    """Tell of each object of an answer and each of another whether the two are one, (N, M)."""
    near = box_overlap(one.boxes, two.boxes).iou > SAME_IOU
    near &= np.equal.outer(one.class_ids, two.class_ids)
    near &= np.abs(np.subtract.outer(one.scores, two.scores)) <= SAME_SCORE
    overlap = coco_masks.iou(run_lengths(one), run_lengths(two), [0] * len(two))
    return np.logical_and(near, np.reshape(overlap, near.shape) > SAME_IOU)


def _open_torchscript(path: Path, settings: Settings) -> Segmenter:
    extra: dict[str, Any] = {CARD: ''}
    with tracing_quietly():
        module = torch.jit.load(str(path), _extra_files=extra)
    text = extra[CARD]
    card = card_of(text.decode() if isinstance(text, bytes) else text, f'in {path}')

    def run(images: NDArray[np.float32], min_score: float) -> list[NDArray[Any]]:
        score = [torch.tensor(min_score)] if card.kind == Mode.INSTANCE.value else []
        with torch.inference_mode():
            found = module(torch.from_numpy(images), *score)
        return [one.numpy() for one in (found if isinstance(found, tuple) else (found,))]

    return exported_segmenter(str(path), Exported(card, 'fp32', 'cpu', None, True, run), str(path), settings)
