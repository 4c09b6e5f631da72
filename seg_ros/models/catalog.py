"""From a model's name to a loaded model, by the library its kind needs."""

from __future__ import annotations

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
    from seg_ros.models.from_torchvision import open_torchvision

    folder = model_folder(name)
    return open_torchvision(read_card(folder), folder / WEIGHTS, settings)
