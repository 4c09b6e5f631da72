"""
What each mode costs on this machine, and whether switching between them leaks.

Method: the node and the player run as processes in a ROS domain of their own, as in the demo. Each mode runs for
some seconds on the same pictures, played faster than the model can follow; rate and latency (image stamp to publish)
are the node's own diagnostics, memory is the resident set of its process. Then the mode is switched a number of
times while pictures stream, and memory is read again.

    python benchmarks/modes.py --source folder_of_images
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import rclpy
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter

from seg_ros.nodes.monitor import Monitor
from seg_ros.nodes.processes import NodeProcess, isolated_environment, own_domain

MODES = ('semantic', 'instance', 'panoptic')


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--source', required=True, help='what the player plays')
    parser.add_argument('--seconds', type=float, default=15.0, help='per mode')
    parser.add_argument('--switches', type=int, default=100)
    parser.add_argument('--keep-models-loaded', action='store_true')
    options = parser.parse_args()
    with own_domain() as domain, ExitStack() as stack:
        environment = isolated_environment(domain)
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        keep = str(options.keep_models_loaded).lower()
        node = stack.enter_context(NodeProcess('segmentation', ['-p', f'keep_models_loaded:={keep}'], environment,
                                               logs / 'segmentation.log'))
        monitor = stack.enter_context(Monitor('/segmentation', domain))
        assert monitor.ready.wait(60.0), node.last_words()
        monitor.watch()
        stack.enter_context(NodeProcess('player', ['-p', f'source:="{options.source}"', '-p', 'rate:=30.0', '-p',
                                                   'loop:=true'], environment, logs / 'player.log'))
        switch = Switch(domain)
        print(f'{"mode":10} {"Hz":>6} {"p50 ms":>8} {"p95 ms":>8} {"memory MB":>10}')
        for mode in MODES:
            switch(mode)
            time.sleep(options.seconds)
            values = monitor.values
            print(f'{mode:10} {values["output rate (Hz)"]:>6} {values["latency p50 (ms)"]:>8} '
                  f'{values["latency p95 (ms)"]:>8} {memory_mb(node.pid):>10.0f}')
        print_switches(switch, node.pid, options.switches)


def print_switches(switch: Switch, pid: int, count: int) -> None:
    """Switch to and fro, and print memory on the way and the median time of a switch."""
    took: list[float] = []
    for k in range(count + 1):
        if k % max(1, count // 5) == 0:
            print(f'after {k:4d} switches: {memory_mb(pid):6.0f} MB')
        started = time.perf_counter()
        switch(MODES[k % 2])
        took.append(time.perf_counter() - started)
    print(f'a switch takes {1000 * sorted(took)[len(took) // 2]:.0f} ms (median of {len(took)})')


class Switch:
    """Sets the mode of the node as any other process would, and waits for the answer."""

    def __init__(self, domain: int) -> None:
        context = Context()
        rclpy.init(context=context, domain_id=domain)
        self._node = Node('switch', context=context)
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self._node)
        self._client = self._node.create_client(SetParametersAtomically, '/segmentation/set_parameters_atomically')
        assert self._client.wait_for_service(10.0), 'the node does not answer'

    def __call__(self, mode: str) -> None:
        """Return when the node has switched."""
        request = SetParametersAtomically.Request(parameters=[Parameter('mode', value=mode).to_parameter_msg()])
        future = self._client.call_async(request)
        self._executor.spin_until_future_complete(future, timeout_sec=60.0)
        result = future.result()
        assert result is not None and result.result.successful, result


def memory_mb(pid: int) -> float:
    """Return the resident set of a process in MB."""
    pages = int(Path(f'/proc/{pid}/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 1e6


if __name__ == '__main__':
    main()
