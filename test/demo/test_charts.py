# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The page holds what it was given, is one file, and survives any text."""

from __future__ import annotations

import base64
import math
import re

import cv2
import numpy as np
import pytest

from seg_ros.demo.charts import Section, page, percent


def test_the_page_holds_tables_bars_and_pictures_and_fetches_nothing() -> None:
    picture = np.full((30, 40, 3), (10, 200, 30), np.uint8)
    text = page('A <run>', 'of & today', {'rate': '9.5'}, [
        Section('Speed', 'words', [('mode', 'ms'), ('semantic', '80')]), Section('IoU', bars={'floor': 0.75}),
        Section('Seen', pictures=[('a "kitchen"', picture)])])
    assert 'A &lt;run&gt;' in text and 'of &amp; today' in text and 'a &quot;kitchen&quot;' in text
    assert '<td class="short">semantic</td><td class="short">80</td>' in text
    assert 'width:75.0%' in text and '75.0 %' in text
    assert '<b>9.5</b><span>rate</span>' in text
    coded = re.search(r'data:image/jpeg;base64,([^"]+)', text)
    assert coded
    shown = cv2.imdecode(np.frombuffer(base64.b64decode(coded[1]), np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_allclose(shown[15, 20], (30, 200, 10), atol=4)
    assert not re.search(r'(src|href)="(?!data:)|url\(|@import|<script', text)
    assert '@media screen and (prefers-color-scheme: dark)' in text and '@media print' in text


def test_what_takes_the_whole_width_comes_before_the_two_columns() -> None:
    text = page('Run', '', {}, [Section('narrow', 'a'), Section('wide', 'b', whole=True)])
    assert text.index('<h2>wide') < text.index('<div class="halves">') < text.index('<h2>narrow')


@pytest.mark.parametrize(('value', 'text'), [(0.7461, '74.6 %'), (math.nan, '–'), (None, '–'), (0.0, '0.0 %')])
def test_shares_are_written_as_percent(value: float | None, text: str) -> None:
    assert percent(value) == text
