# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Measure what each mode costs on this machine, stage by stage, and say which mode and runtime suit it.

Pictures come as messages, one after the other, and go through what the node uses: decoding, models, tracking,
messages, publishers. Each column of the table is a process of its own, so that no number is mixed with another's.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from rich.table import Table
from tqdm import tqdm

from seg_ros.cli.arguments import count, device, new_file, size
from seg_ros.cli.tables import UNKNOWN, figure, show, table, write_json
from seg_ros.errors import SegRosError
from seg_ros.lab.benchmark import Cost, Ends, NoMessages, Spread, advice, cost_of, device_for, sized_pictures
from seg_ros.lab.evaluation import Progress
from seg_ros.lab.export import exported_for
from seg_ros.models.catalog import entry_of
from seg_ros.records import Mode
from seg_ros.settings import Settings
from seg_ros.stages import STAGES

MEASURED = {Mode.SEMANTIC: ('mask', 'confidence'), Mode.INSTANCE: ('instances', 'instance_ids')}
RUNTIMES = ('torch', 'onnx')

BESIDE = 4
"""So many columns are at most in a table: a terminal of 80 shows them whole."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    several: dict[str, Any] = {'nargs': '+', 'metavar': 'WORD'}
    parser.add_argument('--mode', choices=[m.value for m in Mode], default=[], **several,
                        help='semantic, instance, panoptic; without it every mode of the models')
    parser.add_argument('--model', nargs='+', default=[], metavar='NAME',
                        help='models in the words of semantic_model and instance_model; without it the default ones')
    parser.add_argument('--runtime', choices=RUNTIMES, default=['torch'], **several,
                        help='torch, onnx: the latter exports the models first, for pictures of this size')
    parser.add_argument('--precision', choices=('auto', 'fp32', 'bf16', 'fp16'), default=['auto'], **several,
                        help='auto, fp32, bf16, fp16')
    parser.add_argument('--device', type=device, default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--size', type=size, default='640x480', metavar='WxH', help='WIDTHxHEIGHT of the pictures')
    parser.add_argument('--images', type=Path, help='a folder whose first pictures are shown; without it drawn ones, '
                                                    'in which hardly an object is found')
    parser.add_argument('--frames', type=count, default=40, help='pictures measured per column')
    parser.add_argument('--outputs', nargs='+', default=[], metavar='TOPIC',
                        help='what somebody subscribes to: mask confidence instances instance_ids instance_masks '
                             'overlay; without it the first two, the second two, or all four, by mode')
    parser.add_argument('--json', type=new_file, help='write the numbers into this file as well')
    parser.add_argument('--column', help=argparse.SUPPRESS)  # of the process that measures one


@dataclass(frozen=True)
class _Column:
    """What is measured in one process."""

    mode: str
    models: tuple[str, ...]
    runtime: str
    precision: str


def run(options: argparse.Namespace) -> int:
    """Measure, print the table and what it means, and return 0."""
    if options.column:
        _write(options.json, [_measured(_Column(**json.loads(options.column)), options)])
        return 0
    columns = list(_columns(options))
    costs = [_measured(columns[0], options)] if len(columns) == 1 else [_apart(one, options) for one in columns]
    if options.json:
        _write(options.json, costs)
    show(*_tables(costs, f'{_words(options.size)} pictures{f" of {options.images}" if options.images else ""}'))
    for line in advice(costs):
        print(line)
    return 0


def _columns(options: argparse.Namespace) -> Iterator[_Column]:
    """Yield what is to be measured: every mode with every model that can do it, or else with the default model."""
    default = Settings()
    by_part = {Mode.SEMANTIC: [default.semantic_model], Mode.INSTANCE: [default.instance_model]}
    modes = [Mode(word) for word in options.mode]
    if options.model:
        able = {name: entry_of(name).modes for name in options.model}
        given = {part: [name for name in able if part.value in able[name]] for part in by_part}
        modes = modes or [mode for mode in Mode if all(given[part] for part in _parts(mode))]
        by_part = {part: given[part] or by_part[part] for part in by_part}
    for mode in modes or Mode:
        for models in product(*(by_part[part] for part in _parts(mode))):
            exported = all(name.startswith('onnx:') for name in models)  # torch cannot run these
            for runtime, precision in product(('onnx',) if exported else options.runtime, options.precision):
                yield _Column(mode.value, models, runtime, precision)


def _parts(mode: Mode) -> tuple[Mode, ...]:
    """Return the kinds of model a mode is made of."""
    return (Mode.SEMANTIC, Mode.INSTANCE) if mode is Mode.PANOPTIC else (mode,)


def _apart(column: _Column, options: argparse.Namespace) -> Cost:
    """Measure a column in a process of its own; its errors and its progress are shown as they come."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'cost.json'
        images = ['--images', str(options.images)] if options.images else []
        outputs = ['--outputs', *options.outputs] if options.outputs else []
        on = device_for(options.device, column.runtime, column.models)
        command = [sys.executable, '-m', 'seg_ros.cli.main', 'bench', '--column', json.dumps(asdict(column)),
                   '--device', on, '--size', _words(options.size), '--frames', str(options.frames),
                   '--json', str(path), *images, *outputs]
        status = subprocess.run(command, start_new_session=True, check=False).returncode  # Ctrl-C is for us alone
        if status:
            raise SegRosError(f'{column.mode} with {" and ".join(column.models)} was not measured',
                              'the line above says why')
        return _cost(json.loads(path.read_text())['costs'][0])


