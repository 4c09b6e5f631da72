# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes and a player for who has none: a source is played over and over, answered, and mapped."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from seg_ros.errors import SegRosError
from seg_ros.live.processes import NodeProcess, isolated_environment, own_domain

AS_CAMERA = tuple(word for name in ('image', 'depth', 'camera_info') for word in ('-r', f'{name}:=/camera/{name}'))
"""The arguments by which a player and nodes meet on the topics of a camera."""


class PlayedNode:
    """
    The node ``/segmentation`` with a source as its camera. Use it in a ``with`` statement.

    :param source: what the player plays. :param map_frame: in which the node ``/mapping`` maps it; empty starts none.
    :ivar domain: the ROS domain of all, which nobody else has.
    """

    def __init__(self, source: str, map_frame: str = '') -> None:
        self._source, self._map_frame, self._ending = source, map_frame, ExitStack()
        self._processes: list[NodeProcess] = []

    def __enter__(self) -> PlayedNode:
        self.domain = self._ending.enter_context(own_domain())
        folder = Path(self._ending.enter_context(TemporaryDirectory(prefix='seg_ros_')))
        player = ['-p', f'source:="{self._source}"', '-p', 'loop:=true', '-p', 'wait_for_subscriber:=true']
        mapping = ('mapping', ['-p', f'map_frame:={self._map_frame}', *AS_CAMERA])
        for name, arguments in (('segmentation', AS_CAMERA), *([mapping] if self._map_frame else []),
                                ('player', [*player, *AS_CAMERA])):
            self._processes.append(NodeProcess(name, arguments, isolated_environment(self.domain),
                                               folder / f'{name}.log'))
            self._ending.callback(self._processes[-1].end)
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def check(self) -> None:
        """
        Pass while all run.

        :raises SegRosError: when one has ended; with its last words.
        """
        for process in self._processes:
            if process.status is not None:
                raise SegRosError(f'the {process.name} ended. It said:\n{process.last_words()}\n')
