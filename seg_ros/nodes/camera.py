# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""All that is one camera's: what it sends, the newest of it, what is published of it, and how it fares."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from rclpy.node import Node

from seg_ros.bridge.images import stamp_ns_of
from seg_ros.errors import Doubt, SegRosError
from seg_ros.geometry.spaces import IN_SPACE, NO_DEPTH
from seg_ros.health.causes import SILENT_S, Situation
from seg_ros.health.numbers import CameraHealth, HealthRecorder
from seg_ros.health.verdict import Level, Verdict, doubted, not_given
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.nodes.compatibility import name_of
from seg_ros.nodes.frames import NO_CAMERA_INFO, depth_of, frame_of
from seg_ros.nodes.image_doubts import ImageDoubts
from seg_ros.nodes.inputs import CameraInputs
from seg_ros.nodes.mailbox import Arrival, Mailbox
from seg_ros.nodes.outputs import CameraOutputs, announced_threshold
from seg_ros.nodes.pace import Pace
from seg_ros.nodes.placing import over_floor, placed
from seg_ros.nodes.senders import Senders
from seg_ros.nodes.streams import GRACE_S, first_cause
from seg_ros.nodes.transforms import LevelFrames, Transforms
from seg_ros.pipeline import Answered, Pipeline
from seg_ros.pipeline.camera_memory import CameraMemory, Ids
from seg_ros.pipeline.loaded import Words
from seg_ros.records import UNLABELLED, Frame, Result
from seg_ros.settings import Settings

log = logging.getLogger(__name__)


