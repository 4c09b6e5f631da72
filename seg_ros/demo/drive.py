# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Plays a source through the real nodes, in processes of their own, and records what they answer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from seg_ros.demo.page import Run
from seg_ros.demo.scheduled_settings import ScheduledSettings, Step
from seg_ros.errors import SegRosError
from seg_ros.live.monitor import Monitor
from seg_ros.live.played_node import AS_CAMERA
from seg_ros.live.processes import NodeProcess, isolated_environment, own_domain
from seg_ros.player.bag_source import BagSource
from seg_ros.player.played_frames import Source
from seg_ros.player.sources import ImageFiles, follows
from seg_ros.recordings.recorder import OVERLAY, Recorder

START_PATIENCE_S = 300.0
QUIET_PATIENCE_S = 20.0
RECORDED_IN_IMAGE = ('mask', 'instances', 'instance_ids', OVERLAY)
RECORDED_IN_SPACE = ('obstacles', 'ground', 'objects')
NODE = '/segmentation'


@dataclass(frozen=True)
class Play:
    """What is played, by which device it is answered, and where the results go."""

    source: str
    device: str
    rate: float
    count: int
    out: Path


def driven(play: Play, source: Source, steps: Sequence[Step], console: Console) -> Run:
    """
    Play the source and return what was recorded; both nodes have ended then, so that drawing disturbs nothing.

    :raises SegRosError: when a node does not start, or nothing was answered.
    """
    values: dict[str, str] = {}
    interrupted, has_depth = False, _has_depth(source)
    with own_domain() as domain, ExitStack() as stack:
        environment = isolated_environment(domain)
        node = stack.enter_context(NodeProcess('segmentation', _node_arguments(play, source, steps[0]), environment,
                                               play.out / 'segmentation.log'))
        monitor = stack.enter_context(Monitor(NODE, domain))
        outputs = (*RECORDED_IN_IMAGE, *(RECORDED_IN_SPACE if has_depth else ()))
        recorder = stack.enter_context(Recorder(play.out / 'recording', NODE, domain, outputs))
        schedule = ScheduledSettings(recorder.node, NODE, steps)
        recorder.at = schedule.at
        started_s = time.monotonic()
        with console.status('loading the model'):
            _wait_until_ready(node, monitor)
        console.print(f'the model was loaded within {time.monotonic() - started_s:.0f} s', highlight=False)
        recorder.watch()
        player = stack.enter_context(NodeProcess('player', _player_arguments(play, source), environment,
                                                 play.out / 'player.log'))
        try:
            _watch(node, player, monitor, recorder, schedule, console)
        except KeyboardInterrupt:
            if not recorder.answers:
                raise
            interrupted = True
        values = dict(monitor.values)
    if not interrupted:
        _judge(recorder, node, player, values)
    truth = Path(play.source) if isinstance(source, BagSource) else None
    return Run(play.out / 'recording', NODE, source.words, truth, values, interrupted, tuple(schedule.changes),
               recorder.images, has_depth)


def _has_depth(source: Source) -> bool:
    if source.live:
        return False
    if isinstance(source, BagSource):
        return bool(source.topics.depth)
    first = next(iter(source.frames()), None)
    return first is not None and first.depth is not None


def _node_arguments(play: Play, source: Source, step: Step) -> list[str]:
    given = [word for name, value in step.settings.items() for word in ('-p', f'{name}:={value}')]
    return [*given, '-p', f'device:={play.device}', '-p', f'tracking:={str(follows(source)).lower()}', *AS_CAMERA]


def _player_arguments(play: Play, source: Source) -> list[str]:
    answers = f'{NODE}/{OVERLAY}' if isinstance(source, ImageFiles) else ''  # one by one, all of them
    return ['-p', f'answers:="{answers}"', '-p', f'count:={play.count}', '-p', f'source:="{play.source}"',
            '-p', f'rate:={float(play.rate)}',
            '-p', 'loop:=false', '-p', 'wait_for_subscriber:=true',
            '-p', 'subscribers:=2', *AS_CAMERA]  # the node and the recorder


def _wait_until_ready(node: NodeProcess, monitor: Monitor) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while not monitor.ready.wait(0.1):
        if monitor.refused:
            raise SegRosError(f'the node cannot be configured: {monitor.refused}'.removesuffix('.'))
        if node.status is not None or time.monotonic() > deadline:
            ended = node.status is not None
            raise SegRosError(f'the node {"ended" if ended else f"was not ready within {START_PATIENCE_S:.0f} s"}. '
                              f'{_said(node)}')


def _said(node: NodeProcess) -> str:
    return f'Its whole log is {node.log}, which ends with:\n{node.last_words().rstrip().removesuffix(".")}'


def _watch(node: NodeProcess, player: NodeProcess, monitor: Monitor, recorder: Recorder, schedule: ScheduledSettings,
           console: Console) -> None:
    """Show the table until the player has ended and its last picture is answered; the first of all is told."""
    recorder.heard_s = started_s = time.monotonic()
    untold = {'image': lambda: recorder.images, 'answer': lambda: recorder.answers}
    values = monitor.values
    with Live(_table(values, 0), console=console, refresh_per_second=2) as live:
        while node.status is None:
            for what in [name for name, number in untold.items() if number()]:
                console.print(f'the first {what} came after {time.monotonic() - started_s:.1f} s', highlight=False)
                del untold[what]
            if player.status is None:  # afterwards the rates only fall
                values = monitor.values
            live.update(_table(values, recorder.answers))
            is_over = player.status is not None and not schedule.waiting  # a switch may outlast a short recording
            if time.monotonic() - max(recorder.heard_s, schedule.heard_s) > (1.5 if is_over else QUIET_PATIENCE_S):
                break
            time.sleep(0.1)
    if not console.is_terminal:  # where rich does not end the line
        console.print()


def _judge(recorder: Recorder, node: NodeProcess, player: NodeProcess, values: Mapping[str, str]) -> None:
    if player.status not in (0, None):
        raise SegRosError(f'the player failed. {_said(player)}')
    if recorder.answers == 0:
        raise SegRosError(f'nothing was segmented: {values.get("received", "0")} images reached the node, '
                          f'last error: {values.get("last error") or "none"}. {_said(node)}')


def _table(values: Mapping[str, str], answered: int) -> Table:
    title = ' · '.join(values.get(key, '–') for key in ('model', 'mode', 'device', 'precision'))
    table = Table(title=title, min_width=min(len(title) + 2, 80))
    table.add_column('', overflow='fold')
    for name in ('now', 'ever'):
        table.add_column(name, justify='right')
    for key in ('input rate (Hz)', 'output rate (Hz)', 'latency p50 (ms)', 'latency p95 (ms)'):
        table.add_row(key, values.get(key, '–'))
    for key in ('dropped', 'undecodable'):
        table.add_row(key, '', values.get(key, '–'))
    table.add_row('answered', '', str(answered))
    table.add_section()
    for key, value in values.items():
        if key.startswith('share of '):
            table.add_row(key.removesuffix(' (%)'), f'{value} %')
        elif key.endswith(' ever'):
            name = key.removesuffix(' ever')
            table.add_row(name, values.get(f'{name} now', '0'), value)
    return table
