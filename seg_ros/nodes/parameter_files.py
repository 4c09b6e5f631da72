# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Files of parameters that were given to a node and say nothing of it: ROS passes them over without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from seg_ros.plain_yaml import plain_yaml


def passed_over(arguments: Sequence[str], node: str) -> Iterator[str]:
    """
    Yield a sentence for each file of parameters whose parameters are all of other nodes.

    :param arguments: of the process. :param node: its fully qualified name.
    """
    for word, path in pairwise(arguments):
        if word == '--params-file' and Path(path).is_file():
            names = _names_in(Path(path))
            if names and not any(_means(name, node) for name in names):
                yield (f'{path} has parameters of {", ".join(names[:3])}, none of {node}, and is passed over. Write '
                       f'{node} there, or /** for every node')


def _names_in(file: Path) -> list[str]:
    """Return the nodes a file is of; none where only ROS can read it: launch writes tuples as Python's own."""
    try:
        return [*_nodes_of(plain_yaml(file.read_text(encoding='utf-8')))]
    except Exception:  # noqa: BLE001 - ROS has read it before; a hint never ends a node
        return []


def _nodes_of(table: Any, above: str = '') -> Iterator[str]:
    """Yield the nodes that a file has parameters of, with their namespaces."""
    for key, value in table.items() if isinstance(table, dict) else ():
        name = f'{above}/{str(key).strip("/")}'
        if isinstance(value, dict) and 'ros__parameters' in value:
            yield name
        else:
            yield from _nodes_of(value, name)


def _means(pattern: str, node: str) -> bool:
    """Tell whether a name is that of a node, ``*`` standing for one part and ``**`` for any number, as rcl reads it."""
    wild = {'**': '(?:/[^/]+)*', '*': '/[^/]+'}
    parts = [wild.get(part, f'/{re.escape(part)}') for part in pattern.split('/')[1:]]
    return re.fullmatch(''.join(parts), node) is not None
