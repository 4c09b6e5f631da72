# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros average``: models of one network become one, as their shares say; others are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from scenes.networks import random_network
from scenes.outlined import NAMES, shapes

from seg_ros.cli.main import main
from seg_ros.lab.recipe import inherited
from seg_ros.models.card import WEIGHTS, Card, read_card, write_card
from seg_ros.models.catalog import open_model
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.weights import read_weights, write_weights
from seg_ros.settings import Settings

CARD = Card('a', 'semantic', 'lraspp_mobilenet_v2', ('floor', 'wall'), (64, 48), temperature=1.0, licence='CC BY 4.0',
            data=('rooms', 'halls'), scores={'mean_iou': 0.5}, recipe='seg_ros train')


def saved(folder: Path, card: Card, value: float) -> str:
    """Write a model whose weights are all one number."""
    weights = random_network('lraspp_mobilenet_v2', 2).state_dict()
    write_weights({key: torch.full_like(one, value) for key, one in weights.items()}, folder / WEIGHTS)
    write_card(folder, card)
    return str(folder)


def test_weights_lie_between_by_share_and_the_card_names_all_data(tmp_path: Path,
                                                                  capsys: pytest.CaptureFixture[str]) -> None:
    first = saved(tmp_path / 'a', CARD, 1.0)
    second = saved(tmp_path / 'b', replace(CARD, temperature=2.0, data=('halls', 'stores'), licence='CC BY 4.0'), 5.0)
    out = tmp_path / 'mean'
    assert main(['average', f'{first}=3', second, '--name', 'mean', '--out', str(out)]) == 0
    assert f'seg_ros eval semantic --model {out}' in capsys.readouterr().out
    assert {float(v) for one in read_weights(out / WEIGHTS).values() for v in one.unique()} == {2.0}
    card = read_card(out)
    assert (card.name, card.temperature, card.licence) == ('mean', 1.25, 'CC BY 4.0')
    assert card.data == ('rooms', 'halls', 'stores') and not card.scores
    assert card.recipe == f'seg_ros average {first}=3 {second}=1 --name mean --out {out}'
    assert open_model(str(out), Settings()).name == 'mean'


def test_terms_are_said_once_however_often_they_were_handed_on(tmp_path: Path) -> None:
    begun = replace(CARD, licence=inherited(CARD))
    assert begun.licence == inherited(begun) == 'begun from a, CC BY 4.0'
    parts = {'a': CARD, 'b': begun, 'c': replace(CARD, licence='Apache-2.0'), 'd': replace(CARD, licence='')}
    models = [saved(tmp_path / name, card, 3.0) for name, card in parts.items()]
    assert main(['average', *models, '--out', str(tmp_path / 'mean')]) == 0
    assert read_card(tmp_path / 'mean').licence == 'Apache-2.0; CC BY 4.0'


@pytest.mark.parametrize('other', [{'classes': ('floor', 'door')}, {'input_size': (128, 96)}])
def test_models_that_differ_are_refused_before_anything_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                                   other: dict[str, object]) -> None:
    first, second = saved(tmp_path / 'a', CARD, 1.0), saved(tmp_path / 'b', replace(CARD, **other), 1.0)
    assert main(['average', first, second, '--out', str(tmp_path / 'mean')]) == 2
    assert f'{second} and {first} differ in {next(iter(other))}' in capsys.readouterr().err
    assert not (tmp_path / 'mean').exists()


@pytest.mark.parametrize('word', ['a=0', 'a=-1', 'a=much', '=1', 'a=nan'])
def test_a_share_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], word: str) -> None:
    with pytest.raises(SystemExit):
        main(['average', word, '--out', str(tmp_path)])
    assert f"'{word}' is not MODEL=SHARE with a share above 0" in capsys.readouterr().err


def test_scores_are_moved_on_held_out_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights are sure of little; what they say of drawn shapes is worth less still."""
    monkeypatch.chdir(tmp_path)  # a folder in the current one is no shipped name
    card = Card('a', 'instance', 'maskrcnn_mobilenet_v2_fpn', NAMES, (96, 64))
    torch.manual_seed(0)
    write_weights(instance_network(card.architecture, 2, 64, 96).state_dict(), tmp_path / 'a' / WEIGHTS)
    write_card(tmp_path / 'a', card)
    out = Path('mean')
    shapes(tmp_path / 'shapes', 2, 0)
    pictures = ['--images', str(tmp_path / 'shapes'), '--coco', str(tmp_path / 'shapes' / 'instances.json')]
    assert main(['average', str(tmp_path / 'a'), '--out', str(out), *pictures, '--device', 'cpu']) == 0
    said = capsys.readouterr().out
    assert 'scores 0.50 now.' in said and f'--model {tmp_path / "mean"} ...' in said
    assert read_card(out).recipe.endswith(' '.join(pictures))


@pytest.mark.parametrize(('words', 'said'), [(['--images', 'somewhere'], 'pictures or their outlines are missing'),
                                             (['--images', 'x', '--coco', 'y'], 'a finds no objects')])
def test_pictures_that_cannot_help_are_refused_before_anything_is_written(
        tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    first = saved(tmp_path / 'a', CARD, 1.0)
    assert main(['average', first, '--out', str(tmp_path / 'mean'), *words]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / 'mean').exists()
