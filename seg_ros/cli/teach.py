# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Teach a model the floors and walls of a building by a drive with a depth camera; nothing is labelled by hand."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.table import Table
from tqdm import tqdm

from seg_ros.cli.arguments import count, device, new_folder, number, share, whole
from seg_ros.cli.recordings import add_topics, ended_between_images, excerpt_of
from seg_ros.cli.tables import show, table
from seg_ros.lab.drive import JUDGE, LEARN, Survey
from seg_ros.lab.taught_verdict import Assessment
from seg_ros.lab.teaching import DRIVE, MODEL, SHEET, Lesson, prepare, teach
from seg_ros.recordings.posed_frames import posed_frames

WORSE = 3
"""The exit status when something has become worse."""

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('recording', metavar='RECORDING', type=Path,
                        help='a rosbag2 recording with depth, best with /tf or nav_msgs/Odometry, or a folder with '
                             '.pose.txt')
    parser.add_argument('--from', dest='start', metavar='MODEL', default='indoor',
                        help='the model that learns: a shipped name, or the folder of one')
    parser.add_argument('--out', metavar='DIR', type=new_folder, required=True,
                        help='the folder of images, labels, training and model')
    parser.add_argument('--name', default='taught', help='the name on the card')
    parser.add_argument('--check', metavar='DIR', type=Path,
                        help='labelled pictures, in the folders images and labels, to compare before and after on')
    parser.add_argument('--pictures', metavar='DIR', type=Path,
                        help='other pictures, without labels, on which the answers shall stay')
    parser.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    parser.add_argument('--epochs', type=count, default=Lesson.epochs, help='of 40 batches each')
    parser.add_argument('--keep', type=number(0.0, 100.0), default=Lesson.keep,
                        help='how much the answers before weigh in what depth leaves open: with less, more is learned '
                             'of this building and more forgotten of others')
    parser.add_argument('--stay', type=share, default=Lesson.stay, metavar='SHARE',
                        help='of the pixels of other pictures, the share that must be answered as before; where less '
                             'stays, less of what was learned goes into the model')
    parser.add_argument('--seed', type=whole, default=Lesson.seed, help='of all that is drawn at random')
    parser.add_argument('--workers', type=count, default=max(1, min(8, len(os.sched_getaffinity(0)) - 1)),
                        help='threads that make views ahead')
    parser.add_argument('--device', type=device, default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--resume', action='store_true', help='go on where the same command was interrupted')
    add_topics(parser)


def run(options: argparse.Namespace) -> int:
    """Teach, and say what it has changed."""
    lesson = Lesson(options.recording, options.start, options.out, name=options.name, taxonomy=options.taxonomy,
                    pictures=options.pictures, check=options.check, epochs=options.epochs, keep=options.keep,
                    stay=options.stay, device=options.device, workers=options.workers, seed=options.seed)
    drive = posed_frames(options.recording, needs_poses=False, recording=excerpt_of(options))
    try:
        with ended_between_images() as ended:
            found = prepare(drive, lesson, resume=options.resume, ended=ended, seen=_bar)
        _tell(found)
        verdict = teach(lesson, found)
    except KeyboardInterrupt:
        if (lesson.out / DRIVE).exists():
            print('What is done is kept: type the same with --resume to go on.')
        raise
    show(_table(verdict))
    return _end(verdict, lesson)


def _bar(images: Iterable[Any], total: int, words: str) -> Iterable[Any]:
    return tqdm(images, total=total, unit='image', desc=words)


def _tell(found: Survey) -> None:
    print(f'{len(found.taken)} of {found.images} images teach: {len(found.numbers(LEARN))} to learn from, the last '
          f'{len(found.numbers(JUDGE))} to judge by.')
    for words, left_out in sorted(found.left_out.items(), key=lambda one: -one[1]):
        print(f'{left_out} {words} and are left out.')


def _table(verdict: Assessment) -> Table:
    rows = [(row.on, row.name, f'{100 * row.before:.1f}', f'{100 * row.after:.1f}',
             f'{100 * (row.after - row.before):+.1f}' + ' !' * row.is_worse)
            for row in verdict.rows if row.before == row.before]
    return table(f'{verdict.images} images that were held out', ('on', 'score in %', 'before', 'after', 'change'), rows,
                 words=2)


def _end(verdict: Assessment, lesson: Lesson) -> int:
    print(f'Before and after: {lesson.out / SHEET}')
    print(f'The model holds {verdict.share:.0%} of what was learned; of other pictures, {verdict.stayed:.1%} of the '
          'pixels are answered as before.')
    if not verdict.share:
        log.warning('Nothing that was learned is better and leaves %.1f %% of the other answers: the model is %s as it '
                    'was.', 100 * lesson.stay, lesson.start)
    elif verdict.worse:
        log.warning('Worse by more than a point: %s.', ', '.join(f'{row.name} ({row.on})' for row in verdict.worse))
    print(f'Use it: ros2 run seg_ros segmentation --ros-args -p semantic_model:={(lesson.out / MODEL).resolve()}')
    return WORSE if verdict.worse or not verdict.share else 0
