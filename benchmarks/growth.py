# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
How the cost of a frame grows: with its pixels, with classes, with objects, and with cameras.

Method: everything runs in one process on one thread, without messages in between. Pixels: an image message becomes a
picture, what a network is shown, labels and confidence of 10 classes, and two messages. Classes: labels and confidence
at the size. Objects: small masks become crops at the size, the tracker gives them their ids, and they become messages.
Cameras: one frame of each as one batch through the shipped model ``indoor``, per batch. Seconds are those of the
processor, so that other programs on the machine count less; medians of the rounds are printed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
import torch
from pixels import Labels, Masks

from seg_ros.bridge.images import decode_image, header_of, image_message
from seg_ros.bridge.segmentations import confidence_message, instance_ids_message, instances_message, mask_message
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.catalog import open_model
from seg_ros.models.instance_output import mask_crops
from seg_ros.models.preprocess import Normalisation, network_size
from seg_ros.pipeline.camera_memory import Ids
from seg_ros.records import Frame, Instances, Result, Segmentation
from seg_ros.settings import Settings
from seg_ros.tracking.tracker import Tracker

SMALL = (640, 480)
SHOWN, MEAN, STD = (512, 384), (127.5,) * 3, (127.5,) * 3
NORMALISATION = Normalisation(MEAN, STD)


class Growth(NamedTuple):
    """What a frame costs with little and with much of something."""

    of: str
    little: str
    much: str
    times: float
    """How many times as much of it there is."""
    little_ms: float
    much_ms: float

    def __str__(self) -> str:
        return (f'{self.of:<8} {self.little:>10} {self.much:>10} {self.times:6.2f} | {self.little_ms:9.1f} '
                f'{self.much_ms:9.1f} {self.much_ms / self.little_ms:6.2f}')


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--size', default='1920x1080', help='WIDTHxHEIGHT of the large picture')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--json', type=Path, help='write the numbers into this file as well')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    width, height = (int(side) for side in options.size.split('x'))
    print(f'one thread, {options.size}, median of {options.rounds}, milliseconds of the processor per frame')
    print(f'{"of":<8} {"from":>10} {"to":>10} {"times":>6} | {"from ms":>9} {"to ms":>9} {"grows":>6}')
    rows = []
    for row in growths((width, height), options.rounds):
        rows.append(row._asdict())
        print(row, flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1) + '\n', encoding='utf-8')


def growths(size: tuple[int, int], rounds: int) -> Iterator[Growth]:
    """Yield the rows of the table for a (width, height) of the large picture."""
    times, labels = size[0] * size[1] / (SMALL[0] * SMALL[1]), partial(Labels, size=size)
    tasks = (('pixels', _words(SMALL), _words(size), times, _passed(SMALL), _passed(size)),
             ('classes', '10', '150', 15.0, labels(10).ours, labels(150).ours),
             ('objects', '1', '100', 100.0, _followed(1, size), _followed(100, size)),
             ('cameras', '1', '4', 4.0, *_answered(1, 4)))
    for of, little, much, times, *runs in tasks:
        yield Growth(of, little, much, times, *_ms(runs[0], runs[1], rounds))


def _passed(size: tuple[int, int]) -> Callable[[], object]:
    """Return all that happens to a frame but for the network."""
    rgb = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    message, labels = image_message(rgb, 'rgb8', header_of(1, 'camera')), Labels(10, size)

    def run() -> object:
        frame = Frame('', 1, 'camera', decode_image(message))
        NORMALISATION.pixels([frame.rgb], network_size(size, SHOWN, 16))
        result = Result(frame, Segmentation(size, *labels.ours()))
        return mask_message(result), confidence_message(result)

    return run


def _followed(objects: int, size: tuple[int, int]) -> Callable[[], object]:
    """Return all that happens to objects but for the network."""
    masks, tracker, classes = Masks(objects, size), Tracker(next_id=Ids()), load_taxonomy('indoor').classes
    frame = Frame('', 1, 'camera', np.zeros((size[1], size[0], 3), np.uint8))

    def run() -> object:
        corners, crops = mask_crops(masks.masks, masks.boxes, size)
        found = Instances(size, masks.boxes, np.full(objects, 0.9, np.float32), np.zeros(objects, np.uint8), corners,
                          tuple(crops), np.zeros(objects, np.int64))
        result = Result(frame, Segmentation(size, instances=tracker.update(found, time.monotonic_ns())))
        return instances_message(result, classes), instance_ids_message(result)

    return run


def _answered(little: int, much: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return what answers one frame of each of so many cameras."""
    settings = Settings(device='cpu', cpu_threads=1)
    model, rgb = open_model('indoor', settings), np.full((SMALL[1], SMALL[0], 3), 128, np.uint8)
    few, many = ([Frame(f'{k}', 0, '', rgb) for k in range(count)] for count in (little, much))
    return lambda: model.segment(few, settings), lambda: model.segment(many, settings)


def _ms(little: Callable[[], object], much: Callable[[], object], rounds: int) -> tuple[float, float]:
    torch.set_num_threads(1)
    spent: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):  # the first warms up
        for run, kept in zip((little, much), spent, strict=True):
            start = time.process_time()
            run()
            if turn:
                kept.append(1e3 * (time.process_time() - start))
    return median(spent[0]), median(spent[1])


def _words(size: tuple[int, int]) -> str:
    return f'{size[0]}x{size[1]}'


if __name__ == '__main__':
    main()
