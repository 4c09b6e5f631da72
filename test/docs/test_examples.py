# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Examples of the pages that can run anywhere are run, and print what the page says they print.

The info string of a fenced block says what is done with it: ``file=NAME`` writes it beside the examples that follow,
``run`` runs it (bash or python; ``status=1`` is the exit status it should have), and ``output`` is what the block
before it prints, where a line ``...`` stands for any lines.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from scenes.child import with_path
from scenes.pages import ROOT, Block, Page, pages

PAGES = [page for page in pages() if any('run' in block.marks for block in page.blocks)]
SHELL = {'python': [sys.executable, '-'], 'bash': ['bash', '-e']}


def ran(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block in a folder where the repository's configuration and pages lie, and ``seg_ros`` is a command."""
    path = f'{folder / ".bin"}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    return subprocess.run(SHELL[block.language], input=block.text, cwd=folder, capture_output=True, text=True,
                          check=False, timeout=100, env={**with_path(ROOT), 'PATH': path, 'COLUMNS': '120'})


def prepare(folder: Path) -> None:
    for name in ('config', 'docs'):
        (folder / name).symlink_to(ROOT / name)
    command = folder / '.bin' / 'seg_ros'
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m seg_ros.cli.main "$@"\n', encoding='utf-8')
    command.chmod(0o755)


def is_printed(expected: str, printed: str) -> bool:
    """Whether a text was printed, spaces at the ends of lines aside; a line ``...`` stands for any lines."""
    said = ''.join(f'{line.rstrip()}\n' for line in printed.strip('\n').splitlines())
    lines = [re.escape(line.rstrip()) + '\n' if line != '...' else r'(?:.*\n)*?'
             for line in expected.strip('\n').splitlines()]
    return bool(re.fullmatch(''.join(lines), said))


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_the_examples_print_what_the_page_says(page: Page, tmp_path: Path) -> None:
    prepare(tmp_path)
    last = ''
    for block in page.blocks:
        where = f'{page.name}:{block.line}'
        if name := block.mark('file'):
            (tmp_path / name).write_text(block.text, encoding='utf-8')
        if 'run' in block.marks:
            done = ran(block, tmp_path)
            assert done.returncode == int(block.mark('status') or 0), f'{where}\n{done.stdout}{done.stderr}'
            last = done.stdout
        if 'output' in block.marks:
            assert is_printed(block.text, last), f'{where} is not what was printed:\n{last}'


def test_some_examples_are_run() -> None:
    assert {'docs/taxonomy.md', 'docs/how_to/own_classes.md'} <= {page.name for page in PAGES}


@pytest.mark.parametrize(('expected', 'printed', 'same'), [
    ('a\nb\n', 'a  \nb', True),
    ('a\n', 'a\nb\n', False),
    ('a\n...\nd\n', 'a\nb\nc\nd\n', True),
    ('...\nd\n', 'a\nb\n', False),
    ('a.c\n', 'abc\n', False),
])
def test_an_output_is_compared_line_by_line(expected: str, printed: str, same: bool) -> None:
    assert is_printed(expected, printed) is same


@pytest.mark.parametrize('page', pages(), ids=lambda page: page.name)
def test_python_and_yaml_on_the_pages_can_be_read_and_what_is_imported_of_the_package_is_there(page: Page) -> None:
    for block in page.blocks:
        if block.language == 'yaml':
            list(yaml.safe_load_all(block.text))
        if block.language == 'python':
            assert missing_imports(ast.parse(block.text)) == [], f'{page.name}:{block.line}'


def missing_imports(tree: ast.Module) -> list[str]:
    """Return what a program imports of this package and it does not have."""
    wanted = ((node.module, alias.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
              and (node.module or '').startswith('seg_ros') for alias in node.names)
    return [f'{module}.{name}' for module, name in wanted if not hasattr(import_module(str(module)), name)]


def test_an_import_of_what_is_not_there_is_found() -> None:
    tree = ast.parse('from seg_ros.records import Frame, Fame\nimport numpy')
    assert missing_imports(tree) == ['seg_ros.records.Fame']


def test_children_keep_the_path_they_were_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a robot rclpy itself is found by PYTHONPATH: examples and nodes of tests get theirs ahead of it."""
    monkeypatch.setenv('PYTHONPATH', str(tmp_path))
    assert with_path(ROOT)['PYTHONPATH'] == f'{ROOT}{os.pathsep}{tmp_path}'
