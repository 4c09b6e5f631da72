"""Play a recording or pictures through the real node, over ROS, and watch what it sees. A report and a video stay."""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from seg_ros.cli.demo_page import Run
from seg_ros.cli.demo_report import write_report
from seg_ros.errors import DataError, SegRosError
from seg_ros.lab.demo_script import script_of
from seg_ros.nodes.bag_source import BagSource
from seg_ros.nodes.monitor import Monitor
from seg_ros.nodes.processes import NodeProcess, isolated_environment, own_domain
from seg_ros.nodes.recorder import OVERLAY, Recorder
from seg_ros.nodes.shots import Source
from seg_ros.nodes.sources import open_source
from seg_ros.nodes.steering import Steering, Step
from seg_ros.records import Mode
from seg_ros.share import share_directory

START_PATIENCE_S = 90.0
QUIET_PATIENCE_S = 20.0
IN_THE_IMAGE = ('mask', 'instances', 'instance_ids', OVERLAY)
IN_SPACE = ('obstacles', 'ground', 'objects')
NODE = '/segmentation'
FOREVER_S = 1e9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('--source', default=str(share_directory() / 'recordings' / 'room'),
                        help='rosbag2 recording, folder of images, RGB-D folder, video file, or webcam (0 or '
                             '/dev/video0)')
    parser.add_argument('--mode', choices=[m.value for m in Mode],
                        help='what the node computes; without it what demo.yaml beside a recording says, or semantic')
    parser.add_argument('--model', default='',
                        help='the model of the mode, in panoptic mode that of the objects: a shipped name, or a '
                             'folder; empty for the default')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--rate', type=float, default=0.0,
                        help='pictures played per second; 0 as a recording has them, and 10 for what has no times')
    parser.add_argument('--count', type=int, default=0, help='stop after this many pictures; 0 plays all')
    parser.add_argument('--out', type=Path, default=Path('out/demo'), help='folder for the report, pictures and video')


def run(options: argparse.Namespace) -> int:
    """Run the demo and return 0 if the node answered, 130 if somebody interrupted it; both leave a report."""
    if '/' in options.source and not Path(options.source).expanduser().exists():
        raise DataError(f'the source {options.source} does not exist',
                        'give a recording, a folder of images, a video file or a webcam: make demo SOURCE=0')
    for sign in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with Ctrl-C ignored
        signal.signal(sign, signal.default_int_handler)
    options.out.mkdir(parents=True, exist_ok=True)
    console, source = Console(), open_source(options.source)
    steps = _steps(options, source)
    played = _played(options, source, steps, console)
    console.print('drawing the video and the report')
    frames = write_report(options.out, played)
    console.print(f'{frames} pictures were segmented. Look at {options.out / "report.html"} and '
                  f'{options.out / "demo.mp4"}')
    return 130 if played.interrupted else 0


def _played(options: argparse.Namespace, source: Source, steps: Sequence[Step], console: Console) -> Run:
    """Play the source and return what was recorded; both nodes have ended then, so that drawing disturbs nothing."""
    values: dict[str, str] = {}
    interrupted = False
    with own_domain() as domain, ExitStack() as stack:
        environment = isolated_environment(domain)
        node = stack.enter_context(NodeProcess('segmentation', _node_arguments(options, steps[0]), environment,
                                               options.out / 'segmentation.log'))
        monitor = stack.enter_context(Monitor(NODE, domain))
        outputs = (*IN_THE_IMAGE, *(IN_SPACE if _has_depth(source) else ()))
        recorder = stack.enter_context(Recorder(options.out / 'recording', NODE, domain, outputs))
        steering = Steering(recorder.node, NODE, steps)
        recorder.at = steering.at
        with console.status('loading the model'):
            _wait_until_ready(node, monitor)
        recorder.watch()
        player = stack.enter_context(NodeProcess('player', _player_arguments(options), environment,
                                                 options.out / 'player.log'))
        try:
            _watch(node, player, monitor, recorder, console)
        except KeyboardInterrupt:
            if not recorder.answers:
                raise
            interrupted = True
        values = dict(monitor.values)
    if not interrupted:
        _judge(recorder, node, player, values)
    truth = Path(options.source) if isinstance(source, BagSource) else None
    return Run(options.out / 'recording', NODE, source.words, truth, values, interrupted, tuple(steering.changes))


