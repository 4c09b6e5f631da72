# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The systemd unit is one that systemd takes, and starts what the page says."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / 'config' / 'systemd' / 'seg_ros.service'


def service() -> configparser.SectionProxy:
    """Read the section of the service, the last of each key."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(UNIT.read_text(encoding='utf-8'))
    return unit['Service']


def test_systemd_has_no_objection() -> None:
    if not shutil.which('systemd-analyze'):
        pytest.skip('systemd-analyze is not on this machine')
    done = subprocess.run(['systemd-analyze', 'verify', str(UNIT)], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert ours == []


def test_the_words_behind_the_launch_file_are_its_arguments(tmp_path: Path) -> None:
    """The command, run by its own shell with a workspace in the place of the robot's, launches with ARGUMENTS."""
    (tmp_path / 'install').mkdir()
    (tmp_path / 'install' / 'setup.bash').write_text('ros2() { echo "$@"; }; exec() { "$@"; }\n', encoding='utf-8')
    command = service()['ExecStart'].removeprefix("/bin/bash -c '").removesuffix("'").replace('$$', '$')
    done = subprocess.run(['/bin/bash', '-c', command], capture_output=True, text=True, check=False, env={
        'WORKSPACE': str(tmp_path), 'ARGUMENTS': 'image:=/camera/image_raw device:=cuda'})
    assert done.stdout == 'launch seg_ros segmentation.launch.py image:=/camera/image_raw device:=cuda\n'


@pytest.mark.parametrize(('tool', 'status'), [(None, 0), ('exit 0', 0), ('exit 1', 124)])
def test_a_gpu_is_waited_for_where_there_is_one(tmp_path: Path, tool: str | None, status: int) -> None:
    """Without nvidia-smi nothing is waited for; with it, until it answers or the time is over."""
    if tool:
        (tmp_path / 'nvidia-smi').write_text(f'#!/bin/sh\n{tool}\n', encoding='utf-8')
        (tmp_path / 'nvidia-smi').chmod(0o755)
    command = service()['ExecStartPre'].removeprefix("/bin/sh -c '").removesuffix("'")
    path = f'{tmp_path}:/usr/bin:/bin'
    if tool is None and shutil.which('nvidia-smi', path=path):
        pytest.skip('this machine has a GPU')
    hurried = command.replace('timeout 60', 'timeout 2')
    done = subprocess.run(['/bin/sh', '-c', hurried], check=False, env={'PATH': path})
    assert done.returncode == status
