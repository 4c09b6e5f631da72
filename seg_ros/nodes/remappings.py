# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Remappings and levels of loggers that were typed and change nothing: ROS passes over a name that is not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise

NAME = r'(~/|/)?\w+(/\w+)*'
LOGGERS = ('rcl', 'rmw_fastrtps_cpp', 'rmw_cyclonedds_cpp')
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


def levels_of_nothing(arguments: Sequence[str], logger: str) -> Iterator[str]:
    """
    Yield a sentence for each level that was set of what is nearly a logger, and is none.

    :param arguments: of the process. :param logger: the name of a node's.
    """
    for word, rule in pairwise(arguments):
        name = rule.partition(':=')[0]
        near = get_close_matches(name.strip('/').replace('/', '.'), (logger, *LOGGERS), n=1, cutoff=0.8)
        if word == '--log-level' and ':=' in rule and near and near[0] != name:
            yield f"--log-level {rule} changes nothing: there is no logger '{name}'; the nearest known is '{near[0]}'"
