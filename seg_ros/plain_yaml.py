# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""YAML from elsewhere: a table of words and numbers, as large as its text and no larger."""

from __future__ import annotations

from typing import Any

import yaml

DEEPEST = 20


class _Plain(yaml.SafeLoader):
    """Takes no aliases, with which ten lines can mean a billion words, and nothing nested without end."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.YAMLError(f'line {event.start_mark.line + 1} repeats *{event.anchor}: write it out')
        self.depth += 1
        if self.depth > DEEPEST:
            raise yaml.YAMLError(f'it is nested more than {DEEPEST} deep')
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def plain_yaml(text: str) -> Any:
    """
    Return what a text in YAML says.

    :raises YAMLError: when it is malformed, repeats parts by aliases, or holds a date or number that cannot be.
    """
    try:
        return yaml.load(text, _Plain)
    except ValueError as error:
        raise yaml.YAMLError(str(error)) from error
