# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every table is whole on a terminal of 80 columns, however long its words are, and what is not known is a dash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from rich.table import Table

from seg_ros.cli import bench, eval, export, models, taxonomy, teach
from seg_ros.cli.tables import figure, show, table
from seg_ros.lab.benchmark import Cost, Spread
from seg_ros.lab.instance_evaluation import ObjectScores
from seg_ros.lab.panoptic_evaluation import PanopticScores
from seg_ros.lab.semantic_evaluation import Above, SemanticScores
from seg_ros.lab.taught_verdict import Assessment, Row
from seg_ros.labels.comparison import compare
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.stages import STAGES

NAN = float('nan')
LONG = 'person, individual, someone, somebody, mortal, soul, and whoever else there may be in ' + 'a' * 60
PATH = '/home/somebody/robots/models/' + 'a_name_without_end_' * 5
COST = Cost('panoptic', (PATH, 'everyday'), 'torch', 'cpu', 'bf16', (640, 480), 2,
            {name: Spread(1234.5, 98765.4) for name in STAGES[2:]}, Spread(12.5, 31.25), 19.1, 1052.0, NAN)


def tables() -> Iterator[tuple[str, list[Table]]]:
    """Yield each verb's tables, of scores of which some are not known."""
    scores = SemanticScores(3, 41.0, {LONG: 0.5, 'stairs': NAN}, 0.4, 0.7, 0.01, 0.4, 0.9, 0.8, (Above(0.4, 0.9, NAN),),
                            {LONG: {LONG: 0.5, f'{LONG}s': 0.5}})
    yield 'eval semantic', eval._semantic_tables(f'{PATH} on 3 images', scores)
    yield 'eval instance', eval._object_tables(PATH, ObjectScores(
        3, 41.0, 0.2, 0.4, 0.3, {'small': NAN}, {LONG: 0.5, 'cup': NAN}, NAN, 0.5, 0.1, 0.5))
    whole = {'pq': 0.25, 'sq': 0.5, 'rq': 0.5}
    yield 'eval panoptic', eval._panoptic_tables(PATH, PanopticScores(
        3, 41.0, 0.25, 0.5, 0.5, NAN, 0.25, {LONG: whole, 'stairs': dict.fromkeys(whole, NAN)}, 0.4, 0.5))
    without = replace(COST, stages={STAGES[-1]: Spread(1.0, 2.0)})
    yield 'bench', list(bench._tables([COST] * 5 + [without], f'640x480 pictures of {PATH}'))
    row = Row('pictures of yours', LONG, 0.5, 0.25)
    yield 'teach', [teach._table(Assessment(3, 1.0, 1.0, (row,)))]
    rooms = load_taxonomy('indoor')
    yield 'taxonomy', [taxonomy._table(rooms, compare(rooms, ('wall', LONG)), PATH)]


@pytest.mark.parametrize(('verb', 'made'), list(tables()), ids=lambda one: one if isinstance(one, str) else '')
def test_a_table_fits_80_columns_and_leaves_no_letter_out(verb: str, made: list[Table],
                                                          monkeypatch: pytest.MonkeyPatch,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv('COLUMNS', '80')
    show(*made)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert '…' not in shown
    assert re.search(r'\bnan\b', shown) is None
    assert '–' in shown or verb == 'teach'


def test_columns_that_do_not_fit_beside_each_other_are_shared_out(monkeypatch: pytest.MonkeyPatch,
                                                                  capsys: pytest.CaptureFixture[str]) -> None:
    made = list(bench._tables([COST] * 6, 'pictures'))
    assert [len(one.columns) for one in made] == [4, 4]
    monkeypatch.setenv('COLUMNS', '80')
    show(*made)
    shown = capsys.readouterr().out
    assert shown.count('1234/98765') == 6 * len(STAGES[2:])
    assert shown.count(' 19.1 ') == 6


def test_scores_of_an_exported_file_stand_side_by_side(monkeypatch: pytest.MonkeyPatch, tmp_path: Any,
                                                       capsys: pytest.CaptureFixture[str]) -> None:
    before, after = tmp_path / 'a.onnx', tmp_path / 'b.onnx'
    for path, size in ((before, 4_100_000), (after, 1_200_000)):
        path.write_bytes(bytes(size))
    of = {before: [('mean IoU', 0.5), ('mask AP', NAN)], after: [('mean IoU', 0.375), ('mask AP', NAN)]}
    monkeypatch.setattr(export, '_scores', lambda options, path: of[path])
    show(export._table(SimpleNamespace(model=PATH), before, after))  # type: ignore[arg-type]
    rows = {cells[0]: cells[1:] for line in capsys.readouterr().out.splitlines() if '│' in line
            for cells in [[cell.strip() for cell in line.strip('│').split('│')]]}
    assert rows == {'mean IoU': ['0.500', '0.375', '-0.125'], 'mask AP': ['–', '–', '–'],
                    'size (MB)': ['4.1', '1.2', '']}


def test_the_size_of_a_model_that_nobody_states_is_a_dash() -> None:
    entry: Any = SimpleNamespace(size_mb=0.0)
    assert models._size(entry) == '–'


def test_brackets_in_names_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(table('[bold]a[/]', ('class [x]', 'value'), [('[red]cup[/red]', figure(NAN))]))
    shown = capsys.readouterr().out
    assert all(words in shown for words in ('[bold]a[/]', 'class [x]', '[red]cup[/red]', '–'))
