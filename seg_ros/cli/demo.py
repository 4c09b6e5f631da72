"""Play pictures through the real node, over ROS, and watch what it sees. Pictures and a video are kept."""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from seg_ros.cli.film import Film
from seg_ros.errors import DataError, SegRosError
from seg_ros.nodes.monitor import Monitor
from seg_ros.nodes.processes import NodeProcess, isolated_environment, own_domain
from seg_ros.records import Mode

START_PATIENCE_S = 90.0
QUIET_PATIENCE_S = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('--source', required=True,
                        help='folder of images, RGB-D folder, video file, or webcam (0 or /dev/video0)')
    parser.add_argument('--mode', default='semantic', choices=[m.value for m in Mode], help='what the node computes')
    parser.add_argument('--model', default='',
                        help='the model of the mode, in panoptic mode that of the objects: a shipped name, or a '
                             'folder; empty for the default')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--rate', type=float, default=10.0, help='pictures played per second')
    parser.add_argument('--count', type=int, default=0, help='stop after this many pictures; 0 plays all')
    parser.add_argument('--out', type=Path, default=Path('out/demo'), help='folder for the pictures and the video')


def run(options: argparse.Namespace) -> int:
    """Run the demo and return 0 if the node answered."""
    if '/' in options.source and not Path(options.source).expanduser().exists():
        raise DataError(f'the source {options.source} does not exist',
                        'give a folder of images, a video file or a webcam: make demo SOURCE=0')
    for sign in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with Ctrl-C ignored
        signal.signal(sign, signal.default_int_handler)
    options.out.mkdir(parents=True, exist_ok=True)
    console = Console()
    with own_domain() as domain, ExitStack() as stack:
        environment = isolated_environment(domain)
        node = stack.enter_context(NodeProcess('segmentation', _node_arguments(options), environment,
                                               options.out / 'segmentation.log'))
        monitor = stack.enter_context(Monitor('/segmentation', domain))
        film = stack.enter_context(Film(options.out, options.rate))
        with console.status('loading the model'):
            _wait_until_ready(node, monitor)
        monitor.watch()
        player = stack.enter_context(NodeProcess('player', _player_arguments(options), environment,
                                                 options.out / 'player.log'))
        values = _watch(node, player, monitor, film, console)
    _judge(film, player, values)
    console.print(f'{film.frames} pictures were segmented. Look at {film.video} and {film.folder}')
    return 0


def _node_arguments(options: argparse.Namespace) -> list[str]:
    knob = 'semantic_model' if options.mode == Mode.SEMANTIC.value else 'instance_model'
    model = ['-p', f'{knob}:={options.model}'] if options.model else []
    return ['-p', f'mode:={options.mode}', '-p', f'device:={options.device}', '-r', 'image:=/camera/image', *model]


def _player_arguments(options: argparse.Namespace) -> list[str]:
    return ['-p', f'source:="{options.source}"', '-p', f'rate:={float(options.rate)}', '-p', f'count:={options.count}',
            '-p', 'loop:=false', '-p', 'wait_for_subscriber:=true', '-r', 'image:=/camera/image',
            '-r', 'depth:=/camera/depth', '-r', 'camera_info:=/camera/camera_info']


def _wait_until_ready(node: NodeProcess, monitor: Monitor) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while not monitor.ready.wait(0.1):
        if node.status is not None or time.monotonic() > deadline:
            raise SegRosError(f'the node did not become ready. It said:\n{node.last_words()}\n',
                              f'Its whole log is {node.log}')


def _watch(node: NodeProcess, player: NodeProcess, monitor: Monitor, film: Film,
           console: Console) -> Mapping[str, str]:
    """Show the table until the player has ended and its last picture is answered; return the last numbers."""
    last_news = time.monotonic()
    with Live(_table(monitor, film), console=console, refresh_per_second=4) as live:
        while node.status is None:
            pictures = monitor.pictures()
            for picture in pictures:
                film.add(picture.rgb)
            now = time.monotonic()
            last_news = now if pictures else last_news
            if player.status is None:  # afterwards the rates only fall
                live.update(_table(monitor, film))
            if now - last_news > (1.5 if player.status is not None else QUIET_PATIENCE_S):
                break
            time.sleep(0.05)
    return dict(monitor.values)


def _judge(film: Film, player: NodeProcess, values: Mapping[str, str]) -> None:
    if player.status not in (0, None):
        raise SegRosError(f'the player failed. It said:\n{player.last_words()}\n', '')
    if film.frames == 0:
        raise SegRosError(f'nothing was segmented: {values.get("received", "0")} images reached the node, '
                          f'last error: {values.get("last error") or "none"}',
                          'See segmentation.log and player.log beside the pictures')


def _table(monitor: Monitor, film: Film) -> Table:
    values = monitor.values
    table = Table(title=f'{values.get("model", "…")} · {values.get("mode", "")} · {values.get("device", "")} '
                        f'{values.get("precision", "")}')
    table.add_column('what')
    table.add_column('now', justify='right')
    for key in ('input rate (Hz)', 'output rate (Hz)', 'latency p50 (ms)', 'latency p95 (ms)', 'dropped',
                'undecodable'):
        table.add_row(key, values.get(key, '…'))
    table.add_row('pictures kept', str(film.frames))
    table.add_section()
    for key, value in values.items():
        if key.startswith('share of '):
            table.add_row(key.removesuffix(' (%)'), f'{value} %')
        elif key.endswith(' ever'):
            name = key.removesuffix(' ever')
            table.add_row(f'{name}: in sight, ever seen', f'{values.get(f"{name} now", "0")}, {value}')
    return table
