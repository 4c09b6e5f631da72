# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Remappings that were typed and move nothing: ROS passes over a name that a node does not have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise

NAME = r'(~/|/)?\w+(/\w+)*'
OF_EVERY_NODE = ('/tf', '/tf_static', '/clock', '/diagnostics', '/rosout', '/parameter_events')


def moving_nothing(arguments: Sequence[str], names: Iterable[str], full: Callable[[str], str]) -> Iterator[str]:
    """
    Yield a sentence for each remapping of what is nearly a name of a node, and is none.

    :param arguments: of the process. :param names: of its topics and services, as they are before they are remapped.
    :param full: returns a name with its namespace, not remapped.
    """
    known = {full(name): name for name in (*names, *OF_EVERY_NODE)}
    for word, rule in pairwise(arguments):
        name = rule.partition(':=')[0].rpartition(':')[2]  # a rule may begin with the node that it is for
        if word not in ('-r', '--remap') or ':=' not in rule or not re.fullmatch(NAME, name) or name.startswith('__'):
            continue
        near = get_close_matches(full(name), known, n=1, cutoff=0.8)
        if near and near[0] != full(name):
            yield f"{rule} remaps nothing: this node has no '{name}'; the nearest known is '{known[near[0]]}'"
