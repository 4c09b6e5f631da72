# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What CI sees in a screenshot of RViz, tried on drawn screens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

LOOK = Path(__file__).parents[2] / '.github' / 'rviz' / 'look.py'


def screen() -> NDArray[np.uint8]:
    """Draw grey panels and a picture of many colours, as BGR."""
    drawn = np.full((400, 600, 3), 240, np.uint8)
    drawn[100:300, 200:500] = np.random.default_rng(0).integers(0, 255, (200, 300, 3))
    return drawn


def looked(bgr: NDArray[np.uint8], path: Path) -> tuple[int, str]:
    cv2.imwrite(str(path), bgr)
    done = subprocess.run([sys.executable, str(LOOK), str(path)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_scene_without_errors_passes(tmp_path: Path) -> None:
    assert looked(screen(), tmp_path / 'screen.png') == (0, '')


def test_a_display_in_error_is_seen(tmp_path: Path) -> None:
    """Its name is written in the red that RViz gives to errors."""
    drawn = screen()
    cv2.putText(drawn, 'Objects', (10, 40), cv2.FONT_HERSHEY_PLAIN, 1.0, (32, 32, 192))
    status, words = looked(drawn, tmp_path / 'screen.png')
    assert status == 1
    assert 'a display is in error' in words


def test_an_empty_view_is_seen(tmp_path: Path) -> None:
    status, words = looked(np.full((400, 600, 3), 48, np.uint8), tmp_path / 'screen.png')
    assert status == 1
    assert 'no picture' in words
