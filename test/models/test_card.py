# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A card says what a model is before it is loaded; a wrong one is refused with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from seg_ros.errors import ModelError
from seg_ros.models.card import Card, read_card, write_card

CARD = Card('home', 'semantic', 'lraspp_mobilenet_v2', ('floor', 'wall'), (384, 288), mean=(123.7, 116.3, 103.5),
            std=(58.4, 57.1, 57.4), temperature=1.25, licence='Apache-2.0', data=('my flat (CC0)', 'ümlaut'),
            scores={'mean_iou': 0.5}, recipe='seg_ros train semantic')
LEAST = {'name': 'home', 'kind': 'semantic', 'architecture': 'lraspp_mobilenet_v2', 'classes': ['floor', 'wall'],
         'input_size': [384, 288]}


def written(folder: Path, table: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    text = table if isinstance(table, str) else yaml.safe_dump(table)
    (folder / 'card.yaml').write_text(text, encoding='utf-8')
    return folder


def test_a_card_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_card(tmp_path / 'new' / 'home', CARD)
    assert read_card(tmp_path / 'new' / 'home') == CARD


def test_a_card_is_a_table_a_person_can_read(tmp_path: Path) -> None:
    write_card(tmp_path, CARD)
    text = (tmp_path / 'card.yaml').read_text(encoding='utf-8')
    assert text.startswith('name: home\nkind: semantic\n')
    assert 'ümlaut' in text
    assert '!!python' not in text


def test_what_a_card_leaves_out_has_a_default(tmp_path: Path) -> None:
    card = read_card(written(tmp_path, LEAST))
    assert card == Card('home', 'semantic', 'lraspp_mobilenet_v2', ('floor', 'wall'), (384, 288))
    assert (card.mean, card.std, card.temperature) == ((127.5,) * 3, (127.5,) * 3, 1.0)


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({'kind': 'panoptic'}, "the card of model 'home' has kind 'panoptic'. Kind is semantic or instance."),
    ({'classes': []}, 'must list each class once'),
    ({'classes': ['floor', 'wall', 'floor']}, 'must list each class once'),
    ({'classes': 'wal'}, "malformed: 'wal' is not a list"),
    ({'classes': None}, 'malformed'),
    ({'classes': [['wall'], 'floor']}, 'malformed: a list holds a list'),
    ({'data': 'my flat'}, "malformed: 'my flat' is not a list"),
    ({'input_size': [384]}, r'has input size \[384\]'),
    ({'input_size': [384, 288, 3]}, r'has input size \[384, 288, 3\]'),
    ({'input_size': [16, 288]}, r'has input size \[16, 288\] .* Sides are 32 to 4096'),
    ({'input_size': [384, 5000]}, r'has input size \[384, 5000\]'),
    ({'input_size': '384x288'}, 'malformed'),
    ({'input_size': 384}, 'malformed'),
    ({'temperature': 0.0}, 'temperature 0.0'),
    ({'temperature': '.nan'}, 'malformed'),
    ({'temperature': float('nan')}, 'temperature nan'),
    ({'temperature': float('inf')}, 'temperature inf'),
    ({'temperature': 'warm'}, 'malformed'),
    ({'mean': [1.0, 2.0]}, r'has mean \[1.0, 2.0\]'),
    ({'mean': {'red': 1}}, 'malformed'),
    ({'mean': [0.485, 0.456, 0.406], 'std': [0.229, 0.224, 0.225]}, r'colours in 0\.\.1. Multiply them by 255'),
    ({'std': [0.5, 0.5, 0.5]}, r'which are of colours in 0\.\.1'),
    ({'mean': [0.5, 0.5, 0.5]}, r'which are of colours in 0\.\.1'),
    ({'std': [1.0, 0.0, 1.0]}, r'std \[1.0, 0.0, 1.0\]'),
    ({'scores': 0.5}, 'malformed'),
    ({'mean': [float('nan')] * 3}, r'has mean \[nan, nan, nan\]'),
    ({'mean': [300.0, 0.0, 0.0]}, r'has mean \[300.0, 0.0, 0.0\]'),
    ({'license': 'MIT'}, "has an entry 'license'; the nearest known is 'licence'. Correct or remove the entry"),
    ({7: 'red'}, "has an entry '7'"),
]


@pytest.mark.parametrize(('change', 'sentence'), MALFORMED)
def test_a_malformed_card_is_refused(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        read_card(written(tmp_path, LEAST | change))


@pytest.mark.parametrize('key', LEAST)
def test_a_card_that_lacks_something_is_refused(tmp_path: Path, key: str) -> None:
    table = {k: v for k, v in LEAST.items() if k != key}
    with pytest.raises(ModelError, match=f'card.yaml lacks {key}. See'):
        read_card(written(tmp_path, table))


@pytest.mark.parametrize(('text', 'sentence'), [
    ('', 'is not a table of names and values'),
    ('- floor', 'is not a table of names and values'),
    ('name: [', 'cannot be read'),
    ('a: &a [x]\nclasses: [*a, *a]', r'cannot be read: line 2 repeats \*a'),
    ('name: 2026-13-45', 'cannot be read: month'),
    ('name: !!python/object/apply:os.system ["touch it_ran"]', 'cannot be read: could not determine a constructor'),
])
def test_a_file_that_is_no_card_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        read_card(written(tmp_path, text))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / 'card.yaml').write_bytes(b'name: \xff\xfe')
    with pytest.raises(ModelError, match='cannot be read'):
        read_card(tmp_path)


def test_a_missing_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r'card.yaml cannot be read'):
        read_card(tmp_path)
