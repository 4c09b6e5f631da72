# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros label`` as a user starts it: killed in the middle, it goes on; parameters come from the node's own file."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rclpy.serialization import deserialize_message
from scenes.bags import camera_entries, write_bag
from scenes.networks import saved_rooms_model
from sensor_msgs.msg import Image

from seg_ros.cli.main import main
from seg_ros.recordings.bags import Bag

IMAGES = 80


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small model that knows nothing."""
    return saved_rooms_model(tmp_path_factory.mktemp('models') / 'small')


@pytest.fixture(scope='module')
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(3)
    pictures = random.integers(0, 255, (IMAGES, 48, 64, 3), np.uint8)
    return write_bag(tmp_path_factory.mktemp('recordings') / 'drive', camera_entries(pictures, rate=20.0))


def arguments(drive: Path, out: Path, model: Path, *more: str) -> list[str]:
    return ['label', str(drive), str(out), '--model', str(model), '--device', 'cpu', '--part', '1', *more]


def started(*given: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, '-m', 'seg_ros.cli.main', *given], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True)


def masks(path: Path) -> list[tuple[int, bytes]]:
    """Return when each label image was recorded, and its pixels."""
    with Bag(path) as bag:
        return [(when, bytes(deserialize_message(bytes(data), Image).data))
                for _, when, data in bag.raw(('/segmentation/mask',))]


@pytest.mark.parametrize(('sign', 'status'), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_run_that_was_ended_in_the_middle_goes_on_to_the_same_labels(
        sign: signal.Signals, status: int, drive: Path, model: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / 'out'
    process = started(*arguments(drive, out, model))
    deadline = time.monotonic() + 60.0
    while not (out / 'part_00000').exists():
        assert time.monotonic() < deadline and process.poll() is None, 'no part was finished'
        time.sleep(0.01)
    process.send_signal(sign)
    text, _ = process.communicate(timeout=30)
    assert process.returncode == status, text
    assert not (out / 'metadata.yaml').exists()
    assert ('--resume' in text) == (sign == signal.SIGINT)
    assert 'Traceback' not in text

    assert main(arguments(drive, out, model)) == 2  # without --resume nothing is overwritten
    assert 'exists already' in capsys.readouterr().err
    assert main(arguments(drive, out, model, '--resume')) == 0
    assert f'{IMAGES} images are labelled' in capsys.readouterr().out
    assert main(arguments(drive, tmp_path / 'whole', model)) == 0
    assert masks(out) == masks(tmp_path / 'whole')
    assert len(masks(out)) == IMAGES
    assert main(arguments(drive, out, model, '--resume')) == 0
    assert 'is complete already' in capsys.readouterr().out


def test_the_parameters_file_of_the_node_is_obeyed(drive: Path, model: Path, tmp_path: Path) -> None:
    file = tmp_path / 'robot.yaml'
    file.write_text('/**:\n  ros__parameters:\n    output_size: 32x24\n    unlabelled_threshold: 0.0\n'
                    '    cameras: [front]\n')
    short = write_bag(tmp_path / 'short', camera_entries([np.zeros((48, 64, 3), np.uint8)]))
    assert main(arguments(short, tmp_path / 'out', model, '--params-file', str(file), '--outputs', 'mask')) == 0
    with Bag(tmp_path / 'out') as bag:
        mask = bag.first('/segmentation/mask', Image)
        assert set(bag.topics) == {'/camera/image_raw', '/segmentation/label_info', '/segmentation/mask'}
    assert (mask.width, mask.height) == (32, 24)
    assert 255 not in mask.data


@pytest.mark.parametrize(('more', 'words'), [
    (['--outputs', 'masks'], "there is no output 'masks'"),
    (['--params-file', 'nowhere.yaml'], 'nowhere.yaml cannot be read as parameters'),
    (['--image-topic', '/front'], "has no topic '/front'"),
])
def test_a_mistake_is_one_sentence(more: list[str], words: str, drive: Path, model: Path, tmp_path: Path,
                                   capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(drive, tmp_path / 'out', model, *more)) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_what_is_no_recording_is_named(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(tmp_path / 'nowhere', tmp_path / 'out', model)) == 2
    assert 'nowhere' in capsys.readouterr().err
