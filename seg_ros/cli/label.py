# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Write a copy of a recording with this package's outputs added, for every frame. The recording is never touched."""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm import tqdm

from seg_ros.cli.arguments import device, new_folder, number, topic_start
from seg_ros.cli.recordings import add_topics, ended_between_images, excerpt_of, settings_of
from seg_ros.errors import SettingError
from seg_ros.lab.answers import write_grey
from seg_ros.player.named_frames import named_frames
from seg_ros.player.sources import open_source
from seg_ros.recordings.camera_of_bag import Excerpt
from seg_ros.recordings.labelling import USUAL, Job, LabellingProgress, label, output_names
from seg_ros.records import Mode
from seg_ros.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('source', metavar='BAG_IN', type=Path, help='the recording: a folder of rosbag2, .mcap or .db3')
    parser.add_argument('target', metavar='BAG_OUT', type=Path, help='folder of the copy; it must not exist')
    parser.add_argument('--mode', choices=[m.value for m in Mode], help='what is computed; semantic unless '
                                                                        'the file says otherwise')
    parser.add_argument('--model', default='', help='the model of the mode, in panoptic mode that of the objects: a '
                                                    'shipped name, or a folder')
    parser.add_argument('--device', type=device, default=None, help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--params-file', type=Path, help='the parameters of the node, as ros2 run takes them')
    parser.add_argument('--outputs', nargs='+', default=list(USUAL), metavar='NAME',
                        help='the outputs to add, by the names of their topics; all adds everything')
    parser.add_argument('--namespace', type=topic_start, default='/segmentation', help='what their topics begin with')
    add_topics(parser)
    parser.add_argument('--part', type=number(0.1, 86_400.0), default=10.0, metavar='SECONDS',
                        help='the copy is written in parts of this length; at most one has to be done again')
    parser.add_argument('--masks', type=new_folder, metavar='FOLDER',
                        help='write each label image as a PNG file too, named by its stamp in nanoseconds as seg_ros '
                             'frames names the pictures')
    parser.add_argument('--resume', action='store_true', help='go on where the same command was interrupted')


def run(options: argparse.Namespace) -> int:
    """Label the recording and return 0 when all of it is done."""
    settings, outputs = _settings(options), output_names(options.outputs)
    if options.masks and ('mask' not in outputs or not Mode(settings.mode).has_labels):
        raise SettingError('--masks writes label images, and there will be none',
                           'leave mask in --outputs, and choose --mode semantic or panoptic')
    job = Job(options.source, options.target, settings, outputs, options.namespace,
              excerpt_of(options), options.part)
    with tqdm(unit='image', desc=options.source.name) as bar, ended_between_images() as ended:
        def tell(progress: LabellingProgress) -> None:
            if ended.is_set():
                raise KeyboardInterrupt
            bar.total, bar.n = progress.total, progress.labelled + progress.undecodable
            bar.refresh() if bar.n == bar.total else bar.update(0)

        try:
            done = label(job, resume=options.resume, tell=tell)
        except KeyboardInterrupt:
            bar.close()
            print('The parts that were finished are kept: type the same with --resume to go on.')
            raise
    if not done.total:
        print(f'{options.target} is complete already')
    else:
        bad = f', {done.undecodable} could not be decoded' if done.undecodable else ''
        print(f'{done.labelled} images are labelled{bad}: {options.target}')
    if options.masks:
        print(f'{_write_masks(options.target, job, options.masks)} label images are written: {options.masks}')
    return 0


def _write_masks(recording: Path, job: Job, folder: Path) -> int:
    """Write the label images of a labelled recording as files, and return how many there are."""
    masks = open_source(str(recording), Excerpt(image=f'{job.namespace}/mask'))
    written = 0
    for name, frame in named_frames(masks, 'mask'):
        assert frame is not None
        write_grey(folder / f'{name}.png', frame.rgb[..., 0])
        written += 1
    return written


def _settings(options: argparse.Namespace) -> Settings:
    settings = settings_of(options)
    mode = options.mode or settings.mode
    given = {'mode': mode, 'device': options.device or settings.device, 'cameras': ('',)}
    if options.model:
        given['semantic_model' if mode == Mode.SEMANTIC.value else 'instance_model'] = options.model
    return settings.changed(given)
