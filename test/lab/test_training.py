# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The loop learns, keeps its best, and goes on after a kill as if nothing had happened."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from scenes.rooms import PERSON, room
from torch import Tensor, nn
from torch.nn import functional as F

from seg_ros import __version__
from seg_ros.errors import DataError, SettingError
from seg_ros.lab.training import TrainingOptions, _warm_cosine, train
from seg_ros.records import UNLABELLED

OPTIONS = TrainingOptions(epochs=6, batch=2, lr=3e-2, warmup_steps=2, ema_decay=0.8, seed=3)
Batch = tuple[Tensor, Tensor]


class Killed(BaseException):
    """Ends a training as a signal would."""


class DrawnRooms:
    """Tells floor, wall and person apart in drawn rooms, with all that could spoil a resume: dropout, batch norm."""

    def __init__(self, scores: list[float] | None = None) -> None:
        self.network: nn.Module = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2),
            nn.Conv2d(8, 3, 1))
        self.scores = scores
        self.kill_in: tuple[int, int] | None = None
        self.rests = 0

    def parameter_groups(self, lr: float) -> list[dict[str, Any]]:
        """Train the last layer at half the rate."""
        return [{'params': list(self.network[:4].parameters()), 'lr': lr},
                {'params': list(self.network[4].parameters()), 'lr': lr / 2}]

    def begin_epoch(self, epoch: int) -> None:
        """Let the first layer rest in the first epochs."""
        self.network[0].requires_grad_(epoch >= self.rests)

    def steps_per_epoch(self, options: TrainingOptions) -> int:
        """Return 4 images' worth of batches."""
        return 4 // options.batch

    def batches(self, epoch: int, options: TrainingOptions) -> Iterator[Batch]:
        """Yield drawn rooms in an order of the epoch's own; be killed where told."""
        order = np.random.default_rng((options.seed, epoch)).permutation(4)
        for step in range(self.steps_per_epoch(options)):
            if self.kill_in == (epoch, step):
                raise Killed
            yield batch_of(order[step * options.batch:(step + 1) * options.batch])

    def loss(self, network: nn.Module, batch: Batch, device: torch.device) -> Tensor:
        """Return the cross entropy."""
        return F.cross_entropy(network(batch[0]), batch[1], ignore_index=UNLABELLED)

    def validate(self, network: nn.Module, epoch: int, device: torch.device) -> dict[str, float]:
        """Return the share of right pixels in a room not learned from, or the score told."""
        images, labels = batch_of([9])
        with torch.inference_mode():
            right = (network.eval()(images).argmax(1) == labels)[labels != UNLABELLED]
        accuracy = float(right.float().mean())
        return {'score': self.scores[epoch] if self.scores else accuracy, 'accuracy': accuracy}


def batch_of(seeds: Any) -> Batch:
    rooms = [room(int(seed), (32, 24)) for seed in seeds]
    images = torch.stack([torch.from_numpy(rgb).permute(2, 0, 1).float() / 127.5 - 1 for rgb, _ in rooms])
    labels = torch.stack([torch.from_numpy(np.where(labels == PERSON, 2, labels).astype(np.int64))
                          for _, labels in rooms])
    return images, labels


def state_of(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.clone() for key, value in network.state_dict().items()}


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def history(folder: Path) -> Any:
    return json.loads((folder / 'history.json').read_text())


def test_drawn_rooms_are_learned_in_seconds(tmp_path: Path) -> None:
    torch.manual_seed(0)
    task = DrawnRooms()
    best = train(task, replace(OPTIONS, epochs=15), tmp_path)
    assert task.validate(best, 0, torch.device('cpu'))['accuracy'] > 0.95
    assert history(tmp_path)[0]['loss'] > 3 * history(tmp_path)[-1]['loss']


@pytest.mark.parametrize('killed_in', [(1, 0), (3, 1), (5, 1)],
                         ids=['between epochs', 'within an epoch', 'in the last'])
