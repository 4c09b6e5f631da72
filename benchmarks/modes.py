# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What each mode costs on this machine, and what switching between them costs.

Method: the node and the player run as processes in a ROS domain of their own, as in the demo. Each mode has a node
of its own that runs for some seconds on the same pictures, played faster than the model can follow; rate and latency
(image stamp to publish) are the node's own diagnostics, memory is the resident set of its process. Then one node
switches between semantic and instance mode a number of times while pictures stream, and again while none come: the
first includes the wait for the frame in the works, the second is the switch alone.

    python benchmarks/modes.py --source folder_of_images
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from rcl_interfaces.srv import SetParametersAtomically
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image

from seg_ros.live.monitor import Monitor
from seg_ros.live.observer import Observer
from seg_ros.live.processes import NodeProcess, isolated_environment, own_domain

MODES = ('semantic', 'instance', 'panoptic')


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--source', required=True, help='what the player plays')
    parser.add_argument('--seconds', type=float, default=15.0, help='per mode')
    parser.add_argument('--switches', type=int, default=100, help='an even number')
    options = parser.parse_args()
    print(f'{"mode":10} {"Hz":>6} {"p50 ms":>8} {"p95 ms":>8} {"memory MB":>10}')
    for mode in MODES:
        print_cost(mode, options.source, options.seconds)
    for keep in (False, True):
        print_switches(options.source, options.switches, keep=keep)


def print_cost(mode: str, source: str, seconds: float) -> None:
    """Run one mode on a stream of pictures and print what it costs."""
    with running([('mode', mode)]) as (node, monitor, environment), streaming(source, environment, node):
        time.sleep(seconds)
        values = monitor.values
        print(f'{mode:10} {values["output rate (Hz)"]:>6} {values["latency p50 (ms)"]:>8} '
              f'{values["latency p95 (ms)"]:>8} {memory_mb(node.pid):>10.0f}')


def print_switches(source: str, count: int, *, keep: bool) -> None:
    """Switch to and fro, under load and without, and print memory and the median time of a switch."""
    with running([('keep_models_loaded', str(keep).lower())]) as (node, _, environment), \
            Switch(int(environment['ROS_DOMAIN_ID'])) as switch:
        with streaming(source, environment, node):
            time.sleep(3.0)
            switched_ms(switch, 4)  # both models have been in use before memory is first read
            before, loaded_ms, after = memory_mb(node.pid), switched_ms(switch, count), memory_mb(node.pid)
        idle_ms = switched_ms(switch, 20)
        print(f'models {"kept loaded" if keep else "freed"}: {count} switches under load, {loaded_ms:.0f} ms each, '
              f'memory {before:.0f} MB before, {after:.0f} MB after; without load {idle_ms:.0f} ms each')


def switched_ms(switch: Switch, count: int) -> float:
    """Switch to instance mode and back so many times in all, and return the median time in milliseconds."""
    return median(switch.took_ms(MODES[(k + 1) % 2]) for k in range(count))


@contextmanager
def running(parameters: Sequence[tuple[str, str]]) -> Iterator[tuple[NodeProcess, Monitor, dict[str, str]]]:
    """Yield a node that is ready and watched, its monitor, and its environment."""
    arguments = [word for name, value in parameters for word in ('-p', f'{name}:={value}')]
    with own_domain() as domain, tempfile.TemporaryDirectory() as logs:
        environment = isolated_environment(domain)
        with NodeProcess('segmentation', arguments, environment, Path(logs) / 'node.log') as node, \
                Monitor('/segmentation', domain) as monitor:
            assert monitor.ready.wait(60.0), node.last_words()
            monitor.node.create_subscription(Image, '/segmentation/overlay', lambda _: None, 5)
            yield node, monitor, environment


def streaming(source: str, environment: dict[str, str], node: NodeProcess) -> NodeProcess:
    """Return a player that feeds the node pictures until its ``with`` block ends."""
    return NodeProcess('player', ['-p', f'source:="{source}"', '-p', 'rate:=30.0', '-p', 'loop:=true'], environment,
                       node.log.with_name('player.log'))


class Switch(Observer):
    """Sets the mode of the node as any other process would, and waits for the answer."""

    def __init__(self, domain: int) -> None:
        super().__init__('switch', domain)
        self._client = self.node.create_client(SetParametersAtomically, '/segmentation/set_parameters_atomically')
        assert self._client.wait_for_service(10.0), 'the node does not answer'

    def took_ms(self, mode: str) -> float:
        """Switch, and return the milliseconds until the node has answered."""
        started = time.perf_counter()
        request = SetParametersAtomically.Request(parameters=[Parameter('mode', value=mode).to_parameter_msg()])
        answered, future = threading.Event(), self._client.call_async(request)
        future.add_done_callback(lambda _: answered.set())
        assert answered.wait(60.0)
        assert future.result().result.successful, future.result()
        return 1000 * (time.perf_counter() - started)


def memory_mb(pid: int) -> float:
    """Return the resident set of a process in MB."""
    pages = int(Path(f'/proc/{pid}/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 1e6


if __name__ == '__main__':
    main()
