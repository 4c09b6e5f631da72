# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A name means one thing in the whole package: no two rooms have a public thing of the same name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / 'seg_ros'
EVERYWHERE = {'main', 'run', 'add_arguments'}  # of executables and verbs


def defined_in(path: Path) -> set[str]:
    """Return the public functions and classes of a file."""
    body = ast.parse(path.read_text(encoding='utf-8')).body
    return {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != '_'}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix('').parts[0]


def test_no_two_rooms_have_a_function_or_class_of_the_same_name() -> None:
    rooms = defaultdict[str, set[str]](set)
    for path in sorted(PACKAGE.rglob('*.py')):
        for name in defined_in(path) - EVERYWHERE:
            rooms[name].add(room_of(path))
    assert len(rooms) > 500
    assert {name: sorted(where) for name, where in rooms.items() if len(where) > 1} == {}