def test_a_killed_training_resumes_bit_for_bit(tmp_path: Path, killed_in: tuple[int, int]) -> None:
    torch.manual_seed(0)
    whole = train(DrawnRooms(), OPTIONS, tmp_path / 'whole')
    torch.manual_seed(0)
    victim = DrawnRooms()
    victim.kill_in = killed_in
    with pytest.raises(Killed):
        train(victim, OPTIONS, tmp_path / 'killed')
    assert len(history(tmp_path / 'killed')) == killed_in[0]
    torch.manual_seed(99)  # another process has other random numbers, and other weights to begin with
    resumed = train(DrawnRooms(), OPTIONS, tmp_path / 'killed', resume=True)
    assert equal(state_of(resumed), state_of(whole))
    for key in ('network', 'ema'):
        ends = [torch.load(tmp_path / name / 'last.pt', weights_only=True)[key] for name in ('whole', 'killed')]
        assert equal(*ends)
    assert history(tmp_path / 'killed') == history(tmp_path / 'whole')


def test_a_backbone_that_rested_before_the_kill_rests_and_wakes_the_same(tmp_path: Path) -> None:
    ends = []
    for name, killed_in in (('whole', None), ('early', (1, 1)), ('late', (3, 0))):
        torch.manual_seed(0)
        task = DrawnRooms()
        task.rests, task.kill_in = 2, killed_in
        if killed_in:
            with pytest.raises(Killed):
                train(task, OPTIONS, tmp_path / name)
            task = DrawnRooms()
            task.rests = 2
        ends.append(state_of(train(task, OPTIONS, tmp_path / name, resume=killed_in is not None)))
    assert equal(ends[0], ends[1]) and equal(ends[0], ends[2])


def test_what_was_left_open_is_decided_by_the_number_of_steps() -> None:
    fitted = TrainingOptions(warmup_steps=None, ema_decay=None).fitted
    assert [(fitted(n).warmup_steps, fitted(n).ema_decay) for n in (5, 100, 100_000)] == [
        (1, 0.0), (10, 0.9), (200, 0.998)]
    assert OPTIONS.fitted(5) == OPTIONS


@pytest.mark.parametrize(('images', 'epochs', 'batch'), [
    (4, 150, 2), (40, 150, 4), (400, 80, 8), (800, 40, 8), (100_000, 10, 8)])
def test_epochs_and_batch_fit_the_number_of_images(images: int, epochs: int, batch: int) -> None:
    fitted = TrainingOptions().for_images(images)
    assert (fitted.epochs, fitted.batch) == (epochs, batch)
    assert OPTIONS.for_images(images) == OPTIONS


def test_the_same_seed_gives_the_same_network_and_another_another(tmp_path: Path) -> None:
    networks = []
    for name, seed in (('a', 3), ('b', 3), ('c', 4)):
        torch.manual_seed(0)
        networks.append(state_of(train(DrawnRooms(), replace(OPTIONS, epochs=2, seed=seed), tmp_path / name)))
    assert equal(networks[0], networks[1])
    assert not equal(networks[0], networks[2])


def test_what_is_returned_is_the_averaged_network_of_the_best_epoch(tmp_path: Path) -> None:
    task, averages, raw = DrawnRooms(scores=[0.1, 0.5, 0.3, 0.2, 0.4, 0.1]), [], []

    def keep(history: list[dict[str, float]], network: nn.Module) -> None:
        state = torch.load(tmp_path / 'last.pt', weights_only=True)
        averages.append({key.removeprefix('module.'): v for key, v in state['ema'].items() if key != 'n_averaged'})
        raw.append(state['network'])
        assert equal(state_of(network), averages[-1])

    best = train(task, OPTIONS, tmp_path, on_epoch=keep)
    assert equal(state_of(best), averages[1])
    assert not equal(averages[1], raw[1])
    assert not any(module.training for module in best.modules())


