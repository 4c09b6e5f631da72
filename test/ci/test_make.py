# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``make`` tells what it does, and passes on what it is given."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not shutil.which('make'), reason='make is not installed')


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """As a person types it, also where ``make test`` runs this: a make below another announces its folder."""
    typed = {name: value for name, value in os.environ.items() if name not in ('MAKELEVEL', 'MAKEFLAGS', 'MFLAGS')}
    return subprocess.run(['make', *words], cwd=ROOT, env=typed, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(('words', 'command'), [
    (['demo'], 'demo'),
    (['demo', 'SOURCE=a b', 'MODE=instance', 'MODEL=plants', 'TAXONOMY=my.yaml', 'DEVICE=cpu', 'RATE=2', 'OUT=o'],
     "demo --source 'a b' --mode 'instance' --model 'plants' --taxonomy 'my.yaml' --device 'cpu' --rate '2' --out 'o'"),
    (['view'], "view --open --source 'recordings/room'"),
    (['view', 'SOURCE=0', 'PORT=9000'], "view --open --source '0' --port '9000'"),
    (['view', 'NODE=/segmentation'], "view --open --node '/segmentation'"),
])
def test_what_is_typed_reaches_the_command(words: list[str], command: str) -> None:
    said = ' '.join(make('-n', *words).stdout.replace('\\\n', ' ').split())
    assert said.endswith(f'-m seg_ros.cli.main {command}')


@pytest.mark.parametrize('words', [['demo', 'MODLE=plants'], ['mode=instance', 'demo'], ['tset']])
def test_a_typing_error_is_told(words: list[str]) -> None:
    done = make('-n', *words)
    assert done.returncode == 2
    assert words[0].partition('=')[0] in done.stderr or 'MODLE' in done.stderr


def test_make_alone_explains_in_80_columns() -> None:
    lines = make().stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert {'demo', 'view', 'setup', 'test', 'lint'} <= {line.split()[1] for line in lines if line.startswith('  make')}


def test_setup_ends_with_what_to_type_next() -> None:
    lines = make('-n', 'setup').stdout.splitlines()
    assert 'make demo' in lines[-2] and 'source .venv/bin/activate' in lines[-1]
