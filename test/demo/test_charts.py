"""The page holds what it was given, is one file, and survives any text."""

from __future__ import annotations

import base64
import math
import re
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from seg_ros.demo.charts import Latency, Section, latency_chart, page, percent


def test_the_page_holds_tables_bars_and_pictures_and_fetches_nothing() -> None:
    picture = np.full((30, 40, 3), (10, 200, 30), np.uint8)
    text = page('A <run>', 'of & today', {'rate': '9.5'}, [
        Section('Speed', 'words', [('mode', 'ms'), ('semantic', '80')]), Section('IoU', bars={'floor': 0.75}),
        Section('Seen', pictures=[('a "kitchen"', picture)])])
    assert 'A &lt;run&gt;' in text and 'of &amp; today' in text and 'a &quot;kitchen&quot;' in text
    assert '<td>semantic</td><td>80</td>' in text
    assert 'width:75.0%' in text and '75.0 %' in text
    assert '<b>9.5</b><span>rate</span>' in text
    coded = re.search(r'data:image/jpeg;base64,([^"]+)', text)
    assert coded
    shown = cv2.imdecode(np.frombuffer(base64.b64decode(coded[1]), np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_allclose(shown[15, 20], (30, 200, 10), atol=4)
    assert not re.search(r'(src|href)="(?!data:)|url\(|@import|<script', text)
    assert 'prefers-color-scheme: dark' in text


def test_each_answer_is_a_dot_at_its_time_and_latency() -> None:
    chart = ElementTree.fromstring(latency_chart([Latency(0.0, 'semantic', 50.0), Latency(4.0, 'instance', 100.0)]))
    first, second = [dot for dot in chart.iter('circle') if dot.get('r') == '3.2']
    assert float(first.get('cx', 0)) < float(second.get('cx', 0))
    assert float(first.get('cy', 0)) > float(second.get('cy', 0))  # lower latency lies lower
    assert first.get('fill') != second.get('fill')
    assert [word.text for word in chart.iter('text')][-3:] == ['semantic', 'instance', 'milliseconds']


def test_one_slow_answer_does_not_flatten_the_rest() -> None:
    dots = [Latency(0.1 * k, 'semantic', 60.0) for k in range(100)] + [Latency(10.1, 'semantic', 9000.0)]
    chart = ElementTree.fromstring(latency_chart(dots))
    assert max(float(word.text or 0) for word in chart.iter('text') if (word.text or '').isdecimal()) <= 100


def test_no_answers_are_no_chart() -> None:
    assert latency_chart([]) == ''


@pytest.mark.parametrize(('value', 'text'), [(0.7461, '74.6 %'), (math.nan, '–'), (None, '–'), (0.0, '0.0 %')])
def test_shares_are_written_as_percent(value: float | None, text: str) -> None:
    assert percent(value) == text
