# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From folders of pictures to a model that the node opens, end to end on four drawn rooms."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file
from scenes.networks import random_network
from scenes.rooms import room, write_image, write_rooms
from torch import nn
from torchvision.models import mobilenet_v2

from seg_ros.errors import DataError, ModelError, SettingError
from seg_ros.lab import model_training
from seg_ros.lab.checking import check
from seg_ros.lab.datasets import NONE_OF_COMPLETE
from seg_ros.lab.model_training import train_model
from seg_ros.lab.results import Results
from seg_ros.lab.semantic_recipe import SemanticRecipe
from seg_ros.lab.training import History, TrainingOptions
from seg_ros.labels.overlay import overlay
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, read_card, write_card
from seg_ros.models.catalog import open_model
from seg_ros.models.weights import save_weights
from seg_ros.records import Frame, Segmentation
from seg_ros.settings import Settings

INDOOR = load_taxonomy('indoor')
OPTIONS = TrainingOptions(epochs=2, batch=4, lr=1e-3, warmup_steps=1)
ON_CPU = Settings(device='cpu', precision='fp32')


@pytest.fixture
def recipe(tmp_path: Path) -> SemanticRecipe:
    images, labels = write_rooms(tmp_path / 'train', 4)
    held_out = write_rooms(tmp_path / 'held_out', 2, first=50)
    return SemanticRecipe('home', 'lraspp_mobilenet_v2', 'indoor', images, labels, *held_out,
                          input_size=(64, 48), crop=(64, 48), heights=(40, 60))


def backbone(path: Path) -> dict[str, Any]:
    torch.manual_seed(5)
    weights = {f'features.{k}': v for k, v in mobilenet_v2(weights=None).features.state_dict().items()}
    torch.save(weights, path)
    return weights


def test_a_trained_model_opens_and_segments(recipe: SemanticRecipe, tmp_path: Path) -> None:
    folder = train_model(recipe, OPTIONS, tmp_path / 'run', resume=False)
    assert folder == tmp_path / 'run' / 'model'
    card = read_card(folder)
    assert (card.name, card.kind, card.architecture) == ('home', 'semantic', 'lraspp_mobilenet_v2')
    assert (card.classes, card.input_size) == (INDOOR.names, (64, 48))
    assert 0.2 < card.temperature < 4.5  # within the bounds of the fit
    rgb, _ = room(60)
    answer, = open_model(str(folder), ON_CPU).segment([Frame('', 1, '', rgb)], ON_CPU)
    assert answer.size == (64, 48)
    assert answer.labels is not None
    assert len(json.loads((tmp_path / 'run' / 'history.json').read_text())) == 2


def test_the_model_holds_the_averaged_weights_of_the_best_epoch(recipe: SemanticRecipe, tmp_path: Path) -> None:
    folder = train_model(recipe, replace(OPTIONS, ema_decay=0.5), tmp_path / 'run', resume=False)
    best = torch.load(tmp_path / 'run' / 'best.pt', weights_only=True)
    raw = torch.load(tmp_path / 'run' / 'last.pt', weights_only=True)['network']
    saved = load_file(folder / 'weights.safetensors')
    assert all(torch.equal(saved[key], best[key].half()) for key in saved)
    assert any(not torch.equal(saved[key], raw[key].half()) for key in saved)


def test_the_seed_decides_everything(recipe: SemanticRecipe, tmp_path: Path) -> None:
    weights = []
    for name, seed in (('a', 1), ('b', 1), ('c', 2)):
        torch.manual_seed(len(weights))  # whatever was drawn before
        folder = train_model(recipe, replace(OPTIONS, epochs=1, seed=seed), tmp_path / name, resume=False)
        weights.append((folder / 'weights.safetensors').read_bytes())
    assert weights[0] == weights[1]
    assert weights[0] != weights[2]


def test_a_finished_run_resumed_writes_the_same_model(recipe: SemanticRecipe, tmp_path: Path) -> None:
    folder = train_model(recipe, OPTIONS, tmp_path / 'run', resume=False)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert train_model(recipe, OPTIONS, tmp_path / 'run', resume=True) == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_person_sees_how_it_goes(recipe: SemanticRecipe, tmp_path: Path) -> None:
    """Curves, and the same held-out rooms after each epoch: camera, truth, prediction."""
    train_model(recipe, OPTIONS, tmp_path / 'run', resume=False)
    assert cv2.imread(str(tmp_path / 'run' / 'curves.png')).std() > 5
    pictures = sorted(str(p.relative_to(tmp_path / 'run')) for p in (tmp_path / 'run' / 'epochs').rglob('*.jpg'))
    assert pictures == [f'epochs/{epoch}/{name}.jpg' for epoch in ('001', '002') for name in ('050', '051')]
    rgb, labels = room(50)
    first = cv2.imread(str(tmp_path / 'run' / pictures[0]))[..., ::-1].astype(int)
    assert first.shape == (48, 3 * 64, 3)
    truth = overlay(rgb, Segmentation((64, 48), labels), INDOOR.classes)
    for panel, expected in ((first[:, :64], rgb), (first[:, 64:128], truth)):
        assert np.abs(panel - expected).mean() < 12  # JPEG
    table = yaml.safe_load((tmp_path / 'run' / 'configuration.yaml').read_text())
    assert (table['recipe']['kind'], table['recipe']['crop']) == ('semantic', [64, 48])


