# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a mode costs on this machine, stage by stage, by the same code path as the node."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from seg_ros.lab.datasets import image_files
from seg_ros.lab.evaluation import Progress
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.models.catalog import open_model
from seg_ros.models.device import device_named
from seg_ros.models.machine import memory_mib
from seg_ros.picture_files import read_rgb
from seg_ros.pipeline import Pipeline
from seg_ros.pipeline.camera_memory import CameraMemory, Ids
from seg_ros.pipeline.loaded import OpenModel
from seg_ros.records import Frame, Mode, Result
from seg_ros.settings import Settings
from seg_ros.stages import STAGES, measured

WARM_UP = 5
MOST_PICTURES = 30
DRIVING_HZ, CREEPING_HZ, STANDING_HZ = 10.0, 3.0, 1.0
"""What a rate is good for: at 1 m/s a robot moves 0.1 m between answers at the first, 0.33 m at the second."""


@dataclass(frozen=True)
class Spread:
    """Milliseconds of the median frame, and of one that is slower than 95 % of all."""

    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Cost:
    """
    What one mode with its models costs.

    :param models: their names. :param runtime: what runs the networks, ``torch`` or ``onnx``.
    :param size: (width, height) of the pictures. :param frames: how many were measured.
    :param stages: by name, in order; a stage that did not happen is missing.
    :param frame: from the message that came to the last message published.
    :param rate_hz: frames per second, one after the other.
    :param memory_mib: what the process holds of the computer's memory. :param device_mib: of a GPU's; NaN on a CPU.
    """

    mode: str
    models: tuple[str, ...]
    runtime: str
    device: str
    precision: str
    size: tuple[int, int]
    frames: int
    stages: Mapping[str, Spread]
    frame: Spread
    rate_hz: float
    memory_mib: float
    device_mib: float


class Ends(Protocol):
    """How pictures come in and results go out: ``nodes.loopback.Loopback``, or :class:`NoMessages`."""

    def arrived(self, rgb: NDArray[np.uint8], stamp_ns: int) -> Any:
        """Return a picture as it comes from a camera."""
        ...

    def decoded(self, arrival: Any) -> Frame:
        """Return its frame."""
        ...

    def deliver(self, result: Result, classes: Sequence[RobotClass]) -> None:
        """Send what was seen on its way."""
        ...


class NoMessages:
    """Pictures come as frames and results go nowhere: decode, encode and publish are left out."""

    def arrived(self, rgb: NDArray[np.uint8], stamp_ns: int) -> Any:
        """Return the frame of a picture."""
        return Frame('', stamp_ns, 'camera', rgb)

    def decoded(self, arrival: Any) -> Frame:
        """Return it unchanged."""
        frame: Frame = arrival
        return frame

    def deliver(self, result: Result, classes: Sequence[RobotClass]) -> None:
        """Let a result go."""


def device_for(word: str, runtime: str, models: Sequence[str]) -> str:
    """
    Return the device to measure on: where torch runs all of the models, the one that ``auto`` say means.

    That there is no GPU is then said once, and not by every process that measures.

    :raises SettingError: when it is not there.
    """
    is_torch = runtime == 'torch' and not any(name.startswith('onnx:') for name in models)
    return str(device_named(word)) if is_torch else word


