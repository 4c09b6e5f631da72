# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The networks whose weights torchvision publishes: what they are, and where their weights lie on this disk."""

from __future__ import annotations

import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torchvision.models import WeightsEnum, detection, get_model_weights, list_models, segmentation

from seg_ros.errors import ModelError, nearest_of
from seg_ros.models.card import Card, different
from seg_ros.models.download import DownloadProgress, fetch_file, sha256_of
from seg_ros.records import Mode

LICENCE = 'weights: not stated, trained on COCO images; code: BSD-3-Clause'

Numbers = tuple[float, float, float]
IMAGENET: tuple[Numbers, Numbers] = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""Mean and standard deviation, in 0..255, with which torchvision's published weights were trained."""


@dataclass(frozen=True)
class Published:
    """
    A network with published weights.

    :param words: its words in the order of its outputs, the first for the background. :param size_mb: of its file.
    :param folder: where its file lies or is to lie.
    """

    name: str
    mode: Mode
    words: tuple[str, ...]
    url: str
    size_mb: float
    folder: Path
    weights: WeightsEnum

    @property
    def path(self) -> Path:
        """The file of its weights."""
        return self.folder / self.url.rpartition('/')[2]

    @property
    def sha256_start(self) -> str:
        """The first letters of the file's SHA-256, which torchvision writes into its name."""
        match = re.search(r'-([0-9a-f]{8,})\.', self.path.name)
        return match[1] if match else ''

    def fetch(self, progress: DownloadProgress = lambda here, whole: None) -> None:
        """Download the weights unless they are there; raises ModelError when that fails."""
        if not self.path.is_file():
            fetch_file(self.url, self.path, self.sha256_start, progress)

    def tensors(self) -> dict[str, Tensor]:
        """
        Read the weights, but for the head that helps training alone; no code in the file is run.

        :raises ModelError: when they are not on this disk, or not the ones published.
        """
        if not self.path.is_file():
            half = self.path.with_name(f'{self.path.name}.part').is_file()
            raise ModelError(f'the weights of torchvision:{self.name} are not on this disk ({self.path} is '
                             f'{"half downloaded" if half else "missing"})',
                             f'type: seg_ros models fetch {self.asked_for}  (or set allow_download)')
        if not (found := sha256_of(self.path)).startswith(self.sha256_start):
            raise ModelError(f'{self.path} is damaged: its SHA-256 begins {found[:8]}, not {self.sha256_start}',
                             f'remove it and type: seg_ros models fetch {self.asked_for}')
        try:
            tensors: dict[str, Tensor] = torch.load(self.path, map_location='cpu', weights_only=True)
        except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
            raise ModelError(f'{self.path} is no file of weights ({" ".join(str(error).split())[:120]})',
                             f'remove it and type: seg_ros models fetch {self.asked_for}') from error
        return {key: value for key, value in tensors.items() if not key.startswith('aux_classifier.')}

    @property
    def card(self) -> Card:
        """The network as a model of the house; of an object's words the first, the background, is left out."""
        words = self.words[1:] if self.mode is Mode.INSTANCE else self.words
        size = (520, 520) if self.mode is Mode.SEMANTIC else (1088, 800)  # what torchvision shows them
        return Card(self.asked_for, self.mode.value, self.name, different(words), size, *IMAGENET, licence=LICENCE)

    @property
    def asked_for(self) -> str:
        """The name of the model."""
        usual = self.folder == usual_folder()
        return f'torchvision:{self.name}' + ('' if usual else f'@{self.folder}')


def usual_folder() -> Path:
    """Return where torch keeps downloaded weights: below ``TORCH_HOME``, or ``~/.cache/torch``."""
    return Path(torch.hub.get_dir()) / 'checkpoints'


def published_names() -> tuple[str, ...]:
    """Return the networks of torchvision that segment, semantic ones first."""
    detectors = (name for name in list_models(module=detection) if name.startswith('maskrcnn'))
    return (*list_models(module=segmentation), *detectors)


def published(reference: str) -> Published:
    """
    Look a network up.

    :param reference: its name, or ``NAME@/folder`` with the folder of its weights.
    :raises ModelError: when there is none of that name; names the nearest.
    """
    name, _, folder = reference.partition('@')
    names = published_names()
    if name not in names:
        raise ModelError(f"torchvision has no segmentation network '{name}'; {nearest_of(name, names)}",
                         'type seg_ros models to see them')
    weights: Any = get_model_weights(name)['DEFAULT']
    mode = Mode.INSTANCE if name.startswith('maskrcnn') else Mode.SEMANTIC
    return Published(name, mode, tuple(weights.meta['categories']), weights.url, float(weights.meta['_file_size']),
                     Path(folder).expanduser() if folder else usual_folder(), weights)
