# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where models come from: one source for each kind of name, which knows its models without building a network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seg_ros.errors import ModelError
from seg_ros.models.card import CARD, WEIGHTS, Card, read_card
from seg_ros.models.download import DownloadProgress
from seg_ros.models.hub import fetch_from_hub, hub_folder, is_folder, licence_of
from seg_ros.models.libraries import read_pytorch
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.terms import in_short, say_terms
from seg_ros.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from seg_ros.models.published import Published

TRAINED = 'name a shipped model, a folder, torchvision:NAME or hf:ORG/NAME'


@dataclass(frozen=True)
class Entry:
    """
    A model as a list of models shows it.

    :param path: the file of its weights, or the folder. :param size_mb: of its weights in millions of bytes.
    :param here: whether the weights are on this disk. :param origin: what it was trained on, or who published it.
    """

    name: str
    modes: tuple[str, ...]
    words: tuple[str, ...]
    size_mb: float
    licence: str
    here: bool
    path: Path
    origin: str = ''

    @property
    def terms(self) -> str:
        """The licence in short."""
        return in_short(self.licence)


class ModelSource(ABC):
    """The names of one kind; every method takes what stands behind the prefix, and raises ModelError."""

    @abstractmethod
    def open(self, reference: str, settings: Settings) -> Segmenter:
        """Load the model."""

    @abstractmethod
    def entry(self, reference: str) -> Entry:
        """Return what is known of the model."""

    def words(self, reference: str) -> tuple[str, ...]:
        """Return its words, in the order of its outputs."""
        return self.entry(reference).words

    def modes(self, reference: str) -> tuple[str, ...]:
        """Return what it computes."""
        return self.entry(reference).modes

    def card(self, reference: str) -> Card:
        """Return the network as one that is trained and exported here; most kinds of name have none."""
        raise ModelError(f"'{reference}' is neither trained nor exported here: its layers are not known", TRAINED)

    def weights(self, reference: str) -> Mapping[str, Tensor]:
        """Return the weights of that network, by its layers."""
        raise ModelError(f"the layers of '{reference}' are not known here", TRAINED)

    def names(self) -> tuple[str, ...]:
        """Return the names that are known without being asked for."""
        return ()

    def fetch(self, reference: str, progress: DownloadProgress) -> Path:
        """Bring its weights to this disk; of most kinds they are there, or nowhere."""
        entry = self.entry(reference)
        if entry.here:
            return entry.path
        raise ModelError(f'{entry.name} cannot be fetched', 'names that can: torchvision:NAME and hf:ORG/NAME')


class Folders(ModelSource):
    """
    Folders with a card and weights, of this package or of people.

    :param folder_of: finds the folder that a name means. :param prefix: of these names, the colon included.
    """

    def __init__(self, folder_of: Callable[[str], Path], prefix: str = '') -> None:
        self.folder_of, self._prefix = folder_of, prefix

    def open(self, reference: str, settings: Settings) -> Segmenter:
        """Load the model."""
        read_pytorch()
        from seg_ros.models.from_card import open_card

        folder = self.folder_of(reference)
        card = read_card(folder)
        model = open_card(card, folder / WEIGHTS, settings)
        say_terms(card.name, card.licence)
        return model

    def entry(self, reference: str) -> Entry:
        """Return what its card says."""
        return _of_card(f'{self._prefix}{reference}', self.card(reference), self.folder_of(reference) / WEIGHTS)

    def card(self, reference: str) -> Card:
        """Return its card."""
        return read_card(self.folder_of(reference))

    def weights(self, reference: str) -> Mapping[str, Tensor]:
        """Return its weights."""
        from seg_ros.models.weights import read_weights

        return read_weights(self.folder_of(reference) / WEIGHTS)


