# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is played is answered, and mapped where a frame is named to map it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

pytest.importorskip('rclpy')

from seg_ros.errors import SegRosError
from seg_ros.live import played_node
from seg_ros.live.played_node import PlayedNode


class Asked:
    """A process that is asked for and not started."""

    started: ClassVar[list[Asked]] = []

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.words, self.domain = name, ' '.join(arguments), environment['ROS_DOMAIN_ID']
        self.status: int | None = None
        self.started.append(self)

    def end(self) -> None:
        """End it."""
        self.status = 0

    def last_words(self) -> str:
        """Return what it said."""
        return 'it is over'


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    monkeypatch.setattr(played_node, 'NodeProcess', Asked)
    monkeypatch.setattr(Asked, 'started', [])
    return Asked.started


def test_a_map_is_made_in_the_frame_that_is_named(asked: list[Asked]) -> None:
    with PlayedNode('drive.mcap', 'odom') as played:
        played.check()
        by_name = {one.name: one.words for one in asked}
        assert list(by_name) == ['segmentation', 'mapping', 'player']
        assert '-p map_frame:=odom' in by_name['mapping']
        assert '-r depth:=/camera/depth -r camera_info:=/camera/camera_info' in by_name['mapping']
        assert {one.domain for one in asked} == {str(played.domain)}
        asked[1].status = 1
        with pytest.raises(SegRosError, match=r'the mapping ended\. It said:\nit is over'):
            played.check()
    assert all(one.status is not None for one in asked)


def test_without_a_frame_there_is_no_map(asked: list[Asked]) -> None:
    with PlayedNode('pictures'):
        assert [one.name for one in asked] == ['segmentation', 'player']