def test_the_score_is_that_of_the_averaged_network(tmp_path: Path) -> None:
    """A network that training has just spoilt scores well as long as its average does."""
    validated: list[dict[str, Tensor]] = []

    class Watched(DrawnRooms):
        def validate(self, network: nn.Module, epoch: int, device: torch.device) -> dict[str, float]:
            validated.append(state_of(network))
            return super().validate(network, epoch, device)

    train(Watched(), replace(OPTIONS, epochs=1), tmp_path)
    state = torch.load(tmp_path / 'last.pt', weights_only=True)
    assert equal(validated[0], {k.removeprefix('module.'): v for k, v in state['ema'].items() if k != 'n_averaged'})


@pytest.mark.parametrize(('scores', 'patience', 'epochs'), [
    ([0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 2, 3),  # two epochs without a better score
    ([0.1, 0.2, 0.1, 0.3, 0.2, 0.1], 2, 6),
    ([0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 0, 6),  # 0 never stops
])
def test_patience_ends_a_training_that_gets_no_better(tmp_path: Path, scores: list[float], patience: int,
                                                      epochs: int) -> None:
    train(DrawnRooms(scores), replace(OPTIONS, patience=patience), tmp_path)
    assert len(history(tmp_path)) == epochs


@pytest.mark.parametrize(('scores', 'best'), [
    ([math.nan, 0.2, 0.1], 1),  # the first number beats a first NaN
    ([0.2, math.nan, 0.1], 0), ([0.2, 0.3, math.nan], 1),
    ([math.nan, math.nan, math.nan], 2),  # nothing to choose by: the last
])
def test_an_epoch_without_a_score_is_never_better_than_one_with(tmp_path: Path, scores: list[float],
                                                                best: int) -> None:
    averages = []

    def keep(history: list[dict[str, float]], network: nn.Module) -> None:
        averages.append(state_of(network))

    found = train(DrawnRooms(scores), replace(OPTIONS, epochs=3), tmp_path, on_epoch=keep)
    assert equal(state_of(found), averages[best])
    text = (tmp_path / 'history.json').read_text()
    assert 'NaN' not in text
    assert [row['score'] for row in json.loads(text)] == [None if math.isnan(one) else one for one in scores]


def test_a_training_may_stop_within_its_schedule_and_be_gone_on_with(tmp_path: Path) -> None:
    def rooms() -> DrawnRooms:
        torch.manual_seed(3)
        return DrawnRooms([0.1, 0.2, 0.3, 0.4])

    options = replace(OPTIONS, epochs=4)
    whole = train(rooms(), options, tmp_path / 'whole')
    train(rooms(), replace(options, stop_after=2), tmp_path / 'parts')
    assert history(tmp_path / 'parts') == history(tmp_path / 'whole')[:2]
    rest = train(rooms(), options, tmp_path / 'parts', resume=True)
    assert history(tmp_path / 'parts') == history(tmp_path / 'whole')
    assert equal(state_of(rest), state_of(whole))


def test_patience_counts_from_the_best_number(tmp_path: Path) -> None:
    train(DrawnRooms([math.nan, 0.3, math.nan, 0.2, 0.1, 0.9]), replace(OPTIONS, patience=2), tmp_path)
    assert len(history(tmp_path)) == 4


class Breaking(DrawnRooms):
    """Its loss is no number in some of the batches, counted from 1 over all epochs."""

    def __init__(self, value: float, batches: range) -> None:
        super().__init__()
        self.value, self.batches_spoilt, self.calls = value, batches, 0

    def loss(self, network: nn.Module, batch: Batch, device: torch.device) -> Tensor:
        """Return what is no number where told, having spoilt the statistics too."""
        self.calls += 1
        if self.calls not in self.batches_spoilt:
            return super().loss(network, batch, device)
        return super().loss(network, (batch[0] * self.value, batch[1]), device) * self.value


@pytest.mark.parametrize(('value', 'bf16', 'remedy'), [
    (math.nan, False, r'a lower --lr than 0.03, a longer --warmup\.$'),
    (math.inf, True, r'a longer --warmup, or --precision fp32\.$'),
])
def test_a_loss_that_is_no_number_ends_with_what_to_lower(tmp_path: Path, value: float, bf16: bool,
                                                          remedy: str) -> None:
    with pytest.raises(SettingError, match=r'broke down in epoch 1, batch 2: the loss is nan') as caught:
        train(Breaking(value, range(1, 99)), replace(OPTIONS, bf16=bf16), tmp_path)
    assert re.search(remedy, str(caught.value))


def test_a_spoilt_batch_is_left_out_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    best = train(Breaking(math.nan, range(4, 5)), OPTIONS, tmp_path)
    assert all(value.isfinite().all() for value in best.state_dict().values())
    assert len(history(tmp_path)) == 6
    assert 'Left out of epoch 2, batch 2: the loss is nan' in caplog.text


def test_a_run_that_breaks_down_later_keeps_its_best(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    best = train(Breaking(math.nan, range(5, 99)), OPTIONS, tmp_path)
    assert all(value.isfinite().all() for value in best.state_dict().values())
    assert len(history(tmp_path)) == 2
    assert 'The best of 2 epochs is kept' in caplog.text


def test_a_resumed_training_stops_where_it_would_have(tmp_path: Path) -> None:
    """Patience looks at the epochs before the kill as well."""
    scores, options = [0.1, 0.5, 0.4, 0.3, 0.2, 0.1], replace(OPTIONS, patience=3)
    torch.manual_seed(0)
    whole = train(DrawnRooms(scores), options, tmp_path / 'whole')
    torch.manual_seed(0)
    victim = DrawnRooms(scores)
    victim.kill_in = (3, 1)
    with pytest.raises(Killed):
        train(victim, options, tmp_path / 'killed')
    resumed = train(DrawnRooms(scores), options, tmp_path / 'killed', resume=True)
    assert len(history(tmp_path / 'killed')) == 5
    assert history(tmp_path / 'killed') == history(tmp_path / 'whole')
    assert equal(state_of(resumed), state_of(whole))


def test_each_epoch_is_reported(tmp_path: Path) -> None:
    reported: list[dict[str, float]] = []
    task = DrawnRooms()
    untrained = task.validate(copy.deepcopy(task.network), 0, torch.device('cpu'))
    train(task, replace(OPTIONS, epochs=3), tmp_path,
          on_epoch=lambda history, network: reported.append(history[-1]))
    assert [scores['epoch'] for scores in reported] == [0, 1, 2]
    assert reported == history(tmp_path)
    assert {'epoch', 'loss', 'score', 'accuracy'} == reported[0].keys()
    assert json.loads((tmp_path / 'start.json').read_text()) == untrained  # before the first of them


def test_the_configuration_used_is_written_down(tmp_path: Path) -> None:
    train(DrawnRooms(), replace(OPTIONS, epochs=1), tmp_path, recipe={'images': tmp_path / 'a', 'size': (64, 48)})
    table = yaml.safe_load((tmp_path / 'configuration.yaml').read_text())
    assert table['recipe'] == {'images': f'{tmp_path}/a', 'size': [64, 48]}
    assert TrainingOptions(**table['options']) == replace(OPTIONS, epochs=1)
    assert table['seg_ros'] == __version__


def test_a_folder_that_holds_a_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    train(DrawnRooms(), replace(OPTIONS, epochs=1), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(DataError, match=f'{tmp_path} already holds a training run. Add --resume'):
        train(DrawnRooms(), OPTIONS, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize('folder', ['empty', 'missing'])
def test_nothing_to_resume_is_refused(tmp_path: Path, folder: str) -> None:
    (tmp_path / 'empty').mkdir()
    with pytest.raises(DataError, match=f'no training run to resume in {tmp_path}/{folder}. Start it without --resume'):
        train(DrawnRooms(), OPTIONS, tmp_path / folder, resume=True)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-500])


def of_another_network(path: Path) -> None:
    state = torch.load(path, weights_only=True)
    state['network'].popitem()
    torch.save(state, path)


@pytest.mark.parametrize(('spoil', 'reason'), [
    (cut_off, r'\S'), (of_another_network, r'Missing key\(s\) in state_dict: "\S*bias"'),
    (lambda path: path.write_bytes(b''), r'\S'), (lambda path: torch.save([1], path), r'\S')],
    ids=['cut off', 'of another network', 'empty', 'no checkpoint'])
def test_a_run_that_cannot_be_gone_on_with_is_named(tmp_path: Path, spoil: Callable[[Path], None],
                                                    reason: str) -> None:
    train(DrawnRooms(), replace(OPTIONS, stop_after=1), tmp_path)
    spoil(tmp_path / 'last.pt')
    with pytest.raises(DataError, match=rf'last.pt cannot be gone on with \(.*{reason}.*\)\. '
                                        'It is damaged, or its network is another by now: start again'):
        train(DrawnRooms(), OPTIONS, tmp_path, resume=True)


def test_a_run_is_not_gone_on_with_otherwise(tmp_path: Path) -> None:
    """What differs is named; how long, where and with how many threads may."""
    recipe = {'images': 'a'}
    train(DrawnRooms(), replace(OPTIONS, stop_after=1), tmp_path, recipe=recipe)
    with pytest.raises(DataError, match=r'was begun otherwise: images was a and is b; lr was 0.03 and is 0.01\.'):
        train(DrawnRooms(), replace(OPTIONS, lr=0.01), tmp_path, resume=True, recipe={'images': 'b'})
    train(DrawnRooms(), replace(OPTIONS, stop_after=2, workers=2, patience=5), tmp_path, resume=True, recipe=recipe)
    assert len(history(tmp_path)) == 2


def test_a_finished_run_resumed_gives_its_best_again(tmp_path: Path) -> None:
    best = state_of(train(DrawnRooms(), OPTIONS, tmp_path))
    steps: list[int] = []
    task = DrawnRooms()
    task.loss = lambda *arguments: steps.append(1)  # type: ignore[assignment,method-assign]
    assert equal(state_of(train(task, OPTIONS, tmp_path, resume=True)), best)
    assert steps == []


def test_a_kill_while_writing_leaves_the_last_checkpoint_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(DrawnRooms(), replace(OPTIONS, epochs=3, stop_after=2), tmp_path)
    save: Callable[..., None] = torch.save

    def half(state: Any, path: Path) -> None:
        save(state, path)
        path.write_bytes(path.read_bytes()[:100])
        raise Killed

    monkeypatch.setattr(torch, 'save', half)
    with pytest.raises(Killed):
        train(DrawnRooms(), replace(OPTIONS, epochs=3), tmp_path, resume=True)
    monkeypatch.undo()
    train(DrawnRooms(), replace(OPTIONS, epochs=3), tmp_path, resume=True)
    assert len(history(tmp_path)) == 3


@pytest.mark.parametrize(('step', 'rate'), [
    (0, 0.25), (3, 1.0),  # four steps of warming up
    (4, 1.0), (8, 0.5), (12, 0.0),  # half a cosine over the other eight
    (6, 0.5 * (1 + math.cos(math.pi / 4))), (20, 0.0),
])
def test_the_rate_warms_up_and_falls_along_a_cosine(step: int, rate: float) -> None:
    assert _warm_cosine(step, total=12, warmup=4) == pytest.approx(rate)


def test_bf16_learns_too(tmp_path: Path) -> None:
    task = DrawnRooms()
    best = train(task, replace(OPTIONS, epochs=8, bf16=True), tmp_path)
    assert task.validate(best, 0, torch.device('cpu'))['accuracy'] > 0.9
    assert {parameter.dtype for parameter in best.parameters()} == {torch.float32}