def _steps(options: argparse.Namespace, source: Source) -> list[Step]:
    """Return what the node does when: one thing all the time, or what is written beside the recording."""
    script = [] if options.mode or not isinstance(source, BagSource) else script_of(Path(options.source))
    if script:
        return [Step(until_s, settings) for until_s, settings in script]
    mode = options.mode or Mode.SEMANTIC.value
    knob = 'semantic_model' if mode == Mode.SEMANTIC.value else 'instance_model'
    return [Step(FOREVER_S, {'mode': mode, **({knob: options.model} if options.model else {})})]


def _has_depth(source: Source) -> bool:
    if source.live:
        return False
    if isinstance(source, BagSource):
        return bool(source.topics.depth)
    first = next(iter(source.shots()), None)
    return first is not None and first.depth is not None


def _node_arguments(options: argparse.Namespace, step: Step) -> list[str]:
    given = [word for name, value in step.settings.items() for word in ('-p', f'{name}:={value}')]
    inputs = [word for name in ('image', 'depth', 'camera_info') for word in ('-r', f'{name}:=/camera/{name}')]
    return [*given, '-p', f'device:={options.device}', *inputs]


def _player_arguments(options: argparse.Namespace) -> list[str]:
    return ['-p', f'source:="{options.source}"', '-p', f'rate:={float(options.rate)}', '-p', f'count:={options.count}',
            '-p', 'loop:=false', '-p', 'wait_for_subscriber:=true',
            '-p', 'subscribers:=2', '-r', 'image:=/camera/image',  # the node and the recorder
            '-r', 'depth:=/camera/depth', '-r', 'camera_info:=/camera/camera_info']


def _wait_until_ready(node: NodeProcess, monitor: Monitor) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while not monitor.ready.wait(0.1):
        if node.status is not None or time.monotonic() > deadline:
            raise SegRosError(f'the node did not become ready. It said:\n{node.last_words()}\n',
                              f'Its whole log is {node.log}')


def _watch(node: NodeProcess, player: NodeProcess, monitor: Monitor, recorder: Recorder, console: Console) -> None:
    """Show the table until the player has ended and its last picture is answered."""
    recorder.heard_s = time.monotonic()
    with Live(_table(monitor, recorder), console=console, refresh_per_second=2) as live:
        while node.status is None:
            if player.status is None:  # afterwards the rates only fall
                live.update(_table(monitor, recorder))
            if time.monotonic() - recorder.heard_s > (1.5 if player.status is not None else QUIET_PATIENCE_S):
                break
            time.sleep(0.1)


def _judge(recorder: Recorder, node: NodeProcess, player: NodeProcess, values: Mapping[str, str]) -> None:
    if player.status not in (0, None):
        raise SegRosError(f'the player failed. It said:\n{player.last_words()}\n', '')
    if recorder.answers == 0:
        raise SegRosError(f'nothing was segmented: {values.get("received", "0")} images reached the node, '
                          f'last error: {values.get("last error") or "none"}. It said:\n{node.last_words()}\n',
                          'See segmentation.log and player.log beside the pictures')


def _table(monitor: Monitor, recorder: Recorder) -> Table:
    values = monitor.values
    table = Table(title=f'{values.get("model", "…")} · {values.get("mode", "")} · {values.get("device", "")} '
                        f'{values.get("precision", "")}')
    table.add_column('what')
    table.add_column('now', justify='right')
    for key in ('input rate (Hz)', 'output rate (Hz)', 'latency p50 (ms)', 'latency p95 (ms)', 'dropped',
                'undecodable'):
        table.add_row(key, values.get(key, '…'))
    table.add_row('pictures kept', str(recorder.answers))
    table.add_section()
    for key, value in values.items():
        if key.startswith('share of '):
            table.add_row(key.removesuffix(' (%)'), f'{value} %')
        elif key.endswith(' ever'):
            name = key.removesuffix(' ever')
            table.add_row(f'{name}: in sight, ever seen', f'{values.get(f"{name} now", "0")}, {value}')
    return table
