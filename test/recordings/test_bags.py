# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Recordings are read whatever their storage; a damaged one is one sentence that names it."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes.bags import START_NS, camera_entries, write_bag
from sensor_msgs.msg import Image

from seg_ros.errors import DataError
from seg_ros.recordings.bags import Bag, is_bag

PICTURES = [np.full((4, 6, 3), red, np.uint8) for red in (10, 20, 30)]


def test_a_folder_with_a_recording_and_a_storage_file_are_recordings(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'drive', camera_entries(PICTURES))
    assert is_bag(bag)
    assert is_bag(bag / 'drive.mcap')
    assert not is_bag(tmp_path)
    assert not is_bag(bag / 'metadata.yaml')
    assert not is_bag(tmp_path / 'nowhere')


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
@pytest.mark.parametrize('compressed', [False, True])
def test_messages_come_in_order_from_every_storage(storage: str, compressed: bool, tmp_path: Path) -> None:
    path = write_bag(tmp_path / 'drive', camera_entries(PICTURES), storage=storage, compressed=compressed)
    with Bag(path) as bag:
        assert (bag.storage, list(bag.topics)) == (storage, ['/camera/image_raw'])
        assert bag.kind('/camera/image_raw') == 'sensor_msgs/msg/Image'
        assert bag.span_ns == (START_NS + 5_000_000, START_NS + 205_000_001)
        found = list(bag.messages({'/camera/image_raw': Image}))
        assert [message.data[0] for _, _, message in found] == [10, 20, 30]
        later = [message.data[0] for _, _, message in bag.messages({'/camera/image_raw': Image}, START_NS + 50_000_000)]
        assert later == [20, 30]


def test_a_storage_file_without_its_folder_is_read(tmp_path: Path) -> None:
    path = write_bag(tmp_path / 'drive', camera_entries(PICTURES))
    (path / 'metadata.yaml').unlink()
    for one in (path, path / 'drive.mcap'):
        with Bag(one) as bag:
            assert bag.first('/camera/image_raw', Image).data[0] == 10


def test_an_unknown_topic_names_those_there_are(tmp_path: Path) -> None:
    with Bag(write_bag(tmp_path / 'drive', camera_entries(PICTURES))) as bag, \
            pytest.raises(DataError, match=r"drive has no topic '/image'\. It has /camera/image_raw"):
        bag.kind('/image')


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
@pytest.mark.parametrize('share', [0.0, 0.3, 0.9])
def test_a_recording_that_was_cut_off_is_named_with_a_remedy(storage: str, share: float, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (20, 60, 60, 3), np.uint8)
    path = write_bag(tmp_path / 'drive', camera_entries(noise), storage=storage)
    file = next(one for one in path.iterdir() if one.suffix in ('.mcap', '.db3'))
    data = file.read_bytes()
    file.write_bytes(data[:int(share * len(data))])
    with pytest.raises(DataError, match=r'drive is cut off or damaged.*ros2 bag reindex'), Bag(path) as bag:
        list(bag.messages({'/camera/image_raw': Image}))


def test_a_compression_nobody_knows_is_named(tmp_path: Path) -> None:
    path = write_bag(tmp_path / 'drive', camera_entries(PICTURES))
    text = (path / 'metadata.yaml').read_text()
    changed = text.replace("compression_format: ''", 'compression_format: brotli')
    changed = changed.replace("compression_mode: ''", 'compression_mode: message')
    assert changed != text
    (path / 'metadata.yaml').write_text(changed)
    with pytest.raises(DataError, match=r'compressed in a way that is not known.*brotli.*ros2 bag convert'):
        Bag(path)


def test_without_rosbags_the_line_for_pip_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_bag(tmp_path / 'drive', camera_entries(PICTURES))
    real = builtins.__import__

    def refused(name: str, *arguments: Any) -> Any:
        if name.startswith('rosbags'):
            raise ModuleNotFoundError(f"No module named '{name}'", name='rosbags')
        return real(name, *arguments)

    for name in [one for one in sys.modules if one.startswith('rosbags')]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr('importlib.import_module', refused)
    with pytest.raises(DataError, match=r"'rosbags', which is not installed\. Type: pip install 'rosbags==0\.11\.9'"):
        Bag(path)
