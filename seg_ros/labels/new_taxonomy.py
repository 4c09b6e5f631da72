# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A taxonomy for the words that somebody labels with."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from seg_ros.labels.palette import Colour, instance_colour
from seg_ros.labels.taxonomy import Role, Taxonomy


def new_taxonomy(words: Iterable[tuple[str, Colour | None]], known: Taxonomy) -> str:
    """
    Return the file of a taxonomy with a class for each word, numbered from 0.

    :param words: each with its colour; None takes one that differs from its neighbours'.
    :param known: where it knows a word, the class has the role it has there; other classes are obstacles.
    """
    rows = ['# A class for each word. role is traversable, obstacle or ignore: look at each.', 'classes:']
    for k, (word, colour) in enumerate(dict(words).items()):
        meant = known.class_of(word) if known.knows(word) else None
        row = {'id': k, 'name': word, 'colour': list(colour or instance_colour(k + 1)),
               'role': (meant.role if meant else Role.OBSTACLE).value, 'words': []}
        rows.append('  - ' + yaml.safe_dump(row, default_flow_style=True, sort_keys=False, allow_unicode=True,
                                            width=1000).strip())
    return '\n'.join(rows) + '\n'
