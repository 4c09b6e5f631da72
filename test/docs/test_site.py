# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The pages make a site."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from scenes.pages import ROOT, pages

NAVIGATION = yaml.safe_load((ROOT / 'mkdocs.yml').read_text(encoding='utf-8'))['nav']
# Read on the page of a change itself.
ELSEWHERE = {'.github/PULL_REQUEST_TEMPLATE.md'}


def test_every_page_is_in_the_navigation() -> None:
    """And nothing else: a page that was renamed leaves no dead entry."""
    entries = [page for part in NAVIGATION for value in part.values()
               for page in ([value] if isinstance(value, str) else value)]
    assert sorted(entries) == sorted([*{page.name for page in pages()} - ELSEWHERE, 'recordings/README.md'])


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    if not find_spec('mkdocs'):
        pytest.skip('mkdocs is not installed (requirements/docs.txt)')
    done = subprocess.run([sys.executable, '-m', 'mkdocs', 'build', '--strict', '--site-dir', str(tmp_path / 'site')],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / 'site' / 'docs' / 'robot' / 'index.html').read_text(encoding='utf-8')
    assert 'href="../cameras/"' in page
