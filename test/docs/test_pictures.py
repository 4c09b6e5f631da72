# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every picture of the pages is made by a command, is shown on a page, and says where it comes from."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / 'docs' / 'pictures'
SCRIPT = (ROOT / 'docs' / 'pictures.py').read_text(encoding='utf-8')
MADE = set(re.findall(r'^def ([a-z]+)\(\w+: Path \| None\)', SCRIPT, re.MULTILINE))
GIVEN = {'bench', 'rviz'}  # an image of the recording as it is, for the lines of README; a screenshot of RViz
FILES = {path.stem for path in FOLDER.glob('*.jpg')}
PAGES = '\n'.join(path.read_text(encoding='utf-8') for path in (ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md'))
                  if path.name != 'SOURCES.md')


def test_the_command_finds_what_it_draws_with() -> None:
    assert set(runpy.run_path(str(ROOT / 'docs' / 'pictures.py'))) >= MADE


def test_there_is_a_command_for_each_picture() -> None:
    assert FILES - GIVEN <= MADE
    assert not MADE - FILES - {'everyday'}  # where no such model is shipped


@pytest.mark.parametrize('name', sorted(FILES))
def test_a_picture_is_shown_and_its_source_is_told(name: str) -> None:
    assert f'pictures/{name}.jpg' in PAGES
    assert f'`{name}.jpg`' in (FOLDER / 'SOURCES.md').read_text(encoding='utf-8')


@pytest.mark.parametrize('name', sorted(FILES))
def test_a_picture_is_small(name: str) -> None:
    assert (FOLDER / f'{name}.jpg').stat().st_size < 250_000
