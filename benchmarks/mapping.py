# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What a map costs: milliseconds per view, memory per area and per object, and how both grow.

Time: the views of the bundled drive, 640x480 with true labels and objects, put into one map again and again; the
median and the 90th percentile of processor time after the first round, on one thread, for cells, objects, both, and
both with the floor that the node and ``seg_ros map`` measure in each view. Area: a camera driven in lanes over an empty
floor; MiB of the cells by square metres that were seen. Objects: a grid of things, ten in each view; bytes by
tracemalloc, and milliseconds per view, by their number.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')

import cv2
import numpy as np

from seg_ros.geometry.ground import measured_floor
from seg_ros.geometry.surface import Surface
from seg_ros.mapping.landmarks import Landmarks
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.sightings import Sightings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'test'))

from scenes.drawn_floor import drawn_classes, drawn_view
from scenes.true_views import true_drive

TOGETHER = 10


def print_time(rounds: int) -> None:
    """Print what a view costs."""
    classes, views = true_drive()
    print(f'{"view of 640x480":<25} {"median ms":>9} {"p90 ms":>7}')
    for name, kept, with_floor in (('cells', {'instances': None}, False), ('objects', {'labels': None}, False),
                                   ('cells and objects', {}, False), ('cells, objects and floor', {}, True)):
        mapper, spent = Mapper(classes), []
        for number in range(rounds + 1):
            for view in views:
                one = replace(view, surface=Surface(view.surface.z, view.surface.rays), **kept)
                started = time.process_time()
                if with_floor:
                    one = replace(one, floor=measured_floor(one.surface, one.labels, mapper.meaning.is_ground))
                mapper.update(one)
                spent += [time.process_time() - started] if number else []
        print(f'{name:<25} {1e3 * np.median(spent):9.2f} {1e3 * np.percentile(spent, 90):7.2f}', flush=True)


def print_area(sides_m: Sequence[float]) -> None:
    """Print the memory of the cells by the area seen."""
    print(f'\n{"seen m2":>8} {"MiB":>7} {"MiB per 100 m2":>15}')
    for side_m in sides_m:
        mapper, ahead = Mapper(drawn_classes()), drawn_view(box_at=None)
        for y in np.arange(0.0, side_m, 3.0):
            for x in np.arange(0.0, side_m, 2.0):
                pose = ahead.map_from_camera.copy()
                pose[:2, 3] = x, y
                mapper.update(replace(ahead, map_from_camera=pose))
        chart = mapper.chart()
        seen_m2, mib = (chart.occupancy >= 0).sum() * chart.resolution_m ** 2, chart.bytes / 2 ** 20
        print(f'{seen_m2:8.0f} {mib:7.2f} {100 * mib / seen_m2:15.2f}', flush=True)


def print_objects(counts: Sequence[int]) -> None:
    """Print memory and time of objects by their number."""
    print(f'\n{"objects":>8} {"kB each":>8} {"ms per view of 10":>18}')
    for count in counts:
        tracemalloc.start()
        marks = Landmarks(MapSettings(confirm_views=1))
        for first in range(0, count, TOGETHER):
            marks.add(_row(first), first)
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        started = time.process_time()
        for first in range(0, 50 * TOGETHER, TOGETHER):
            marks.add(_row(first), count + first)
        print(f'{len(marks):8d} {held / len(marks) / 1e3:8.2f} {1e3 * (time.process_time() - started) / 50:18.2f}',
              flush=True)


def _row(first: int) -> Sightings:
    places = np.array([divmod(first + k, 100) for k in range(TOGETHER)], float)
    low = np.c_[places * 0.5, np.zeros(TOGETHER)]
    return Sightings(low, low + 0.2, np.ones(TOGETHER), np.zeros(TOGETHER, np.uint8), np.ones(TOGETHER, np.float32),
                     np.zeros(TOGETHER, np.int64))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[1])
    parser.add_argument('--rounds', type=int, default=1, help='how often the drive is measured')
    rounds = parser.parse_args().rounds
    cv2.setNumThreads(1)
    print_time(rounds)
    print_area((5.0, 15.0, 30.0))
    print_objects((500, 1000, 2000))


if __name__ == '__main__':
    main()
