"""The words a model speaks, by its name; no network is built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from seg_ros.errors import ModelError, nearest_of
from seg_ros.models.card import read_card
from seg_ros.models.catalog import checkpoint_folder, model_folder
from seg_ros.settings import Settings


def words_of_model(name: str) -> tuple[str, ...]:
    """
    Return the words of a model, in the order of its outputs.

    :param name: as :func:`seg_ros.models.catalog.open_model` takes it.
    :raises ModelError: when there is none of that name, or what it says of itself is unusable.
    """
    prefix, colon, reference = name.partition(':')
    if not colon or '/' in prefix:
        return read_card(model_folder(name)).classes
    if prefix not in _SOURCES:
        raise ModelError(f"there is no kind of model '{prefix}:'; {nearest_of(prefix, _SOURCES)}",
                         'write torchvision:NAME, hf:ORG/NAME, hf:/folder, onnx:/file.onnx or checkpoint:/folder')
    return _SOURCES[prefix](reference)


def _of_checkpoint(reference: str) -> tuple[str, ...]:
    return read_card(checkpoint_folder(reference)).classes


def _of_torchvision(reference: str) -> tuple[str, ...]:
    from seg_ros.models.published import published

    return published(reference).words


def _of_transformers(reference: str) -> tuple[str, ...]:
    from seg_ros.models.from_transformers import config_of, words_of
    from seg_ros.models.hub import hub_folder

    folder = hub_folder(reference, allow_download=False)
    return words_of(config_of(folder), folder)


def _of_onnx(reference: str) -> tuple[str, ...]:
    from seg_ros.models.from_onnx import open_file

    return open_file(Path(reference).expanduser(), Settings(device='cpu')).card.classes


_SOURCES: dict[str, Callable[[str], tuple[str, ...]]] = {
    'checkpoint': _of_checkpoint, 'torchvision': _of_torchvision, 'hf': _of_transformers, 'onnx': _of_onnx,
}
