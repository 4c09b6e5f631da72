# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The package's data files are found in every layout that an installation has."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ros import share
from seg_ros.errors import SegRosError

find = share.share_directory.__wrapped__  # without the memory of the real installation


def laid_out(monkeypatch: pytest.MonkeyPatch, module: Path, data: Path | None) -> None:
    """Pretend that share.py is installed as ``module``, and put data files into ``data``."""
    module.parent.mkdir(parents=True)
    module.touch()
    monkeypatch.setattr(share, '__file__', str(module))
    if data is not None:
        (data / 'config').mkdir(parents=True)
        (data / 'package.xml').touch()


@pytest.mark.parametrize(('module', 'data'), [
    ('src/seg_ros/seg_ros/share.py', 'src/seg_ros'),  # editable install: the repository itself
    ('venv/lib/python3.12/site-packages/seg_ros/share.py', 'venv/share/seg_ros'),  # pip in an environment
    ('usr/local/lib/python3.10/dist-packages/seg_ros/share.py', 'usr/local/share/seg_ros'),  # pip on Ubuntu
    ('home/.local/lib/python3.10/site-packages/seg_ros/share.py', 'home/.local/share/seg_ros'),  # pip --user
    ('ws/install/seg_ros/lib/python3.12/site-packages/seg_ros/share.py',
     'ws/install/seg_ros/share/seg_ros'),  # colcon build
    ('ws/install/lib/python3.12/site-packages/seg_ros/share.py',
     'ws/install/share/seg_ros'),  # colcon build --merge-install
    ('target/seg_ros/share.py', 'target/share/seg_ros'),  # pip install --target
])
def test_each_layout_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, data: str) -> None:
    laid_out(monkeypatch, tmp_path / module, tmp_path / data)
    assert find() == tmp_path / data


def test_a_symlink_leads_to_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``colcon build --symlink-install`` links the package's folder into the build tree."""
    source = tmp_path / 'src' / 'seg_ros'
    laid_out(monkeypatch, source / 'seg_ros' / 'share.py', source)
    build = tmp_path / 'build' / 'seg_ros'
    build.mkdir(parents=True)
    (build / 'seg_ros').symlink_to(source / 'seg_ros')
    monkeypatch.setattr(share, '__file__', str(build / 'seg_ros' / 'share.py'))
    assert find() == source


def test_the_nearest_installation_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An overlay inside a prefix that also has seg_ros reads its own files."""
    inner = tmp_path / 'outer' / 'inner'
    laid_out(monkeypatch, inner / 'lib' / 'site-packages' / 'seg_ros' / 'share.py', inner / 'share' / 'seg_ros')
    (tmp_path / 'outer' / 'share' / 'seg_ros' / 'config').mkdir(parents=True)
    (tmp_path / 'outer' / 'share' / 'seg_ros' / 'package.xml').touch()
    assert find() == inner / 'share' / 'seg_ros'


def test_an_installation_without_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / 'lib' / 'site-packages' / 'seg_ros' / 'share.py'
    laid_out(monkeypatch, module, None)
    (tmp_path / 'lib' / 'site-packages' / 'package.xml').touch()  # somebody else's, and no config beside it
    with pytest.raises(SegRosError, match=f'not found near {module}.*colcon build or pip install'):
        find()


def test_this_installation_is_whole() -> None:
    folder = share.share_directory()
    assert (folder / 'config' / 'taxonomies' / 'indoor.yaml').is_file()
    assert '<name>seg_ros</name>' in (folder / 'package.xml').read_text(encoding='utf-8')
