# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The odds of a class are moved everywhere, those of the others stay as they are among each other."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scenes.networks import random_network

from seg_ros.cli.main import main
from seg_ros.errors import DataError, ModelError
from seg_ros.lab.class_offsets import BIAS, move_classes, refuse_offsets
from seg_ros.models.card import WEIGHTS, Card, read_card, write_card
from seg_ros.models.networks import semantic_logits
from seg_ros.models.weights import load_weights, read_weights, write_weights

WORDS = ('floor', 'rug', 'wall', 'person')
INDOOR = 'indoor'


def saved(folder: Path, architecture: str = 'mosaic') -> Path:
    write_weights(random_network(architecture, len(WORDS)).state_dict(), folder / WEIGHTS)
    write_card(folder, Card('a', 'semantic', architecture, WORDS, (64, 48), temperature=2.0, recipe='seg_ros train'))
    return folder


def odds(folder: Path) -> torch.Tensor:
    """Return the (4, h, w) logarithm of each word's probability, up to a common summand."""
    network = random_network('mosaic', len(WORDS))
    load_weights(network, folder / WEIGHTS)
    with torch.inference_mode():
        return semantic_logits(network.eval(), torch.full((1, 3, 48, 64), 0.3))[0] / read_card(folder).temperature


def test_all_words_of_a_class_get_the_offset_and_no_other(tmp_path: Path) -> None:
    folder = saved(tmp_path / 'a')
    before = odds(folder)
    move_classes(folder, {'floor': -0.5, 'person': 0.75}, INDOOR)
    moved = torch.tensor([-0.5, -0.5, 0.0, 0.75])[:, None, None].expand(before.shape)
    torch.testing.assert_close(odds(folder) - before, moved, rtol=0, atol=1e-5)
    assert read_card(folder).recipe == 'seg_ros train --offset floor=-0.5 person=0.75'


def test_offsets_add_up(tmp_path: Path) -> None:
    folder = saved(tmp_path / 'a')
    for offset in (1.0, -0.25):
        move_classes(folder, {'wall': offset}, INDOOR)
    assert read_weights(folder / WEIGHTS)[BIAS].tolist() == [0.0, 0.0, 1.5, 0.0]


def test_what_cannot_be_moved_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='no bias of classes'):
        refuse_offsets(str(saved(tmp_path / 'a', 'lraspp_mobilenet_v2')), {'floor': 1.0}, INDOOR)
    with pytest.raises(DataError, match=r"no word of the class 'door'\. Its classes are floor, wall, person"):
        refuse_offsets(str(saved(tmp_path / 'b')), {'door': 1.0}, INDOOR)


def test_a_mean_is_moved_and_its_card_says_so(tmp_path: Path) -> None:
    folder, out = saved(tmp_path / 'a'), tmp_path / 'mean'
    assert main(['average', str(folder), '--offset', 'wall=0.5', '--name', 'mean', '--out', str(out)]) == 0
    assert read_weights(out / WEIGHTS)[BIAS].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert read_card(out).recipe == f'seg_ros average {folder}=1 --name mean --out {out} --offset wall=0.5'


@pytest.mark.parametrize(('word', 'said'), [
    ('wall', "'wall' is not CLASS=NUMBER"), ('=1', "'=1' is not CLASS=NUMBER"), ('wall=', "'' is not a number"),
    ('wall=much', "'much' is not a number"), ('wall=nan', "'nan' is not a number"), ('wall=21', 'within -20 and 20')])
def test_an_offset_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], word: str,
                                           said: str) -> None:
    with pytest.raises(SystemExit):
        main(['average', 'indoor', '--offset', word, '--out', str(tmp_path / 'mean')])
    assert said in capsys.readouterr().err


def test_nothing_is_written_of_a_class_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = saved(tmp_path / 'a'), tmp_path / 'mean'
    assert main(['average', str(folder), '--offset', 'persn=1', '--out', str(out)]) == 2
    assert "no word of the class 'persn'" in capsys.readouterr().err and not out.exists()
    assert main(['average', str(folder), '--offset', 'wall=1', 'wall=2', '--out', str(out)]) == 2
    assert '--offset names a class twice' in capsys.readouterr().err and not out.exists()


def test_the_card_names_another_taxonomy_and_quotes_a_class(tmp_path: Path) -> None:
    folder = saved(tmp_path / 'a')
    hall = tmp_path / 'hall.yaml'
    hall.write_text('classes:\n- {id: 0, name: fork lift, colour: [1, 2, 3], role: obstacle, words: [person]}\n'
                    'ignored_words: [floor, rug, wall]\n')
    move_classes(folder, {'fork lift': 1.0}, str(hall))
    assert read_card(folder).recipe == f"seg_ros train --offset 'fork lift=1' --taxonomy {hall}"
    assert read_weights(folder / WEIGHTS)[BIAS].tolist() == [0.0, 0.0, 0.0, 2.0]


def test_weights_from_before_there_was_a_bias_are_whole_without_one(tmp_path: Path) -> None:
    folder, out = saved(tmp_path / 'a'), tmp_path / 'mean'
    before = odds(folder)
    write_weights({key: one for key, one in read_weights(folder / WEIGHTS).items() if key != BIAS}, folder / WEIGHTS)
    assert torch.equal(odds(folder), before)
    younger = saved(tmp_path / 'younger')
    move_classes(younger, {'wall': 1.0}, INDOOR)
    assert main(['average', str(folder), str(younger), '--offset', 'person=1', '--out', str(out)]) == 0
    assert read_weights(out / WEIGHTS)[BIAS].tolist() == [0.0, 0.0, 1.0, 2.0]
    write_weights({BIAS: read_weights(saved(tmp_path / 'b') / WEIGHTS)[BIAS]}, folder / WEIGHTS)
    with pytest.raises(ModelError, match='belong to another network'):
        odds(folder)
