"""Play a recording or pictures through the real node, over ROS, and watch what it sees. A report and a video stay."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from rich.console import Console

from seg_ros.cli.arguments import device, new_folder, number, whole
from seg_ros.demo.drive import Play, driven
from seg_ros.demo.folder import claim
from seg_ros.demo.report import write_report
from seg_ros.demo.scheduled_settings import Step
from seg_ros.demo.script import script_of
from seg_ros.errors import DataError, SettingError
from seg_ros.player.bag_source import BagSource
from seg_ros.player.played_frames import Source
from seg_ros.player.sources import open_source
from seg_ros.records import Mode
from seg_ros.share import share_directory

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
    parser.add_argument('--device', type=device, default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--rate', type=number(0.0, 1000.0), default=0.0,
                        help='pictures played per second; 0 as a recording has them, and 10 for what has no times')
    parser.add_argument('--count', type=whole, default=0, help='stop after this many pictures; 0 plays all')
    parser.add_argument('--out', type=new_folder, default=Path('out/demo'),
                        help='folder for the report, pictures and video')


def run(options: argparse.Namespace) -> int:
    """Run the demo and return 0 if the node answered, 130 if somebody interrupted it; both leave a report."""
    if '/' in options.source and not Path(options.source).expanduser().exists():
        raise DataError(f'the source {options.source} does not exist',
                        'give a recording, a folder of images, a video file or a webcam: make demo SOURCE=0')
    for sign in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with Ctrl-C ignored
        signal.signal(sign, signal.default_int_handler)
    claim(options.out, options.source)
    console, source = Console(), open_source(options.source)
    steps = _steps(options, source)
    play = Play(options.source, options.device, options.rate, options.count, options.out)
    played = driven(play, source, steps, console)
    console.print('drawing the video and the report')
    frames = write_report(options.out, played)
    console.print(f'{frames} pictures were segmented. Look at {options.out / "report.html"} and '
                  f'{options.out / "demo.mp4"}')
    return 130 if played.interrupted else 0


def _steps(options: argparse.Namespace, source: Source) -> list[Step]:
    """Return what the node does when: one thing all the time, or what is written beside the recording."""
    script = [] if options.mode or not isinstance(source, BagSource) else script_of(Path(options.source))
    if script and options.model:
        raise SettingError(f'--model is {options.model}, but demo.yaml beside {options.source} says which models play '
                           'when', 'give --mode too, and the model plays all the time')
    if script:
        return [Step(until_s, settings) for until_s, settings in script]
    mode = options.mode or Mode.SEMANTIC.value
    knob = 'semantic_model' if mode == Mode.SEMANTIC.value else 'instance_model'
    return [Step(FOREVER_S, {'mode': mode, **({knob: options.model} if options.model else {})})]
