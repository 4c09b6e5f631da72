# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every message quoted on the troubleshooting page is one the package can say."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / 'docs' / 'troubleshooting.md').read_text(encoding='utf-8')
QUOTES = re.findall(r'(?m)^\| `([^`]+)`', PAGE)
ROS_WORDS = {'best_effort', 'transient_local', 'reliable', 'volatile', 'sensor_msgs/msg/CompressedImage',
             'behind'}


@lru_cache
def said() -> str:
    """Return all text the package's source can say, with a gap for each value."""
    texts = []
    for path in [*(ROOT / 'seg_ros').rglob('*.py'), *(ROOT / 'launch').glob('*.py')]:
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.JoinedStr):
                texts.append('…'.join(str(part.value) if isinstance(part, ast.Constant) else ''
                                      for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return '\n'.join(texts)


@pytest.mark.parametrize('quote', QUOTES)
def test_a_quoted_message_is_said(quote: str) -> None:
    text = said()
    for word in ROS_WORDS:
        quote = quote.replace(word, '…')
    pieces = [piece.strip(" .,:;'") for piece in re.split('…', quote)]
    for piece in filter(lambda one: len(one) > 3, pieces):
        assert piece in text, piece


def test_the_page_is_read() -> None:
    assert len(QUOTES) > 20
