# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Make a map of a recording: floor and obstacles for Nav2, the class of every cell, every object with its place."""

from __future__ import annotations

import argparse
import json
import logging
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any
from zipfile import BadZipFile

import numpy as np
from tqdm import tqdm

from seg_ros.cli.arguments import count, device
from seg_ros.cli.recordings import add_topics, ended_between_images, excerpt_of, settings_of
from seg_ros.errors import DataError
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.mapping.datum import Datum
from seg_ros.mapping.evidence import moving_of
from seg_ros.mapping.export import save, written_into
from seg_ros.mapping.levelling import Levelling
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.view import Viewing
from seg_ros.models.catalog import open_model
from seg_ros.pipeline import Pipeline
from seg_ros.pipeline.camera_memory import CameraMemory, Ids
from seg_ros.recordings.posed_frames import PosedFrame, PosedFrames, posed_frames
from seg_ros.records import Mode
from seg_ros.settings import Settings

WANTED = frozenset({'ground'})  # what makes the pipeline measure the floor
UNFINISHED = 'unfinished.npz'
log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    known = MapSettings()
    parser.add_argument('recording', metavar='RECORDING', type=Path,
                        help='a rosbag2 recording with depth and /tf or nav_msgs/Odometry, or a folder with .pose.txt')
    parser.add_argument('--out', metavar='DIR', type=Path, required=True, help='the folder the map is written into')
    parser.add_argument('--mode', choices=[m.value for m in Mode], default=Mode.PANOPTIC.value,
                        help='panoptic maps cells and objects, semantic cells, instance objects')
    parser.add_argument('--semantic-model', default='', help='the model of the cells; that of the node if not given')
    parser.add_argument('--instance-model', default='', help='the model of the objects; that of the node if not given')
    parser.add_argument('--device', type=device, help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--params-file', type=Path, help='the parameters of the node, as ros2 run takes them')
    parser.add_argument('--map-frame', default='', help='the frame the map is made in; map, or else odom, if not given')
    parser.add_argument('--datum', default='', metavar='LAT,LON[,BEARING]',
                        help='where the origin of the map lies, for places on the Earth (WGS84)')
    parser.add_argument('--resolution', type=float, default=known.resolution_m, metavar='M', help='side of a cell')
    parser.add_argument('--max-range', type=float, default=known.max_range_m, metavar='M', help='how far is looked')
    parser.add_argument('--moving', nargs='*', default=list(known.moving), metavar='CLASS',
                        help='classes that move and leave no trace')
    parser.add_argument('--confirm-views', type=int, default=known.confirm_views, metavar='N',
                        help='images an object must be seen in')
    parser.add_argument('--every', type=count, default=1, metavar='N', help='take every Nth image')
    parser.add_argument('--resume', action='store_true', help='go on where the same command was interrupted')
    add_topics(parser)


def run(options: argparse.Namespace) -> int:
    """Make the map; what was done before an interruption is saved too."""
    datum = Datum.parsed(options.datum) if options.datum else None
    if datum is not None:
        datum.placed(np.zeros((1, 2)))  # says now and not at the end what is missing
    map_settings = MapSettings(resolution_m=options.resolution, max_range_m=options.max_range,
                               confirm_views=options.confirm_views)
    source = posed_frames(options.recording, map_frame=options.map_frame, recording=excerpt_of(options))
    settings = _settings(options)
    with written_into(options.out):
        pass  # says now and not at the end what cannot be written
    with closing(Pipeline(open_model)) as pipeline:
        pipeline.configure(settings)
        moving = moving_of(pipeline.classes, load_taxonomy(settings.taxonomy), options.moving)
        mapper = Mapper(pipeline.classes, replace(map_settings, moving=moving))
        work = _Work(mapper, pipeline, settings, None if source.is_level else Levelling())
        facts = _facts(options, settings, mapper.settings)
        with ended_between_images() as ended:
            if options.resume:
                work.recall(options.out / UNFINISHED, facts)
            is_whole = _fill(work, source, options, ended)
            if mapper.views and not is_whole:
                work.keep(options.out / UNFINISHED, facts)
    if not mapper.views:
        raise DataError(f'no image of {options.recording} could be placed in a map', _reason(source))
    save(mapper, options.out, datum)
    _tell(mapper, options.out)
    if not is_whole:
        print('This is the map of the images so far: type the same with --resume to go on.')
        raise KeyboardInterrupt
    (options.out / UNFINISHED).unlink(missing_ok=True)
    return 0


@dataclass
class _Work:
    """What a run holds, and what it needs to go on another day."""

    mapper: Mapper
    pipeline: Pipeline
    settings: Settings
    levelling: Levelling | None
    done: int = 0
    camera: CameraMemory = field(default_factory=lambda: CameraMemory(Ids()))
    viewing: Viewing = field(default_factory=Viewing)
    doubted: set[str] = field(default_factory=set)  # causes that were said

    def add(self, posed: PosedFrame) -> None:
        """Put one frame into the map."""
        result, = self.pipeline.run([replace(posed.frame, wanted=WANTED)], self.settings, self.camera)
        for doubt in result.space.doubts:
            if doubt.cause not in self.doubted:
                self.doubted.add(doubt.cause)
                log.warning('%s', doubt)
        view = self.viewing.view(posed.frame, result.segmentation, posed.map_from_camera, floor=result.space.plane)
        for one in [view] if self.levelling is None else self.levelling.levelled(view):
            self.mapper.update(one)

    def keep(self, path: Path, facts: str) -> None:
        """Write all that is needed to go on."""
        world = None if self.levelling is None else self.levelling.map_from_world
        kept: dict[str, Any] = {'facts': np.array(facts), 'done': np.array(self.done),
                                'world': np.zeros(0) if world is None else world}
        kept |= {f'map {name}': value for name, value in self.mapper.memory().items()}
        kept |= {f'pipeline {name}': value for name, value in self.camera.arrays().items()}
        with written_into(path.parent):  # whole or not at all: a second Ctrl-C ends at once
            part = path.with_name(f'part-{path.name}')
            np.savez(part, **kept)
            part.replace(path)

    def recall(self, path: Path, facts: str) -> None:
        """Go on where the same command was interrupted; begin where it was not."""
        if not path.exists():
            return
        try:
            with np.load(path, allow_pickle=False) as file:
                kept = dict(file)
        except (OSError, ValueError, EOFError, BadZipFile) as error:
            raise DataError(f'{path} is damaged ({error})', 'leave --resume out, and the map begins anew') from error
        if str(kept['facts']) != facts:
            raise DataError(f'{path.parent} was begun with other words or another recording',
                            'type the same as before, or leave --resume out')
        parts = {name: {key.removeprefix(name): value for key, value in kept.items() if key.startswith(name)}
                 for name in ('map ', 'pipeline ')}
        self.done, world = int(kept['done']), kept['world']
        self.mapper.recall(parts['map '])
        self.camera.recall(parts['pipeline '])
        if self.levelling is not None and world.size:
            self.levelling.map_from_world = world


def _facts(options: argparse.Namespace, settings: Settings, map_settings: MapSettings) -> str:
    """Return what must be the same to go on."""
    return json.dumps([str(options.recording.resolve()), options.map_frame, options.every, asdict(settings),
                       asdict(map_settings)], sort_keys=True)


def _fill(work: _Work, source: PosedFrames, options: argparse.Namespace, ended: Event) -> bool:
    """Put the frames into the map; return whether all of them are in it."""
    with tqdm(total=source.count, initial=work.done, unit='image', desc=options.recording.name) as bar:
        for posed in source.frames(work.done):
            if ended.is_set():
                return False
            bar.update(posed.number + 1 - bar.n)
            if posed.number % options.every == 0:
                work.add(posed)
            work.done = posed.number + 1
    return True


def _reason(source: PosedFrames) -> str:
    return ('check that image, depth and transforms have stamps of the same clock' if source.is_level
            else 'the poses are not level, and no floor was seen to level the map by')


def _tell(mapper: Mapper, out: Path) -> None:
    chart, area = mapper.chart(), mapper.settings.resolution_m ** 2
    counts = ', '.join(f'{count} {name}' for name, count in mapper.counts().items()) or 'none'
    print(f'{out}: {(chart.occupancy >= 0).sum() * area:.1f} m² of {mapper.views} images; objects: {counts}')
    if mapper.problem:
        log.warning('%s.', mapper.problem)


def _settings(options: argparse.Namespace) -> Settings:
    given = {'mode': options.mode, 'device': options.device, 'semantic_model': options.semantic_model,
             'instance_model': options.instance_model}
    return settings_of(options).changed({name: value for name, value in given.items() if value} | {'cameras': ('',)})