class Camera:
    """
    One camera of the node.

    Images, depth and camera_info are received while somebody listens to an output that needs them. The methods from
    :meth:`offer` to :meth:`situation` belong to the executor, :meth:`decoded` to the thread that decodes, and
    :meth:`deliver` to the one that publishes, which announces new words too.

    :param name: prefix of its topics; empty for none. :param bell: rung when an image comes.
    :param ids: numbers the objects. :param transforms: where frames lie.
    """

    def __init__(self, node: Node, name: str, bell: threading.Condition, ids: Ids, transforms: Transforms) -> None:
        self._node, self.name, self._transforms = node, name, transforms
        self.health, self.memory, self.mailbox = HealthRecorder(), CameraMemory(ids), Mailbox(bell, self._say_jump)
        self._pace, self._doubts, self._senders = Pace(), ImageDoubts(), Senders()
        self._levels = LevelFrames(node)
        self._outputs: CameraOutputs | None = None
        self._inputs = CameraInputs(node, name, self._on_image, self._on_depth, self._on_camera_info)
        self._last: tuple[Result, Words] | None = None  # what was answered last
        self._announced: tuple[Words, Settings] | None = None
        self._failed: set[str] = set()  # outputs whose failure was logged

    @property
    def topic(self) -> str:
        """The resolved name of its images' topic."""
        return self._inputs.image.topic

    # What the executor calls.

    def offer(self) -> None:
        """Make the topics of the outputs."""
        if self._outputs is None:
            self._outputs = CameraOutputs(self._node, self.name)

    def withdraw(self) -> None:
        """Take the topics of the outputs back."""
        if self._outputs is not None:
            self._outputs.close()
        self._outputs = None

    def announce(self, classes: tuple[RobotClass, ...], settings: Settings) -> None:
        """Publish the words for the ids, if they are new."""
        if self._outputs is not None:
            self._outputs.announce(classes, announced_threshold(settings))

    def adopt(self, settings: Settings) -> None:
        """Use other settings from the next image on."""
        self.mailbox.slop_s, self.mailbox.wait_s = settings.depth_slop_s, settings.depth_wait_s

    def activate(self, settings: Settings) -> None:
        """Listen, as far as somebody listens to what is made of it."""
        self._inputs.activate(settings.image_transport)
        self.keep_up(settings)

    def deactivate(self) -> None:
        """Receive no more."""
        self._inputs.deactivate()
        self.mailbox.clear()
        self.mailbox.forget_depth()

    def keep_up(self, settings: Settings) -> None:
        """Subscribe to what is wanted, end it where it no longer is."""
        wanted = frozenset[str]()
        if self._inputs.is_active and self._outputs is not None:
            wanted = self._outputs.wanted(settings.mode)
        if wanted and not self._inputs.is_wanted:
            self._begin()
        if self._inputs.follow(wanted):
            self.mailbox.forget_depth()

    def look_around(self) -> None:
        """Follow the publishers; call it once a second."""
        self._inputs.look_around()

    def snapshot(self, now_ns: int) -> CameraHealth:
        """Return how the camera fares, in numbers."""
        health = replace(self.health.snapshot(now_ns, self.mailbox.came()), shares=shares_of(self._last),
                         counts=self.memory.counts())
        return health if self._inputs.is_wanted else replace(health, input_hz=float('nan'), output_hz=float('nan'))

    def situation(self, settings: Settings, doubts: Iterable[Doubt] = (), **facts: Any) -> Situation:
        """
        Return what is true around the camera.

        :param doubts: what is doubtful about the whole node. :param facts: what only the node knows.
        """
        image, publishers = self._inputs.image, len(self._inputs.image.publishers)
        return Situation(
            self.topic, publishers, tuple(image.foreign_types), image.name,
            () if publishers else self._inputs.candidates(), '' if publishers else image.other_transport,
            active=self._inputs.is_active, wanted=self._inputs.is_wanted,
            max_rate=settings.max_rate, problems=(*self._problems(settings), *map(doubted, doubts)), **facts)

    def _begin(self) -> None:
        """Note that from now on images are to be answered."""
        self.health.begin()
        self.mailbox.begin()
        self._last, self._doubts = None, ImageDoubts()

    def _problems(self, settings: Settings) -> Iterator[Verdict]:
        """Yield what is wrong with who listens."""
        if self._outputs is None or not self._inputs.is_active:
            return
        senders = map(name_of, self._inputs.image.publishers)
        if (crowd := self._senders.problem(self.topic, senders, time.monotonic())) is not None:
            yield crowd
        yield from self._doubts.verdicts(is_filming=self._inputs.is_wanted and time.monotonic()
                                         - self.mailbox.came().heard_s < SILENT_S)
        if absent := self._outputs.missed(settings.mode):
            yield Verdict(Level.WARN, 'not_in_mode', f'somebody subscribes to {_topics(absent)}, which mode '
                          f'{settings.mode} does not have', 'set mode to panoptic, or end the subscription')
        for sentence in self._outputs.deaf():
            fact, _, remedy = sentence.rstrip('.').partition('. ')
            yield Verdict(Level.WARN, f'deaf {fact}', fact, remedy)

    # What comes.

    def _on_image(self, message: Any) -> None:
        self.mailbox.put(message, self._node.get_clock().now().nanoseconds)

    def _say_jump(self, words: str) -> None:
        log.warning('The images of %s %s', self.topic, words)

    def _on_depth(self, message: Any) -> None:
        self.mailbox.put_depth(message, stamp_ns_of(message.header))

    def _on_camera_info(self, message: Any) -> None:
        self.mailbox.camera_info = message

    # What becomes of it.

    def decoded(self, arrival: Arrival, now_s: float, settings: Settings) -> Frame | None:
        """Return the frame of an image; None where it is not to be answered, or cannot be used, which is counted."""
        outputs = self._outputs
        if outputs is None or (settings.max_rate > 0.0 and not self._pace.is_due(now_s, settings.max_rate)):
            return None
        wanted = outputs.wanted(settings.mode)
        if not wanted:
            return None
        try:
            frame = frame_of(self.name, arrival, settings, wanted)
        except Exception as error:  # noqa: BLE001 - one bad image never stops a camera
            self._doubts.undecoded += 1
            self.fail(error)
            return None
        self._doubts.seen, self._doubts.undecoded = frame, 0
        described = (*arrival.headers, settings.rectified, settings.output_size)
        if described != self._doubts.described:
            self._doubts.describe(described, self.topic, arrival, settings)
        if frame.doubts:
            self.health.found(map(doubted, frame.doubts))
        if frame.wanted & IN_SPACE:
            self.health.with_depth(depth_of(frame, arrival))
        return frame

    def deliver(self, answered: Answered, settings: Settings, pipeline: Pipeline, spent_s: dict[str, float]) -> None:
        """
        Finish what the networks have answered, and publish it.

        :param spent_s: by stage, so far; what is spent here is added.
        """
        result = self._published(answered, settings, pipeline, spent_s)
        self.health.published(result.frame.stamp_ns, self._node.get_clock().now().nanoseconds, spent_s)
        if self._last is None:
            log.info('%s is answered: the first image took %.0f ms', self.topic, 1e3 * sum(spent_s.values()))
        self._last = result, answered.words

    def fail(self, error: Exception) -> None:
        """Count an image that was not answered; each reason is logged once until an image is answered again."""
        foreseen = isinstance(error, SegRosError)
        is_new = self.health.undecodable(str(error) if foreseen else f'{type(error).__name__}: {error}')
        if is_new and not foreseen:
            log.error('%s: an image could not be answered', self.topic, exc_info=error)

    def _published(self, answered: Answered, settings: Settings, pipeline: Pipeline,
                   spent_s: dict[str, float]) -> Result:
        assert self._outputs is not None
        problems: list[Verdict] = []
        if answered.frame.wanted & IN_SPACE:
            answered, problems = over_floor(answered, settings, self._transforms)
        result = pipeline.finish(answered, settings, self.memory)
        if result.space.objects is not None and settings.target_frame:
            result, more = placed(result, settings, self._transforms)
            problems += more
        if self._announced != (answered.words, settings):
            self._announced = answered.words, settings
            self.announce(answered.words.classes, settings)
        if result.space.scan is not None:
            self._levels.publish(result, settings.level_valid_s)
        absent = self._outputs.publish(result, answered.words.classes, spent_s)
        if problems or absent or result.space.problem or result.space.doubts:
            problems = [] if self._transforms.is_new else problems
            self.health.found([*problems, *self._absences(absent, result), *map(doubted, result.space.doubts)])
        return result

    def _absences(self, absent: Mapping[str, Exception | None], result: Result) -> Iterator[Verdict]:
        """Yield why outputs that somebody listens to were not given."""
        for name, error in absent.items():
            if error is not None:
                log.error('%s could not be made', _topics([name]), exc_info=error) if name not in self._failed else None
                self._failed.add(name)
                yield replace(not_given('failed', str(error) or type(error).__name__, 'see the log for where it '
                                        'happened', [_topics([name])]), level=Level.ERROR)
        waiting = [_topics([name]) for name, error in absent.items() if error is None]
        fact, _, remedy = result.space.problem.rstrip('.').partition('. ')
        stream = {NO_DEPTH: self._inputs.depth, NO_CAMERA_INFO: self._inputs.camera_info}.get(fact)
        is_new = self._is_new() if stream is None else stream.is_new
        if (waiting or fact) and not is_new:
            if stream is not None:
                fact, remedy = first_cause(fact, stream)
            yield not_given('not_given', fact or 'no object is seen',
                            remedy or 'see docs/topics.md for what each output needs', waiting)

    def _is_new(self) -> bool:
        """Tell whether what an output needs may still be on its way."""
        return self._transforms.is_new or time.monotonic() - self._inputs.since_s < GRACE_S


def shares_of(last: tuple[Result, Words] | None) -> dict[str, float]:
    """Return the share of the pixels of each class that is seen, by name, on every fourth row and column."""
    labels = None if last is None else last[0].segmentation.labels
    if labels is None or last is None:
        return {}
    counts = np.bincount(labels[::4, ::4].ravel(), minlength=256)
    names = {c.id: c.name for c in last[1].classes} | {UNLABELLED: 'unlabelled'}
    return {names[int(k)]: float(counts[k] / counts.sum()) for k in np.flatnonzero(counts)}


def _topics(names: Iterable[str]) -> str:
    return ', '.join(f'~/{name}' for name in sorted(names))