def _measured(column: _Column, options: argparse.Namespace) -> Cost:
    settings = Settings().changed({'mode': column.mode, 'device': options.device, 'precision': column.precision})
    outputs = options.outputs or [name for part in _parts(Mode(column.mode)) for name in MEASURED[part]]
    with _runnable(column, settings, options.size) as models, _ends(outputs) as ends:
        knobs = {f'{part.value}_model': name for part, name in zip(_parts(Mode(column.mode)), models)}
        pictures = sized_pictures(options.images, options.size)
        cost = cost_of(settings.changed(knobs), pictures, ends, frames=options.frames, runtime=column.runtime,
                       progress=_progress(column))
    return replace(cost, models=column.models)


@contextmanager
def _runnable(column: _Column, settings: Settings, size: tuple[int, int]) -> Iterator[tuple[str, ...]]:
    """Yield the names by which the models run in the runtime; what is exported for it is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield tuple(name if column.runtime == 'torch' else exported_for(name, Path(folder) / f'{k}.onnx', size)
                    for k, name in enumerate(column.models))


@contextmanager
def _ends(outputs: Sequence[str]) -> Iterator[Ends]:
    """Yield the node's own way in and out, or without ROS none, and say so."""
    try:
        from seg_ros.live.loopback import Loopback
        from seg_ros.live.processes import isolated_environment, own_domain
    except ModuleNotFoundError as error:
        print(f"decode, encode and publish are left out: the Python package '{error.name}' of ROS 2 is not here",
              file=sys.stderr)
        yield NoMessages()
        return
    with own_domain() as domain:
        os.environ.update(isolated_environment(domain))
        with Loopback(outputs, domain) as loopback:
            yield loopback


def _progress(column: _Column) -> Progress:
    return partial(tqdm, unit='frame', desc=f'{column.mode} {column.runtime} {column.precision}', leave=False)


def _write(path: Path, costs: Sequence[Cost]) -> None:
    write_json(path, {'costs': [asdict(cost) for cost in costs], 'advice': advice(costs)})


def _cost(table: dict[str, Any]) -> Cost:
    """Return a cost that was written."""
    stages = {name: Spread(**value) for name, value in table['stages'].items()}
    device_mib = float('nan') if table['device_mib'] is None else table['device_mib']
    return Cost(**{**table, 'models': tuple(table['models']), 'size': tuple(table['size']), 'stages': stages,
                   'frame': Spread(**table['frame']), 'device_mib': device_mib})


def _tables(costs: Sequence[Cost], title: str) -> Iterator[Table]:
    """Yield the costs in tables of one column each, as many beside each other as fit."""
    count = math.ceil(len(costs) / BESIDE)
    for k in range(count):
        yield _table(costs[k * len(costs) // count:(k + 1) * len(costs) // count], title)


def _table(costs: Sequence[Cost], title: str) -> Table:
    """Return one column per cost: what a stage takes, and what all of them do."""
    heads = ('\n'.join((cost.mode, *cost.models, f'{cost.runtime} {cost.precision}', cost.device)) for cost in costs)
    stages = [(name, *(_spread(cost.stages.get(name)) for cost in costs))
              for name in STAGES if any(name in cost.stages for cost in costs)]
    rows = [*stages, None, ('whole frame', *(_spread(cost.frame) for cost in costs)),
            ('frames per second', *(f'{cost.rate_hz:.1f}' for cost in costs)),
            ('memory (MiB)', *(f'{cost.memory_mib:.0f}' for cost in costs))]
    if any(cost.device_mib == cost.device_mib for cost in costs):
        rows += [('of the GPU (MiB)', *(figure(cost.device_mib, '.0f') for cost in costs))]
    return table(title, ('stage', *heads), rows, caption='milliseconds: median/95th percentile')


def _words(size: tuple[int, int]) -> str:
    return f'{size[0]}x{size[1]}'


def _spread(one: Spread | None) -> str:
    return UNKNOWN if one is None else f'{_ms(one.p50_ms)}/{_ms(one.p95_ms)}'


def _ms(value: float) -> str:
    return f'{value:.1f}' if value < 100.0 else f'{value:.0f}'
