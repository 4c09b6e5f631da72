# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
How near the node comes to the network it runs: images answered per second beside forward passes per second.

Method: camera, node and listener are processes of their own in a ROS domain of their own; the camera is faster than
the network, and the listener subscribes to mask and confidence, in instance mode to instances and instance_ids, in
panoptic mode to all four. An image is answered when all of them have come. The bare network is a process that opened
the same models (indoor, tools) with the same threads and precision and runs their forward pass on a tensor that is
ready, of the same picture, while the same camera publishes to a listener beside it. Node and network run in turn,
never at once; medians of the rounds are printed. CPU is what the process computed per answer, on all cores: where
other programs want the processor, look at this one. Without --threads both have what the node takes by itself: one
core is left to everything else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sensor_msgs.msg import Image
from stand import HERE, NEWEST, Listener, busy, counted, cpu_s, medians, parser_of, size_of, stand, words_of, write
from vision_msgs.msg import Detection2DArray

from seg_ros.models.machine import cpu_threads
from seg_ros.settings import Settings

LABELS: dict[str, type] = {'mask': Image, 'confidence': Image}
OBJECTS: dict[str, type] = {'instances': Detection2DArray, 'instance_ids': Image}
TOPICS = {'semantic': LABELS, 'instance': OBJECTS, 'panoptic': LABELS | OBJECTS}
OBJECTS_BY = 'tools'
MODELS = {'semantic': ('indoor',), 'instance': (OBJECTS_BY,), 'panoptic': ('indoor', OBJECTS_BY)}


@dataclass(frozen=True)
class Case:
    """What is compared, and how."""

    mode: str
    size: tuple[int, int]
    seconds: float
    threads: int
    rate_hz: float
    picture: Path


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__, seconds=8.0, rounds=3)
    parser.add_argument('--modes', nargs='+', choices=list(TOPICS), default=list(TOPICS))
    parser.add_argument('--sizes', nargs='+', default=['640x480', '1920x1080'])
    parser.add_argument('--rate', type=float, default=40.0, help='of the camera, in Hz: faster than the network')
    parser.add_argument('--busy', type=int, default=0, help='processes that spin beside both')
    parser.set_defaults(threads=0)
    options = parser.parse_args()
    threads = cpu_threads(Settings(cpu_threads=options.threads))
    print(f'threads: {threads}, camera {options.rate:g} Hz, {options.busy} busy processes, '
          f'{counted(options.rounds)} of {options.seconds:g} s')
    print(f'{"":<20} | {"node":^35} | {"bare network":^17} | {"node ÷ bare":^13}')
    print(f'{"mode":<10} {"size":<9} | {"Hz":>6} {"p50 ms":>9} {"p95 ms":>9} {"CPU ms":>8} | {"Hz":>7} {"CPU ms":>9} '
          f'| {"rate":>6} {"CPU":>6}')
    rows = []
    with busy(options.busy):
        for size in map(size_of, options.sizes):
            for mode in options.modes:
                case = Case(mode, size, options.seconds, options.threads, options.rate, options.picture)
                rows.append(compared(case, options.rounds) | {'busy': options.busy})
                print(line(rows[-1]), flush=True)
    write(options.json, rows)


def line(row: dict[str, Any]) -> str:
    """Return one line of the table."""
    return (f'{row["mode"]:<10} {row["size"]:<9} | {row["rate_hz"]:6.1f} {row["p50_ms"]:9.1f} {row["p95_ms"]:9.1f} '
            f'{row["cpu_ms"]:8.1f} | {row["bare_hz"]:7.1f} {row["bare_cpu_ms"]:9.1f} | {row["ratio"]:6.2f} '
            f'{row["cpu_ratio"]:6.2f}{"  camera too slow" if row["bare_hz"] > 0.9 * row["camera_hz"] else ""}')


def compared(case: Case, rounds: int) -> dict[str, Any]:
    """Return the numbers of both sides and their ratios."""
    seen = medians([node_round(case) | bare_round(case) for _ in range(rounds)])
    return {'mode': case.mode, 'size': words_of(case.size), 'threads': case.threads, 'camera_hz': case.rate_hz, **seen,
            'ratio': seen['rate_hz'] / seen['bare_hz'], 'cpu_ratio': seen['cpu_ms'] / seen['bare_cpu_ms']}


def node_round(case: Case) -> dict[str, float]:
    """Return what the node did in one round."""
    topics = {f'/segmentation/{name}': kind for name, kind in TOPICS[case.mode].items()}
    with stand() as here, here.camera(case.size, case.rate_hz, case.picture), \
            here.node({'mode': case.mode, 'cpu_threads': case.threads, 'instance_model': OBJECTS_BY}) as node, \
            Listener(topics, here.domain) as listener:
        listener.wait_for_answers(5)
        return measured(node.pid, listener, case.seconds)


def measured(pid: int, listener: Listener, seconds: float) -> dict[str, float]:
    """Return what a listener heard in a while, and what the process it heard computed for each answer."""
    before_s, before = cpu_s(pid), len(listener.answers)
    heard = listener.heard(seconds)
    return asdict(heard) | {'cpu_ms': 1e3 * (cpu_s(pid) - before_s) / max(1, len(listener.answers) - before)}


def bare_round(case: Case) -> dict[str, float]:
    """Return what the network did in one round."""
    words = [str(HERE / 'bare_network.py'), '--models', *MODELS[case.mode], '--size', words_of(case.size), '--picture',
             str(case.picture), '--seconds', str(case.seconds), '--threads', str(case.threads)]
    with stand() as here, here.camera(case.size, case.rate_hz, case.picture), \
            Listener({'/image': Image}, here.domain, NEWEST) as listener, here.child('bare', words) as network:
        listener.wait_for_answers(1)
        assert network.stdout is not None
        if network.stdout.readline() != 'ready\n':
            raise RuntimeError('the bare network did not start')
        seen = json.loads(network.stdout.readline())
    return {'bare_hz': seen['passes'] / seen['seconds'], 'bare_cpu_ms': 1e3 * seen['cpu_s'] / seen['passes']}


if __name__ == '__main__':
    main()
