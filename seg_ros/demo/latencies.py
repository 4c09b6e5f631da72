# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How long each answer took, as a picture that grows with the page and keeps its letters readable."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

COLOURS = {'semantic': 'var(--one)', 'instance': 'var(--two)', 'panoptic': 'var(--three)'}
HEIGHT, TOP, BOTTOM = 240, 12, 26  # pixels
LEFT, RIGHT = 1.0, 99.0  # percent of the width, where the dots are
TICKS = 6


@dataclass(frozen=True)
class Latency:
    """One answer: seconds since the first image, the mode, and milliseconds from its stamp to its arrival."""

    at_s: float
    mode: str
    ms: float


def latency_chart(latencies: Sequence[Latency]) -> str:
    """
    Return HTML of the latency of each answer over time, one colour per mode, the axis from 0 on.

    The few that are far above the rest are triangles at the upper edge, and it is said how far the highest reaches.
    """
    if not latencies:
        return ''
    end_s = max(1e-3, *(one.at_s for one in latencies))
    step_ms = _nice(float(np.percentile([one.ms for one in latencies], 98)) / 4)
    most_ms = step_ms * math.ceil(max(float(np.percentile([one.ms for one in latencies], 98)) / step_ms, 1))
    if (highest := max(one.ms for one in latencies)) <= 1.3 * most_ms:
        most_ms = step_ms * math.ceil(highest / step_ms)
    modes = list(dict.fromkeys(one.mode for one in latencies))
    legend = ''.join(f'<span><i style="background:{COLOURS[mode]}"></i>{mode}</span>' for mode in modes)
    beyond = sum(one.ms > most_ms for one in latencies)
    told = f'<span class="pale">{beyond} beyond the chart, up to {highest:.0f} ms</span>' if beyond else ''
    scale = ''.join(f'<text x="100%" y="{_row(float(ms), most_ms) + 4:.1f}" text-anchor="end">{ms:g} ms</text>'
                    for ms in np.arange(0, most_ms + step_ms / 2, step_ms))
    plot = ''.join((*_lines(step_ms, most_ms), *_times(end_s), *(_dot(one, end_s, most_ms) for one in latencies)))
    return (f'<div class="legend">{legend}{told}</div><div class="chart"><svg class="scale" height="{HEIGHT}">{scale}'
            f'</svg><svg class="plot" height="{HEIGHT}" role="img" aria-label="latency in milliseconds over time in '
            f'seconds, from 0 on">{plot}</svg></div>')


def _lines(step_ms: float, most_ms: float) -> Iterator[str]:
    for ms in np.arange(0, most_ms + step_ms / 2, step_ms):
        y = _row(float(ms), most_ms)
        yield f'<line class="axis" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'


def _times(end_s: float) -> Iterator[str]:
    step_s = _nice(end_s / TICKS)
    for at_s in np.arange(0, end_s, step_s):
        side = 'start' if at_s == 0 else 'middle'
        yield f'<text x="{_column(float(at_s), end_s):.2f}%" y="{HEIGHT - 6}" text-anchor="{side}">{at_s:g} s</text>'


def _dot(one: Latency, end_s: float, most_ms: float) -> str:
    x, colour = _column(one.at_s, end_s), COLOURS[one.mode]
    if one.ms > most_ms:
        return f'<svg x="{x:.2f}%" y="0" overflow="visible"><path d="M0 1l5 9h-10z" fill="{colour}"/></svg>'
    return f'<circle cx="{x:.2f}%" cy="{_row(one.ms, most_ms):.1f}" r="3.2" fill="{colour}"/>'


def _column(at_s: float, end_s: float) -> float:
    return LEFT + at_s / end_s * (RIGHT - LEFT)


def _row(ms: float, most_ms: float) -> float:
    return HEIGHT - BOTTOM - ms / most_ms * (HEIGHT - TOP - BOTTOM)


def _nice(value: float) -> float:
    """Return a round number at or above a value: 1, 2, 5 or 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-3)))
    return next(power * step for step in (1, 2, 5, 10) if value <= power * step * 1.0001)
