# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What models take of the machine: threads of its CPU, which their libraries share, and memory of its GPU."""

from __future__ import annotations

import math
import os
import sys

import cv2

from seg_ros.settings import Settings


def cpu_threads(settings: Settings) -> int:
    """Return how many threads a network gets on a CPU: as many as asked for, or one core is left to the robot."""
    return settings.cpu_threads or max(1, len(os.sched_getaffinity(0)) - 1)


def shared_threads(settings: Settings) -> int:
    """
    Return how many threads the library that runs a network may have, and give OpenCV as many.

    Pixels are made while the network runs on the frame before, on the cores that are left or that it leaves idle.
    """
    threads = cpu_threads(settings)
    cv2.setNumThreads(threads)
    return threads


def without_helpers() -> None:
    """
    Have PyTorch compute on the calling thread alone from now on, as threads beside that of the networks should.

    The helpers of a thread wait awake for the next layer only while all threads have no more of them than there are
    cores (libgomp); a second thread with helpers of its own puts those of the network to sleep at each of its layers.
    """
    torch = sys.modules.get('torch')
    if torch is not None and hasattr(torch, 'set_num_threads') and torch.get_num_threads() > 1:
        torch.set_num_threads(1)


def memory_mib(device: str) -> float:
    """Return what PyTorch holds of a GPU's memory, in MiB; NaN where PyTorch runs none of the models."""
    torch = sys.modules.get('torch')
    return math.nan if torch is None else torch.cuda.memory_reserved(device) / 2**20
