# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Write pictures of a recording or a film as PNG files, for labelling, with depth where asked.

What was recorded is named by its stamp in nanoseconds, as the masks are that seg_ros label --masks writes.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from seg_ros.cli.arguments import count, new_folder, whole
from seg_ros.errors import DataError
from seg_ros.lab.answers import write_grey
from seg_ros.lab.pictures import write_picture
from seg_ros.player.named_frames import named_frames
from seg_ros.player.sources import open_source
from seg_ros.recordings.camera_of_bag import Excerpt
from seg_ros.records import Depth


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('source', metavar='BAG', help='a rosbag2 recording, a film, or a folder of pictures')
    parser.add_argument('--out', type=new_folder, required=True, help='folder for images/ and depth/')
    parser.add_argument('--every', type=count, default=10, metavar='N', help='write every Nth picture')
    parser.add_argument('--count', type=whole, default=0, help='stop after so many pictures written; 0 writes all')
    parser.add_argument('--depth', action='store_true', help='write the depth of each too: 16-bit millimetres, 0 where '
                                                             'nothing was measured')
    parser.add_argument('--image-topic', default='', help='the images, if there are several cameras')
    parser.add_argument('--depth-topic', default='', help='the depth registered to them, if there are several')


def run(options: argparse.Namespace) -> int:
    """Write the pictures, and say how many."""
    source = open_source(options.source, Excerpt(options.image_topic, options.depth_topic, ''))
    written = with_depth = 0
    for number, (name, frame) in enumerate(tqdm(named_frames(source, 'frame'), unit='picture', dynamic_ncols=True)):
        if options.count and written == options.count:
            break
        if number % options.every or frame is None:
            continue
        write_picture(options.out / 'images' / f'{name}.png', frame.rgb)
        written += 1
        if options.depth and frame.depth is not None:
            write_grey(options.out / 'depth' / f'{name}.png', _millimetres(frame.depth))
            with_depth += 1
    if not written:
        raise DataError(f'no picture came of {options.source}', 'look whether it can be played')
    print(f'{written} picture{" is" if written == 1 else "s are"} written: {options.out / "images"}' +
          (f', {with_depth} with depth' if options.depth else ''))
    return 0


def _millimetres(depth: Depth) -> NDArray[np.uint16]:
    """Return depth as it is, or from metres, 0 for what was not measured or lies beyond 65 m."""
    if depth.dtype == np.uint16:
        return depth  # type: ignore[return-value]
    known = np.isfinite(depth) & (depth > 0) & (depth < 65.535)
    return np.where(known, np.round(np.where(known, depth, 0) * 1000.0), 0).astype(np.uint16)
