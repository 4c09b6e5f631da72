# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""On a CPU the threads of the network come first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scenes.child import python

from seg_ros.nodes import segmentation
from seg_ros.nodes.precedence import NICER

THREADS = """
import json, os, threading
from seg_ros.nodes.precedence import give_way

def nice():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

def work(name):
    ready.wait()
    seen[name] = nice()
    child = threading.Thread(target=lambda: seen.update({f'{name} starts': nice()}))
    child.start()
    child.join()

seen, ready = {}, threading.Event()
threads = [threading.Thread(target=work, args=[name]) for name in ('network', 'publisher')]
for thread in threads:
    thread.start()
give_way(threads[0].native_id)
ready.set()
for thread in threads:
    thread.join()
print(json.dumps({**seen, 'executor': nice()}))
"""
needs_linux = pytest.mark.skipif(sys.platform != 'linux', reason='each thread has a niceness of its own on Linux alone')


@needs_linux
@pytest.mark.parametrize('nicer', [0, 3, 17])
def test_all_threads_but_one_and_its_own_give_way(nicer: int) -> None:
    done = subprocess.run(['nice', '-n', str(nicer), sys.executable, '-c', THREADS], capture_output=True, check=True)
    first = min(19, os.getpriority(os.PRIO_PROCESS, 0) + nicer)
    others = min(19, first + NICER)
    assert json.loads(done.stdout) == {'network': first, 'network starts': first, 'publisher': others,
                                       'publisher starts': others, 'executor': others}


def nice_of_threads(pid: int) -> list[int]:
    """Return the niceness of all threads of a process."""
    return [os.getpriority(os.PRIO_PROCESS, int(one.name)) for one in Path(f'/proc/{pid}/task').iterdir()]


@needs_linux
def test_in_the_node_all_give_way_to_the_network(ros_domain: int) -> None:
    arguments = ('--ros-args', '-p', 'device:=cpu', '-p', 'semantic_model:=no_such_model')
    with python('-m', 'seg_ros.nodes.segmentation', *arguments) as process:
        assert process.stdout is not None
        while 'Not configured' not in (line := process.stdout.readline()):
            assert line, 'the node ended by itself'
        seen = nice_of_threads(process.pid)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert {*seen} == {own, min(19, own + NICER)}
    assert seen.count(own) == 1 or own == 19  # nothing is nicer


@pytest.mark.parametrize(('device', 'has_gpu', 'gives_way'), [
    ('auto', False, True), ('auto', True, False), ('cpu', True, True), ('cuda', True, False)])
def test_beside_a_gpu_all_are_equal(monkeypatch: pytest.MonkeyPatch, device: str, has_gpu: bool,
                                    gives_way: bool) -> None:
    class Node:
        settings = segmentation.Settings(device=device)

        class worker:  # noqa: N801 - as the node names it
            network_thread = 7

    seen: list[int] = []
    monkeypatch.setattr(segmentation, 'SegmentationNode', Node)
    monkeypatch.setattr(segmentation, 'has_gpu', lambda: has_gpu)
    monkeypatch.setattr(segmentation, 'give_way', seen.append)
    segmentation._made()
    assert seen == ([7] if gives_way else [])
