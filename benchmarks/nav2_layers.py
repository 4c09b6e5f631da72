# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What Nav2's layers make of the bundled drive, held against its truth: how much free floor is lethal, and what is kept.

Method: every frame of recordings/room is answered by the shipped model at the size that docs/navigation.md advises.
The semantic layer works by the rule of its sources (test/scenes/semantic_layer.py) with config/nav2/semantic_layer.yaml
as it is; of the obstacle layer all that was ever marked counts. Truth and judgement are those of the CI job that plays
the drive into the real programs (.github/nav2). The mounting is known, as with base_frame.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ros.models.catalog import open_model
from seg_ros.pipeline import Pipeline
from seg_ros.pipeline.camera_memory import CameraMemory, Ids
from seg_ros.recordings.posed_frames import PosedFrame, posed_frames
from seg_ros.records import Result
from seg_ros.settings import Settings
from seg_ros.space import Cloud, Plane

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'test'))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / '.github' / 'nav2'))
from costmap import LETHAL, Costmap
from judge import Judgement, judged
from scenes import semantic_layer
from truth import Truth, truth_of

RECORDING = Path(__file__).resolve().parents[1] / 'recordings' / 'room'
CELLS, ORIGIN_M = 480, -12.0
WANTED = frozenset({'points', 'obstacles', 'costmap_mask'})


@dataclass(frozen=True)
class Layers:
    """The costmaps of the two layers after the drive."""

    obstacle: Costmap
    semantic: Costmap

    def judged(self, truth: Truth) -> tuple[Judgement, Judgement]:
        """Return how each agrees with the truth, and the semantic layer with what the obstacle layer marks."""
        return judged(self.obstacle, truth), judged(self.semantic, truth, self.obstacle)


def layers(settings: Settings, every: int = 1, *, is_mounted: bool = True) -> Layers:
    """Return what the layers make of every so many-th frame of the drive, the mounting of the camera known or not."""
    obstacle, pipeline = _empty(), Pipeline(open_model)
    pipeline.configure(settings)
    tiles = semantic_layer.SemanticLayer({c.id: c.name for c in pipeline.classes})
    for posed, result in _answers(pipeline, settings, every, is_mounted=is_mounted):
        points, marks = result.space.points, result.space.obstacles
        labels, confidence = result.space.costmap_mask, result.segmentation.confidence
        assert points is not None and marks is not None and labels is not None and confidence is not None
        obstacle.cells[obstacle.mask_of(_placed(posed, marks))] = LETHAL
        stamp_s = result.frame.stamp_ns / 1e9
        tiles.buffer(_placed(posed, points), posed.map_from_camera[:3, 3], labels.ravel(), confidence.ravel(), stamp_s)
        tiles.update(stamp_s)
    pipeline.close()
    return Layers(obstacle, _costmap_of(tiles))


def _answers(pipeline: Pipeline, settings: Settings, every: int, *,
             is_mounted: bool) -> Iterator[tuple[PosedFrame, Result]]:
    memory = CameraMemory(Ids())
    for posed in islice(posed_frames(RECORDING).frames(), 0, None, every):
        x, y, z, height_m = (float(value) for value in posed.map_from_camera[2])
        frame = replace(posed.frame, wanted=WANTED, floor=Plane((x, y, z), height_m) if is_mounted else None)
        yield posed, pipeline.run([frame], settings, memory)[0]


def _placed(posed: PosedFrame, cloud: Cloud) -> NDArray[np.float64]:
    """Return the (N, 3) points of a cloud in the frame of the map."""
    turn, place = posed.map_from_camera[:3, :3], posed.map_from_camera[:3, 3]
    return np.asarray(cloud.xyz.reshape(-1, 3).astype(np.float64) @ turn.T + place)


def _empty() -> Costmap:
    return Costmap(np.full((CELLS, CELLS), -1, np.int8), (ORIGIN_M, ORIGIN_M), semantic_layer.RESOLUTION_M)


def _costmap_of(tiles: semantic_layer.SemanticLayer) -> Costmap:
    costmap, middle = _empty(), CELLS // 2
    for (x, y), cost in tiles.costs.items():
        costmap.cells[middle + y, middle + x] = LETHAL if cost == semantic_layer.LETHAL else 0
    return costmap


def main() -> None:
    """Print what the layers make of the drive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--every', type=int, default=1, help='only every so many-th frame; 3 is 3.3 Hz')
    parser.add_argument('--unmounted', action='store_true', help='as without base_frame: the floor in view alone tells')
    options, truth = parser.parse_args(), truth_of(RECORDING)
    print(f'{"layer":44} {"lethal":>7} {"floor seen":>10} {"of it lethal":>12} {"kept":>7}')
    for overrules in (True, False):
        found = layers(Settings(output_size='424x240', floor_overrules_label=overrules), options.every,
                       is_mounted=not options.unmounted).judged(truth)
        words = '' if overrules else ', floor_overrules_label false'
        for name, one in zip(('obstacle_layer', 'semantic_layer'), found):
            kept = '' if one.kept is None else f'{one.kept:.1%}'
            print(f'{name + words:44} {one.marked:7} {one.floor_seen:10} {one.floor_lethal:12} {kept:>7}')


if __name__ == '__main__':
    main()
