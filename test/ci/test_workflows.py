# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The workflow files and scripts of a repository on GitHub are whole."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / '.github'
FILES = [*GITHUB.rglob('*.yml'), ROOT / '.pre-commit-config.yaml', ROOT / 'mkdocs.yml',
         *(ROOT / '.devcontainer').rglob('*.json')]
WORKFLOWS = sorted((GITHUB / 'workflows').glob('*.yml'))
SCRIPTS = sorted([*GITHUB.rglob('*.sh'), *(ROOT / 'docker').glob('*.sh'), *(ROOT / 'requirements').glob('*.sh'),
                  ROOT / '.ci' / 'run'])
RUN = re.compile(r'(?<![\w/])(?:src/seg_ros/)?(\.(?:github|ci)/[\w/]+(?:\.sh)?)(?=[\s"]|$)')


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize('path', FILES, ids=name_of)
def test_it_is_yaml(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding='utf-8'))


@pytest.mark.parametrize('path', WORKFLOWS, ids=name_of)
def test_each_script_a_workflow_runs_is_there_and_can_be_run(path: Path) -> None:
    scripts = [ROOT / name for name in RUN.findall(path.read_text(encoding='utf-8')) if name != '.github/workflows']
    assert [name_of(script) for script in scripts if not script.is_file() or not script.stat().st_mode & 0o111] == []
    assert scripts or 'images' in path.name


@pytest.mark.parametrize('path', SCRIPTS, ids=name_of)
def test_the_shell_has_no_objection(path: Path) -> None:
    """Bash reads it; where shellcheck is installed it finds nothing."""
    subprocess.run(['bash', '-n', str(path)], check=True)
    path_of_tools = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    if shellcheck := shutil.which('shellcheck', path=path_of_tools):
        done = subprocess.run([shellcheck, '-x', str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_commit_is_held_to_the_ruff_of_the_tests() -> None:
    """One version of the style, wherever it is asked."""
    hooks = yaml.safe_load((ROOT / '.pre-commit-config.yaml').read_text(encoding='utf-8'))['repos']
    rev = next(one['rev'] for one in hooks if 'ruff' in one['repo']).removeprefix('v')
    assert f'ruff=={rev}' in (ROOT / 'requirements' / 'test.txt').read_text(encoding='utf-8').splitlines()


def test_the_distributions_of_the_readme_are_built() -> None:
    robot = yaml.safe_load((GITHUB / 'workflows' / 'ci.yml').read_text(encoding='utf-8'))['jobs']['robot']
    promised = re.search(r'With ROS 2 (.*?) from apt', (ROOT / 'README.md').read_text(encoding='utf-8'))
    assert promised
    words = re.findall(r'[A-Z][a-z]+', promised[1])
    assert [word.lower() for word in words] == robot['strategy']['matrix']['distribution']
