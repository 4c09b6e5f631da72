# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Gives the site the tree of the repository, so that each link of a page leads where it leads there (mkdocs.yml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = ('*.md', 'docs/**/*.md', 'interfaces/*.md', 'recordings/*.md')
LINK = re.compile(r'\]\(([^)#:\s]+)')


def on_files(files: Any, config: Any) -> Any:
    """Put the pages, and each file that one of them links to, in the place of what lies in docs/."""
    from mkdocs.structure.files import File, Files

    paths = {path for pattern in PAGES for path in ROOT.glob(pattern)}
    paths |= {target for page in paths for target in linked(page)}
    return Files([File(path.relative_to(ROOT).as_posix(), str(ROOT), config.site_dir, config.use_directory_urls)
                  for path in sorted(paths)])


def linked(page: Path) -> set[Path]:
    """Return the files of the repository that a page links to or shows."""
    targets = {(page.parent / name).resolve() for name in LINK.findall(page.read_text(encoding='utf-8'))}
    return {target for target in targets if target.is_file() and target.is_relative_to(ROOT)}
