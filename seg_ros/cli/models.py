# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The models there are: list them, show one, fetch the weights of one ahead of time."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from seg_ros.cli.tables import UNKNOWN, show, table
from seg_ros.errors import TaxonomyError
from seg_ros.labels.comparison import listed
from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy
from seg_ros.models.catalog import entry_of, fetch, known_models
from seg_ros.models.sources import Entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.set_defaults(act='list')
    acts = parser.add_subparsers(dest='act', metavar='ACT')
    listed = acts.add_parser('list', help='all models known here (what the verb does alone)')
    show = acts.add_parser('show', help='one model: its modes, size, terms, and where the taxonomy puts each word')
    show.add_argument('name', metavar='NAME', help='a name as the node takes it, torchvision:fcn_resnet50 say')
    show.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    get = acts.add_parser('fetch', help='download the weights of a model, checked; type it again to go on')
    get.add_argument('name', metavar='NAME', help='torchvision:NAME or hf:ORG/NAME')
    for one in (parser, listed, show):
        one.add_argument('--json', action='store_true', default=argparse.SUPPRESS, help='for programs')


def run(options: argparse.Namespace) -> int:
    """Do what was asked."""
    as_json = getattr(options, 'json', False)
    if options.act == 'fetch':
        return _fetch(options.name)
    if options.act == 'show':
        return _show(entry_of(options.name), load_taxonomy(options.taxonomy), as_json)
    entries = known_models()
    if as_json:
        print(json.dumps([_plain(one) for one in entries], indent=2))
    else:
        show(_table(entries))
        print('Also hf:ORG/NAME, hf:/folder, onnx:/file.onnx, checkpoint:/folder and /folder.\n'
              "'seg_ros models show NAME' says more: its words, and its licence in full.")
    return 0


def _table(entries: list[Entry]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    for title in ('name', 'modes', 'size', 'here', 'licence'):
        table.add_column(title, justify='right' if title == 'size' else 'left', no_wrap=title != 'licence')
    for one in entries:
        table.add_row(one.name, '\n'.join(one.modes), _size(one), 'yes' if one.here else 'no', one.terms)
    return table


def _size(entry: Entry) -> str:
    return f'{entry.size_mb:.1f} MB' if entry.size_mb else UNKNOWN


def _plain(entry: Entry) -> dict[str, Any]:
    return {**asdict(entry), 'path': str(entry.path)}


def _show(entry: Entry, taxonomy: Taxonomy, as_json: bool) -> int:
    placed = {word: _class_of(word, taxonomy) for word in entry.words}
    if as_json:
        print(json.dumps({**_plain(entry), 'taxonomy': taxonomy.name, 'classes': placed}, indent=2))
        return 0
    console = Console(highlight=False)
    for title, text in (('name', entry.name), ('modes', ', '.join(entry.modes)), ('size', _size(entry)),
                        ('licence', entry.licence or UNKNOWN), ('from', entry.origin or UNKNOWN),
                        ('weights', str(entry.path)),
                        ('on this disk', 'yes' if entry.here else f'no: seg_ros models fetch {entry.name}')):
        console.print(f'{title:14}{text}', soft_wrap=True, markup=False)
    rows = [(name, listed((word for word, meant in placed.items() if meant == name), taxonomy))
            for name in dict.fromkeys(placed.values())]
    title = f'{len(entry.words)} words, and what they mean in taxonomy {taxonomy.name}'
    show(table(title, ('class', 'words'), rows, words=2))
    return 0


def _class_of(word: str, taxonomy: Taxonomy) -> str:
    """Return the class of a word, or why it has none."""
    try:
        meant = taxonomy.class_of(word)
    except TaxonomyError:
        return '(unknown)'
    return '(ignored)' if meant is None else meant.name


def _fetch(name: str) -> int:
    with tqdm(unit='B', unit_scale=True, unit_divisor=1024, desc=name) as bar:
        def progress(here: int, whole: int) -> None:
            bar.total = whole or None
            bar.update(here - bar.n)

        path = fetch(name, progress)
    print(f'{name} is on this disk: {path}')
    return 0
