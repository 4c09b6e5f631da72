# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Camera images in, label images and instance masks out: segmentation for ROS 2 robots."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seg_ros.model import Model

# What OpenCV cannot decode is told in a sentence of ours; its own prints come for every image of a broken camera.
os.environ.setdefault('OPENCV_LOG_LEVEL', 'SILENT')

__version__ = '0.1.0'
__all__ = ['Model', '__version__']


def __getattr__(name: str) -> Any:
    """Return what programs without ROS import; the node does without it, and starts sooner."""
    if name != 'Model':
        raise AttributeError(f"module 'seg_ros' has no attribute '{name}'")
    from seg_ros.model import Model

    return Model
