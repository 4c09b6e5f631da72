# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Three threads side by side: one decodes, one runs the networks and nothing else, one publishes."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from seg_ros.models.machine import without_helpers
from seg_ros.nodes.camera import Camera
from seg_ros.nodes.mailbox import Arrival, Slot
from seg_ros.nodes.posts import Posts
from seg_ros.pipeline import Answered, Pipeline, Prepared
from seg_ros.settings import Settings
from seg_ros.stages import measured

log = logging.getLogger(__name__)
T = TypeVar('T')
LOOK_AROUND_S = 0.5
RECENT = 8
"""Of so many frames the slowest decoding and the fastest pass say when the next one is to be decoded."""


@dataclass(frozen=True)
class Passing:
    """
    A frame on its way from thread to thread.

    :param spent_s: by stage, so far. :param since_s: when it began to wait, in steady time.
    :param answered: what the networks say of it; None before they were asked.
    """

    prepared: Prepared
    settings: Settings
    spent_s: dict[str, float]
    since_s: float
    answered: Answered | None = None


class Worker:
    """
    Answers the newest frames of all cameras until stopped.

    Between the threads one frame of each camera waits at most, and the newest wins. The next frames are decoded just in
    time for the networks, so that they are the newest there are when those are free.

    :param bell: rung when an image comes.
    """

    def __init__(self, cameras: Sequence[Camera], pipeline: Pipeline, settings: Settings,
                 bell: threading.Condition) -> None:
        self._cameras = {camera.name: camera for camera in cameras}
        self._pipeline, self._bell = pipeline, bell
        self.settings = settings
        self._posts = Posts()
        self._stopping = False
        self._paused = True
        self._decoded: Slot[Passing] = Slot()
        self._answered: Slot[Passing] = Slot()
        self._publishing = threading.Lock()
        self._free_s = 0.0
        self._decoding_s: deque[float] = deque(maxlen=RECENT)
        self._passing_s: deque[float] = deque(maxlen=RECENT)
        self._threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in (
            ('decoder', self._decode), ('networks', self._run), ('publisher', self._publish))]

    @property
    def paused(self) -> bool:
        """Whether no frames are taken."""
        return self._paused

    @property
    def network_thread(self) -> int:
        """The native id of the thread that runs the networks, once it was started; 0 before."""
        return next(thread.native_id or 0 for thread in self._threads if thread.name == 'networks')

    def start(self) -> None:
        """Start the threads; they take nothing until :meth:`resume`."""
        self._posts.begin()
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """End the threads after what they are at. Return whether they ended in time."""
        self._stopping, self._free_s = True, 0.0
        self._decoded.clear()
        self._wake()
        deadline_s = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def pause(self) -> None:
        """Take no more frames. When this returns nothing more is published."""
        self._paused = True
        with self._publishing:
            self._decoded.clear()
            self._answered.clear()

    def resume(self) -> None:
        """Take frames again, from the newest."""
        for camera in self._cameras.values():
            camera.mailbox.clear()
        self._paused = False

    def configure(self, settings: Settings) -> None:
        """
        Use other settings from the next batch on; models are loaded first, between two batches.

        What is adopted while they are being read, a parameter set while the node starts say, is loaded too, and holds.

        :raises SegRosError: when a model cannot be loaded; the old settings and models stay in use.
        """
        def act() -> None:
            before, wanted = self.settings, settings
            self._pipeline.configure(wanted)
            while self.settings is not before:
                before = wanted = self.settings
                self._pipeline.configure(wanted)
            self.settings = wanted  # here, so that no batch runs with new models and old settings

        self.do(act)

    def adopt(self, settings: Settings) -> None:
        """Use other settings from the next batch on, without loading anything."""
        self.settings = settings

    def release(self) -> None:
        """Free the models, and forget the objects."""
        self.do(self._pipeline.close)
        self.forget()

    def forget(self) -> None:
        """Forget all objects; ids given so far are not given again."""
        with self._publishing:
            for camera in self._cameras.values():
                camera.memory.tracker.reset()

    def do(self, act: Callable[[], T]) -> T:
        """
        Run something on the networks' thread between two batches and return what it returns or raises.

        :raises SegRosError: when the worker has ended, or was not started.
        """
        future = self._posts.put(act)
        self._wake()
        return future.result()

    def _wake(self) -> None:
        self._decoded.wake()
        self._answered.wake()
        with self._bell:
            self._bell.notify_all()

    # The decoder's thread.

    def _decode(self) -> None:
        with measured() as spent_s:
            while not self._stopping:
                self._decoded.wait_for_turn(LOOK_AROUND_S, self._early_s)
                arrivals = self._taken()
                started_s, passing = time.monotonic(), dict[str, Passing]()
                for camera, arrival in arrivals if not self._paused else ():
                    if (one := self._decoded_of(camera, arrival, spent_s)) is not None:
                        passing[camera.name] = one
                if passing and not self._paused:
                    now_s = time.monotonic()
                    self._decoding_s.append(now_s - started_s)
                    if not self._decoded.held:
                        self._free_s = max(self._free_s, now_s) + min(self._passing_s, default=0.0)
                    if over := self._decoded.put(passing):
                        self._count_dropped(over)

    def _early_s(self) -> float:
        """Return how long the next frames may still stay undecoded, should all go as fast, or as slow, as of late."""
        return self._free_s - max(self._decoding_s, default=0.0) - time.monotonic()

    def _decoded_of(self, camera: Camera, arrival: Arrival, spent_s: dict[str, float]) -> Passing | None:
        """Return an image decoded, with what the networks are shown of it; None where it is not to be answered."""
        spent_s.clear()
        settings, started_s = self.settings, time.monotonic()
        frame = camera.decoded(arrival, started_s, settings)
        if frame is None:
            return None
        decode_s = time.monotonic() - started_s
        without_helpers()
        try:
            prepared = self._pipeline.prepare(frame)
        except Exception as error:  # noqa: BLE001 - one bad image never stops a camera
            camera.fail(error)
            return None
        return Passing(prepared, settings, {'decode': decode_s, **spent_s}, time.monotonic())

    def _taken(self) -> list[tuple[Camera, Arrival]]:
        """Wait for images, and return the newest of each camera."""
        with self._bell:
            waiting = [camera for camera in self._cameras.values() if camera.mailbox.images]
            if not waiting and not self._stopping:
                self._bell.wait(LOOK_AROUND_S)
                waiting = [camera for camera in self._cameras.values() if camera.mailbox.images]
            now_s = time.monotonic()
            taken = [(camera, arrival) for camera in waiting if (arrival := camera.mailbox.taken(now_s)) is not None]
            if waiting and not taken:  # they wait for their depth
                due_s = min(due for camera in waiting for _, due in camera.mailbox.images)
                self._bell.wait(max(0.001, due_s - now_s))
            return taken

    # The networks' thread.

    def _run(self) -> None:
        try:
            with measured() as spent_s:
                while not self._stopping:
                    if not self._posts.waiting.empty():
                        self._posts.run()
                    passing = self._decoded.take(LOOK_AROUND_S)
                    if passing and not self._paused and not self._stopping:
                        self._answer([passing[name] for name in self._cameras if name in passing], spent_s)
        finally:
            self._posts.end()
            self._pipeline.close()

    def _answer(self, batch: Sequence[Passing], spent_s: dict[str, float]) -> None:
        """Run the networks on one batch. A bad frame is counted and let go; nothing stops the thread."""
        spent_s.clear()
        settings, started_s = self.settings, time.monotonic()
        self._free_s = started_s + min(self._passing_s, default=0.0)
        try:
            answers = self._pipeline.answer([one.prepared for one in batch], settings)
        except Exception as error:  # noqa: BLE001 - one bad frame never stops the node
            self._fail(batch, error, spent_s)
            return
        finally:
            now_s = time.monotonic()
            self._passing_s.append(now_s - started_s)
            self._free_s = now_s + min(self._passing_s) if self._decoded.held else 0.0
        share = {stage: seconds / len(batch) for stage, seconds in spent_s.items()}
        passing = [Passing(one.prepared, settings, {**one.spent_s, 'wait': started_s - one.since_s, **share}, now_s,
                           answered) for one, answered in zip(batch, answers)]
        over = self._answered.put({one.prepared.frame.camera: one for one in passing})
        if over:
            self._count_dropped(over)

    def _fail(self, batch: Sequence[Passing], error: Exception, spent_s: dict[str, float]) -> None:
        if len(batch) == 1:
            self._cameras[batch[0].prepared.frame.camera].fail(error)
        else:
            for one in batch:  # no camera suffers for another
                self._answer([one], spent_s)

    def _count_dropped(self, names: Sequence[str]) -> None:
        for name in names:
            self._cameras[name].mailbox.dropped += 1

    # The publisher's thread.

    def _publish(self) -> None:
        with measured() as spent_s:
            while not self._stopping:
                for name, one in self._answered.take(LOOK_AROUND_S).items():
                    if one.answered is not None:
                        self._deliver(self._cameras[name], one.answered, one, spent_s)

    def _deliver(self, camera: Camera, answered: Answered, one: Passing, spent_s: dict[str, float]) -> None:
        with self._publishing:
            if self._paused or answered.words is not self._pipeline.models.words:
                return
            spent_s.clear()
            spent_s |= one.spent_s
            spent_s['wait'] += time.monotonic() - one.since_s
            without_helpers()
            try:
                camera.deliver(answered, one.settings, self._pipeline, spent_s)
            except Exception as error:  # noqa: BLE001 - a message that cannot be made stops nothing
                camera.fail(error)
