# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A wheel built from this source has every module, and every file the node reads."""

from __future__ import annotations

import ast
import configparser
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from seg_ros import __version__

ROOT = Path(__file__).parents[2]
NAME = f'seg_ros-{__version__}'
DATA = f'{NAME}.data/data'
TERMS = ('LICENSE', 'THIRD_PARTY_NOTICES')
SOURCES = ('package.xml', *TERMS, 'setup.py', 'setup.cfg', 'seg_ros', 'config', 'launch', 'recordings', 'resource')


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """Build a wheel from a copy of the source, with the build tools of this environment."""
    folder = tmp_path_factory.mktemp('wheel')
    source = folder / 'source'
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns('__pycache__'))
        elif (ROOT / name).exists():
            source.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    built = subprocess.run([sys.executable, 'setup.py', '-q', 'bdist_wheel', '-d', str(folder)], cwd=source,
                           capture_output=True, text=True, check=False)
    if "invalid command 'bdist_wheel'" in built.stderr:
        pytest.skip('neither wheel nor a setuptools that builds wheels is installed')
    assert built.returncode == 0, built.stderr
    return ZipFile(next(folder.glob('*.whl')))


def under(*folders: str) -> list[str]:
    """Return the files of the source below some folders, relative to the root."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob('*'))
    return sorted(path.relative_to(ROOT).as_posix() for path in paths
                  if path.is_file() and '__pycache__' not in path.parts)


def test_every_module_is_installed(wheel: ZipFile) -> None:
    """No sub-package is dropped, and no test comes along."""
    modules = {name for name in wheel.namelist() if name.endswith('.py') and not name.startswith(DATA)}
    assert modules == {name for name in under('seg_ros') if name.endswith('.py')}
    assert 'seg_ros/labels/taxonomy.py' in modules


def test_every_shared_file_is_installed(wheel: ZipFile) -> None:
    """Configuration, taxonomies, models, the recording and launch files keep their folders under share/seg_ros."""
    shared = {name.removeprefix(f'{DATA}/share/seg_ros/') for name in wheel.namelist()
              if name.startswith(f'{DATA}/share/seg_ros/')}
    assert shared == {'package.xml', *TERMS, *under('config', 'launch', 'recordings/room', 'recordings/rooms')}
    assert {'config/fastdds.xml', 'config/taxonomies/indoor.yaml'} <= shared


def test_the_page_of_the_live_view_is_installed(wheel: ZipFile) -> None:
    """What `seg_ros view` serves lies beside the module that serves it."""
    page = {name for name in wheel.namelist() if name.startswith('seg_ros/live/page/')}
    assert page == set(under('seg_ros/live/page'))
    assert 'seg_ros/live/page/index.html' in page


def test_every_shipped_model_is_whole(wheel: ZipFile) -> None:
    """A model's card never arrives without its weights."""
    for folder in sorted(path for path in (ROOT / 'config' / 'models').glob('*') if path.is_dir()):
        installed = {name.rpartition('/')[2] for name in wheel.namelist()
                     if f'/share/seg_ros/config/models/{folder.name}/' in name}
        assert {'card.yaml', 'weights.safetensors'} <= installed


def test_ament_finds_the_package(wheel: ZipFile) -> None:
    """The marker that ros2 pkg and launch look for is in the resource index."""
    assert f'{DATA}/share/ament_index/resource_index/packages/seg_ros' in wheel.namelist()


def test_the_executables_are_the_promised_ones(wheel: ZipFile) -> None:
    """`ros2 run seg_ros <name>` knows both nodes, the player and the command line."""
    entries = configparser.ConfigParser()
    entries.read_string(wheel.read(f'{NAME}.dist-info/entry_points.txt').decode())
    executables = dict(entries['console_scripts'])
    assert executables == {
        'segmentation': 'seg_ros.nodes.executables:segmentation',
        'mapping': 'seg_ros.nodes.executables:mapping',
        'player': 'seg_ros.nodes.executables:player',
        'seg_ros': 'seg_ros.cli.main:main',
    }
    for module, function in (target.split(':') for target in executables.values()):
        body = ast.parse(wheel.read(f'{module.replace(".", "/")}.py')).body
        assert function in {node.name for node in body if isinstance(node, ast.FunctionDef)}


def test_types_are_announced(wheel: ZipFile) -> None:
    """The marker of PEP 561 travels, so that type checkers read ours."""
    assert 'seg_ros/py.typed' in wheel.namelist()
