# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A build that cannot succeed says what to type."""

from __future__ import annotations

import importlib
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

INTERFACES = Path(__file__).parents[2] / 'interfaces'


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Import the module of the build backend that looks for the compilers."""
    monkeypatch.syspath_prepend(str(INTERFACES))
    yield importlib.import_module('builder.compile')
    for name in [name for name in sys.modules if name.partition('.')[0] == 'builder']:
        del sys.modules[name]


def test_missing_compiler_says_what_to_type(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without gcc the build stops with the remedy, not with a traceback from a subprocess."""
    monkeypatch.setenv('PATH', '')
    monkeypatch.delenv('CC', raising=False)
    with pytest.raises(builder.MissingToolError) as caught:
        builder.find_compilers()
    assert str(caught.value) == (
        'Cannot build the message bindings: the C compiler gcc is not on PATH. '
        'Type: sudo apt install gcc (or name another one in CC)'
    )


def test_missing_python_headers_say_what_to_type(builder: ModuleType, tmp_path: Path) -> None:
    """Without Python.h the remedy names the package of the running Python."""
    python = f'python{sys.version_info.major}.{sys.version_info.minor}'
    with pytest.raises(builder.MissingToolError, match=rf'no Python\.h.*sudo apt install {python}-dev'):
        builder.find_python_headers(tmp_path)


def test_missing_generator_says_what_to_type(builder: ModuleType) -> None:
    """Without the ROS wheels the remedy names them."""
    prefix = importlib.import_module('builder.prefix')
    with pytest.raises(builder.MissingToolError, match=r'rosidl_absent .*pip install -r requirements/ros-jazzy'):
        prefix.import_generator('rosidl_absent')


def test_a_source_archive_can_be_built_alone(builder: ModuleType, tmp_path: Path) -> None:
    """The builder, which both packages link to, travels with each of them."""
    archive, source = (importlib.import_module(f'builder.{name}') for name in ('archive', 'source'))
    name = archive.write_sdist(source.read_source(INTERFACES / 'tf2_msgs'), tmp_path)
    root = name.removesuffix('.tar.gz')
    with tarfile.open(tmp_path / name) as packed:
        names = {entry.name for entry in packed.getmembers() if entry.isfile()}
    assert {f'{root}/{path}' for path in ('package.xml', 'msg/TFMessage.msg', 'builder/backend.py')} <= names
    assert not [name for name in names if name.endswith('.pyc')]
