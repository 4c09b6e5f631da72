# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which device and arithmetic a model gets."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from seg_ros.errors import SettingError
from seg_ros.models.machine import shared_threads
from seg_ros.settings import Settings

log = logging.getLogger(__name__)

_DTYPES = {'fp32': torch.float32, 'bf16': torch.bfloat16, 'fp16': torch.float16}


@dataclass(frozen=True)
class Placement:
    """Where a network runs and in which arithmetic."""

    device: torch.device
    precision: str

    @property
    def dtype(self) -> torch.dtype:
        """The torch type of its weights and images."""
        return _DTYPES[self.precision]

    def place(self, network: nn.Module, *, fold: bool = True) -> nn.Module:
        """
        Return the network ready to run: batch norms folded, channels last, on its device.

        :param fold: false for a network whose layers may run in another order than they are declared in, and does not
            say so itself (``may_be_folded``).
        """
        fold = fold and getattr(network, 'may_be_folded', True)
        network = _folded(network.eval()) if fold else network.eval()
        placed = network.to(self.device, self.dtype).to(memory_format=torch.channels_last)
        return placed.eval().requires_grad_(False)

    def give_back(self) -> None:
        """Return what PyTorch keeps of the memory of networks that are gone to the device."""
        if self.device.type == 'cuda':
            torch.cuda.empty_cache()


class OnDevice:
    """A model whose network was placed."""

    _network: nn.Module

    def __init__(self, where: Placement) -> None:
        self._where, self.device, self.precision = where, str(where.device), where.precision

    def close(self) -> None:
        """Forget the network and give its memory back to the device."""
        self._network = nn.Identity()
        self._where.give_back()


def placement(settings: Settings) -> Placement:
    """
    Choose the device and precision the settings ask for, and set the threads of a CPU.

    :raises SettingError: when a GPU is asked for that is not there, or a CPU is asked for fp16.
    """
    device, threads = device_named(settings.device), shared_threads(settings)
    if device.type == 'cpu':
        torch.get_num_threads()  # a thread that never asked would be given the number another one set last
        torch.set_num_threads(threads)
    precision = settings.precision
    if precision == 'auto':
        precision = 'fp16' if device.type == 'cuda' else 'bf16' if cpu_has_bf16() else 'fp32'
    if precision == 'fp16' and device.type == 'cpu':
        raise SettingError('precision is fp16 but the model runs on the CPU', 'Use bf16, fp32 or auto')
    return Placement(device, precision)


def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself; emulated, it is slower than fp32."""
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as file:
            words = next((line for line in file if line.startswith(('flags', 'Features'))), '').split()
    except OSError:
        return False
    return bool({'avx512_bf16', 'amx_bf16', 'bf16'} & set(words))


def device_named(name: str) -> torch.device:
    """
    Return the device that a setting means; ``auto`` is a GPU where there is one.

    :raises SettingError: when it is not there.
    """
    if name == 'cpu':
        return torch.device('cpu')
    if not torch.cuda.is_available():
        if name == 'auto':
            _warn_of_cpu()
            return torch.device('cpu')
        raise SettingError(f"device is '{name}' but torch finds no GPU",
                           'Install the torch build for your GPU, or use auto or cpu')
    index = int(name.partition(':')[2] or 0) if name != 'auto' else 0
    if index >= torch.cuda.device_count():
        raise SettingError(f"device is '{name}' but there are {torch.cuda.device_count()} GPUs",
                           'Count from cuda:0')
    return torch.device('cuda', index)


@lru_cache(maxsize=1)
def _warn_of_cpu() -> None:
    """Say once per process, not at every change of model or mode, that there is no GPU."""
    log.warning('No GPU can be used by torch: the model runs on the CPU. If this machine has a GPU, '
                'install the torch build for it; set device to cpu to silence this')


def _folded(network: nn.Module) -> nn.Module:
    """Fold each batch norm into the convolution before it: the same numbers, one pass over memory less."""
    for module in network.modules():
        previous: tuple[str, nn.Module] | None = None
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d) and previous and isinstance(previous[1], nn.Conv2d):
                setattr(module, previous[0], fuse_conv_bn_eval(previous[1], child))
                setattr(module, name, nn.Identity())
            previous = (name, child)
    return network
