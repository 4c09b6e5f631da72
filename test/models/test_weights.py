# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Weights travel in safetensors; whatever else is offered is refused, and nothing in it runs."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from seg_ros.errors import ModelError
from seg_ros.models.weights import load_weights, read_weights, save_weights


def network(channels: int = 4) -> nn.Module:
    torch.manual_seed(channels)
    return nn.Sequential(nn.Conv2d(3, channels, 3), nn.BatchNorm2d(channels), nn.Conv2d(channels, 2, 1))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / 'model' / 'weights.safetensors'
    save_weights(network(), path)
    return path


def test_weights_come_back_in_half_precision(saved: Path) -> None:
    original, other = network().state_dict(), nn.Sequential(*network().children())
    nn.init.zeros_(other[0].weight)
    load_weights(other, saved)
    for key, value in other.state_dict().items():
        if key != '1.num_batches_tracked':
            assert value.dtype == torch.float32
            assert torch.equal(value, original[key].half().float())


def test_the_file_is_small_and_for_everybody(saved: Path) -> None:
    tensors = load_file(saved)
    assert {value.dtype for value in tensors.values()} == {torch.float16}
    assert not any('num_batches_tracked' in key for key in tensors)
    assert saved.stat().st_mode & 0o777 == 0o644


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f'the weights {tmp_path}/none are missing. Install the package again'):
        read_weights(tmp_path / 'none')


@pytest.mark.parametrize('kept', [0, 4, 100, -1])
def test_truncated_weights_are_refused(saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])
    with pytest.raises(ModelError, match=r'weights.safetensors are not a whole safetensors file'):
        load_weights(network(), saved)


class Bomb:
    """Runs a command when unpickled: what a malicious weights file does."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return os.system, (self.command,)


def test_a_pointer_of_git_lfs_is_named(tmp_path: Path) -> None:
    path = tmp_path / 'weights.safetensors'
    path.write_text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n')
    with pytest.raises(ModelError, match=r'pointer of Git LFS, not the file itself\. Type: git lfs pull, in '):
        read_weights(path)


@pytest.mark.parametrize('write', [
    lambda bomb, path: path.write_bytes(pickle.dumps(bomb)),
    lambda bomb, path: torch.save({'weight': bomb}, path),
    lambda bomb, path: torch.save({'weight': bomb}, path, _use_new_zipfile_serialization=False),
], ids=['plain pickle', 'torch.save', 'torch.save of old'])
def test_a_pickle_offered_as_weights_is_refused_and_not_run(tmp_path: Path, write: Callable[[Bomb, Path], Any]) -> None:
    path, trace = tmp_path / 'weights.safetensors', tmp_path / 'it_ran'
    write(Bomb(f'touch {trace}'), path)
    with pytest.raises(ModelError, match=r'pickled weights .* are not read here'):
        load_weights(network(), path)
    assert not trace.exists()


def test_the_pickle_of_these_tests_would_run(tmp_path: Path) -> None:
    """Otherwise the test above proves nothing."""
    trace = tmp_path / 'it_ran'
    pickle.loads(pickle.dumps(Bomb(f'touch {trace}')))
    assert trace.exists()


@pytest.mark.parametrize(('change', 'sentence'), [
    (lambda t: t.pop('0.weight'), '1 layers are missing or of another shape, 0 are unknown, first 0.weight'),
    (lambda t: t.update({'9.weight': torch.zeros(1)}), '0 layers are missing .* 1 are unknown, first 9.weight'),
    (lambda t: t.update({'0.bias': torch.zeros(9)}), '1 layers are missing or of another shape, 0 .* first 0.bias'),
], ids=['a layer less', 'a layer more', 'another shape'])
def test_weights_of_another_network_are_refused(saved: Path, change: Callable[[dict[str, Any]], Any],
                                                sentence: str) -> None:
    tensors = load_file(saved)
    change(tensors)
    save_file(tensors, saved)
    target = network()
    before = {key: value.clone() for key, value in target.state_dict().items()}
    with pytest.raises(ModelError, match=f'belong to another network: {sentence}'):
        load_weights(target, saved)
    assert all(torch.equal(value, before[key]) for key, value in target.state_dict().items())


def test_weights_with_other_classes_are_refused(saved: Path) -> None:
    with pytest.raises(ModelError, match='The architecture and classes of the card must be those'):
        load_weights(network(channels=5), saved)


@pytest.mark.parametrize('value', [float('nan'), float('-inf')])
def test_weights_that_are_no_numbers_are_refused(saved: Path, value: float) -> None:
    tensors = load_file(saved)
    tensors['2.bias'][1] = value
    save_file(tensors, saved)
    with pytest.raises(ModelError, match=r'hold numbers that are none \(NaN or infinite\), first in 2.bias'):
        load_weights(network(), saved)


@pytest.mark.parametrize('value', [float('nan'), float('inf'), 1e6], ids=['NaN', 'infinite', 'beyond half precision'])
def test_spoilt_weights_are_not_written(tmp_path: Path, value: float) -> None:
    spoilt = network()
    nn.init.constant_(spoilt[2].bias, value)  # type: ignore[index]
    with pytest.raises(ModelError, match=r'hold values beyond half precision, or NaN, first in 2.bias'):
        save_weights(spoilt, tmp_path / 'weights.safetensors')
    assert not (tmp_path / 'weights.safetensors').exists()
