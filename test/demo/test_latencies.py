# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The chart of latencies begins at nothing, hides nothing, and says what does not fit."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from seg_ros.demo.latencies import HEIGHT, Latency, latency_chart


def drawn(latencies: list[Latency]) -> ElementTree.Element:
    return ElementTree.fromstring(f'<div>{latency_chart(latencies)}</div>')


def words(chart: ElementTree.Element) -> list[str]:
    return [''.join(one.itertext()) for one in chart.iter() if one.tag in ('text', 'span')]


def share(text: str | None) -> float:
    return float((text or '').removesuffix('%'))


def test_each_answer_is_a_dot_at_its_time_and_latency() -> None:
    chart = drawn([Latency(0.0, 'semantic', 50.0), Latency(4.0, 'instance', 100.0)])
    first, second = chart.iter('circle')
    assert (share(first.get('cx')), share(second.get('cx'))) == (1.0, 99.0)
    zero = next(line for line in chart.iter('line'))
    heights = [float(zero.get('y1', 0)) - float(dot.get('cy', 0)) for dot in (first, second)]
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.01)  # the axis begins at 0
    assert first.get('fill') != second.get('fill')
    assert {'semantic', 'instance', '0 ms', '0 s'} <= set(words(chart))


def test_one_slow_answer_does_not_flatten_the_rest_and_is_told() -> None:
    chart = drawn([Latency(0.1 * k, 'semantic', 60.0) for k in range(100)] + [Latency(10.1, 'semantic', 9000.0)])
    assert '1 beyond the chart, up to 9000 ms' in words(chart)
    dots = list(chart.iter('circle'))
    assert len(dots) == 100 and len(list(chart.iter('path'))) == 1
    assert float(dots[0].get('cy', 0)) < HEIGHT / 2


def test_what_nearly_fits_is_drawn_as_all_others() -> None:
    chart = drawn([Latency(0.1 * k, 'semantic', 60.0 + k) for k in range(20)])
    assert len(list(chart.iter('circle'))) == 20
    assert not list(chart.iter('path'))


def test_no_answers_are_no_chart() -> None:
    assert latency_chart([]) == ''
