# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Answer pictures, films and recordings with a model, and write what it sees into files.

Of every picture, under its own name: overlays/NAME.jpg for a person, labels/NAME.png with the id of each pixel's class
(classes.json names them; 255 is unlabelled), objects/NAME.json with class, score, box and COCO run lengths.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from seg_ros.cli.arguments import count, device, new_folder, share, whole
from seg_ros.errors import DataError
from seg_ros.lab.answers import write_classes, write_result
from seg_ros.model import pipeline_of
from seg_ros.player.named_frames import named_frames
from seg_ros.player.played_frames import PlayedFrame, Source
from seg_ros.player.sources import ImageFiles, follows, open_source
from seg_ros.records import Frame, Mode
from seg_ros.settings import Settings

FRAME_NS = 100_000_000  # from one picture to the next where a source does not know the time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('model', metavar='MODEL', help='a shipped name, the folder of a model, torchvision:NAME, '
                                                       'hf:ORG/NAME, onnx:/file.onnx')
    parser.add_argument('sources', metavar='SOURCE', nargs='+',
                        help='pictures, folders of pictures, films, recordings, a webcam (0 or /dev/video0)')
    parser.add_argument('--out', type=new_folder, required=True, help='folder for the answers')
    parser.add_argument('--mode', choices=[m.value for m in Mode], help='of a model that can do several; without it '
                                                                        'the most it can')
    parser.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    parser.add_argument('--device', type=device, default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--threshold', type=share, default=Settings().unlabelled_threshold,
                        help='pixels less certain than this are unlabelled')
    parser.add_argument('--score-threshold', type=share, default=Settings().score_threshold,
                        help='objects less certain than this are left out')
    parser.add_argument('--every', type=count, default=1, metavar='N', help='answer every Nth picture of each source')
    parser.add_argument('--count', type=whole, default=0, help='stop after so many pictures of each source; 0 answers '
                                                               'all')


def run(options: argparse.Namespace) -> int:
    """Answer every picture, and return 1 when some could not be read."""
    sources = {text: open_source(text) for text in options.sources}
    pipeline, settings = pipeline_of(options.model, Settings().changed({
        'taxonomy': options.taxonomy, 'device': options.device, 'unlabelled_threshold': options.threshold,
        'score_threshold': options.score_threshold}), options.mode)
    answered, unread = 0, []
    try:
        write_classes(options.out, {c.id: c.name for c in pipeline.classes})
        for camera, (text, source) in enumerate(sources.items()):
            folder = options.out / f'{camera}_{_stem(text)}' if len(sources) > 1 else options.out
            asked = settings.changed({'tracking': follows(source)})
            for name, frame, stamp_ns in _chosen(source, text, options):
                if frame is None:
                    unread.append(name)
                    continue
                result, = pipeline.run([Frame(str(camera), stamp_ns, '', frame.rgb)], asked)
                write_result(folder, name, result, pipeline.classes)
                answered += 1
    except KeyboardInterrupt:
        print(f'{answered} pictures were answered until now: {options.out}')
        raise
    finally:
        pipeline.close()
    if not answered and not unread:
        raise DataError(f'no picture came of {", ".join(sources)}', 'look whether they can be played')
    print(f'{answered} picture{" is" if answered == 1 else "s are"} answered: {options.out}')
    if unread:
        print(f'{len(unread)} could not be read: {", ".join(unread[:10])}')
    return 1 if unread else 0


def _chosen(source: Source, text: str,
            options: argparse.Namespace) -> Iterator[tuple[str, PlayedFrame | None, int]]:
    """Yield the pictures asked for: name, frame and time, with a bar of how far they are."""
    total = len(source.paths) if isinstance(source, ImageFiles) else None
    bar = tqdm(named_frames(source, _stem(text)), desc=_stem(text), total=total, unit='picture', dynamic_ncols=True)
    for number, (name, frame) in enumerate(bar):
        if options.count and number >= options.count * options.every:
            return
        if number % options.every == 0:
            known = frame is not None and frame.stamp_ns is not None
            yield name, frame, frame.stamp_ns if known else number * FRAME_NS  # type: ignore[union-attr,misc]


def _stem(text: str) -> str:
    return Path(text).expanduser().resolve().stem or 'source'
