# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What killed processes left in shared memory is taken back; what living ones hold is not."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from rclpy.context import Context
from rclpy.node import Node
from scenes.child import python, segments_of

from seg_ros.nodes.shared_memory import take_back_shared_memory

JOINS = """
import signal, rclpy
rclpy.init()
node = rclpy.create_node('short_lived')
print('ready', flush=True)
signal.pause()
"""
LONG_AGO = time.time() - 60.0


def test_what_a_killed_process_left_is_taken_back_and_what_a_living_one_holds_stays(ros_context: Context) -> None:
    here = Node('living', context=ros_context)
    living = segments_of('self')
    with python('-c', JOINS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == 'ready\n'
        left = segments_of(process.pid) - living
        for name in {*left, *living}:
            os.utime(f'{name}_el', (LONG_AGO, LONG_AGO))
        take_back_shared_memory()
        assert left and all(Path(name).exists() for name in left), 'the process lives'
        process.kill()
        process.wait()
        assert take_back_shared_memory() > 500_000
    assert not [name for name in left if Path(name).exists() or Path(f'{name}_el').exists()]
    assert here and living and all(Path(name).exists() and Path(f'{name}_el').exists() for name in living)


def test_nothing_else_is_touched(tmp_path: Path) -> None:
    abandoned = ('fastrtps_0123456789abcdef_el', 'fastrtps_0123456789abcdef', 'fastdds_00ff00ff00ff00ff_el')
    others = ('fastrtps_port7411_el', 'fastrtps_port7411', 'fastdds_ffffffffffffffff', 'other_el')
    for name in abandoned + others:
        (tmp_path / name).write_bytes(b'1234')
        os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    (tmp_path / 'fastdds_aaaaaaaaaaaaaaaa_el').touch()  # just made
    (tmp_path / 'fastdds_bbbbbbbbbbbbbbbb_el').symlink_to(tmp_path / 'other_el')
    assert take_back_shared_memory(tmp_path) == 4
    assert {path.name for path in tmp_path.iterdir()} == {
        'fastdds_aaaaaaaaaaaaaaaa_el', 'fastdds_bbbbbbbbbbbbbbbb_el', *others}


def test_a_system_without_the_folder_has_nothing_to_take_back(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path)
    assert take_back_shared_memory(tmp_path) == 0
