# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Child processes that import what this process imports."""

from __future__ import annotations

import os
from pathlib import Path


def with_path(*folders: Path) -> dict[str, str]:
    """Return this environment with folders ahead of what PYTHONPATH holds: on a robot ROS itself is found by it."""
    path = [*map(str, folders), *filter(None, [os.environ.get('PYTHONPATH')])]
    return {**os.environ, 'PYTHONPATH': os.pathsep.join(path)}
