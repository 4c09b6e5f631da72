# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the files of a Hugging Face model lie on this disk; nothing is fetched unless asked."""

from __future__ import annotations

from pathlib import Path

from seg_ros.errors import ModelError, NotFetchedError
from seg_ros.models.libraries import needing

WANTED = ('*.json', '*.txt', '*.safetensors', 'README.md')
"""What is fetched of a model: configuration, words, terms and weights; never a pickle, never code."""


def hub_folder(reference: str, *, allow_download: bool) -> Path:
    """
    Return the folder with the configuration and weights of a model.

    :param reference: a folder, with a leading ``/``, ``~`` or ``.``, or ``ORG/NAME`` in the local Hugging Face cache.
    :raises ModelError: when it is not on this disk, or has no weights that may be opened.
    """
    local = is_folder(reference)
    folder = Path(reference).expanduser() if local else _cached(reference, allow_download)
    if not (folder / 'config.json').is_file():
        raise ModelError(f'{folder} is no Hugging Face model: it has no config.json',
                         'give the folder that save_pretrained wrote, or ORG/NAME')
    if not any(folder.glob('*.safetensors')):
        pickled = [*folder.glob('*.bin'), *folder.glob('*.pt'), *folder.glob('*.pth')]
        if pickled:
            raise ModelError(f'{folder} has pickled weights alone ({pickled[0].name}), which are not read',
                             'convert them: save_pretrained writes model.safetensors')
        raise ModelError(f'{folder} has a config.json but no weights (*.safetensors)',
                         'copy them too' if local else f'type: seg_ros models fetch hf:{reference}')
    return folder


def is_folder(reference: str) -> bool:
    """Whether a reference is the path of a folder and not ``ORG/NAME``."""
    return reference.startswith(('/', '~', '.'))


def cached_models() -> tuple[str, ...]:
    """Return the names of the models in the local Hugging Face cache; none where the library is missing."""
    try:
        from huggingface_hub import scan_cache_dir
        from huggingface_hub.errors import CacheNotFound
    except ModuleNotFoundError:
        return ()
    try:
        return tuple(sorted(repo.repo_id for repo in scan_cache_dir().repos if repo.repo_type == 'model'))
    except CacheNotFound:
        return ()


def fetch_from_hub(reference: str) -> Path:
    """
    Download a model into the Hugging Face cache; what is there already is checked and kept.

    :raises ModelError: when there is no network, no such model, or the library is missing.
    """
    with needing('huggingface_hub'):
        from huggingface_hub import snapshot_download
    try:
        return Path(snapshot_download(reference, allow_patterns=list(WANTED)))
    except Exception as error:
        reason = ' '.join(str(error).split())[:300]
        raise ModelError(f'hf:{reference} could not be fetched ({type(error).__name__}: {reason})',
                         'check the name and the network; a private or gated model needs: hf auth login') from error


def licence_of(folder: Path) -> str:
    """Return the licence that a model's README begins with, as Hugging Face has it."""
    readme = folder / 'README.md'
    lines = readme.read_text(encoding='utf-8', errors='replace').splitlines()[:60] if readme.is_file() else []
    said = [line.partition(':')[2].strip() for line in lines if line.startswith(('license:', 'license_name:'))]
    return ', '.join(said) or 'see its page on the hub'


def _cached(reference: str, allow_download: bool) -> Path:
    with needing('huggingface_hub'):
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    if allow_download:
        return fetch_from_hub(reference)
    try:
        return Path(snapshot_download(reference, allow_patterns=list(WANTED), local_files_only=True))
    except LocalEntryNotFoundError as error:
        raise NotFetchedError(f'the files of hf:{reference} are not on this disk',
                              f'type: seg_ros models fetch hf:{reference}  (or set allow_download)') from error
    except HFValidationError as error:
        raise ModelError(f"'{reference}' is no name of a Hugging Face model",
                         'write hf:ORG/NAME or hf:/folder') from error
