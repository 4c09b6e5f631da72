# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
From a model's name to a loaded model; the library it needs is imported only when a name asks for it.

=========================== ============================================================ ===================
name                        means                                                        opened by
=========================== ============================================================ ===================
``indoor``                  a model that comes with the package                          from_card
``/folder``, ``./folder``   a folder with ``card.yaml`` and its weights                  from_card
``checkpoint:/folder``      the folder that ``seg_ros train --out`` wrote                from_card
``torchvision:NAME``        a network of torchvision with its published weights          from_torchvision
``torchvision:NAME@/dir``   the same, with the folder its weights lie in                 from_torchvision
``hf:ORG/NAME``             a network of transformers from the local Hugging Face cache  from_transformers
``hf:/folder``              the same, from a folder of ``save_pretrained``               from_transformers
``onnx:/file.onnx``         a network in ONNX with its card                              from_onnx
=========================== ============================================================ ===================

Each kind of name is a source, found by the prefix. It raises :class:`ModelError` for what is missing or does not fit,
and wraps the import of an optional library in :func:`seg_ros.models.libraries.needing`.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from seg_ros.errors import ModelError, NotFetchedError, nearest_of
from seg_ros.models.card import CARD
from seg_ros.models.download import DownloadProgress
from seg_ros.models.hub import cached_models
from seg_ros.models.libraries import uncollected
from seg_ros.models.segmenter import Known, Segmenter
from seg_ros.models.sources import (
    Entry,
    Folders,
    HuggingFace,
    ModelSource,
    OnnxFiles,
    Torchvision,
    checkpoint_folder,
)
from seg_ros.settings import Settings
from seg_ros.share import share_directory


def shipped_models() -> dict[str, Path]:
    """Return the folder of each model that comes with the package, by name."""
    folder = share_directory() / 'config' / 'models'
    return {card.parent.name: card.parent for card in sorted(folder.glob(f'*/{CARD}'))}


def model_folder(name: str) -> Path:
    """
    Return the folder of a shipped model, or of a model given by the path of its folder or of its training's.

    :raises ModelError: when there is none; names the nearest shipped one.
    """
    if '/' in name:
        return checkpoint_folder(name)
    shipped = shipped_models()
    if name not in shipped:
        raise ModelError(f"there is no model '{name}'; {nearest_of(name, shipped, noun='shipped')}",
                         'give one of these names, or the path of a folder, ./name say')
    return shipped[name]


SOURCES: dict[str, ModelSource] = {
    '': Folders(model_folder), 'checkpoint': Folders(checkpoint_folder, 'checkpoint:'), 'torchvision': Torchvision(),
    'hf': HuggingFace(), 'onnx': OnnxFiles()}
"""What knows the names of each kind, by the prefix before the colon."""


def source_of(name: str) -> tuple[ModelSource, str]:
    """
    Return what knows a name, and the rest of the name behind its prefix.

    :raises ModelError: when there is no such kind of name, or nothing behind its prefix.
    """
    prefix, colon, reference = name.partition(':')
    if not colon or '/' in prefix:
        return SOURCES[''], name
    if prefix not in SOURCES or not prefix:
        raise ModelError(f"there is no kind of model '{prefix}:'; {nearest_of(prefix, filter(None, SOURCES))}",
                         'write torchvision:NAME, hf:ORG/NAME, hf:/folder, onnx:/file.onnx or checkpoint:/folder')
    if not reference:
        raise ModelError(f"the model name '{name}' ends after its kind", 'type seg_ros models to see the names')
    return SOURCES[prefix], reference


def open_model(name: str, settings: Settings) -> Segmenter:
    """
    Load a model onto its device; nobody looks for garbage meanwhile.

    :raises ModelError: when there is none of that name, or its card or weights are unusable.
    :raises SettingError: when the device asked for is not there.
    :raises TaxonomyError: when the taxonomy does not know a word of the model.
    """
    source, reference = source_of(name)
    with uncollected():
        return source.open(reference, settings)


def words_of_model(name: str) -> tuple[str, ...]:
    """
    Return the words of a model, in the order of its outputs; no network is built.

    :raises ModelError: when there is none of that name, or what it says of itself is unusable.
    """
    source, reference = source_of(name)
    return source.words(reference)


def known_of_model(name: str, *, allow_download: bool = False) -> Known:
    """
    Return what is known of a model; no network is built. Nothing is of one that is fetched when it is loaded.

    :raises ModelError: as :func:`words_of_model`, or when it is to be fetched first.
    """
    source, reference = source_of(name)
    try:
        return Known(source.words(reference), source.modes(reference))
    except NotFetchedError:
        if allow_download:
            return Known()
        raise


def entry_of(name: str) -> Entry:
    """Return what is known of a model; no network is built. Raises as :func:`words_of_model` does."""
    source, reference = source_of(name)
    return source.entry(reference)


def known_models() -> list[Entry]:
    """Return the models that come with the package, torchvision's, and those in the local Hugging Face cache."""
    entries = [entry_of(name) for name in (*shipped_models(), *SOURCES['torchvision'].names())]
    for name in cached_models():
        with suppress(ModelError):  # the cache may hold anything
            entries.append(entry_of(f'hf:{name}'))
    return entries


def fetch(name: str, progress: DownloadProgress) -> Path:
    """
    Bring the weights of a model to this disk, and return where they are.

    :raises ModelError: when they cannot be fetched, or the name means something that is never fetched.
    """
    source, reference = source_of(name)
    return source.fetch(reference, progress)
