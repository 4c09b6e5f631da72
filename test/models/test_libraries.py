# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Libraries are read so that the rest of the program goes on."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

from seg_ros.errors import ModelError
from seg_ros.models.libraries import needing, read_pytorch, uncollected

LINK = """
import gc
import sys
from pathlib import Path
from seg_ros.models.libraries import _link_pytorch, read_pytorch
_link_pytorch()
assert 'torch' not in sys.modules
assert 'libtorch_cpu.so' in Path('/proc/self/maps').read_text()
read_pytorch()
torch = sys.modules['torch']
assert (torch.eye(2) @ torch.ones(2)).tolist() == [1.0, 1.0]
assert gc.isenabled() and gc.get_freeze_count() > 100_000
"""


def test_a_library_that_is_not_there_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(ModelError, match=r"'nowhere_at_all', which is not installed. Type: pip install nowhere"), \
            needing('nowhere'):
        __import__('nowhere_at_all')


def test_pytorch_is_linked_before_it_is_imported_and_not_looked_through() -> None:
    torch = pytest.importorskip('torch')
    if not (Path(torch.__file__).parent / 'lib' / 'libtorch_cpu.so').is_file():
        pytest.skip('PyTorch is not of a wheel')
    subprocess.run([sys.executable, '-c', LINK], check=True, timeout=120)


@pytest.mark.parametrize(('said', 'expected'), [({}, '3000'), ({'GOMP_SPINCOUNT': '77'}, '77')])
def test_the_helpers_of_pytorch_sleep_soon_unless_somebody_says_otherwise(said: dict[str, str], expected: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != 'GOMP_SPINCOUNT'}
    seen = subprocess.run([sys.executable, '-c', 'from seg_ros.models.libraries import read_pytorch; read_pytorch()'],
                          env={**environment, **said, 'OMP_DISPLAY_ENV': 'verbose'}, check=True, timeout=120,
                          capture_output=True, text=True).stderr
    if 'GOMP_SPINCOUNT' not in seen:
        pytest.skip("PyTorch's threads are not of libgomp")
    assert f"GOMP_SPINCOUNT = '{expected}'" in seen


@pytest.mark.parametrize('found', [None, 'torch'])
def test_where_pytorch_is_not_or_is_read_already_nothing_is_linked(found: str | None,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'torch', found)  # type: ignore[arg-type]
    monkeypatch.setattr('ctypes.CDLL', lambda _: pytest.fail('it is linked'))
    read_pytorch()


@pytest.mark.parametrize('is_on', [True, False])
def test_garbage_is_looked_for_again_afterwards_as_before(is_on: bool) -> None:
    gc.enable() if is_on else gc.disable()
    try:
        with suppress(ValueError), uncollected():
            assert not gc.isenabled()
            raise ValueError
        assert gc.isenabled() is is_on
    finally:
        gc.enable()


def test_libraries_read_meanwhile_are_never_looked_through_what_else_was_made_is(
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking through them held services and diagnostics for a second on a busy computer."""
    kept = []
    with uncollected():
        kept += [[] for _ in range(2000)]
    frozen = gc.get_freeze_count()
    with uncollected():
        monkeypatch.setitem(sys.modules, 'just_read', ModuleType('just_read'))
    assert gc.get_freeze_count() >= frozen + len(kept)
