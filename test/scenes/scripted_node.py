# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The real node with scripted models, as a process: ``python scripted_node.py --ros-args ...``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from scenes.child import python, with_path
from scenes.scripted import open_scripted

from seg_ros.models.segmenter import Known, Segmenter
from seg_ros.nodes.running import run_node
from seg_ros.nodes.segmentation import SegmentationNode
from seg_ros.settings import Settings


def open_model(name: str, settings: Settings) -> Segmenter:
    """Open a scripted model; ``endless`` takes a minute, ``torn`` raises what nobody foresaw."""
    if name == 'endless':
        sys.stdout.write('opening endless\n')
        time.sleep(60.0)
    if name == 'torn':
        raise OverflowError('a tensor of 9 exabytes')
    return open_scripted(name, settings)


@contextmanager
def scripted_node(*arguments: str) -> Iterator[Popen[str]]:
    """Run this file as a process until the block ends."""
    found = with_path(Path(__file__).parents[2], Path(__file__).parents[1])
    with python('-u', __file__, '--ros-args', *arguments, environment=found) as process:
        yield process


if __name__ == '__main__':
    run_node('segmentation', lambda: SegmentationNode(open_model, known=lambda _, **__: Known()))
