# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What ``ros2 run`` starts: each node, that ends without a word while its libraries are still being read."""

from __future__ import annotations

import os
import signal
from importlib import import_module


def segmentation() -> None:
    """Run the node ``segmentation``."""
    _run('nodes.segmentation')


def mapping() -> None:
    """Run the node ``mapping``."""
    _run('nodes.mapping')


def player() -> None:
    """Run the node ``player``."""
    _run('player.player')


def _run(module: str) -> None:
    """Let Ctrl-C end the process without a traceback: reading PyTorch takes seconds, and so far there is no node."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: os._exit(0))
    import_module(f'seg_ros.{module}').main()
