# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Blender without its talk."""

from __future__ import annotations

import os


class Quiet:
    """Keeps what Blender writes to the standard output away from the progress."""

    def __enter__(self) -> None:
        self._kept = os.dup(1)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.close(nothing)

    def __exit__(self, *_: object) -> None:
        os.dup2(self._kept, 1)
        os.close(self._kept)
