# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The training loop: epochs, schedule, moving average, checkpoints that resume exactly."""

from __future__ import annotations

import json
import logging
import math
import os
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import yaml
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from seg_ros import __version__
from seg_ros.errors import DataError, SettingError
from seg_ros.lab.training_options import TrainingOptions

if TYPE_CHECKING:
    from seg_ros.lab.task import SegmentationTask

log = logging.getLogger(__name__)

CONFIGURATION = 'configuration.yaml'
START = 'start.json'

MAY_DIFFER = {'patience', 'stop_after', 'workers', 'device'}
"""Options with which a run may be gone on with that were others when it began."""

MOST_SPOILT = 5
"""Batches in a row whose loss is no number; the run ends with the next."""

History = list[dict[str, float]]
"""The scores of each epoch, oldest first: ``epoch``, ``loss``, ``score`` and what the task measures."""


def train(task: SegmentationTask[Any, Any], options: TrainingOptions, folder: Path, *, resume: bool = False,
          recipe: Mapping[str, Any] | None = None,
          on_epoch: Callable[[History, nn.Module], None] | None = None) -> nn.Module:
    """
    Train and return the averaged network of the best epoch.

    Writes ``configuration.yaml`` into the folder first, where the epochs are watched ``start.json``, the scores before
    the first of them, and ``last.pt`` (everything needed to go on), ``best.pt``
    (averaged weights) and ``history.json`` after each epoch. Interrupting loses at most the running epoch. A batch
    whose loss or gradient is no number is left out; where several follow each other the run ends with the best epoch
    so far.

    :param options: epochs and batch are decided, see ``TrainingOptions.for_images``.
    :param recipe: what is trained on what, by name, for the configuration.
    :param on_epoch: told after each epoch the scores so far, oldest first, and the averaged network.
    :param resume: go on after the last finished epoch in the folder; the result equals that of a run
        that was never interrupted.
    :raises DataError: when there is nothing to resume, it was begun otherwise, or the folder already holds a run.
    :raises SettingError: when the loss is no number any more in the first epoch.
    """
    refuse_other_run(folder, resume=resume)
    run = _Run(task, options, folder)
    run.restore(recipe or {}) if resume else run.begin(recipe or {}, is_measured=on_epoch is not None)
    while not run.finished:
        try:
            run.epoch_of_training()
        except SettingError as error:
            if not run.history:
                raise
            log.error('%s The best of %d epochs is kept.', error, len(run.history))
            break
        if on_epoch is not None:
            on_epoch(run.history, run.ema.module)
    return run.best()


def refuse_other_run(folder: Path, *, resume: bool) -> None:
    """
    Look whether a training can begin, or go on, in a folder.

    :raises DataError: when it cannot.
    """
    if resume and not (folder / 'last.pt').is_file():
        raise DataError(f'there is no training run to resume in {folder}', 'start it without --resume')
    if not resume and (folder / 'last.pt').exists():
        raise DataError(f'{folder} already holds a training run',
                        'add --resume to go on with it, or choose another --out')


