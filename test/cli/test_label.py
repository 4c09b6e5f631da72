# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros label`` as a user starts it: killed in the middle, it goes on; parameters come from the node's own file."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rclpy.serialization import deserialize_message
from scenes.bags import camera_entries, write_bag
from scenes.graph import until
from scenes.networks import saved_rooms_model
from sensor_msgs.msg import Image

from seg_ros.cli.main import main
from seg_ros.pipeline import Pipeline
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


def masks(path: Path) -> list[tuple[int, bytes]]:
    """Return when each label image was recorded, and its pixels."""
    with Bag(path) as bag:
        return [(when, bytes(deserialize_message(bytes(data), Image).data))
                for _, when, data in bag.raw(('/segmentation/mask',))]


@pytest.fixture(scope='module')
def whole(drive: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Label the drive without a break."""
    out = tmp_path_factory.mktemp('labelled') / 'whole'
    assert main(arguments(drive, out, model)) == 0
    return out


def test_a_run_that_was_killed_goes_on_to_the_same_labels(drive: Path, model: Path, whole: Path, tmp_path: Path,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / 'out'
    process = subprocess.Popen([sys.executable, '-m', 'seg_ros.cli.main', *arguments(drive, out, model)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    until(lambda: (out / 'part_00000').exists() or process.poll() is not None, 'no part was finished', 60.0)
    process.kill()
    assert process.wait(30) == -signal.SIGKILL
    goes_on_to(whole, drive, out, model, capsys)


def test_a_run_that_was_interrupted_goes_on_to_the_same_labels(
        drive: Path, model: Path, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch) -> None:
    out, answered = tmp_path / 'out', Pipeline.run

    def interrupting(*given: Any) -> Any:
        if (out / 'part_00000').exists():
            signal.raise_signal(signal.SIGINT)
        return answered(*given)

    with monkeypatch.context() as patched:
        patched.setattr(Pipeline, 'run', interrupting)
        assert main(arguments(drive, out, model)) == 130
    assert '--resume' in capsys.readouterr().out
    goes_on_to(whole, drive, out, model, capsys)


def goes_on_to(whole: Path, drive: Path, out: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Look at a run that has ended too early, go on with it, and compare."""
    assert not (out / 'metadata.yaml').exists()
    capsys.readouterr()
    assert main(arguments(drive, out, model)) == 2  # without --resume nothing is overwritten
    assert 'exists already' in capsys.readouterr().err
    assert main(arguments(drive, out, model, '--resume')) == 0
    assert f'{IMAGES} images are labelled' in capsys.readouterr().out
    assert masks(out) == masks(whole)
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


@pytest.mark.parametrize('text', ['a b', '', '/', '1st', '/a//b'])
def test_what_no_topic_begins_with_is_refused(text: str, drive: Path, model: Path, tmp_path: Path,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments(drive, tmp_path / 'out', model, '--namespace', text))
    assert 'no topic begins with' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_what_is_no_recording_is_named(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(tmp_path / 'nowhere', tmp_path / 'out', model)) == 2
    assert 'nowhere' in capsys.readouterr().err
