# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
The whole system on a drive whose truth is known: player, node, every mode, and what came out against the truth.

The recording is thinned to a few frames, so that this runs in a minute on a slow processor. The scores asserted are
floors, well below those measured: they catch a model, a mask, a depth or a stamp that went wrong, and leave room for
other weights and for frames that a busy machine drops. What is measured stands beside each floor.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from rclpy.context import Context
from scenes.bags import thinned
from scenes.graph import Graph, set_parameters, until
from scenes.playing import outcome, player

from seg_ros.demo.scores import RecordingScores, Scores
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.catalog import model_folder, open_model
from seg_ros.recordings.recorded_answers import RecordedAnswer, answers, truths
from seg_ros.recordings.recorder import OVERLAY, Recorder
from seg_ros.records import Mode
from seg_ros.settings import Settings

ROOM = Path(__file__).parents[2] / 'recordings' / 'room'
OUTPUTS = ('mask', 'instances', 'instance_ids', 'objects', 'obstacles', 'ground', OVERLAY)
CAMERA = [word for name in ('image', 'depth', 'camera_info') for word in ('-r', f'{name}:=/camera/{name}')]
QUIET_S = 2.0  # after the last picture of a part


@dataclass(frozen=True)
class Part:
    """Some frames of the recording, played in one mode, each when the one before is answered."""

    mode: Mode
    frames: tuple[int, ...]


PARTS = (Part(Mode.SEMANTIC, tuple(range(0, 72, 8))), Part(Mode.INSTANCE, tuple(range(106, 127, 3))),
         Part(Mode.PANOPTIC, (10, 26, 42, 106, 114, 122)))


@pytest.fixture
def drive(tmp_path: Path) -> dict[Mode, Path]:
    """Write a recording of the frames of each part."""
    pytest.importorskip('rosbags')
    return {part.mode: thinned(ROOM, tmp_path / part.mode.value, part.frames) for part in PARTS}


@pytest.fixture
def answered(drive: dict[Mode, Path], ros_context: Context, ros_domain: int,
             tmp_path: Path) -> dict[Mode, list[RecordedAnswer]]:
    """Play all parts into one node whose mode changes while it runs, and return its answers by mode."""
    with Graph(ros_context, {'mode': 'semantic', 'instance_model': 'tools', 'device': 'cpu'}, open_model,
               cli_args=['--ros-args', *CAMERA]) as graph, \
            Recorder(tmp_path / 'recorded', '/segmentation', ros_domain, OUTPUTS) as recorder:
        recorder.watch()
        for part in PARTS:
            assert set_parameters(graph, mode=part.mode.value).successful
            before = recorder.answers
            with player(drive[part.mode], *CAMERA, rate=10.0, wait_for_subscriber=True, subscribers=2,
                        answers=f'/segmentation/{OVERLAY}') as process:
                assert outcome(process, timeout_s=100.0)[0] == 0
            until(lambda: recorder.answers - before >= len(part.frames) // 2, f'{part.mode.value}: no answers', 60.0)
            until(lambda: time.monotonic() - recorder.heard_s > QUIET_S, 'answers without end', 60.0)
    every = list(answers(tmp_path / 'recorded'))
    return {mode: [one for one in every if one.mode is mode] for mode in Mode}


def judged(bag: Path, given: list[RecordedAnswer], object_names: tuple[str, ...]) -> Scores:
    """Return how well answers agree with the truth of the frames they answer."""
    scores = RecordingScores(load_taxonomy('indoor'), object_names, Settings())
    by_time = {one.recorded_ns: one for one in given if one.recorded_ns is not None}
    for truth in truths(bag, frozenset(by_time)):
        answer = by_time[truth.frame.stamp_ns]
        if answer.labels is not None and truth.labels is not None:
            scores.add_labels(answer.labels, answer.names, truth.labels, truth.names)
            if answer.obstacles is not None:  # the first image may come before its depth is subscribed to
                scores.add_obstacles(answer.obstacles, truth.labels, truth.names, truth.frame)
        if answer.objects is not None and truth.objects is not None:
            scores.add_objects(answer.objects.instances, answer.objects.names, answer.objects.places,
                               truth.objects.instances, truth.objects.names, truth.frame)
    return scores.scores()


def heights(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how high above the floor points in the optical frame lie while the robot drives, in metres."""
    up = math.radians(3.0)
    return np.asarray(0.4 - points[:, 1] * math.cos(up) + points[:, 2] * math.sin(up), float)


@pytest.mark.timeout(400)
def test_the_answers_in_every_mode_agree_with_the_truth(drive: dict[Mode, Path],
                                                        answered: dict[Mode, list[RecordedAnswer]]) -> None:
    tools = tuple(yaml.safe_load((model_folder('tools') / 'card.yaml').read_text())['classes'])
    for part in PARTS:
        taken = [one.recorded_ns for one in answered[part.mode]]
        assert len(part.frames) // 2 <= len(taken) <= len(part.frames)
        assert None not in taken and taken == sorted(set(taken))
    semantic, instance, panoptic = (judged(drive[part.mode], answered[part.mode], tools) for part in PARTS)

    assert semantic.mean_iou > 0.35  # measured 0.61
    assert semantic.iou['floor'] > 0.75  # 0.95
    assert semantic.iou['wall'] > 0.35  # 0.64
    assert semantic.iou['person'] > 0.25  # 0.67
    assert semantic.iou['door'] > 0.25  # 0.75
    assert len(semantic.obstacle_error_m) > 20  # sectors of 5 degrees; 134
    assert np.median(semantic.obstacle_error_m) < 0.02  # 0.000: where the labels agree, depth is exact
    assert semantic.obstacles_missed < 0.2  # 0.0
    ground = np.concatenate([one.ground for one in answered[Mode.SEMANTIC] if one.ground is not None])
    assert len(ground) > 50_000
    assert np.median(np.abs(heights(ground))) < 0.01  # a millimetre; the rug is 1.5 cm thick

    assert instance.precision['AP50'] > 0.10  # 0.33
    assert instance.precision['AP50_hammer'] > 0.3  # 1.0
    assert instance.matched / instance.true_objects > 0.12  # 0.31
    assert np.median(instance.object_error_m) < 0.03  # 0.003, at a distance of half a metre
    assert all(one.labels is None for one in answered[Mode.INSTANCE])

    assert panoptic.mean_iou > 0.25  # 0.49
    assert panoptic.matched / panoptic.true_objects > 0.05  # 0.18
    assert np.median(panoptic.obstacle_error_m) < 0.02  # 0.000
    assert panoptic.label_frames == panoptic.object_frames == len(answered[Mode.PANOPTIC])
