# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The device and arithmetic that were asked for, or a sentence; and folding that changes nothing."""

from __future__ import annotations

import builtins
import logging
import os
from collections.abc import Iterator
from io import StringIO
from typing import Any

import cv2
import pytest
import torch
from scenes.networks import lively, random_network
from torch import nn
from torchvision.models import mobilenet_v2, resnet18

from seg_ros.errors import SettingError
from seg_ros.models import device
from seg_ros.models.device import Placement, cpu_has_bf16, placement
from seg_ros.models.networks import SEMANTIC_NETWORKS, semantic_logits
from seg_ros.settings import Settings


@pytest.fixture(autouse=True)
def never_warned() -> Iterator[None]:
    """Let the one warning of a process come in each test."""
    device._warn_of_cpu.cache_clear()
    yield
    device._warn_of_cpu.cache_clear()


def gpus(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Pretend that torch finds that many GPUs."""
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: number > 0)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: number)


@pytest.mark.parametrize(('asked', 'number', 'given'), [
    ('auto', 1, 'cuda:0'), ('auto', 0, 'cpu'), ('cpu', 1, 'cpu'), ('cuda', 2, 'cuda:0'), ('cuda:1', 2, 'cuda:1'),
])
def test_the_device_asked_for_is_given(monkeypatch: pytest.MonkeyPatch, asked: str, number: int, given: str) -> None:
    gpus(monkeypatch, number)
    assert str(placement(Settings(device=asked)).device) == given


@pytest.mark.parametrize(('asked', 'number', 'sentence'), [
    ('cuda', 0, "device is 'cuda' but torch finds no GPU. Install the torch build for your GPU, or use auto or cpu."),
    ('cuda:3', 0, "device is 'cuda:3' but torch finds no GPU. Install"),
    ('cuda:3', 2, "device is 'cuda:3' but there are 2 GPUs. Count from cuda:0."),
])
def test_a_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, asked: str, number: int,
                                            sentence: str) -> None:
    gpus(monkeypatch, number)
    with pytest.raises(SettingError) as caught:
        placement(Settings(device=asked))
    assert str(caught.value).startswith(sentence)


def test_falling_to_the_cpu_is_said_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    gpus(monkeypatch, 0)
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            placement(Settings())
    assert [record.levelname for record in caplog.records] == ['WARNING']
    assert 'the model runs on the CPU' in caplog.text
    assert 'set device to cpu to silence' in caplog.text


@pytest.mark.parametrize(('asked', 'number'), [('cpu', 0), ('auto', 1)])
def test_what_was_asked_for_is_no_warning(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
                                          asked: str, number: int) -> None:
    gpus(monkeypatch, number)
    placement(Settings(device=asked))
    assert caplog.records == []


@pytest.mark.parametrize(('asked', 'number', 'bf16', 'given', 'dtype'), [
    ('auto', 1, False, 'fp16', torch.float16),
    ('auto', 0, True, 'bf16', torch.bfloat16),
    ('auto', 0, False, 'fp32', torch.float32),
    ('fp32', 1, True, 'fp32', torch.float32),
    ('bf16', 0, False, 'bf16', torch.bfloat16),  # slow, but asked for
])
def test_the_precision_suits_the_device(monkeypatch: pytest.MonkeyPatch, asked: str, number: int, bf16: bool,
                                        given: str, dtype: torch.dtype) -> None:
    gpus(monkeypatch, number)
    monkeypatch.setattr(device, 'cpu_has_bf16', lambda: bf16)
    where = placement(Settings(precision=asked))
    assert (where.precision, where.dtype) == (given, dtype)


def test_fp16_is_refused_where_auto_means_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, 0)
    with pytest.raises(SettingError, match=r'precision is fp16 but the model runs on the CPU. Use bf16, fp32 or auto'):
        placement(Settings(precision='fp16'))


@pytest.mark.parametrize(('asked', 'threads', 'cores', 'expected'), [
    ('cpu', 3, 8, [3]),  # as asked for
    ('cpu', 0, 8, [7]),  # one core is left to the rest of the robot
    ('cpu', 0, 1, [1]),
    ('cuda', 3, 8, []),
])
def test_threads_of_a_cpu_leave_a_core_free_unless_asked(monkeypatch: pytest.MonkeyPatch, asked: str, threads: int,
                                                         cores: int, expected: list[int]) -> None:
    gpus(monkeypatch, 1)
    monkeypatch.setattr(os, 'sched_getaffinity', lambda pid: set(range(cores)))
    given: list[int] = []
    monkeypatch.setattr(torch, 'set_num_threads', given.append)
    monkeypatch.setattr(cv2, 'setNumThreads', lambda threads: None)
    placement(Settings(device=asked, cpu_threads=threads))
    assert given == expected


@pytest.mark.parametrize(('cpuinfo', 'has'), [
    ('processor: 0\nflags\t\t: fpu avx2 avx512_bf16 sse\n', True),  # Intel and AMD
    ('flags\t\t: fpu amx_bf16\n', True),
    ('processor: 0\nFeatures\t: fp asimd bf16\n', True),  # ARM
    ('flags\t\t: fpu avx2 avx512f\n', False),
    ('model name : bf16\n', False),
    ('', False),
])
def test_bf16_is_read_from_the_processor(monkeypatch: pytest.MonkeyPatch, cpuinfo: str, has: bool) -> None:
    monkeypatch.setattr(builtins, 'open', lambda *args, **more: StringIO(cpuinfo))
    assert cpu_has_bf16() is has


def test_a_machine_that_does_not_tell_has_no_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*args: Any, **more: Any) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(builtins, 'open', missing)
    assert cpu_has_bf16() is False


CPU = Placement(torch.device('cpu'), 'fp32')


def batch_norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize('architecture', sorted(SEMANTIC_NETWORKS.keys() - {'mosaic'}))  # that one came without norms
def test_folding_changes_no_answer(architecture: str) -> None:
    network, images = random_network(architecture, 4), torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = semantic_logits(network, images)
        assert batch_norms(network) > 20
        placed = CPU.place(network)
        assert batch_norms(placed) == 0
        assert (semantic_logits(placed, images) - before).abs().max() <= 1e-4 * max(1.0, float(before.abs().max()))
    assert before.std() > 1e-3  # the networks answer something


@pytest.mark.parametrize('make', [mobilenet_v2, resnet18])
def test_folding_changes_no_answer_of_other_families(make: Any) -> None:
    """Residual blocks name their convolutions and norms in the order they run in."""
    torch.manual_seed(0)
    network, images = lively(make(weights=None)), torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = network(images)
        after = CPU.place(network)(images)
    assert (after - before).abs().max() <= 1e-4 * max(1.0, float(before.abs().max()))


@pytest.mark.parametrize(('layers', 'left'), [
    ((nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)), 0),
    ((nn.BatchNorm2d(3), nn.Conv2d(3, 4, 1)), 1),  # the norm comes first
    ((nn.Conv2d(3, 4, 1), nn.ReLU(), nn.BatchNorm2d(4)), 1),  # something lies between
    ((nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.BatchNorm2d(4)), 1),
    ((nn.Conv2d(3, 4, 1), nn.Sequential(nn.BatchNorm2d(4))), 1),
])
def test_a_norm_is_folded_only_into_the_convolution_right_before_it(layers: tuple[nn.Module, ...], left: int) -> None:
    network, images = lively(nn.Sequential(*layers)), torch.randn(1, 3, 5, 5)
    with torch.inference_mode():
        before = network(images)
        placed = CPU.place(network)
        assert batch_norms(placed) == left
        assert torch.allclose(placed(images), before, atol=1e-5)


@pytest.mark.parametrize('precision', ['fp32', 'bf16'])
def test_a_placed_network_is_ready_to_run(precision: str) -> None:
    where = Placement(torch.device('cpu'), precision)
    placed = where.place(random_network('lraspp_mobilenet_v2', 4).train())
    assert {parameter.dtype for parameter in placed.parameters()} == {where.dtype}
    assert not any(parameter.requires_grad for parameter in placed.parameters())
    assert not any(module.training for module in placed.modules())
    convolution = next(m for m in placed.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3))
    assert convolution.weight.is_contiguous(memory_format=torch.channels_last)
