"""A page that shows a run: one file with its pictures inside, for light and dark screens; nothing is fetched."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Table = Sequence[Sequence[str]]

COLOURS = {'semantic': 'var(--one)', 'instance': 'var(--two)', 'panoptic': 'var(--three)'}
STYLE = """
:root { color-scheme: light dark; --back: #fbfbfd; --card: #fff; --text: #1c2530; --pale: #5b6776; --line: #dde3ea;
  --one: #2563eb; --two: #d9480f; --three: #2b8a3e; }
@media (prefers-color-scheme: dark) { :root { --back: #12161c; --card: #1a2028; --text: #e6ebf1; --pale: #9aa7b5;
  --line: #2d3743; --one: #74a7ff; --two: #ff9d66; --three: #69d083; } }
* { box-sizing: border-box; } body { margin: 0; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 60px; } h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 36px 0 10px; } p { margin: 6px 0; } .pale, figcaption { color: var(--pale); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0; }
.cards div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.cards b { display: block; font-size: 24px; font-weight: 650; } .cards span { color: var(--pale); font-size: 13px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: right; padding: 5px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--pale); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
tr:last-child td { border-bottom: 0; } figure { margin: 0 0 14px; }
img { width: 100%; border-radius: 8px; display: block; }
figcaption { font-size: 13px; margin-top: 4px; } svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--pale); font-size: 12px; } .axis { stroke: var(--line); } .bar { height: 8px; border-radius: 4px;
  background: var(--one); } td.track { width: 60%; min-width: 160px; } .note { font-size: 13px; }
"""


@dataclass(frozen=True)
class Latency:
    """One answer: seconds since the first image, the mode, and milliseconds from its stamp to its arrival."""

    at_s: float
    mode: str
    ms: float


@dataclass(frozen=True)
class Section:
    """A part of the page: text, a table whose first row is its head, bars of shares within 0..1, or pictures."""

    title: str
    text: str = ''
    table: Table = ()
    bars: Mapping[str, float] = field(default_factory=dict)
    pictures: Sequence[tuple[str, NDArray[np.uint8]]] = ()
    chart: str = ''


def page(title: str, subtitle: str, cards: Mapping[str, str], sections: Sequence[Section]) -> str:
    """
    Return the page as HTML.

    :param cards: the few numbers that matter, value by name.
    """
    shown = ''.join(f'<div><b>{_text(value)}</b><span>{_text(name)}</span></div>' for name, value in cards.items())
    body = ''.join(_section(one) for one in sections)
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><title>{_text(title)}</title><style>{STYLE}</style></head>'
            f'<body><main><h1>{_text(title)}</h1><p class="pale">{_text(subtitle)}</p>'
            f'<div class="cards">{shown}</div>{body}</main></body></html>\n')


def latency_chart(latencies: Sequence[Latency]) -> str:
    """Return an SVG of the latency of each answer over time, one colour per mode."""
    if not latencies:
        return ''
    width, height, left, top, bottom = 1000, 260, 54, 26, 30
    end_s = max(1e-3, *(one.at_s for one in latencies))
    most_ms = _nice(float(np.percentile([one.ms for one in latencies], 98)) * 1.15)

    def place(at_s: float, ms: float) -> tuple[float, float]:
        high = min(ms, most_ms) / most_ms * (height - top - bottom)
        return left + at_s / end_s * (width - left - 12), height - bottom - high

    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = place(0, share * most_ms)[1]
        parts.append(f'<line class="axis" x1="{left}" x2="{width - 12}" y1="{y:.1f}" y2="{y:.1f}"/>'
                     f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{share * most_ms:g}</text>')
    step = max(1, math.ceil(end_s / 12))
    parts += [f'<text x="{place(s, 0)[0]:.1f}" y="{height - 10}" text-anchor="middle">{s} s</text>'
              for s in range(0, math.floor(end_s) + 1, step)]
    for one in latencies:
        x, y = place(one.at_s, one.ms)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{COLOURS[one.mode]}"/>')
    for k, mode in enumerate(dict.fromkeys(one.mode for one in latencies)):
        parts.append(f'<circle cx="{left + 10 + 110 * k}" cy="11" r="5" fill="{COLOURS[mode]}"/>'
                     f'<text x="{left + 20 + 110 * k}" y="15">{mode}</text>')
    return (f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="latency over time">{"".join(parts)}'
            f'<text x="{width - 12}" y="15" text-anchor="end">milliseconds</text></svg>')


def percent(value: float | None) -> str:
    """Return a share as ``74.6 %``; a dash for what is not known."""
    return '–' if value is None or math.isnan(value) else f'{100 * value:.1f} %'


def _section(one: Section) -> str:
    parts = [f'<p class="pale note">{_text(one.text)}</p>' if one.text else '', one.chart, _table(one.table)]
    if one.bars:
        rows = ''.join(f'<tr><td>{_text(name)}</td><td class="track"><div class="bar" style="width:{100 * share:.1f}%">'
                       f'</div></td><td>{percent(share)}</td></tr>' for name, share in one.bars.items())
        parts.append(f'<div class="wide"><table>{rows}</table></div>')
    parts += [f'<figure><img alt="{_text(words)}" src="{_inlined(picture)}"><figcaption>{_text(words)}</figcaption>'
              '</figure>' for words, picture in one.pictures]
    return f'<h2>{_text(one.title)}</h2><section>{"".join(parts)}</section>'


def _table(table: Table) -> str:
    if not table:
        return ''
    head, *rows = table
    lines = ['<tr>' + ''.join(f'<th>{_text(cell)}</th>' for cell in head) + '</tr>']
    lines += ['<tr>' + ''.join(f'<td>{_text(cell)}</td>' for cell in row) + '</tr>' for row in rows]
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _inlined(rgb: NDArray[np.uint8]) -> str:
    _, coded = cv2.imencode('.jpg', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, 82))
    return f'data:image/jpeg;base64,{base64.b64encode(coded.tobytes()).decode("ascii")}'


def _nice(value: float) -> float:
    """Return a round number at or above a value: 1, 2, 4 or 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-3)))
    return next(power * step for step in (1, 2, 4, 10) if value <= power * step * 1.0001)


def _text(words: str) -> str:
    return html.escape(words, quote=True)
