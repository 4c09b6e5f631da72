# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A name means one thing in the whole package: no two files have a public function or class of the same name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / 'seg_ros'
EVERYWHERE = {'main', 'run', 'add_arguments'}  # of executables and verbs
OF_NUMPY = {'Floats', 'Image', 'Arrays'}  # arrays, which mean the same everywhere


def defined_in(path: Path) -> set[str]:
    """Return the public functions, classes and names for types of a file."""
    body = ast.parse(path.read_text(encoding='utf-8')).body
    types = {node.targets[0].id for node in body if isinstance(node, ast.Assign)
             and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Subscript)}
    things = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return {name for name in things | types - OF_NUMPY if name[0] != '_'}


def test_no_two_files_have_a_function_class_or_type_of_the_same_name() -> None:
    files = defaultdict[str, list[str]](list)
    for path in sorted(PACKAGE.rglob('*.py')):
        for name in defined_in(path) - EVERYWHERE:
            files[name].append(str(path.relative_to(PACKAGE)))
    assert len(files) > 500
    assert {name: where for name, where in files.items() if len(where) > 1} == {}
