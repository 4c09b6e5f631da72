# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every link of every page leads somewhere, and every page is reached from the index."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenes.pages import ROOT, Page, pages

PAGES = pages()
OF = {page.path.resolve(): page for page in PAGES}
OUTSIDE = ('http://', 'https://', 'mailto:')


def lost(page: Page) -> list[str]:
    """Return the links of a page that lead nowhere."""
    found = []
    for link in (one for one in page.links if not one.startswith(OUTSIDE)):
        name, _, anchor = link.partition('#')
        path = (page.path.parent / name).resolve() if name else page.path.resolve()
        if not path.exists():
            found.append(f'{link}: there is no {path}')
        elif anchor and anchor not in OF[path].anchors:
            found.append(f'{link}: the headings of {OF[path].name} are {sorted(OF[path].anchors)}')
    return found


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_link_within_the_repository_leads_to_a_file_and_a_heading(page: Page) -> None:
    assert lost(page) == []


def test_every_page_of_docs_is_linked_from_the_index() -> None:
    index = Page(ROOT / 'docs' / 'README.md')
    reached = {(index.path.parent / link.partition('#')[0]).resolve() for link in index.links}
    assert [page.name for page in PAGES if page.path.is_relative_to(index.path.parent)
            and page.path.resolve() not in reached | {index.path.resolve()}] == []


@pytest.mark.parametrize('page', [page for page in PAGES if page.name.startswith('docs/') and page.name.count('/') < 3
                                  and page.path.name not in ('README.md', 'SOURCES.md')], ids=lambda page: page.name)
def test_every_page_of_docs_leads_back_to_the_index(page: Page) -> None:
    index = (ROOT / 'docs' / 'README.md').resolve()
    assert index in {(page.path.parent / link.partition('#')[0]).resolve() for link in page.links}


@pytest.mark.parametrize(('text', 'sentence'), [
    ('[a](nowhere.md)', 'nowhere.md: there is no '),
    ('# Here, twice\n# Here, twice\n[a](#here-twice-2)', "['here-twice', 'here-twice-1']"),
])
def test_a_lost_link_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str) -> None:
    page = Page(tmp_path / 'page.md')
    page.path.write_text(text, encoding='utf-8')
    monkeypatch.setitem(OF, page.path.resolve(), page)
    monkeypatch.setattr(Page, 'name', 'page.md')
    found, = lost(page)
    assert sentence in found


def test_a_link_to_a_heading_and_one_within_code_are_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(tmp_path / 'page.md')
    text = '# `~/scan`: a *laser*\n[a](#scan-a-laser) `[b](c.md)`\n```\n[d](e.md)\n```\n'
    page.path.write_text(text, encoding='utf-8')
    monkeypatch.setitem(OF, page.path.resolve(), page)
    assert lost(page) == []
