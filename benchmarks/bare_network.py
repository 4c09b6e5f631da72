# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
The network alone, for benchmarks: its forward pass on a tensor that is ready, again and again.

The model is opened as the node opens it, and the tensor is what the node would show it of the picture. It says
``ready`` once the first passes are done, and at the end how many passes it made in how many seconds, as JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from stand import resized_picture, size_of

from seg_ros.models.catalog import open_model
from seg_ros.models.segmenter import StagedSegmenter
from seg_ros.records import Frame
from seg_ros.settings import Settings

WARM_UP = 5


def main() -> None:
    """Run the network of each model in turn for so many seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--models', nargs='+', required=True)
    parser.add_argument('--size', required=True)
    parser.add_argument('--picture', type=Path, required=True)
    parser.add_argument('--seconds', type=float, required=True)
    parser.add_argument('--threads', type=int, required=True)
    options = parser.parse_args()
    settings = Settings(cpu_threads=options.threads)
    frame = Frame('', 0, '', resized_picture(options.picture, size_of(options.size)))
    passes = [forward_pass(name, frame, settings) for name in options.models]
    print(json.dumps(_looped(passes, options.seconds)), flush=True)


@torch.inference_mode()
def _looped(passes: list[Callable[[], object]], seconds: float) -> dict[str, float]:
    for one in passes * WARM_UP:
        one()
    print('ready', flush=True)
    count, start_s, start_cpu_s = 0, time.monotonic(), time.process_time()
    while (took_s := time.monotonic() - start_s) < seconds:
        for one in passes:
            one()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        count += 1
    return {'passes': count, 'seconds': took_s, 'cpu_s': time.process_time() - start_cpu_s}


@torch.inference_mode()
def forward_pass(name: str, frame: Frame, settings: Settings) -> Callable[[], object]:
    """Return the forward pass of a shipped model on what it is shown of a frame."""
    model = open_model(name, settings)
    assert isinstance(model, StagedSegmenter), f'{name} is no model whose network can be run alone'
    shown = [model.prepared(frame)]
    return lambda: model.passed(shown, settings)


if __name__ == '__main__':
    main()
