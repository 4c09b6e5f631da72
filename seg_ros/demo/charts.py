# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
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

STYLE = """
:root { color-scheme: light dark; --back: #fbfbfd; --card: #fff; --text: #1c2530; --pale: #566272; --line: #dde3ea;
  --one: #2563eb; --two: #d9480f; --three: #2b8a3e; }
@media screen and (prefers-color-scheme: dark) { :root { --back: #12161c; --card: #1a2028; --text: #e6ebf1;
  --pale: #9aa7b5; --line: #2d3743; --one: #74a7ff; --two: #ff9d66; --three: #69d083; } }
* { box-sizing: border-box; } body { margin: 0; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
main { max-width: 1160px; margin: 0 auto; padding: 32px 20px 60px; } h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 0 0 10px; } p { margin: 6px 0; } .pale, figcaption { color: var(--pale); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 18px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0; }
.cards div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.cards b { display: block; font-size: 24px; font-weight: 650; overflow-wrap: normal; }
.cards span, .note, figcaption { font-size: 13px; } .cards span { color: var(--pale); }
.part { padding-top: 30px; } .halves { columns: 2; column-gap: 24px; } .halves .part { break-inside: avoid; }
.stills { display: grid; gap: 18px; margin: 10px 0 4px;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: right; padding: 5px 8px; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
th { color: var(--pale); font-weight: 500; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; }
tr:last-child td { border-bottom: 0; } td { font-variant-numeric: tabular-nums; } .short { white-space: nowrap; }
figure { margin: 0; } .stills > figure:only-child { grid-column: 1 / -1; max-width: 900px; }
img { width: 100%; border-radius: 8px; display: block; } figcaption { margin-top: 4px; }
.chart { display: flex; } svg { display: block; overflow: visible; } .scale { width: 62px; flex: none; }
.plot { flex: 1; min-width: 0; margin-left: 8px; } svg text { fill: var(--pale); font-size: 12px; }
.axis { stroke: var(--line); } .legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 6px; }
.bar { height: 8px; border-radius: 4px; background: var(--one); print-color-adjust: exact; }
td.track { width: 55%; min-width: 90px; } td.track > div { background: var(--line); border-radius: 4px; }
@media (max-width: 800px) { .halves { columns: 1; } main { padding: 20px 12px 40px; }
  section { padding: 10px 12px; } .cards { grid-template-columns: 1fr 1fr; } .cards b { font-size: 21px; }
  th, td { padding: 5px 5px; font-size: 14px; } }
@media (max-width: 480px) { th, td { padding: 5px 3px; font-size: 12px; }
  .cards > div:last-child:nth-child(odd) { grid-column: 1 / -1; } }
@media print { body { background: #fff; font-size: 12px; } main { max-width: none; padding: 0; }
  section, figure, tr, .cards div { break-inside: avoid; } section:has(.stills) { break-inside: auto; }
  h2 { break-after: avoid; } .halves { columns: 1; } .stills { grid-template-columns: 1fr 1fr; } }
"""


@dataclass(frozen=True)
class Section:
    """
    A part of the page: text, a table whose first row is its head, bars of shares within 0..1, or pictures.

    :param whole: whether it takes the whole width; the others follow in two columns.
    """

    title: str
    text: str = ''
    table: Table = ()
    bars: Mapping[str, float] = field(default_factory=dict)
    pictures: Sequence[tuple[str, NDArray[np.uint8]]] = ()
    chart: str = ''
    whole: bool = False


def page(title: str, subtitle: str, cards: Mapping[str, str], sections: Sequence[Section]) -> str:
    """
    Return the page as HTML.

    :param cards: the few numbers that matter, value by name.
    """
    shown = ''.join(f'<div><b>{_text(value)}</b><span>{_text(name)}</span></div>' for name, value in cards.items())
    wholes, halves = (''.join(_section(one) for one in sections if one.whole is whole) for whole in (True, False))
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><title>{_text(title)}</title><style>{STYLE}</style></head>'
            f'<body><main><h1>{_text(title)}</h1><p class="pale">{_text(subtitle)}</p>'
            f'<div class="cards">{shown}</div>{wholes}<div class="halves">{halves}</div></main></body></html>\n')


def percent(value: float | None) -> str:
    """Return a share as ``74.6 %``; a dash for what is not known."""
    return '–' if value is None or math.isnan(value) else f'{100 * value:.1f} %'


def _section(one: Section) -> str:
    parts = [f'<p class="pale note">{_text(one.text)}</p>' if one.text else '', one.chart, _table(one.table)]
    if one.bars:
        rows = ''.join(_bar(name, share) for name, share in one.bars.items())
        parts.append(f'<div class="wide"><table>{rows}</table></div>')
    if one.pictures:
        figures = ''.join(f'<figure><img alt="{_text(words)}" src="{_inlined(picture)}"><figcaption>{_text(words)}'
                          '</figcaption></figure>' for words, picture in one.pictures)
        parts.append(f'<div class="stills">{figures}</div>')
    return f'<div class="part"><h2>{_text(one.title)}</h2><section>{"".join(parts)}</section></div>'


def _bar(name: str, share: float) -> str:
    return (f'<tr><td>{_text(name)}</td><td class="track"><div><div class="bar" style="width:{100 * share:.1f}%"></div>'
            f'</div></td><td class="short">{percent(share)}</td></tr>')


def _table(table: Table) -> str:
    if not table:
        return ''
    head, *rows = table
    lines = ['<tr>' + ''.join(f'<th>{_text(cell)}</th>' for cell in head) + '</tr>']
    lines += ['<tr>' + ''.join(f'<td{_short(cell)}>{_text(cell)}</td>' for cell in row) + '</tr>' for row in rows]
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _short(cell: str) -> str:
    """Return what keeps a number and its unit in one line."""
    return ' class="short"' if len(cell) <= 16 else ''


def _inlined(rgb: NDArray[np.uint8]) -> str:
    _, coded = cv2.imencode('.jpg', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, 82))
    return f'data:image/jpeg;base64,{base64.b64encode(coded.tobytes()).decode("ascii")}'


def _text(words: str) -> str:
    return html.escape(words, quote=True)
