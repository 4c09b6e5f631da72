# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Libraries that only some models need, that a robot may do without, and that take their time to be read."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from seg_ros.errors import ModelError

AWAKE = '3000'
"""
How often a helper of PyTorch looks for work before it sleeps (libgomp's GOMP_SPINCOUNT, 300,000 if nobody says).

With as many threads as cores and other programs beside, they spin away the time the others need: with two on two busy
cores `indoor` made 0.3 to 0.7 passes a second so, and 6.7 with this; with nothing beside this takes 5 % of the rate.
"""

OF_GPUS = ('nvidia', 'nvhost', 'nvgpu')  # how the devices of NVIDIA's drivers begin, also of Jetsons


def has_gpu() -> bool:
    """Tell whether this computer has a GPU that PyTorch may use; PyTorch itself is not asked, which takes seconds."""
    return any(entry.name.startswith(OF_GPUS) for entry in Path('/dev').glob('nv*'))


@contextmanager
def needing(package: str) -> Iterator[None]:
    """
    Turn the failed import of an optional library within the block into a sentence.

    :raises ModelError: when the package is not installed; names the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModelError(f"this model needs the Python package '{error.name or package}', which is not installed",
                         f'type: pip install {package}') from error


def read_pytorch() -> None:
    """Import PyTorch, unless that was done or there is none, so that other threads go on as far as that can be."""
    if 'torch' in sys.modules:
        return
    os.environ.setdefault('GOMP_SPINCOUNT', AWAKE)
    with uncollected(), suppress(ImportError):  # who needs it says so
        _link_pytorch()
        import torch  # noqa: F401


def _link_pytorch() -> None:
    """
    Have the libraries of PyTorch in memory, so that its import is short; where they lie elsewhere nothing changes.

    The import would hold the interpreter meanwhile, for seconds on a busy computer: what ctypes calls goes on without
    it. Beside a GPU only those that PyTorch begins with: it sees itself to it that the right ones of CUDA are found.
    """
    found = find_spec('torch')
    if found is None or found.origin is None:
        return
    folder, system = Path(found.origin).parent / 'lib', ctypes.CDLL(None)
    for name, visible in (('libtorch_global_deps.so', os.RTLD_GLOBAL),
                          ('libtorch_cpu.so' if has_gpu() else 'libtorch.so', os.RTLD_LOCAL)):
        if (folder / name).is_file():
            system.dlopen(os.fsencode(folder / name), os.RTLD_NOW | visible)


@contextmanager
def uncollected() -> Iterator[None]:
    """
    Let nobody look for garbage within the block, nor later in the libraries that were read in it.

    That holds the interpreter, the longer the more there is: two tenths of a second for the libraries of a model.
    """
    is_on, known = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        if is_on:
            gc.enable()