class _Run:
    def __init__(self, task: SegmentationTask[Any, Any], options: TrainingOptions, folder: Path) -> None:
        self.steps = task.steps_per_epoch(options)
        total = self.steps * options.epochs
        self.task, self.options, self.folder = task, options.fitted(total), folder
        self.device = torch.device(options.device)
        torch.manual_seed(options.seed)
        task.network.to(self.device).to(memory_format=torch.channels_last)
        self.ema = AveragedModel(task.network, multi_avg_fn=get_ema_multi_avg_fn(self.options.ema_decay or 0.0),
                                 use_buffers=True)
        groups = task.parameter_groups(options.lr)
        self.optimizer = torch.optim.AdamW(groups, lr=options.lr, weight_decay=options.weight_decay)
        warmup = self.options.warmup_steps or 0
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: _warm_cosine(step, total, warmup))
        self.history: History = []

    def begin(self, recipe: Mapping[str, Any], *, is_measured: bool) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        table = {'seg_ros': __version__, 'torch': str(torch.__version__), **self._configuration(recipe)}
        (self.folder / CONFIGURATION).write_text(yaml.safe_dump(table, sort_keys=False, width=110))
        if is_measured:
            scores = _as_json(self.task.validate(self.ema.module, 0, self.device))
            (self.folder / START).write_text(json.dumps(scores, indent=1, allow_nan=False))

    def _configuration(self, recipe: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        return {'recipe': _plain(recipe), 'options': _plain(asdict(self.options))}

    def restore(self, recipe: Mapping[str, Any]) -> None:
        path = self.folder / 'last.pt'
        self._refuse_other_settings(recipe)
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            self.task.network.load_state_dict(state['network'])
            self.ema.load_state_dict(state['ema'])
            self.optimizer.load_state_dict(state['optimizer'])
            self.schedule.load_state_dict(state['schedule'])
            self.history = state['history']
        except Exception as error:  # torch raises a dozen kinds for a damaged file or another network
            reason = textwrap.shorten(str(error), 200, placeholder=' …') or type(error).__name__
            raise DataError(f'the training run {path} cannot be gone on with ({reason})',
                            'it is damaged, or its network is another by now: start again in another --out') from error

    def _refuse_other_settings(self, recipe: Mapping[str, Any]) -> None:
        """Refuse to go on with other data, network or options than the run was begun with."""
        path = self.folder / CONFIGURATION
        try:
            begun = yaml.safe_load(path.read_text(encoding='utf-8'))
            before = {**begun['recipe'], **begun['options']}
        except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError) as error:
            raise DataError(f'{path} does not say how the run was begun ({" ".join(str(error).split())})',
                            'start again in another --out') from error
        asked = self._configuration(recipe)
        now = {**asked['recipe'], **asked['options']}
        others = [f'{key} was {before.get(key)} and is {now.get(key)}' for key in {**before, **now}
                  if key not in MAY_DIFFER and before.get(key) != now.get(key)]
        if others:
            raise DataError(f'the run in {self.folder} was begun otherwise: {"; ".join(others)}',
                            'resume with the options it was begun with, or start again in another --out')

    @property
    def finished(self) -> bool:
        best = max(range(len(self.history)), key=lambda k: _rank(self.history[k]), default=0)
        stalled = bool(self.options.patience) and len(self.history) - 1 - best >= self.options.patience
        return len(self.history) >= (self.options.stop_after or self.options.epochs) or stalled

    def epoch_of_training(self) -> None:
        epoch = len(self.history)
        torch.manual_seed(hash((self.options.seed, epoch)) & 0x7FFFFFFF)
        self.task.begin_epoch(epoch)
        mean_loss = self._steps_of(epoch)
        scores = {'epoch': float(epoch), 'loss': mean_loss,
                  **self.task.validate(self.ema.module, epoch, self.device)}
        self.history.append(scores)
        self._save(is_best=_rank(scores) >= max(_rank(h) for h in self.history))

    def _steps_of(self, epoch: int) -> float:
        self.task.network.train()
        losses: list[float] = []
        spoilt = 0
        bar = tqdm(self.task.batches(epoch, self.options), total=self.steps, unit='batch',
                   desc=f'epoch {epoch + 1}/{self.options.epochs}', dynamic_ncols=True, mininterval=1.0)
        for number, batch in enumerate(bar, start=1):
            loss, norm = self._gradient_of(batch)
            if math.isfinite(loss) and math.isfinite(norm):
                self.optimizer.step()
                self.schedule.step()
                self.ema.update_parameters(self.task.network)
                losses.append(loss)
                spoilt = 0
                bar.set_postfix(loss=f'{np.mean(losses[-50:]):.3f}', refresh=False)
            else:
                spoilt += 1
                self._leave_out(f'epoch {epoch + 1}, batch {number}: the loss is {loss:g}, the length of its gradient '
                                f'{norm:g}', is_too_many=spoilt > MOST_SPOILT or (number == self.steps and not losses))
        return float(np.mean(losses))

    def _gradient_of(self, batch: Any) -> tuple[float, float]:
        """Return the loss of a batch and the length of its gradient, which is with the parameters then."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.bf16):
            loss = self.task.loss(self.task.network, batch, self.device)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        return float(loss.detach()), float(nn.utils.clip_grad_norm_(self.task.network.parameters(), 5.0))

    def _leave_out(self, what: str, *, is_too_many: bool) -> None:
        """Take no step, which would turn every weight into NaN, and mend the statistics that the batch spoilt."""
        narrow = ', or --precision fp32' if self.options.bf16 else ''
        if is_too_many:
            raise SettingError(f'the training broke down in {what}',
                               f'start again in another --out with a lower --lr than {self.options.lr:g}, a longer '
                               f'--warmup{narrow}')
        log.warning('Left out of %s', what)
        for buffer, average in zip(self.task.network.buffers(), self.ema.module.buffers(), strict=True):
            if not buffer.isfinite().all():
                buffer.copy_(average)

    def _save(self, *, is_best: bool) -> None:
        state = {'network': self.task.network.state_dict(), 'ema': self.ema.state_dict(),
                 'optimizer': self.optimizer.state_dict(), 'schedule': self.schedule.state_dict(),
                 'history': self.history}
        _write_whole(self.folder / 'last.pt', state)
        if is_best:
            _write_whole(self.folder / 'best.pt', self.ema.module.state_dict())
        (self.folder / 'history.json').write_text(json.dumps([_as_json(h) for h in self.history], indent=1,
                                                             allow_nan=False))

    def best(self) -> nn.Module:
        weights = torch.load(self.folder / 'best.pt', map_location=self.device, weights_only=True)
        self.ema.module.load_state_dict(weights)
        network: nn.Module = self.ema.module.eval()
        return network


def _rank(scores: dict[str, float]) -> float:
    """Return the score by which epochs are compared; one that is NaN is worse than any number."""
    return -math.inf if math.isnan(scores['score']) else scores['score']


def _as_json(scores: dict[str, float]) -> dict[str, float | None]:
    """Return null for what is no number: JSON has no NaN."""
    return {name: value if math.isfinite(value) else None for name, value in scores.items()}


def _plain(value: Any) -> Any:
    """Return what YAML can say: lists for tuples, text for paths."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (bool, int, float)) or value is None else str(value)


def _warm_cosine(step: int, total: int, warmup: int) -> float:
    """Rise linearly for the first steps, then fall to zero along a half cosine (Loshchilov & Hutter 2017)."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, total - warmup))))


def _write_whole(path: Path, state: dict[str, Any]) -> None:
    """Write to a file beside it and rename, so that a kill never leaves half a checkpoint."""
    part = path.with_suffix('.part')
    torch.save(state, part)
    os.replace(part, path)
