# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What the forward pass of a shipped semantic model costs beside torchvision's lraspp_mobilenet_v3_large.

Method: both networks are placed as the node places them (batch norms folded, channels last, one device, one
precision) and run in turn in one process, each on a batch of one: torchvision's on 640x480, 21 classes upsampled as its
own ``forward`` does; the model on what the node shows it of a 640x480 image, and, for comparison, on 640x480 itself.
The median of each and the ratio of the medians are printed; a machine that does other things meanwhile does
them to both.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn

from seg_ros.models.card import WEIGHTS, read_card
from seg_ros.models.catalog import model_folder
from seg_ros.models.device import Placement, placement
from seg_ros.models.networks import semantic_logits, semantic_network
from seg_ros.models.preprocess import network_size
from seg_ros.models.weights import load_weights
from seg_ros.settings import Settings

FRAME = (640, 480)
STRIDE = 16


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--model', default='indoor')
    parser.add_argument('--device', default='auto')
    parser.add_argument('--precision', default='auto', help='auto, fp32, bf16 or fp16')
    parser.add_argument('--rounds', type=int, default=30)
    options = parser.parse_args()
    where = placement(Settings(device=options.device, precision=options.precision))
    folder = model_folder(options.model)
    card = read_card(folder)
    network = semantic_network(card.architecture, len(card.classes))
    load_weights(network, folder / WEIGHTS)
    network = where.place(network)
    shown = network_size(FRAME, card.input_size, STRIDE)
    torchvisions = where.place(semantic_network('lraspp_mobilenet_v3_large', 21))
    frame = _image(FRAME, where)
    times = _in_turn({
        'lraspp_mobilenet_v3_large 640x480': lambda: torchvisions(frame),
        f'{options.model} {shown[0]}x{shown[1]}, as the node runs it': _logits(network, _image(shown, where)),
        f'{options.model} 640x480': _logits(network, frame),
    }, options.rounds, where)
    base = next(iter(times.values()))
    print(f'{where.device}, {where.precision}, {torch.get_num_threads()} threads, median of {options.rounds}')
    for name, seconds in times.items():
        print(f'{name:50} {seconds * 1e3:7.1f} ms   {seconds / base:5.2f}')


def _image(size: tuple[int, int], where: Placement) -> torch.Tensor:
    image = torch.randn(1, 3, size[1], size[0], device=where.device, dtype=where.dtype)
    return image.to(memory_format=torch.channels_last)


def _logits(network: nn.Module, image: torch.Tensor) -> Callable[[], object]:
    return lambda: semantic_logits(network, image)


@torch.inference_mode()
def _in_turn(runs: dict[str, Callable[[], object]], rounds: int, where: Placement) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 3):  # the first three warm up
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if where.device.type == 'cuda':
                torch.cuda.synchronize(where.device)
            if turn >= 3:
                times[name].append(time.perf_counter() - start)
    return {name: median(values) for name, values in times.items()}


if __name__ == '__main__':
    main()
