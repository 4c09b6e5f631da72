"""What is known of each model without building its network: modes, words, size, terms, and whether it is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seg_ros.errors import ModelError
from seg_ros.models.card import WEIGHTS, Card, read_card
from seg_ros.models.catalog import checkpoint_folder, model_folder, shipped_models
from seg_ros.models.download import Progress
from seg_ros.models.hub import cached_models, fetch_from_hub, hub_folder, is_folder


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


def known_models() -> list[Entry]:
    """Return the models that come with the package, torchvision's, and those in the local Hugging Face cache."""
    from seg_ros.models.published import published_names

    names = [*shipped_models(), *(f'torchvision:{name}' for name in published_names())]
    return [entry_of(name) for name in names] + _usable([f'hf:{name}' for name in cached_models()])


def _usable(names: Sequence[str]) -> list[Entry]:
    """Return those that segment; the cache may hold anything."""
    entries = []
    for name in names:
        with suppress(ModelError):
            entries.append(entry_of(name))
    return entries


def entry_of(name: str) -> Entry:
    """
    Return what is known of a model.

    :raises ModelError: when there is none of that name, or its card or configuration is unusable.
    """
    prefix, colon, reference = name.partition(':')
    if colon and prefix in _ENTRIES:
        return _ENTRIES[prefix](reference)
    folder = model_folder(name)
    return _of_card(name, read_card(folder), folder / WEIGHTS)


def fetch(name: str, progress: Progress) -> Path:
    """
    Bring the weights of a model to this disk, and return where they are.

    :raises ModelError: when they cannot be fetched, or the name means something that is never fetched.
    """
    prefix, colon, reference = name.partition(':')
    if colon and prefix == 'torchvision':
        from seg_ros.models.published import published

        model = published(reference)
        model.fetch(progress)
        model.tensors()
        return model.path
    if colon and prefix == 'hf' and not is_folder(reference):
        return fetch_from_hub(reference)
    entry = entry_of(name)
    if entry.here:
        return entry.path
    raise ModelError(f'{name} cannot be fetched', 'names that can: torchvision:NAME and hf:ORG/NAME')


def _of_card(name: str, card: Card, weights: Path) -> Entry:
    here = weights.is_file()
    return Entry(name, (card.kind,), card.classes, weights.stat().st_size / 1e6 if here else 0.0, card.licence, here,
                 weights, '; '.join(card.data))


def _of_checkpoint(reference: str) -> Entry:
    folder = checkpoint_folder(reference)
    return _of_card(f'checkpoint:{reference}', read_card(folder), folder / WEIGHTS)


def _of_torchvision(reference: str) -> Entry:
    from seg_ros.models.published import LICENCE, published

    model = published(reference)
    return Entry(model.asked_for, (model.mode.value,), model.words, model.size_mb, LICENCE, model.path.is_file(),
                 model.path, model.url)


def _of_transformers(reference: str) -> Entry:
    from seg_ros.models.from_transformers import config_of, modes_of, processor_of, words_of

    folder = hub_folder(reference, allow_download=False)
    config = config_of(folder)
    words = words_of(config, folder)
    modes = modes_of(config.model_type, words, reference, processor_of(folder, config.model_type))
    size = sum(file.stat().st_size for file in folder.glob('*.safetensors')) / 1e6
    return Entry(f'hf:{reference}', tuple(sorted(mode.value for mode in modes)), words, size, _licence(folder), True,
                 folder, f'a {config.model_type} network')


def _of_onnx(reference: str) -> Entry:
    from seg_ros.models.from_onnx import open_file
    from seg_ros.settings import Settings

    path = Path(reference).expanduser()
    card = open_file(path, Settings(device='cpu')).card
    return _of_card(f'onnx:{reference}', card, path)


def _licence(folder: Path) -> str:
    """Return the licence that a model's README begins with, as Hugging Face has it."""
    readme = folder / 'README.md'
    lines = readme.read_text(encoding='utf-8', errors='replace').splitlines()[:60] if readme.is_file() else []
    said = [line.partition(':')[2].strip() for line in lines if line.startswith(('license:', 'license_name:'))]
    return ', '.join(said) or 'see its page on the hub'


_ENTRIES: dict[str, Callable[[str], Entry]] = {
    'checkpoint': _of_checkpoint, 'torchvision': _of_torchvision, 'hf': _of_transformers, 'onnx': _of_onnx,
}
