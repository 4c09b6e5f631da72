# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Tables as a terminal of 80 columns shows them whole, long words folded, numbers never; and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

UNKNOWN = '–'
"""Stands where there is nothing to say."""


def show(*tables: Table) -> None:
    """Print tables one below the other, without guesses at what is a number or a path in them."""
    Console(highlight=False).print(*tables, sep='\n')


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str] | None], *, words: int = 1,
          caption: str | None = None) -> Table:
    """
    Return a table; None in place of a row begins a new section.

    :param columns: their headings. :param words: so many of the first are words, the others numbers, right-aligned.
    """
    made = Table(title=Text(title), title_justify='left', caption=caption, caption_justify='left',
                 min_width=min(len(title) + 2, 80))
    for k, heading in enumerate(columns):
        made.add_column(Text(heading), overflow='fold', justify='left' if k < words else 'right')
    for row in rows:
        if row is None:
            made.add_section()
        else:
            made.add_row(*(Text(cell) if k < words else Text(cell, no_wrap=True) for k, cell in enumerate(row)))
    return made


def write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write numbers for programs: null for one that is not known, as JSON has no NaN. The folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_without_nan(told), indent=2, allow_nan=False) + '\n')


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if value != value else value


def figure(value: float, shape: str = '.3f') -> str:
    """Return a number as a table has it; NaN is not known."""
    return UNKNOWN if value != value else format(value, shape)
