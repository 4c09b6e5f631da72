# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What CI does with the costmap of a real Nav2, tried on costmaps recorded and drawn here."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml

ROOT = Path(__file__).parents[2]
STEPS = ROOT / '.github' / 'nav2'
RECORDING = ROOT / 'recordings' / 'room'

pytest.importorskip('rosbags')


@pytest.fixture(scope='module', autouse=True)
def steps() -> Iterator[None]:
    """Import the steps as they import each other."""
    sys.path.insert(0, str(STEPS))
    yield
    sys.path.remove(str(STEPS))
    for name in ('costmap', 'costmap_params', 'judge', 'judge_monitor', 'record_costmap', 'record_velocities', 'truth',
                 'zones'):
        sys.modules.pop(name, None)


@pytest.fixture(scope='module')
def truth(steps: None) -> Any:
    """Read what the drive truly shows."""
    return importlib.import_module('truth').truth_of(RECORDING)


@pytest.fixture
def judge(steps: None) -> ModuleType:
    return importlib.import_module('judge')


def costmap_of(judge: ModuleType, truth: Any, *, floor: float = 0.0, obstacles: float = 1.0) -> Any:
    """Draw the costmap of a layer that marks these shares of the floor and of the obstacles."""
    empty = judge.Costmap(np.full((480, 480), -1, np.int8), (-12.0, -12.0), 0.05)
    cells, random = empty.cells.copy(), np.random.default_rng(0)
    for points, share in ((truth.floor, floor), (truth.obstacles, obstacles)):
        mask = empty.mask_of(points)
        cells[mask] = np.where(random.random(mask.sum()) < share, 100, 0)
    return judge.Costmap(cells, empty.origin, empty.resolution)


def test_the_truth_is_a_room_with_a_level_floor(truth: Any) -> None:
    """The transforms of the recording lead from its depth to a floor at zero."""
    assert abs(float(np.median(truth.floor[:, 2]))) < 0.005
    assert float(np.percentile(np.abs(truth.floor[:, 2]), 99)) < 0.03
    assert 1.0 < float(truth.obstacles[:, 2].max()) <= 2.5


def test_a_costmap_of_the_truth_is_right(judge: ModuleType, truth: Any, tmp_path: Path) -> None:
    costmap_of(judge, truth).save(tmp_path / 'recorded.npz')
    done = subprocess.run([sys.executable, str(STEPS / 'judge.py'), str(RECORDING), str(tmp_path / 'recorded.npz')],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'floor_lethal=0' in done.stdout


@pytest.mark.parametrize(('floor', 'obstacles', 'words'), [
    (0.05, 1.0, 'floor cells are lethal'),
    (0.0, 0.01, 'at least are wanted'),
])
def test_what_is_wrong_is_said(judge: ModuleType, truth: Any, floor: float, obstacles: float, words: str) -> None:
    faults = judge.judged(costmap_of(judge, truth, floor=floor, obstacles=obstacles), truth).faults
    assert len([fault for fault in faults if words in fault]) == 1


def test_marks_in_the_unseen_are_no_obstacles(judge: ModuleType, truth: Any) -> None:
    costmap = costmap_of(judge, truth)
    costmap.cells[:40, :40] = 100
    assert any('are no obstacle' in fault for fault in judge.judged(costmap, truth).faults)


def test_a_layer_keeps_what_another_marks(judge: ModuleType, truth: Any) -> None:
    whole = costmap_of(judge, truth)
    west = judge.Costmap(whole.cells.copy(), whole.origin, whole.resolution)
    west.cells[:, 240:][west.lethal[:, 240:]] = 0
    assert judge.judged(whole, truth, whole).kept == 1.0
    assert any('are kept' in fault for fault in judge.judged(west, truth, whole).faults)


@pytest.mark.parametrize('layer', ['obstacle_layer', 'voxel_layer', 'scan', 'semantic_layer'])
def test_each_shipped_layer_is_tried_as_it_is(steps: None, layer: str) -> None:
    """The costmap's own parameters do not touch the layer's, and what inflates its marks is left out."""
    done = subprocess.run([sys.executable, str(STEPS / 'costmap_params.py'), layer], check=True, capture_output=True)
    tried = yaml.safe_load(done.stdout)['/**']['ros__parameters']
    shipped = yaml.safe_load((ROOT / 'config' / 'nav2' / f'{layer}.yaml').read_text(encoding='utf-8'))
    own = shipped['local_costmap']['local_costmap']['ros__parameters']
    assert tried['plugins'] == own['plugins'][:1]
    assert tried[tried['plugins'][0]] == own[tried['plugins'][0]]


def test_the_last_costmap_published_is_recorded(ros_context: Any, judge: ModuleType, tmp_path: Path) -> None:
    """A process listens to the latched topic, and writes when it is told to end."""
    messages, qos = pytest.importorskip('nav_msgs.msg'), pytest.importorskip('rclpy.qos')
    node = importlib.import_module('rclpy').create_node('costmap', context=ros_context)
    latched = qos.QoSProfile(depth=1, durability=qos.DurabilityPolicy.TRANSIENT_LOCAL)
    publisher = node.create_publisher(messages.OccupancyGrid, '/costmap/costmap', latched)
    grid = messages.OccupancyGrid(data=[0, 100, -1, 0, 0, 0])
    grid.info.width, grid.info.height, grid.info.resolution, grid.info.origin.position.x = 3, 2, 0.05, -1.0
    publisher.publish(messages.OccupancyGrid())
    publisher.publish(grid)
    out = tmp_path / 'costmap.npz'
    process = subprocess.Popen([sys.executable, str(STEPS / 'record_costmap.py'), '/costmap/costmap', str(out)])
    until = time.monotonic() + 30.0
    while not publisher.get_subscription_count() and time.monotonic() < until:
        time.sleep(0.05)
    assert publisher.wait_for_all_acked(importlib.import_module('rclpy.duration').Duration(seconds=20.0))
    while not out.exists() and time.monotonic() < until and process.poll() is None:
        publisher.publish(grid)
        process.terminate()
        time.sleep(0.2)
    assert process.wait(20.0) == 0
    recorded = judge.Costmap.load(out)
    assert recorded.cells.tolist() == [[0, 100, -1], [0, 0, 0]]
    assert recorded.origin == (-1.0, 0.0)
    node.destroy_node()


@pytest.fixture(scope='module')
def acts(steps: None) -> Any:
    """What the collision monitor is to do at each stamp of the drive."""
    return importlib.import_module('judge_monitor').expected(importlib.import_module('zones').zones_of(RECORDING))


def test_the_drive_is_free_until_the_bench_stands_in_the_slow_zone(acts: Any) -> None:
    assert [acts[stamp] for stamp in sorted(acts)][::len(acts) - 1] == ['free', 'slow']
    assert all(list(acts.values()).count(act) > 20 for act in ('free', 'slow'))


@pytest.mark.parametrize(('slow', 'silent', 'words'), [
    (0.09, 0.0, []), (0.3, 0.0, ['slow']), (0.09, 0.09, ['silent']), (0.0, 0.0, ['slow']),
], ids=['right', 'does not slow', 'goes on unseeing', 'stops too soon'])
def test_velocities_are_held_against_the_truth(acts: Any, slow: float, silent: float, words: list[str]) -> None:
    stamps = np.array([*sorted(acts), *([0] * 10)], np.int64)
    speeds = np.array([*({'free': 0.3, 'slow': slow}[acts[stamp]] for stamp in sorted(acts)), *([silent] * 10)])
    found = importlib.import_module('judge_monitor').faults(acts, stamps, speeds)
    assert [fault.partition(':')[0] for fault in found] == words
