# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What the node costs while nobody listens to it, and how much memory it holds.

Method: the node is a process of its own in a ROS domain of its own. Idle cost is what all its threads compute while it
is active and nobody subscribes, in percent of one core: once beside a camera and once without. Memory is the resident
set: of the node after it has answered images of the size with mask and confidence, once with the shipped model in
PyTorch and once with a small ONNX file, beside a bare process that has imported torch, torchvision and rclpy and begun
to spin. Medians of the rounds are printed.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from node import LABELS
from random_network import normalised, save_network
from sensor_msgs.msg import Image
from stand import (
    NEWEST,
    Listener,
    counted,
    cpu_s,
    medians,
    parser_of,
    resident_mib,
    resized_picture,
    size_of,
    stand,
    words_of,
    write,
)

from seg_ros.live.monitor import Monitor

BARE = """
import torch, torchvision, rclpy
rclpy.init()
node = rclpy.create_node('bare')
print('ready', flush=True)
rclpy.spin(node)
"""
NETWORK_SIZE = (640, 480)


def main() -> None:
    """Print both tables."""
    parser = parser_of(__doc__, seconds=20.0, rounds=3)
    parser.add_argument('--size', default='1920x1080')
    parser.add_argument('--rate', type=float, default=15.0, help='of the camera, in Hz')
    options = parser.parse_args()
    size = size_of(options.size)
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / 'small.onnx'
        picture = normalised(resized_picture(options.picture, NETWORK_SIZE))
        save_network(network, 10, NETWORK_SIZE, picture, stride=4, depth=4)
        seen = medians([_round(size, options, f'onnx:{network}') for _ in range(options.rounds)])
    print(f'{counted(options.rounds)} of {options.seconds:g} s')
    print(f'nobody subscribes, camera {options.size} at {options.rate:g} Hz   {seen["idle"]:6.2f} % of a core')
    print(f'nobody subscribes, no camera{"":<19} {seen["alone"]:6.2f} % of a core')
    print(f'resident: torch, torchvision and rclpy imported{seen["bare_mib"]:7.0f} MiB')
    print(f'resident: node with indoor in PyTorch{seen["torch_mib"]:17.0f} MiB   '
          f'{seen["torch_mib"] / seen["bare_mib"]:5.2f} of the bare process')
    print(f'resident: node with an ONNX model{seen["onnx_mib"]:21.0f} MiB')
    write(options.json, [{'size': words_of(size), 'rate_hz': options.rate, **seen,
                          'memory_ratio': seen['torch_mib'] / seen['bare_mib']}])


def _round(size: tuple[int, int], options: Any, onnx: str) -> dict[str, float]:
    return {'idle': _idle_percent(size, options, camera=True), 'alone': _idle_percent(size, options, camera=False),
            'bare_mib': _bare_mib(), 'torch_mib': _answering_mib(size, options, 'indoor'),
            'onnx_mib': _answering_mib(size, options, onnx)}


def _idle_percent(size: tuple[int, int], options: Any, *, camera: bool) -> float:
    with stand() as here, here.camera(size, options.rate, options.picture) if camera else nullcontext(), \
            here.node({'cpu_threads': options.threads}) as node:
        with Monitor('/segmentation', here.domain) as monitor, Listener({'/image': Image}, here.domain, NEWEST) as sink:
            assert monitor.ready.wait(60.0), node.last_words()
            if camera:
                sink.wait_for_answers(1)
        time.sleep(0.4 * options.seconds)  # what starting has left to do
        before_s, start_s = cpu_s(node.pid), time.monotonic()
        time.sleep(options.seconds)
        return 100.0 * (cpu_s(node.pid) - before_s) / (time.monotonic() - start_s)


def _bare_mib() -> float:
    with stand() as here, here.child('bare', ['-c', BARE]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == 'ready\n', 'the bare process did not start'
        return resident_mib(process.pid)


def _answering_mib(size: tuple[int, int], options: Any, model: str) -> float:
    topics = {f'/segmentation/{topic}': kind for topic, kind in LABELS.items()}
    with stand() as here, here.camera(size, options.rate, options.picture), \
            here.node({'semantic_model': model, 'cpu_threads': options.threads}) as node, \
            Listener(topics, here.domain) as listener:
        listener.wait_for_answers(10)
        return resident_mib(node.pid)


if __name__ == '__main__':
    main()