def sized_pictures(folder: Path | None, size: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """
    Return pictures of one size, (H, W, 3) uint8 rgb: the first of a folder, or where there is none drawn ones.

    A drawn picture shows smooth blots, in which hardly an object is found.

    :raises DataError: when the folder holds no readable image.
    """
    if folder is None:
        coarse = np.random.default_rng(0).integers(0, 256, (4, 9, 12, 3), np.uint8)
        return [cv2.resize(one, size, interpolation=cv2.INTER_CUBIC) for one in coarse]
    return [cv2.resize(read_rgb(path), size, interpolation=cv2.INTER_AREA)
            for path in image_files(folder)[:MOST_PICTURES]]


def cost_of(settings: Settings, pictures: Sequence[NDArray[np.uint8]], ends: Ends, *, frames: int = 40,
            runtime: str = 'torch', open_model: OpenModel = open_model,
            progress: Progress = lambda indices: indices) -> Cost:
    """
    Load the models of the settings' mode and measure them on pictures that come one after the other.

    Every picture comes twice: once for rate and duration, nothing within being timed, and once for the stages,
    at both ends of which a GPU is waited for.

    :raises SegRosError: when a model cannot be loaded or a picture not be answered.
    """
    with closing(Pipeline(open_model)) as pipeline:
        pipeline.configure(settings)
        models = pipeline.segmenters
        device = models[0].device
        settle = torch.cuda.synchronize if device.startswith('cuda') else _at_once
        go = _Round(pipeline, settings, ends, CameraMemory(Ids()))
        whole, stages = _timed(go, pictures, frames, settle, progress)
        return Cost(
            settings.mode, tuple(m.name for m in models), runtime, device, '+'.join(dict.fromkeys(
                m.precision for m in models)), (pictures[0].shape[1], pictures[0].shape[0]), frames,
            {name: spread_of(stages[name]) for name in STAGES if name in stages}, spread_of(whole),
            len(whole) / math.fsum(whole), _resident_mib(),
            memory_mib(device) if device.startswith('cuda') else math.nan)


@dataclass(frozen=True)
class _Round:
    """One frame, from the message that came to the messages that go."""

    pipeline: Pipeline
    settings: Settings
    ends: Ends
    memory: CameraMemory

    def __call__(self, arrival: Any) -> None:
        result, = self.pipeline.run([self.ends.decoded(arrival)], self.settings, self.memory)
        self.ends.deliver(result, self.pipeline.classes)


def _timed(go: _Round, pictures: Sequence[NDArray[np.uint8]], frames: int, settle: Callable[[], None],
           progress: Progress) -> tuple[list[float], dict[str, list[float]]]:
    """Return the seconds of each frame, and of each stage of each frame."""
    whole: list[float] = []
    stages: dict[str, list[float]] = {}
    for k in progress(range(-WARM_UP, 2 * frames)):
        arrival = go.ends.arrived(pictures[k // 2 % len(pictures)], (k + WARM_UP + 1) * 100_000_000)
        if k >= 0 and k % 2:
            with measured(settle) as spent:
                go(arrival)
            for name, seconds in spent.items():
                stages.setdefault(name, []).append(seconds)
            continue
        settle()
        started = time.perf_counter()
        go(arrival)
        settle()
        if k >= 0:
            whole.append(time.perf_counter() - started)
    return whole, stages


def spread_of(seconds: Sequence[float]) -> Spread:
    """Return median and 95th percentile of durations."""
    p50, p95 = np.percentile(np.asarray(seconds) * 1e3, (50, 95))
    return Spread(float(p50), float(p95))


def advice(costs: Sequence[Cost]) -> list[str]:
    """Return what each measured mode is good for here, and which mode and runtime suit this machine."""
    if not costs:
        return []
    fastest = {mode.value: max((c for c in costs if c.mode == mode.value), key=lambda c: c.rate_hz, default=None)
               for mode in Mode}
    best = [cost for cost in fastest.values() if cost is not None]
    lines = [f'{cost.mode} ({_how(cost)}): {cost.rate_hz:.1f} frames per second, {_good_for(cost)}'
             for cost in best]
    return [*lines, _choice(best)]


def _how(cost: Cost) -> str:
    return f'{" and ".join(cost.models)} in {cost.runtime}, {cost.precision}'


def _good_for(cost: Cost) -> str:
    """Return what a rate is enough for: labels are for driving, objects for picking and following."""
    rate_hz, picks = cost.rate_hz, cost.mode == Mode.INSTANCE.value
    if rate_hz < STANDING_HZ:
        return 'too slow: a smaller model, a smaller input or a GPU is needed'
    if picks and rate_hz >= CREEPING_HZ:
        return f'enough to follow what moves: at 0.5 m/s an object moves {0.5 / rate_hz:.2f} m between answers'
    if rate_hz >= DRIVING_HZ:
        return f'enough for driving: at 1 m/s the robot moves {1 / rate_hz:.2f} m between answers'
    if rate_hz >= CREEPING_HZ:
        return f'enough for slow driving: at 0.3 m/s the robot moves {0.3 / rate_hz:.2f} m between answers'
    return 'enough for picking what lies still' if picks else 'enough to look around while standing'


def _choice(best: Sequence[Cost]) -> str:
    """Return panoptic, which holds the others, or else every mode of the best class of rate that one reaches."""
    for least in (DRIVING_HZ, CREEPING_HZ, STANDING_HZ):
        able = [cost for cost in best if cost.rate_hz >= least]
        chosen = [cost for cost in able if cost.mode == Mode.PANOPTIC.value] or able
        if chosen:
            named = ' and '.join(f'{cost.mode} with {_how(cost)}' for cost in chosen)
            return f'This machine suits mode {named}: measured at {least:g} frames per second or more'
    return f'No mode measured reaches {STANDING_HZ:g} frame per second on this machine'


def _resident_mib() -> float:
    """Return what this process holds of the computer's memory now."""
    with open('/proc/self/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 2**20


def _at_once() -> None:
    """Wait for nothing: on a CPU everything is done when the call returns."""