class Torchvision(ModelSource):
    """Networks with the weights that torchvision publishes."""

    def open(self, reference: str, settings: Settings) -> Segmenter:
        """Load the model."""
        read_pytorch()
        from seg_ros.models.from_torchvision import open_torchvision
        from seg_ros.models.published import LICENCE

        model = open_torchvision(reference, settings)
        say_terms(model.name, LICENCE)
        return model

    def entry(self, reference: str) -> Entry:
        """Return what torchvision says of it."""
        from seg_ros.models.published import LICENCE

        model = _published(reference)
        return Entry(model.asked_for, (model.mode.value,), model.words, model.size_mb, LICENCE, model.path.is_file(),
                     model.path, model.url)

    def card(self, reference: str) -> Card:
        """Return what torchvision says of it, as a card."""
        return _published(reference).card

    def weights(self, reference: str) -> Mapping[str, Tensor]:
        """Return the published weights."""
        return _published(reference).tensors()

    def names(self) -> tuple[str, ...]:
        """Return all that it publishes for segmentation."""
        from seg_ros.models.published import published_names

        return tuple(f'torchvision:{name}' for name in published_names())

    def fetch(self, reference: str, progress: DownloadProgress) -> Path:
        """Download the weights, and read them once."""
        model = _published(reference)
        model.fetch(progress)
        model.tensors()
        return model.path


class HuggingFace(ModelSource):
    """Networks of transformers, in a folder or in the local cache of Hugging Face."""

    def open(self, reference: str, settings: Settings) -> Segmenter:
        """Load the model."""
        read_pytorch()
        from seg_ros.models.from_transformers import open_transformers

        model = open_transformers(reference, settings)
        say_terms(model.name, licence_of(hub_folder(reference, allow_download=False)))
        return model

    def entry(self, reference: str) -> Entry:
        """Return what its configuration says."""
        from seg_ros.models.transformers_files import config_of, modes_of, processor_of, words_of

        folder = hub_folder(reference, allow_download=False)
        config = config_of(folder)
        words = words_of(config, folder)
        modes = modes_of(config.model_type, words, reference, processor_of(folder, config.model_type))
        size = sum(file.stat().st_size for file in folder.glob('*.safetensors')) / 1e6
        return Entry(f'hf:{reference}', tuple(sorted(mode.value for mode in modes)), words, size, licence_of(folder),
                     True, folder, f'a {config.model_type} network')

    def words(self, reference: str) -> tuple[str, ...]:
        """Return the words of its configuration, which are known without its processor."""
        from seg_ros.models.transformers_files import config_of, words_of

        folder = hub_folder(reference, allow_download=False)
        return words_of(config_of(folder), folder)

    def modes(self, reference: str) -> tuple[str, ...]:
        """Return none: what it computes is not known without its processor."""
        return ()

    def card(self, reference: str) -> Card:
        """Return what its configuration and its processor say, as a card."""
        from seg_ros.models.transformers_networks import transformers_card

        return transformers_card(reference)

    def weights(self, reference: str) -> Mapping[str, Tensor]:
        """Return its weights."""
        from seg_ros.models.transformers_networks import transformers_weights

        return transformers_weights(reference)

    def fetch(self, reference: str, progress: DownloadProgress) -> Path:
        """Download the model, unless a folder is meant."""
        return super().fetch(reference, progress) if is_folder(reference) else fetch_from_hub(reference)


class OnnxFiles(ModelSource):
    """Networks in ONNX files with their cards."""

    def open(self, reference: str, settings: Settings) -> Segmenter:
        """Load the model."""
        from seg_ros.models.from_onnx import open_onnx

        return open_onnx(reference, settings)

    def entry(self, reference: str) -> Entry:
        """Return what its card says."""
        from seg_ros.models.from_onnx import open_file

        path = Path(reference).expanduser()
        return _of_card(f'onnx:{reference}', open_file(path, Settings(device='cpu')).card, path)


def checkpoint_folder(reference: str) -> Path:
    """
    Return the folder of the model that a training wrote: its folder ``model``, or that folder itself.

    :raises ModelError: when there is none.
    """
    folder = Path(reference).expanduser()
    found = next((one for one in (folder, folder / 'model') if (one / CARD).is_file()), None)
    if found is None:
        raise ModelError(f'{folder} holds no trained model: neither it nor its folder model has a {CARD}',
                         'give the folder named by --out of seg_ros train, once the training has ended')
    return found


def _published(reference: str) -> Published:
    from seg_ros.models.published import published

    return published(reference)


def _of_card(name: str, card: Card, weights: Path) -> Entry:
    here = weights.is_file()
    return Entry(name, (card.kind,), card.classes, weights.stat().st_size / 1e6 if here else 0.0, card.licence, here,
                 weights, '; '.join(card.data))
