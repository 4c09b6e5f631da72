"""
From a model's name to a loaded model; the library it needs is imported only when a name asks for it.

=========================== ============================================================ ===================
name                        means                                                        opened by
=========================== ============================================================ ===================
``indoor``                  a model that comes with the package                          from_torchvision
``/folder``, ``./folder``   a folder with ``card.yaml`` and its weights                  from_torchvision
``checkpoint:/folder``      the folder that ``seg_ros train --out`` wrote                from_torchvision
``torchvision:NAME``        a network of torchvision with its published weights          from_published
``torchvision:NAME@/dir``   the same, with the folder its weights lie in                 from_published
``hf:ORG/NAME``             a network of transformers from the local Hugging Face cache  from_transformers
``hf:/folder``              the same, from a folder of ``save_pretrained``               from_transformers
``onnx:/file.onnx``         a network in ONNX with its card                              from_onnx
=========================== ============================================================ ===================

A backend is a function ``open_it(reference: str, settings: Settings) -> Segmenter``. The reference is the name
without its prefix; the segmenter's ``name`` is the whole name. It raises :class:`ModelError` for what is missing or
does not fit, and wraps the import of an optional library in :func:`seg_ros.models.libraries.needing`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from seg_ros.errors import ModelError, nearest_of
from seg_ros.models.card import CARD, WEIGHTS, read_card
from seg_ros.models.segmenter import Segmenter
from seg_ros.settings import Settings
from seg_ros.share import share_directory


def shipped_models() -> dict[str, Path]:
    """Return the folder of each model that comes with the package, by name."""
    folder = share_directory() / 'config' / 'models'
    return {card.parent.name: card.parent for card in sorted(folder.glob(f'*/{CARD}'))}


def model_folder(name: str) -> Path:
    """
    Return the folder of a shipped model, or of a model given by the path of its folder.

    :raises ModelError: when there is none; names the nearest shipped one.
    """
    if '/' in name:
        folder = Path(name).expanduser()
        if (folder / CARD).is_file():
            return folder
        raise ModelError(f'{folder} is no model: it has no {CARD}', 'give the folder a training wrote')
    shipped = shipped_models()
    if name not in shipped:
        raise ModelError(f"there is no model '{name}'; {nearest_of(name, shipped, noun='shipped')}",
                         'give one of these names, or the path of a folder, ./name say')
    return shipped[name]


def open_model(name: str, settings: Settings) -> Segmenter:
    """
    Load a model onto its device.

    :raises ModelError: when there is none of that name, or its card or weights are unusable.
    :raises SettingError: when the device asked for is not there.
    :raises TaxonomyError: when the taxonomy does not know a word of the model.
    """
    prefix, colon, reference = name.partition(':')
    if not colon or '/' in prefix:
        return _open_folder(name, settings)
    if prefix not in BACKENDS:
        raise ModelError(f"there is no kind of model '{prefix}:'; {nearest_of(prefix, BACKENDS)}",
                         'write torchvision:NAME, hf:ORG/NAME, hf:/folder, onnx:/file.onnx or checkpoint:/folder')
    if not reference:
        raise ModelError(f"the model name '{name}' ends after its kind", 'seg_ros models lists the names')
    return BACKENDS[prefix](reference, settings)


def _open_folder(name: str, settings: Settings) -> Segmenter:
    from seg_ros.models.from_torchvision import open_torchvision

    folder = model_folder(name)
    return open_torchvision(read_card(folder), folder / WEIGHTS, settings)


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


def _open_checkpoint(reference: str, settings: Settings) -> Segmenter:
    return _open_folder(f'{checkpoint_folder(reference).absolute()}', settings)


def _open_published(reference: str, settings: Settings) -> Segmenter:
    from seg_ros.models.from_published import open_published

    return open_published(reference, settings)


def _open_transformers(reference: str, settings: Settings) -> Segmenter:
    from seg_ros.models.from_transformers import open_transformers

    return open_transformers(reference, settings)


def _open_onnx(reference: str, settings: Settings) -> Segmenter:
    from seg_ros.models.from_onnx import open_onnx

    return open_onnx(reference, settings)


BACKENDS: dict[str, Callable[[str, Settings], Segmenter]] = {
    'checkpoint': _open_checkpoint, 'torchvision': _open_published, 'hf': _open_transformers, 'onnx': _open_onnx,
}
"""What opens a name of each kind, by the prefix before the colon."""
