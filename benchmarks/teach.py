# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
How right the labels are that depth gives, against labels by hand.

ROOMS is a folder with ``rgb``, ``depth`` (16-bit millimetres, registered) and ``label`` (ids of the taxonomy indoor),
of the same names; each image is looked at alone, as no poses are known. Floor: of the pixels that are labelled by hand,
how many of those called floor are it (precision), and how many of the floor are called so (recall), over the images in
which a floor was found and over all of them. Wall: the same for upright planes that depth alone takes for walls, and
for those of which the model thinks so, too. DRIVE is a recording with true labels (``/truth/labels``): of it the images
that ``seg_ros teach`` takes are looked at.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image

from seg_ros.bridge.images import stamp_ns_of
from seg_ros.geometry.bare_floor import find_floor
from seg_ros.geometry.facets import up_of
from seg_ros.geometry.pinhole import Optics
from seg_ros.geometry.structure import doubt_of, structure_of
from seg_ros.lab.datasets import image_files
from seg_ros.lab.drive import parts_of, survey
from seg_ros.lab.drive_labels import LOOKS
from seg_ros.lab.pseudo_labels import open_teacher
from seg_ros.lab.taught_labels import NOT_FLOOR, Kinds, geometry_labels
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.picture_files import read_rgb
from seg_ros.recordings.bags import Bag, is_bag
from seg_ros.recordings.posed_frames import posed_frames
from seg_ros.records import UNLABELLED, Frame, Intrinsics
from seg_ros.space import Plane

TRUTH = '/truth/labels'
KINECT = '518.858,519.470,325.582,253.736'
Mask = NDArray[np.bool_]


class Score:
    """Pixels that are called something, and are it."""

    def __init__(self) -> None:
        self.counts = np.zeros(4, np.int64)

    def add(self, called: Mask, true: Mask, known: Mask, *, missed_frame: bool = False) -> None:
        """Count an image; of a missed frame only what was to be found."""
        if missed_frame:
            self.counts[3] += np.count_nonzero(true)
        else:
            self.counts[:3] += [np.count_nonzero(one) for one in (called & true, called & known, true)]

    def line(self, name: str) -> str:
        """Return precision and recall as a row of a table."""
        hits, called, true, missed = (int(count) for count in self.counts)
        return (f'{name:<28} {hits / max(1, called):9.3f} {hits / max(1, true):9.3f} '
                f'{hits / max(1, true + missed):9.3f}')


Looked = tuple[Frame, Plane | None, str, NDArray[np.uint8]]


def of_rooms(rooms: Path, camera: str) -> Iterator[Looked]:
    """Yield each image with the floor found in it, why it is doubted, and its labels."""
    optics = Optics()
    for path in image_files(rooms / 'depth'):
        label = cv2.imread(str(rooms / 'label' / f'{path.stem}.png'), cv2.IMREAD_UNCHANGED)
        rgb = read_rgb(next((rooms / 'rgb').glob(f'{path.stem}.*')))
        depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        fx, fy, cx, cy = map(float, camera.split(','))
        frame = Frame('', 0, '', rgb, depth, Intrinsics(rgb.shape[1], rgb.shape[0], fx, fy, cx, cy))
        surface, facets = parts_of(frame, optics)
        up = up_of(facets)
        floor = None if up is None else find_floor(surface, facets, up)
        doubt = 'show no floor' if floor is None else doubt_of(surface, facets, floor)
        yield frame, None if doubt else floor, doubt, label


def of_drive(path: Path) -> Iterator[Looked]:
    """Yield the images of a recording that teach, with the true labels of ``/truth/labels``."""
    drive = posed_frames(path, needs_poses=False)
    floors = {one.number: one.floor for one in survey(drive, path.name, lambda images: images).taken}
    with Bag(path) as bag:
        truth = {stamp_ns_of(message.header): np.frombuffer(bytes(message.data), np.uint8)
                 .reshape(message.height, message.width) for _, _, message in bag.messages({TRUTH: Image})}
    for image in drive.frames():
        if image.number in floors:
            yield image.frame, floors[image.number], '', truth[image.frame.stamp_ns]


def measure(looked: Iterable[Looked], model: str) -> None:
    """Print the table."""
    kinds, teacher, optics = Kinds.of(load_taxonomy('indoor')), open_teacher(model, 'indoor'), Optics()
    scores = {name: Score() for name in ('floor', 'wall, depth alone', 'wall, depth and model', 'not floor')}
    reasons = Counter[str]()
    for frame, floor, doubt, label in looked:
        reasons[doubt or 'are taken'] += 1
        known, nothing = label != UNLABELLED, np.zeros(label.shape, np.bool_)
        if floor is None:
            scores['floor'].add(nothing, label == kinds.floor, known, missed_frame=True)
            continue
        found = structure_of(*parts_of(frame, optics), floor)
        wall = teacher.probabilities(frame.rgb, LOOKS)[list(teacher.ids).index(kinds.wall)]
        called = geometry_labels(found, wall, kinds)
        scores['floor'].add(called == kinds.floor, label == kinds.floor, known)
        scores['wall, depth alone'].add(found.walls != 0, label == kinds.wall, known)
        scores['wall, depth and model'].add(called == kinds.wall, label == kinds.wall, known)
        scores['not floor'].add(called == NOT_FLOOR, known & (label != kinds.floor), known)
    print('; '.join(f'{count} {name}' for name, count in reasons.items()))
    print(f'{"":<28} {"precision":>9} {"recall":>9} {"of all":>9}')
    print('\n'.join(score.line(name) for name, score in scores.items()))


def main() -> None:
    """Read what is given, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('rooms', type=Path, metavar='ROOMS|DRIVE')
    parser.add_argument('--camera', default=KINECT, help='of ROOMS: fx,fy,cx,cy in pixels')
    parser.add_argument('--model', default='indoor')
    options = parser.parse_args()
    looked = of_drive(options.rooms) if is_bag(options.rooms) else of_rooms(options.rooms, options.camera)
    measure(looked, options.model)


if __name__ == '__main__':
    main()
