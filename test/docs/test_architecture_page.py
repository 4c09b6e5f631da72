# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The table of rooms on the page of the architecture is the one that holds the code."""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from scenes.pages import ROOT, Page

PAGE = Page(ROOT / 'docs' / 'architecture.md')


def law() -> Any:
    """Return the module that holds the import table."""
    spec = spec_from_file_location('the_law', Path(__file__).parents[1] / 'contracts' / 'test_architecture.py')
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules['the_law'] = module  # its dataclasses look it up
    spec.loader.exec_module(module)
    return module


def rows() -> dict[str, set[str]]:
    """Return room → what the page says it may import."""
    section = PAGE.text.split('## Rooms')[1].split('## ')[0]
    cells = [[cell.strip() for cell in row.split('|')[1:-1]] for row in section.splitlines() if row.startswith('| `')]
    return {room.strip('`'): set(re.findall(r'`([\w.]+)`', imports)) for room, _, imports in cells}


def test_the_page_has_each_room_with_what_it_may_import() -> None:
    table = law()
    assert rows() == {room: set(rules.ours.split()) for room, rules in table.ROOMS.items()}


def test_the_rooms_that_everybody_may_import_come_first() -> None:
    everybodys = law().EVERYBODYS
    assert set(list(rows())[:len(everybodys)]) == set(everybodys)
