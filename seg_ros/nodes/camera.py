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

from seg_ros.bridge.cameras import stamp_ns_of
from seg_ros.errors import ImageError, SegRosError
from seg_ros.geometry.spaces import OUTPUTS as IN_SPACE
from seg_ros.health import CameraHealth, Changes, HealthRecorder, Level, Situation, Verdict
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.nodes.frames import frame_of
from seg_ros.nodes.mailbox import Arrival, Mailbox
from seg_ros.nodes.outputs import CameraOutputs, announced_threshold, made_in
from seg_ros.nodes.pace import Pace
from seg_ros.nodes.streams import Stream, camera_topic
from seg_ros.nodes.transforms import LevelFrames, Transforms, mounted_floor
from seg_ros.pipeline import Answered, CameraMemory, Ids, Pipeline
from seg_ros.records import UNLABELLED, Frame, Mode, Result
from seg_ros.settings import Settings

log = logging.getLogger(__name__)

GRACE_S = 1.0  # how long nothing is said after a subscription: what is missing may be on its way


class Camera:
    """
    One camera of the node.

    Images, depth and camera_info are received while somebody listens to an output that needs them. The methods from
    :meth:`offer` to :meth:`situation` belong to the executor; :meth:`taken` and :meth:`decoded` to the thread that
    decodes, :meth:`deliver` to the one that publishes.

    :param name: prefix of its topics; empty for none. :param bell: rung when an image comes.
    :param ids: numbers the objects. :param transforms: where frames lie.
    """

    def __init__(self, node: Node, name: str, bell: threading.Condition, ids: Ids, transforms: Transforms) -> None:
        self._node, self.name, self._transforms = node, name, transforms
        self.health, self.memory, self.mailbox = HealthRecorder(), CameraMemory(ids), Mailbox(bell)
        self.pace, self._changes = Pace(), Changes()
        self._levels = LevelFrames(node)
        self._outputs: CameraOutputs | None = None
        self._image = Stream(node, camera_topic(name, 'image'), self._on_image)
        self._depth = Stream(node, camera_topic(name, 'depth'), self._on_depth, ('raw', 'compressedDepth'))
        self._camera_info = Stream(node, camera_topic(name, 'camera_info'), self._on_camera_info, ('camera_info',))
        self._is_active = False
        self._since_s = 0.0  # when depth began to be listened to
        self._seen = self._answers = False
        self._failed: set[str] = set()  # outputs whose failure was logged

    @property
    def topic(self) -> str:
        """The resolved name of its images' topic."""
        return self._image.topic

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
        self._image = Stream(self._node, camera_topic(self.name, 'image'), self._on_image, (settings.image_transport,))
        self._is_active = True
        self.keep_up(settings)

    def deactivate(self) -> None:
        """Receive no more."""
        self._is_active = False
        for stream in (self._image, self._depth, self._camera_info):
            stream.close()
        self.mailbox.clear()
        self.mailbox.forget_depth()

    def keep_up(self, settings: Settings) -> None:
        """Subscribe to what is wanted, end it where it no longer is."""
        wanted = self._wanted(settings) if self._is_active else frozenset[str]()
        if bool(wanted) != self._image.is_open:
            self._open(self._image) if wanted else self._image.close()
        if bool(wanted & IN_SPACE) != self._depth.is_open:
            for stream in (self._depth, self._camera_info):
                stream.open() if wanted & IN_SPACE else stream.close()
            self._since_s = time.monotonic()
            self.mailbox.forget_depth()

    def look_around(self) -> None:
        """Follow the publishers; call it once a second."""
        for stream in (self._image, self._depth, self._camera_info):
            if stream.is_open:
                stream.keep_up()

    def snapshot(self, now_ns: int) -> CameraHealth:
        """Return how the camera fares, in numbers."""
        health = self.health.snapshot(now_ns, self.mailbox.dropped)
        return health if self._image.is_open else replace(health, input_hz=float('nan'), output_hz=float('nan'))

    def situation(self, settings: Settings, **facts: Any) -> Situation:
        """Return what is true around the camera; ``facts`` are those that the node knows."""
        publishers = len(self._image.publishers)
        return Situation(
            self.topic, publishers, tuple(self._image.foreign_types), () if publishers else self._candidates(),
            active=self._is_active, wanted=self._image.is_open, max_rate=settings.max_rate,
            problems=tuple(self._problems(settings)), **facts)

    def _wanted(self, settings: Settings) -> frozenset[str]:
        """Return the outputs that somebody listens to, of those that the mode has."""
        outputs = self._outputs
        return made_in(Mode(settings.mode), outputs.subscribed()) if outputs is not None else frozenset()

    def _open(self, stream: Stream) -> None:
        self.health.begins()
        self._seen = self._answers = False
        stream.open()

    def _problems(self, settings: Settings) -> Iterator[Verdict]:
        """Yield what is wrong with who listens."""
        if self._outputs is None or not self._is_active:
            return
        subscribed = self._outputs.subscribed()
        if absent := subscribed - made_in(Mode(settings.mode), subscribed):
            yield Verdict(Level.WARN, 'not_in_mode', f'somebody subscribes to {_topics(absent)}, which mode '
                          f'{settings.mode} does not have', 'set mode to panoptic, or end the subscription')
        for sentence in self._outputs.deaf():
            fact, _, remedy = sentence.rstrip('.').partition('. ')
            yield Verdict(Level.WARN, f'deaf {fact}', fact, remedy)

    def _candidates(self) -> tuple[str, ...]:
        """Return the topics of others on which images of the kind listened to are published."""
        own = f'{self._node.get_fully_qualified_name()}/'
        kind = 'sensor_msgs/msg/Image' if self._image.transport == 'raw' else 'sensor_msgs/msg/CompressedImage'
        return tuple(sorted(topic for topic, kinds in self._node.get_topic_names_and_types()
                            if kind in kinds and not topic.startswith(own) and self._node.count_publishers(topic)))

    # What comes.

    def _on_image(self, message: Any) -> None:
        now_ns, stamp_ns = self._node.get_clock().now().nanoseconds, stamp_ns_of(message.header)
        self.health.arrived(now_ns, stamp_ns)
        if change := self._changes.seen(shape_of(message), stamp_ns, now_ns):
            log.warning('The images of %s %s', self.topic, change)
        self.mailbox.put(message, stamp_ns)

    def _on_depth(self, message: Any) -> None:
        self.mailbox.put_depth(message, stamp_ns_of(message.header))

    def _on_camera_info(self, message: Any) -> None:
        self.mailbox.camera_info = message

    # What becomes of it.

    def taken(self, now_s: float, settings: Settings) -> Arrival | None:
        """Return the newest image, if it is to be answered. Call it with the bell held."""
        arrival = self.mailbox.taken(now_s)
        return arrival if arrival is not None and self.pace.is_due(now_s, settings.max_rate) else None

    def decoded(self, arrival: Arrival, settings: Settings) -> Frame | None:
        """Return the frame of an image; None where nobody wants it, or it cannot be used, which is counted."""
        wanted = self._wanted(settings)
        if not wanted:
            return None
        try:
            frame = frame_of(self.name, arrival, settings, wanted)
        except Exception as error:  # noqa: BLE001 - one bad image never stops a camera
            self.fail(error)
            return None
        if frame.wanted & IN_SPACE:
            self.health.with_depth(_word_of(frame, arrival))
        if not self._seen:
            self._seen = True
            log.info('The first image of %s: %s', self.topic, shape_of(arrival.message))
        return frame

    def deliver(self, answered: Answered, settings: Settings, pipeline: Pipeline, spent: Mapping[str, float]) -> None:
        """Finish what the networks have answered, and publish it."""
        assert self._outputs is not None
        problems: list[Verdict] = []
        frame = answered.frame
        if frame.wanted & IN_SPACE:
            frame, problems = self._over_floor(frame, settings)
        result = pipeline.finish(replace(answered, frame=frame), settings, self.memory)
        if result.space.objects is not None and settings.target_frame:
            result, problems = self._placed(result, settings, problems)
        self.announce(answered.words.classes, settings)
        self._levels.publish(result)
        absent = self._outputs.publish(result, answered.words.classes)
        problems += self._absences(absent, result)
        self.health.found(problems)
        self.health.published(frame.stamp_ns, self._node.get_clock().now().nanoseconds, shares_of(result, answered),
                              self.memory.counts(), spent)
        if not self._answers:
            self._answers = True
            log.info('%s is answered: the first image took %.0f ms', self.topic, 1e3 * sum(spent.values()))

    def fail(self, error: Exception) -> None:
        """Count an image that was not answered; each reason is logged once until an image is answered again."""
        foreseen = isinstance(error, SegRosError)
        is_new = self.health.undecodable(str(error) if foreseen else f'{type(error).__name__}: {error}')
        if is_new and not foreseen:
            log.error('%s: an image could not be answered', self.topic, exc_info=error)

    def _over_floor(self, frame: Frame, settings: Settings) -> tuple[Frame, list[Verdict]]:
        """Return a frame with the floor under it, and why TF does not tell it, if so."""
        if not settings.base_frame:
            return replace(frame, floor=mounted_floor(settings)), []
        try:
            return replace(frame, floor=self._transforms.floor_under(frame.frame_id, frame.stamp_ns,
                                                                     settings.base_frame)), []
        except ImageError as error:
            return replace(frame, floor_problem=str(error)), [_verdict('no_transform', error)]

    def _absences(self, absent: Mapping[str, Exception | None], result: Result) -> Iterator[Verdict]:
        """Yield why outputs that somebody listens to were not given."""
        for name, error in absent.items():
            if error is not None:
                log.error('%s could not be made', _topics([name]), exc_info=error) if name not in self._failed else None
                self._failed.add(name)
                yield Verdict(Level.ERROR, f'failed {name}', f'{_topics([name])} cannot be made: {error}',
                              'see the log for where it happened')
        waiting = [name for name, error in absent.items() if error is None]
        if waiting and time.monotonic() - self._since_s > GRACE_S:
            fact, _, remedy = result.space.problem.rstrip('.').partition('. ')
            yield Verdict(Level.WARN, 'not_given', f'{_topics(waiting)} cannot be made: {fact or "no object is seen"}',
                          remedy or 'see docs/topics.md for what each output needs')

    def _placed(self, result: Result, settings: Settings, problems: list[Verdict]) -> tuple[Result, list[Verdict]]:
        try:
            return replace(result, space=self._transforms.placed(result, settings.target_frame)), problems
        except ImageError as error:
            space = replace(result.space, objects=None, problem=str(error))
            return replace(result, space=space), [*problems, _verdict('no_transform', error)]


def shape_of(message: Any) -> str:
    """Return size and encoding of an image message, or the format of a compressed one."""
    if hasattr(message, 'format'):
        return f"'{message.format}'"
    return f'{message.width}x{message.height} {message.encoding}'


def shares_of(result: Result, answered: Answered) -> dict[str, float]:
    """Return the share of the pixels of each class that is seen, by name, on every fourth row and column."""
    labels = result.segmentation.labels
    if labels is None:
        return {}
    counts = np.bincount(labels[::4, ::4].ravel(), minlength=256)
    names = {c.id: c.name for c in answered.words.classes} | {UNLABELLED: 'unlabelled'}
    return {names[int(k)]: float(counts[k] / counts.sum()) for k in np.flatnonzero(counts)}


def _word_of(frame: Frame, arrival: Arrival) -> str:
    if frame.depth is not None:
        return 'with depth'
    if arrival.depth is not None:
        return 'with unreadable depth'
    return 'without depth' if arrival.depth_gap_ns is None else 'with depth out of step'


def _verdict(cause: str, error: SegRosError) -> Verdict:
    return Verdict(Level.WARN, cause, error.fact, error.remedy)


def _topics(names: Iterable[str]) -> str:
    return ', '.join(f'~/{name}' for name in sorted(names))
