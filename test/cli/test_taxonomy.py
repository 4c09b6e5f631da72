# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The verb tells which words are missing, by its text and by its status."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from seg_ros.cli.main import main
from seg_ros.lab.label_images import LabelReader
from seg_ros.labels.taxonomy import load_taxonomy

HOME = """
classes:
  - {id: 0, name: free, colour: [128, 192, 96], role: traversable, words: [floor, rug]}
  - {id: 1, name: rack, colour: [150, 110, 200], role: obstacle, words: [shelf, bookcase]}
ignored_words: [sky]
"""


@pytest.fixture
def home(tmp_path: Path) -> str:
    path = tmp_path / 'home.yaml'
    path.write_text(HOME, encoding='utf-8')
    return str(path)


def words_file(tmp_path: Path, *words: str) -> str:
    path = tmp_path / 'words.txt'
    path.write_text('\n'.join(words), encoding='utf-8')
    return str(path)


def test_when_every_word_is_known_the_status_is_0(home: str, tmp_path: Path,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['taxonomy', 'check', home, '--words', words_file(tmp_path, 'Floor', 'shelf', 'sky')]) == 0
    out = capsys.readouterr().out
    assert 'All 3 words are known.' in out
    assert 'No word means' not in out
    assert '2 words of the taxonomy are not of this model (which does no harm): rug, bookcase.' in out
    assert '│ Floor' in next(line for line in out.splitlines() if '│ free' in line)
    assert '│ sky' in next(line for line in out.splitlines() if '│ unlabelled' in line)


def test_missing_words_make_the_status_1_and_come_with_what_is_near_and_a_template(
        home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['taxonomy', 'check', home, '--words', words_file(tmp_path, 'floor', 'bookcases', 'forklift')]) == 1
    out = capsys.readouterr().out
    assert '2 of 3 words are missing:' in out
    assert "  'bookcases': near 'bookcase' (rack)\n" in out
    assert "  'forklift': near to nothing known\n" in out
    assert 'No word means the class rack: this model never reports it.' in out
    assert out.endswith('# to the words of class rack\nbookcases,\n'
                        '# near to nothing known: give each to a class or to ignored_words\nforklift,\n')


def test_what_the_template_says_put_into_the_file_mends_it(home: str, tmp_path: Path) -> None:
    words = words_file(tmp_path, 'floor', 'bookcases')
    assert main(['taxonomy', 'check', home, '--words', words]) == 1
    table = yaml.safe_load(HOME)
    table['classes'][1]['words'].append('bookcases')
    Path(home).write_text(yaml.safe_dump(table), encoding='utf-8')
    assert main(['taxonomy', 'check', home, '--words', words]) == 0


@pytest.mark.parametrize('label_set', ['ade20k', 'coco', 'cityscapes', 'mapillary'])
@pytest.mark.parametrize('shipped', ['indoor', 'outdoor'])
def test_the_shipped_taxonomies_pass(shipped: str, label_set: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['taxonomy', 'check', shipped, '--labels', label_set]) == 0
    assert '--unused lists them' in capsys.readouterr().out


def test_all_unused_words_are_listed_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['taxonomy', 'check', 'indoor', '--labels', 'cityscapes', '--unused']) == 0
    out = capsys.readouterr().out
    assert ' escalator, ' in out
    assert '--unused' not in out


@pytest.mark.parametrize('model', ['indoor', 'everyday', 'tools', 'plants'])
@pytest.mark.parametrize('shipped', ['indoor', 'outdoor'])
def test_the_shipped_taxonomies_know_the_words_of_the_shipped_models(shipped: str, model: str) -> None:
    assert main(['taxonomy', 'check', shipped, '--model', model]) == 0


def test_show_prints_a_file_that_loads_as_that_taxonomy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['taxonomy', 'show', 'outdoor']) == 0
    copy = tmp_path / 'outdoor.yaml'
    copy.write_text(capsys.readouterr().out, encoding='utf-8')
    assert load_taxonomy(str(copy)) == load_taxonomy('outdoor')


@pytest.mark.parametrize(('arguments', 'sentence'), [
    (['show', 'outdor'], "there is no taxonomy 'outdor'; the nearest known is 'outdoor'"),
    (['show', '/nowhere/a.yaml'], 'taxonomy /nowhere/a.yaml cannot be read'),
    (['check', 'outdor', '--labels', 'coco'], "the nearest known is 'outdoor'"),
    (['check', 'indoor', '--labels', 'cocoo'], "there is no label set 'cocoo'; the nearest known is 'coco'"),
    (['check', 'indoor', '--words', '/nowhere.txt'], 'the file of words /nowhere.txt cannot be read'),
    (['check', 'indoor', '--model', 'indor'], "there is no model 'indor'; the nearest shipped is 'indoor'"),
])
def test_what_is_given_wrongly_is_one_sentence_and_status_2(arguments: list[str], sentence: str,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['taxonomy', *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith('seg_ros taxonomy: ')
    assert sentence in error
    assert error.count('\n') == 1


def test_words_of_labels_become_a_taxonomy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Words that the shipped one knows keep their roles, colours are those of the tool, and nothing is no class."""
    table = tmp_path / 'labelmap.txt'
    table.write_text('# label:color_rgb:parts:actions\nbackground:0,0,0::\nfloor:51,221,255::\nPallet no. 1:9,8,7::\n')
    assert main(['taxonomy', 'new', str(table)]) == 0
    mine = tmp_path / 'mine.yaml'
    mine.write_text(capsys.readouterr().out)
    taxonomy = load_taxonomy(str(mine))
    assert [(c.id, c.name, c.colour, c.role.value) for c in taxonomy.classes] == [
        (0, 'floor', (51, 221, 255), 'traversable'), (1, 'Pallet no. 1', (9, 8, 7), 'obstacle')]
    assert LabelReader(taxonomy, str(table))


def test_words_without_colours_get_different_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['taxonomy', 'new', words_file(tmp_path, '__ignore__', '_background_', 'pallet', 'rack')]) == 0
    rows = yaml.safe_load(capsys.readouterr().out)['classes']
    assert [row['name'] for row in rows] == ['pallet', 'rack']
    assert rows[0]['colour'] != rows[1]['colour']
