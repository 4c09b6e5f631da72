# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Our node beside the usual node of the field (usual_node.py) with the same ONNX file, threads and camera.

Method: the network is a small one with random weights whose logits are as sure as those of a trained one; it takes
pictures of the camera's size, and gives logits of a quarter of it, or, stride 1, of that size. Both nodes have the same
threads, answer the same camera, faster than they are, to the same listener to mask and confidence, and keep every word
of the network apart (``--merged``: ours merges them into the classes of the taxonomy ``indoor``, as on a robot). The
usual node runs in one callback, with ONNX Runtime's defaults. They run in turn, never at once, each as a process of its
own; then both again beside busy processes. Medians of the rounds are printed; CPU is what the process computed per
answer, on all cores.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from node import LABELS, measured
from random_network import normalised, save_network, save_taxonomy
from stand import (
    HERE,
    Listener,
    Stand,
    busy,
    counted,
    medians,
    parser_of,
    resized_picture,
    size_of,
    stand,
    words_of,
    write,
)


@dataclass(frozen=True)
class Case:
    """What is compared, and how."""

    network: Path
    taxonomy: str
    size: tuple[int, int]
    seconds: float
    threads: int
    rate_hz: float
    depth: int
    picture: Path


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__, seconds=8.0, rounds=3)
    parser.add_argument('--size', default='640x480')
    parser.add_argument('--classes', nargs='+', type=int, default=[12, 150])
    parser.add_argument('--merged', action='store_true', help='ours merges the words into robot classes')
    parser.add_argument('--strides', nargs='+', type=int, choices=(1, 4), default=[4, 1],
                        help='of the logits of the network; 1: it enlarges them itself')
    parser.add_argument('--layers', type=int, default=4, help='of 32 channels')
    parser.add_argument('--rate', type=float, default=30.0, help='of the camera, in Hz: faster than the nodes')
    parser.add_argument('--depth', type=int, default=5, help='of the usual subscription; 5 is that of sensor data')
    parser.add_argument('--busy', nargs='+', type=int, default=[0, 2], help='processes that spin beside both')
    options = parser.parse_args()
    size, rows = size_of(options.size), []
    print(f'{options.size}, {options.threads} threads, camera {options.rate:g} Hz, {counted(options.rounds)} '
          f'of {options.seconds:g} s, words {"merged" if options.merged else "kept apart"}')
    print(f'{"":<19} | {"our node":^24} | {"usual node":^24} | {"ours ÷ usual":^20}')
    columns = f'{"Hz":>6} {"p95 ms":>8} {"CPU ms":>8}'
    print(f'{"classes stride busy":<19} | {columns} | {columns} | {"rate":>6} {"p95":>6} {"CPU":>6}')
    with tempfile.TemporaryDirectory() as folder:
        picture = normalised(resized_picture(options.picture, size))
        for classes, stride in product(options.classes, options.strides):
            network, taxonomy = Path(folder) / f'{classes}.onnx', Path(folder) / f'{classes}.yaml'
            save_network(network, classes, size, picture, stride=stride, depth=options.layers)
            save_taxonomy(taxonomy, classes)
            case = Case(network, 'indoor' if options.merged else str(taxonomy), size, options.seconds,
                        options.threads, options.rate, options.depth, options.picture)
            for count in options.busy:
                with busy(count):
                    row = {'classes': classes, 'busy': count, 'size': words_of(size), 'stride': stride,
                           'merged': options.merged, 'depth': options.depth, **compared(case, options.rounds)}
                rows.append(row)
                print(line(row), flush=True)
    write(options.json, rows)


def line(row: dict[str, Any]) -> str:
    """Return one line of the table."""
    sides = [f'{row[f"{side}rate_hz"]:6.1f} {row[f"{side}p95_ms"]:8.1f} {row[f"{side}cpu_ms"]:8.1f}'
             for side in ('', 'usual_')]
    return (f'{row["classes"]:>7} {row["stride"]:>6} {row["busy"]:>4} | {sides[0]} | {sides[1]} '
            f'| {row["rate"]:6.2f} {row["p95"]:6.2f} {row["cpu"]:6.2f}')


def compared(case: Case, rounds: int) -> dict[str, float]:
    """Return the numbers of both nodes and their ratios."""
    seen = medians([_of('segmentation', case) | {f'usual_{name}': value for name, value in _of('usual', case).items()}
                    for _ in range(rounds)])
    ratios = {short: seen[name] / seen[f'usual_{name}']
              for short, name in (('rate', 'rate_hz'), ('p95', 'p95_ms'), ('cpu', 'cpu_ms'))}
    return seen | ratios


def _of(name: str, case: Case) -> dict[str, float]:
    """Return what one node did in one round."""
    topics = {f'/{name}/{topic}': kind for topic, kind in LABELS.items()}
    running = {'segmentation': _ours, 'usual': _usual}[name]
    with stand() as here, here.camera(case.size, case.rate_hz, case.picture), running(here, case) as pid, \
            Listener(topics, here.domain) as listener:
        listener.wait_for_answers(5)
        return measured(pid, listener, case.seconds)


@contextmanager
def _ours(here: Stand, case: Case) -> Iterator[int]:
    with here.node({'semantic_model': f'onnx:{case.network}', 'taxonomy': case.taxonomy, 'cpu_threads': case.threads,
                    'onnx_provider': 'cpu'}) as node:
        yield node.pid


@contextmanager
def _usual(here: Stand, case: Case) -> Iterator[int]:
    words = [str(HERE / 'usual_node.py'), '--onnx', str(case.network), '--threads', str(case.threads), '--depth',
             str(case.depth)]
    with here.child('usual', words) as process:
        yield process.pid


if __name__ == '__main__':
    main()
