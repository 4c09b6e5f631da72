# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Play a recording or pictures through the real node, over ROS, and watch what it sees. A report and a video stay."""

from __future__ import annotations

import argparse
import signal
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from seg_ros.cli.arguments import device, new_folder, number, whole
from seg_ros.demo.drive import Play, driven
from seg_ros.demo.folder import claim
from seg_ros.demo.report import write_report
from seg_ros.demo.scheduled_settings import Step
from seg_ros.demo.script import script_of
from seg_ros.errors import DataError, SettingError
from seg_ros.models.catalog import entry_of
from seg_ros.player.bag_source import BagSource
from seg_ros.player.played_frames import Source
from seg_ros.player.sources import ImageFiles, open_source
from seg_ros.records import Mode
from seg_ros.share import share_directory

FOREVER_S = 1e9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('--source', default=str(share_directory() / 'recordings' / 'room'),
                        help='rosbag2 recording, folder of images, RGB-D folder, video file, or webcam (0 or '
                             '/dev/video0)')
    parser.add_argument('--mode', choices=[m.value for m in Mode],
                        help='what the node computes; without it the most that the model can, or what demo.yaml beside '
                             'a recording says, or semantic')
    parser.add_argument('--model', default='',
                        help='what answers, in panoptic mode for the part that it can: a shipped name, a folder, or '
                             'another name that seg_ros models explains; empty for the default')
    parser.add_argument('--taxonomy', default='',
                        help='a shipped name, or the path of a .yaml file; the default is indoor')
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
    total = _pictures(options, source)
    frames = write_report(options.out, replace(played, played=max(played.played, total)))
    console.print(f'{frames}{f" of {total}" if total else ""} pictures were segmented. Look at\n'
                  + '\n'.join(f'  {options.out / name}' for name in ('report.html', *_BESIDE[bool(total)])
                              if (options.out / name).exists()),
                  soft_wrap=True, highlight=False)
    if played.interrupted:
        return 130
    if frames < total:
        console.print(f'The others could not be read: {options.out / "player.log"} says why', soft_wrap=True)
    return int(frames < total)


_BESIDE = {True: ('overlays', 'labels', 'objects'), False: ('demo.mp4',)}


def _pictures(options: argparse.Namespace, source: Source) -> int:
    """Return how many pictures are to be answered, each under its name; 0 for a camera, which nobody waits for."""
    return min(options.count or len(source.paths), len(source.paths)) if isinstance(source, ImageFiles) else 0


def _steps(options: argparse.Namespace, source: Source) -> list[Step]:
    """Return what the node does when: what is asked for all the time, or what is written beside the recording."""
    asked = options.mode or options.model or options.taxonomy
    script = script_of(Path(options.source)) if isinstance(source, BagSource) and not asked else []
    return ([Step(until_s, settings) for until_s, settings in script]
            or [Step(FOREVER_S, _asked(options.mode, options.model, options.taxonomy))])


def _asked(mode: str | None, model: str, taxonomy: str = '') -> dict[str, str]:
    """
    Return the settings that are given; without a mode it is the most the model can.

    :raises SegRosError: when there is no such model, or it does not fit the mode.
    """
    classes = {'taxonomy': taxonomy} if taxonomy else {}
    if not model:
        return {'mode': mode or Mode.SEMANTIC.value, **classes}
    modes = entry_of(model).modes
    mode = mode or next(one for one in ('panoptic', 'semantic', 'instance') if one in modes)
    if mode not in (*modes, Mode.PANOPTIC.value):
        raise SettingError(f"'{model}' is a model of mode {' or '.join(modes)}, and the mode asked for is {mode}",
                           f'leave the mode out, or say {modes[0]}')
    return {'mode': mode, **classes, **{f'{part}_model': model for part in ('semantic', 'instance')
                             if mode in (part, 'panoptic') and {part, 'panoptic'} & set(modes)}}
