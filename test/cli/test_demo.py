"""The demo as a user starts it: real nodes, real weights, pictures out, and nothing left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy')


def pictures(folder: Path, count: int) -> Path:
    """Draw a floor below a wall, a little different each time."""
    folder.mkdir()
    for k in range(count):
        picture = np.full((96, 128, 3), 200, np.uint8)
        picture[60 + k:] = (60, 90, 120)
        cv2.imwrite(str(folder / f'{k:03d}.png'), picture)
    return folder


def demo(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, '-m', 'seg_ros.cli.main', 'demo', '--device', 'cpu', *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def nodes_of(out: Path) -> list[str]:
    """Return the commands of the nodes that write their logs into a demo's folder."""
    found = []
    for process in Path('/proc').iterdir():
        try:
            log = str((process / 'fd' / '1').readlink())
        except OSError:
            continue
        if process.name.isdecimal() and log.startswith(str(out)):
            found.append((process / 'cmdline').read_text().replace('\0', ' '))
    return found


def test_a_folder_of_pictures_becomes_overlays_and_a_video(tmp_path: Path) -> None:
    out = tmp_path / 'out'
    process = demo('--source', str(pictures(tmp_path / 'in', 6)), '--rate', '4', '--out', str(out))
    text, _ = process.communicate(timeout=100)
    assert process.returncode == 0, text
    assert 'pictures were segmented' in text
    overlay = cv2.imread(str(out / 'overlays' / '00000.jpg'))
    assert overlay.shape == (96, 128, 3)
    video = cv2.VideoCapture(str(out / 'demo.mp4'))
    assert 1 <= video.get(cv2.CAP_PROP_FRAME_COUNT) <= 6
    assert not nodes_of(out)


@pytest.mark.parametrize('sign', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_node_running(tmp_path: Path, sign: signal.Signals) -> None:
    out = tmp_path / 'out'
    process = demo('--source', str(pictures(tmp_path / 'in', 30)), '--rate', '1', '--out', str(out))
    deadline = time.monotonic() + 60.0
    while len(nodes_of(out)) < 2:
        assert time.monotonic() < deadline, 'the two nodes did not start'
        time.sleep(0.1)
    process.send_signal(sign)
    text, _ = process.communicate(timeout=30)
    assert process.returncode == 130, text
    assert 'Traceback' not in text
    assert not nodes_of(out)


def test_pictures_that_cannot_be_read_are_a_failure_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / 'in'
    folder.mkdir()
    (folder / 'broken.png').write_bytes(b'no picture')
    process = demo('--source', str(folder), '--out', str(tmp_path / 'out'))
    text, _ = process.communicate(timeout=100)
    assert process.returncode == 2
    assert 'broken.png' in text
    assert not nodes_of(tmp_path / 'out')


def test_a_source_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    process = demo('--source', str(tmp_path / 'nowhere'), '--out', str(tmp_path / 'out'))
    text, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert 'nowhere does not exist' in text
