# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What ``ros2 run`` starts: each node, that ends without a word while its libraries are still being read."""

from __future__ import annotations

import os
import signal


def segmentation() -> None:
    """Run the node ``segmentation``."""
    _end_when_asked()
    from seg_ros.nodes.segmentation import main

    main()


def mapping() -> None:
    """Run the node ``mapping``."""
    _end_when_asked()
    from seg_ros.nodes.mapping import main

    main()


def player() -> None:
    """Run the node ``player``."""
    _end_when_asked()
    from seg_ros.nodes.player import main

    main()


def _end_when_asked() -> None:
    """Let Ctrl-C end the process without a traceback: reading PyTorch takes seconds, and so far there is no node."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: os._exit(0))