def test_drawing_takes_no_random_number(recipe: SemanticRecipe, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    add = Results.add

    def watched(self: Results, history: History, network: nn.Module) -> None:
        state = torch.get_rng_state().clone(), np.random.get_state()[1].copy(), random.getstate()
        add(self, history, network)
        seen.append(bool(torch.equal(state[0], torch.get_rng_state()) and (state[1] == np.random.get_state()[1]).all()
                         and state[2] == random.getstate()))

    monkeypatch.setattr(Results, 'add', watched)
    train_model(recipe, OPTIONS, tmp_path / 'run', resume=False)
    assert seen == [True, True]


@pytest.mark.parametrize('given', [True, False])
def test_a_backbone_that_was_given_keeps_its_first_blocks(recipe: SemanticRecipe, tmp_path: Path, given: bool) -> None:
    weights = backbone(tmp_path / 'backbone.pth')
    started = replace(recipe, backbone=tmp_path / 'backbone.pth') if given else recipe
    folder = train_model(started, replace(OPTIONS, epochs=1), tmp_path / 'run', resume=False)
    saved = load_file(folder / 'weights.safetensors')
    assert torch.equal(saved['backbone.0.0.weight'], weights['features.0.0.weight'].half()) is given
    assert not torch.equal(saved['backbone.9.conv.0.0.weight'], weights['features.9.conv.0.0.weight'].half())


@pytest.mark.parametrize(('write', 'sentence'), [
    (lambda path: None, 'cannot be read'),
    (lambda path: path.write_bytes(b'PK\x03\x04 cut off'), 'cannot be read'),
    (lambda path: torch.save([torch.zeros(1)], path), 'are no table of tensors'),
    (lambda path: torch.save({'state_dict': {'features.0': torch.zeros(1)}}, path), 'are no table of tensors'),
    (lambda path: torch.save({'features.0': torch.zeros(1)}, path), 'the backbone weights do not fit'),
], ids=['missing', 'truncated', 'a list', 'one level too deep', 'of another network'])
def test_a_backbone_that_is_none_is_refused(recipe: SemanticRecipe, tmp_path: Path, write: Any, sentence: str) -> None:
    write(tmp_path / 'backbone.pth')
    with pytest.raises(ModelError, match=sentence):
        train_model(replace(recipe, backbone=tmp_path / 'backbone.pth'), OPTIONS, tmp_path / 'run', resume=False)
    assert not (tmp_path / 'run').exists()


class Bomb:
    """Makes a folder when unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        import os
        return os.mkdir, (str(self.path),)


def test_a_backbone_with_code_in_it_is_refused_and_not_run(recipe: SemanticRecipe, tmp_path: Path) -> None:
    torch.save({'features.0.0.weight': Bomb(tmp_path / 'it_ran')}, tmp_path / 'backbone.pth')
    with pytest.raises(ModelError, match='cannot be read'):
        train_model(replace(recipe, backbone=tmp_path / 'backbone.pth'), OPTIONS, tmp_path / 'run', resume=False)
    assert not (tmp_path / 'it_ran').exists()


@pytest.mark.parametrize(('change', 'error', 'sentence'), [
    ({'architecture': 'unet'}, ModelError, "no semantic architecture 'unet'"),
    ({'input_size': (16, 16)}, ModelError, r'has input size \[16, 16\]'),
    ({'images': Path('/nowhere')}, DataError, '/nowhere is not a folder'),
    ({'val_images': Path('/nowhere')}, DataError, '/nowhere is not a folder'),
])
def test_what_cannot_be_trained_is_refused_before_training(recipe: SemanticRecipe, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch, change: dict[str, Any],
                                                           error: type[Exception], sentence: str) -> None:
    monkeypatch.setattr(model_training, 'train', lambda *arguments, **more: pytest.fail('the training began'))
    with pytest.raises(error, match=sentence):
        train_model(replace(recipe, **change), OPTIONS, tmp_path / 'run', resume=False)


def test_ids_must_count_from_0(recipe: SemanticRecipe, tmp_path: Path) -> None:
    rows = [{'id': k, 'name': f'class {k}', 'colour': [k, 0, 0], 'role': 'obstacle'} for k in (1, 2)]
    (tmp_path / 'odd.yaml').write_text(yaml.safe_dump({'classes': rows}))
    with pytest.raises(DataError, match=r"taxonomy 'odd' has the ids \[1, 2\]. For training, number them from 0"):
        train_model(replace(recipe, taxonomy=str(tmp_path / 'odd.yaml')), OPTIONS, tmp_path / 'run', resume=False)


def test_further_folders_are_learned_as_well(recipe: SemanticRecipe, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def stop(task: Any, *arguments: Any, **more: Any) -> None:
        seen.append(task.train_data)
        raise DataError('far enough')

    monkeypatch.setattr(model_training, 'train', stop)
    more = write_rooms(tmp_path / 'more', 2, first=20), write_rooms(tmp_path / 'other', 1, first=30)
    with pytest.raises(DataError, match='far enough'):
        train_model(replace(recipe, more=more), OPTIONS, tmp_path / 'run', resume=False)
    assert [seen[0].read(k).name for k in range(len(seen[0]))] == ['000', '001', '002', '003', '020', '021', '030']


def test_label_words_are_said_of_the_first_folder_alone(recipe: SemanticRecipe, tmp_path: Path) -> None:
    """Further folders hold ids, as seg_ros pseudo writes them."""
    (tmp_path / 'words.txt').write_text('\n'.join(reversed(INDOOR.names)))
    more = write_rooms(tmp_path / 'more', 1)
    learned, _, _ = replace(recipe, label_words=str(tmp_path / 'words.txt'), more=(more,)).data()
    given, further = learned.read(0).labels, learned.read(4).labels
    known = further != 255
    assert known.any()
    assert (given[known] == len(INDOOR.names) - 1 - further[known]).all()


def test_a_network_keeps_the_words_it_began_with(recipe: SemanticRecipe, tmp_path: Path) -> None:
    """Wall is learned by its word painting too, and each class whose name is no word gets one."""
    words = ('painting', 'wall', 'rug', 'road')
    network = random_network('lraspp_mobilenet_v2', len(words))
    save_weights(network, tmp_path / 'old' / WEIGHTS)
    write_card(tmp_path / 'old', Card('old', 'semantic', 'lraspp_mobilenet_v2', words, (64, 48)))
    kept = replace(recipe, start=str(tmp_path / 'old'), keep_words=True)
    folder = train_model(kept, OPTIONS, tmp_path / 'run', resume=False)
    assert read_card(folder).classes == (*words, *(name for name in INDOOR.names if name != 'wall'))
    rgb, _ = room(60)
    answer, = open_model(str(folder), ON_CPU).segment([Frame('', 1, '', rgb)], ON_CPU)
    assert answer.labels is not None
    assert set(np.unique(answer.labels)) <= {*(c.id for c in INDOOR.classes), 255}


def test_a_model_may_lie_between_what_it_began_with_and_what_it_learned(recipe: SemanticRecipe, tmp_path: Path) -> None:
    save_weights(random_network('lraspp_mobilenet_v2', 10), tmp_path / 'old' / WEIGHTS)
    write_card(tmp_path / 'old', Card('old', 'semantic', 'lraspp_mobilenet_v2', INDOOR.names, (64, 48)))
    weights = [load_file(tmp_path / 'old' / WEIGHTS)]
    for share in (0.5, 1.0):
        blended = replace(recipe, start=str(tmp_path / 'old'), blend=share)
        weights.append(load_file(train_model(blended, OPTIONS, tmp_path / f'{share}', resume=False) / WEIGHTS))
    start, half, whole = (one['classifier.high_classifier.weight'].float() for one in weights)
    assert not torch.equal(start, whole)
    torch.testing.assert_close(half, (start + whole) / 2, rtol=0, atol=1e-3)


def test_answers_are_kept_where_nothing_is_labelled(recipe: SemanticRecipe, tmp_path: Path) -> None:
    """A start that knows wall by the word painting, and no floor: of floor it has nothing to say."""
    words = ('painting', 'person', 'road')
    save_weights(random_network('lraspp_mobilenet_v2', len(words)), tmp_path / 'old' / WEIGHTS)
    write_card(tmp_path / 'old', Card('old', 'semantic', 'lraspp_mobilenet_v2', words, (64, 48)))
    write_image(tmp_path / 'pictures' / 'a.png', np.full((48, 64, 3), 90, np.uint8))
    kept = replace(recipe, start=str(tmp_path / 'old'), keep_words=True, keep=4.0, pictures=(tmp_path / 'pictures',))
    learned, held_out, _ = kept.data()
    assert (learned.read(len(learned) - 1).labels == 255).all()
    task = kept.task(learned, held_out)
    assert [name for name, known in zip(INDOOR.names, task.known) if known] == ['wall', 'person']
    before = task.old.state_dict()
    assert all(torch.equal(value, before[name]) for name, value in task.network.state_dict().items())
    folder = train_model(kept, OPTIONS, tmp_path / 'run', resume=False)
    assert read_card(folder).classes[:3] == words


def test_answers_that_would_go_with_their_words_are_named(recipe: SemanticRecipe, tmp_path: Path) -> None:
    """Without its words a model would no longer call a painting wall, and that would be kept."""
    save_weights(random_network('lraspp_mobilenet_v2', 2), tmp_path / 'old' / WEIGHTS)
    write_card(tmp_path / 'old', Card('old', 'semantic', 'lraspp_mobilenet_v2', ('wall', 'painting'), (64, 48)))
    kept = replace(recipe, start=str(tmp_path / 'old'), keep=8.0)
    with pytest.raises(SettingError, match=r"old' answers with painting too, .*\. Give --keep-words with --keep"):
        train_model(kept, OPTIONS, tmp_path / 'run', resume=False)


@pytest.mark.parametrize(('more', 'sentence'), [
    ({'keep': 8.0}, r'there are no answers to keep\. Give --from a model that has a card'),
    ({'pictures': (Path('a'),)}, r'pictures without labels teach nothing by themselves\. Give --keep 8'),
])
def test_what_cannot_be_kept_is_refused(recipe: SemanticRecipe, tmp_path: Path, more: dict[str, Any],
                                        sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        train_model(replace(recipe, **more), OPTIONS, tmp_path / 'run', resume=False)


@pytest.mark.parametrize('start', ['', 'weights.pth'])
def test_words_are_kept_only_of_a_model_that_has_some(recipe: SemanticRecipe, tmp_path: Path, start: str) -> None:
    with pytest.raises(SettingError, match=r'there are no words to keep\. Give --from a model that has a card'):
        train_model(replace(recipe, start=start, keep_words=True), OPTIONS, tmp_path / 'run', resume=False)


def test_objects_of_a_coco_file_are_learned_as_well(recipe: SemanticRecipe, tmp_path: Path,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    write_image(tmp_path / 'more' / 'a.png', np.full((48, 64, 3), 90, np.uint8))
    table = {'images': [{'id': 1, 'file_name': 'a.png'}], 'categories': [{'id': 1, 'name': 'person'}],
             'annotations': [{'id': 1, 'image_id': 1, 'category_id': 1,
                              'segmentation': [[5, 5, 20, 5, 20, 40, 5, 40]]}]}
    (tmp_path / 'more.json').write_text(json.dumps(table))
    tasks = []

    def stop(task: Any, *arguments: Any, **more: Any) -> None:
        tasks.append(task)
        raise DataError('far enough')

    monkeypatch.setattr(model_training, 'train', stop)
    more = replace(recipe, coco=(tmp_path / 'more', tmp_path / 'more.json'), coco_classes=('person',),
                   coco_complete=('person',), val_every=2)
    with pytest.raises(DataError, match='far enough'):
        train_model(more, OPTIONS, tmp_path / 'run', resume=False)
    names = [[data.read(k).name for k in range(len(data))] for data in (tasks[0].train_data, tasks[0].held_out)]
    assert names == [['000', '001', '002', '003', 'a'], ['050']]
    assert tasks[0].complete == (INDOOR.names.index('person'),)
    assert set(np.unique(tasks[0].train_data.read(4).labels)) == {tasks[0].complete[0], NONE_OF_COMPLETE}
    assert (len(tasks[0].donors), tasks[0].paste) == (1, 0.0)


def test_nothing_is_pasted_without_objects(recipe: SemanticRecipe, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r'there are no objects to paste\. Give --coco'):
        train_model(replace(recipe, paste=0.3), OPTIONS, tmp_path / 'run', resume=False)


def test_where_nothing_is_held_out_a_fifth_is(recipe: SemanticRecipe, tmp_path: Path) -> None:
    images, labels = write_rooms(tmp_path / 'all', 10)
    whole = replace(recipe, images=images, labels=labels, val_images=None, val_labels=None)
    learned, held_out, parts = whole.data()
    assert (len(learned), len(held_out)) == (8, 2)
    names = [[data.read(k).name for k in range(len(data))] for data in (learned, held_out)]
    assert sorted(names[0] + names[1]) == [f'{k:03d}' for k in range(10)]
    assert [held_out.file(k) for k in range(2)] == [replace(whole, hold_out=2).data()[1].file(k) for k in range(2)]
    check(parts, held_out)
    with pytest.raises(DataError, match='has 10 images, of which 10 are to be held out'):
        replace(whole, hold_out=10).data()
