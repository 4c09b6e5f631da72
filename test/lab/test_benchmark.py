# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a mode costs is measured on the node's own path, and turned into words a person can act on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scenes.scripted import ScriptedSegmenter

from seg_ros.errors import DataError
from seg_ros.lab.benchmark import Cost, NoMessages, Spread, advice, cost_of, sized_pictures, spread_of
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.models.segmenter import Segmenter
from seg_ros.records import Frame, Result, Segmentation
from seg_ros.settings import Settings
from seg_ros.stages import stage


class Staged(ScriptedSegmenter):
    """Names the stages of a model, and is slow in one of them."""

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Answer as scripted."""
        with stage('forward'):
            answers = super().segment(frames, settings)
        with stage('output'):
            return answers


class Ends(NoMessages):
    """Remembers which pictures came in and what went out."""

    def __init__(self) -> None:
        self.came: list[int] = []
        self.went: list[int] = []

    def decoded(self, arrival: Any) -> Frame:
        """Remember the stamp."""
        with stage('decode'):
            self.came.append(arrival.stamp_ns)
            return super().decoded(arrival)

    def deliver(self, result: Result, classes: Sequence[RobotClass]) -> None:
        """Remember the stamp."""
        with stage('publish'):
            self.went.append(result.frame.stamp_ns)


def opened(delay_s: float) -> Any:
    def open_staged(name: str, settings: Settings) -> Segmenter:
        return Staged(name, delay_s)

    return open_staged


def measured(frames: int = 3, delay_s: float = 0.01, ends: NoMessages | None = None) -> Cost:
    return cost_of(Settings(), sized_pictures(None, (64, 48)), ends or NoMessages(), frames=frames,
                   open_model=opened(delay_s))


def test_the_slow_stage_is_the_forward_pass() -> None:
    cost = measured(delay_s=0.02)
    assert list(cost.stages) == ['forward', 'output']
    assert 20.0 <= cost.stages['forward'].p50_ms <= cost.stages['forward'].p95_ms
    assert cost.stages['output'].p50_ms < cost.stages['forward'].p50_ms
    assert cost.frame.p50_ms >= 20.0
    assert 0.0 < cost.rate_hz <= 50.0
    assert (cost.mode, cost.models, cost.device) == ('semantic', ('indoor',), 'cpu')
    assert (cost.size, cost.frames) == ((64, 48), 3)
    assert cost.memory_mib > 50.0
    assert math.isnan(cost.device_mib)


def test_stages_come_in_the_order_of_the_way_and_every_picture_passes_all_of_it() -> None:
    ends = Ends()
    cost = measured(frames=4, delay_s=0.0, ends=ends)
    assert list(cost.stages) == ['decode', 'forward', 'output', 'publish']
    assert ends.came == ends.went
    assert len(ends.came) == 5 + 2 * 4  # warm-up, then each timed whole and by stages
    assert len(set(ends.came)) == len(ends.came)  # no stamp comes twice: trackers move by them


def test_the_median_and_the_slowest_are_told_apart() -> None:
    assert spread_of([0.010] * 19 + [0.110]) == Spread(pytest.approx(10.0), pytest.approx(15.0))


def test_pictures_have_the_size_asked_for() -> None:
    drawn = sized_pictures(None, (80, 40))
    assert all(one.shape == (40, 80, 3) and one.dtype == np.uint8 for one in drawn)
    assert np.std(drawn[0]) > 20.0


def test_a_folder_without_pictures_is_refused(tmp_path: Any) -> None:
    with pytest.raises(DataError, match='holds no images'):
        sized_pictures(tmp_path, (80, 40))


def cost(mode: str, rate_hz: float, runtime: str = 'torch') -> Cost:
    once = Spread(1000 / rate_hz, 1000 / rate_hz)
    return Cost(mode, ('m',), runtime, 'cpu', 'bf16', (640, 480), 10, {}, once, rate_hz, 500.0, math.nan)


@pytest.mark.parametrize(('costs', 'choice'), [
    ([cost('semantic', 20.0), cost('instance', 12.0), cost('panoptic', 10.5)],
     'This machine suits mode panoptic with m in torch, bf16: measured at 10 frames per second or more'),
    ([cost('semantic', 20.0), cost('instance', 8.0), cost('panoptic', 4.0)],
     'This machine suits mode semantic with m in torch, bf16: measured at 10 frames per second or more'),
    ([cost('semantic', 9.0), cost('semantic', 12.0, 'onnx')],
     'This machine suits mode semantic with m in onnx, bf16: measured at 10 frames per second or more'),
    ([cost('semantic', 5.0), cost('instance', 4.0), cost('panoptic', 2.0)],
     'This machine suits mode semantic with m in torch, bf16 and instance with m in torch, bf16: measured at 3 frames'),
    ([cost('panoptic', 0.5)], 'No mode measured reaches 1 frame per second on this machine'),
])
def test_the_choice_is_the_richest_mode_that_is_fast_enough(costs: list[Cost], choice: str) -> None:
    assert advice(costs)[-1].startswith(choice)


@pytest.mark.parametrize(('mode', 'rate_hz', 'words'), [
    ('semantic', 20.0, 'enough for driving: at 1 m/s the robot moves 0.05 m between answers'),
    ('panoptic', 5.0, 'enough for slow driving: at 0.3 m/s the robot moves 0.06 m'),
    ('semantic', 1.5, 'enough to look around while standing'),
    ('semantic', 0.4, 'too slow: a smaller model'),
    ('instance', 20.0, 'enough to follow what moves: at 0.5 m/s an object moves 0.03 m'),
    ('instance', 5.0, 'enough to follow what moves: at 0.5 m/s an object moves 0.10 m'),
    ('instance', 1.5, 'enough for picking what lies still'),
    ('instance', 0.4, 'too slow: a smaller model'),
])
def test_a_rate_is_put_into_words_that_fit_the_mode(mode: str, rate_hz: float, words: str) -> None:
    assert words in advice([cost(mode, rate_hz)])[0]


def test_nothing_measured_is_no_advice() -> None:
    assert advice([]) == []
