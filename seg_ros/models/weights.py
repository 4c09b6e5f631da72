# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Weights files: safetensors only, so that opening one never runs code (no pickle)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from seg_ros.errors import ModelError
from seg_ros.models.download import check_fetched


def load_weights(network: nn.Module, path: Path) -> None:
    """
    Fill a network from a safetensors file.

    :raises ModelError: when the file is missing, truncated, of another kind (a pickle, say) or of another
        network.
    """
    fill(network, read_weights(path), str(path))


def fill(network: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """
    Fill a network with weights by layer; counters of batches do not matter, nor layers it had not always.

    :param source: where they are from, for the error.
    :raises ModelError: when they are of another network.
    """
    tensors = {key: value for key, value in tensors.items() if not key.endswith('num_batches_tracked')}
    wanted = {key: value for key, value in network.state_dict().items()
              if not key.endswith('num_batches_tracked')}
    begun = {key: wanted[key] for key in getattr(network, 'added_since', ())}
    tensors = {**begun, **tensors}
    wrong = [key for key, value in wanted.items() if key not in tensors or tensors[key].shape != value.shape]
    extra = [key for key in tensors if key not in wanted]
    if wrong or extra:
        first = (wrong or extra)[0]
        raise ModelError(f'the weights {source} belong to another network: {len(wrong)} layers are missing or of '
                         f'another shape, {len(extra)} are unknown, first {first}',
                         'the architecture and classes of the card must be those it was trained with')
    if spoilt := [key for key, value in tensors.items() if not value.isfinite().all()]:
        raise ModelError(f'the weights {source} hold numbers that are none (NaN or infinite), first in {spoilt[0]}',
                         'copy the file again, or train the model again')
    network.load_state_dict({key: value.to(wanted[key].dtype) for key, value in tensors.items()}, strict=False)


def read_weights(path: Path) -> dict[str, Tensor]:
    """
    Read the tensors of a safetensors file.

    :raises ModelError: when it is missing, not fetched, truncated or of another kind.
    """
    if not path.is_file():
        raise ModelError(f'the weights {path} are missing', 'install the package again, or train the model')
    check_fetched(path)
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f'the weights {path} are not a whole safetensors file ({error})',
                         'copy the file again; pickled weights (.pt, .pth) are not read here, convert them with '
                         'safetensors.torch.save_file') from error
    return tensors


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's weights as :func:`write_weights` does."""
    write_weights(network.state_dict(), path)


def write_weights(weights: Mapping[str, Tensor], path: Path) -> None:
    """
    Write weights by layer in half precision; counters of batches are left out.

    :raises ModelError: when a weight is no finite number, or none in half precision.
    """
    tensors = {key: value.detach().cpu().to(torch.float16).contiguous()
               for key, value in weights.items() if not key.endswith('num_batches_tracked')}
    spoilt = [key for key, value in tensors.items() if not value.isfinite().all()]
    if spoilt:
        raise ModelError(f'the weights for {path} hold values beyond half precision, or NaN, first in {spoilt[0]}',
                         'train with a lower learning rate')
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path)
    path.chmod(0o644)  # safetensors makes it private; every user of the robot may read it
