# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
How well ids last, and how long an update takes.

Quality: drawn scenes of test/scenes/moving_shapes.py with known truth, judged by py-motmetrics, once with an exact
detector and once with one that misses a tenth, jitters, invents objects and doubts what is half hidden. ``best``
is what a tracker that knew the truth would reach with the same detections. Two-pass association is compared with
sure objects alone, and masks with boxes.

Speed: discs of 40 to 200 pixels at 1920x1080 that move a few pixels per frame, one class; milliseconds per update,
median and worst of the frames after the first, on one thread.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from seg_ros.records import Instances
from seg_ros.tracking.tracker import Tracker, TrackerSettings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'test'))

from scenes.moving_shapes import EXACT, NOISY, SCENES, Seen, played
from scenes.track_scores import RecordedAnswer, TrackScores, perfect, track_scores

WAYS = {'by mask': TrackerSettings(), 'by box': TrackerSettings(by='box'), 'one pass': TrackerSettings(low_score=0.5)}


def answer_of(settings: TrackerSettings) -> RecordedAnswer:
    """Return a new tracker's answer."""
    tracker = Tracker(settings)
    return lambda seen: tracker.update(seen.detected, seen.stamp_ns)


def row(scene: str, way: str, scores: TrackScores) -> str:
    """Return one row of the table."""
    return f'{scene:<28} {way:<9} {scores.mota:6.3f} {scores.idf1:6.3f} {scores.switches:9d} {scores.ids:5d}'


def print_quality(seed: int) -> None:
    """Print MOTA, IDF1, id switches and ids given, per scene, detector and way of association."""
    print(f'{"scene":<28} {"tracker":<9} {"MOTA":>6} {"IDF1":>6} {"switches":>9} {"ids":>5}')
    for name, (draw, seconds) in SCENES.items():
        for detector, kind in ((EXACT, 'exact'), (NOISY, 'noisy')):
            frames: list[Seen] = played(draw(), seconds, detector, seed=seed)
            print(row(f'{name}, {kind}', 'best', track_scores(frames, perfect)))
            for way, settings in WAYS.items():
                print(row(f'{name}, {kind}', way, track_scores(frames, answer_of(settings))), flush=True)


def discs(count: int, frame: int) -> Instances:
    """Return discs at 1920x1080 that drift to the right."""
    random, size = np.random.default_rng(count), (1920, 1080)
    diameters = random.integers(40, 201, count)
    corners = np.stack([random.integers(0, size[0] - 300, count) + 4 * frame,
                        random.integers(0, size[1] - 200, count)], axis=1).astype(np.int32)
    masks = tuple(cv2.circle(np.zeros((d, d), np.uint8), (d // 2, d // 2), d // 2, 1, -1).astype(np.bool_)
                  for d in diameters.tolist())
    boxes = np.concatenate([corners, corners + diameters[:, None]], axis=1).astype(np.float32)
    return Instances(size, boxes, np.full(count, 0.9, np.float32), np.ones(count, np.uint8), corners, masks,
                     np.zeros(count, np.int64))


def print_speed(frames: int) -> None:
    """Print milliseconds per update."""
    print(f'\n{"objects":>7} {"by":<5} {"median ms":>10} {"worst ms":>9}')
    for count in (10, 50, 100):
        scenes = [discs(count, frame) for frame in range(frames)]
        for by in ('mask', 'box'):
            tracker, spent = Tracker(TrackerSettings(by=by)), []
            for frame, scene in enumerate(scenes):
                started = time.perf_counter()
                tracker.update(scene, frame * 100_000_000)
                spent.append(1e3 * (time.perf_counter() - started))
            print(f'{count:>7} {by:<5} {median(spent[1:]):10.2f} {max(spent[1:]):9.2f}', flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seed', type=int, default=3, help='of the noisy detector (default: %(default)s)')
    parser.add_argument('--frames', type=int, default=20, help='of the speed test (default: %(default)s)')
    parser.add_argument('--speed-only', action='store_true', help='leave the quality table out')
    given = parser.parse_args()
    cv2.setNumThreads(1)
    if not given.speed_only:
        print_quality(given.seed)
    print_speed(given.frames)


if __name__ == '__main__':
    main()
